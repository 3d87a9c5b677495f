"""What people were told of clocks, as the outbox keeps it: as much as is asked when more is due."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.sla import next_fire_at
from bot.sla.acts import LETTER, NEVER, CaseReminders, Told, act_of
from bot.sla.clock_history import ClockSnapshot
from bot.sla.clocks import BREACH
from bot.sla.reminders import WORDS
from storage.models import Outbox

BRIEF = "notice:breach_brief"  # what the owner is told instead, after a grave breach
FAR = datetime.max.replace(tzinfo=UTC)
# What a direct message says, and of which clock: in the payload of its row.
TEXT = col(Outbox.payload)["text"].as_string()
CLOCK = col(Outbox.payload)[("extra", "clock")].as_string()


async def load_told(
    session: AsyncSession, sheets: Mapping[int, ClockSnapshot], now: datetime
) -> dict[int, list[Told]]:
    """The direct messages about what is reached of these cases' clocks, sent or not, by case.

    One query, however many cases; it reads what was said of the acts that are spoken of now, since
    they began, and nothing else that people were told.
    """
    found: dict[int, list[Told]] = {number: [] for number in sheets}
    asked = [group.condition() for group in _wanted(sheets, now) if group.clocks]
    if not asked:
        return found
    query = select(Outbox.case_number, Outbox.payload, Outbox.queued_at).where(
        col(Outbox.kind) == "dm", TEXT.in_((WORDS, BRIEF)), or_(*asked)
    )
    for number, payload, at in (await session.exec(query)).all():
        found[number or 0].append(_told(payload, at))
    return found


@dataclass(slots=True)
class _Wanted:
    """Which messages are read: of these cases, about these clocks, since then."""

    cases: set[int] = field(default_factory=set)
    clocks: set[str] = field(default_factory=set)
    since: datetime = FAR

    def add(self, number: int, clocks: Iterable[str], since: datetime) -> None:
        """Widen it to one act of a case."""
        self.cases.add(number)
        self.clocks.update(clocks)
        self.since = min(self.since, since)

    def condition(self) -> ColumnElement[bool]:
        """The rows of the outbox that it is about."""
        rows = [col(Outbox.case_number).in_(self.cases), CLOCK.in_(self.clocks)]
        return and_(*rows, *([col(Outbox.queued_at) >= self.since] if self.since > NEVER else []))


def _wanted(sheets: Mapping[int, ClockSnapshot], now: datetime) -> tuple[_Wanted, _Wanted]:
    """What is read of letters, and of all other acts: of clocks that may be spoken of now."""
    letters, others = _Wanted(), _Wanted()
    for number, sheet in sheets.items():
        reminders = CaseReminders(sheet)
        for state in sheet.states(now).values():
            due = next_fire_at(state, sheet.fired.get((state.clock, state.cycle), set()))
            if not (state.open and (state.breached_at or (due and due <= now))):
                continue
            if act_of(state.clock) == LETTER:
                letters.add(number, LETTER, reminders.began(state))
            else:
                others.add(number, (state.clock,), reminders.began(state))
    return letters, others


def _told(payload: Mapping[str, Any], at: datetime) -> Told:
    """Rows of earlier versions lack ``cycle`` in the brief."""
    extra = payload["extra"]
    return Told(
        user=payload["user"],
        clock=extra["clock"],
        cycle=extra.get("cycle", 1),
        threshold=extra.get("threshold", BREACH),
        due=datetime.fromisoformat(extra["due"]) if extra["due"] else at,
        at=at,
    )
