"""A year of cases with their clock events, made by chance from a seed; the same every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.rules.calendars.calendar import Calendar
from bot.rules.names import fold_name
from bot.rules.words import ClockKind, RootCause, Trigger
from storage.database import Database
from storage.models import (
    Account,
    ActionItem,
    CalendarSpec,
    Case,
    Clock,
    ClockEvent,
    Concession,
    CustomerLink,
    Outcome,
    PolicyVersion,
    TimelineEvent,
)

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 20, 9, tzinfo=UTC)
ACCOUNTS = 60
TARGETS = {
    ClockKind.ACKNOWLEDGE: 60,
    ClockKind.FIRST_RESPONSE: 240,
    ClockKind.WORKAROUND: 1440,
    ClockKind.RESOLUTION: 7200,
}  # minutes


@dataclass
class Told:
    """What was put in, as plain values for another way of counting.

    ``cycles`` are (case, clock, due, met or None); ``waits`` the minutes each case waited;
    ``stays`` are (case, status, from, to), ``pauses`` (case, from, to, due before).
    """

    cycles: list[tuple[int, str, datetime, datetime | None]] = field(default_factory=list)
    waits: dict[int, float] = field(default_factory=dict)
    stays: list[tuple[int, str, datetime, datetime]] = field(default_factory=list)
    pauses: list[tuple[int, datetime, datetime, datetime]] = field(default_factory=list)


async def build_year(database: Database, cases: int, seed: int = 7) -> Told:
    """Fill an empty store that has its tables."""
    chance, told = random.Random(seed), Told()
    always = Calendar.always("UTC")
    async with database.write() as session:
        session.add(CalendarSpec(key=always.key, name="always", spec=always.spec()))
        for number in range(ACCOUNTS):
            session.add(_account(number))
        session.add(PolicyVersion(version="v1", spec={}, since=BEGINS))
        session.add(PolicyVersion(version="v2", spec={}, since=BEGINS + timedelta(days=200)))
    for start in range(0, cases, 250):
        async with database.write() as session:
            for number in range(start + 1, min(start + 250, cases) + 1):
                case = _case(number, cases, chance)
                session.add(case)
                await session.flush()
                session.add_all(_rows(case, always.key, chance, told))
    return told


def _account(number: int) -> Account:
    name = f"Customer {number:02}"
    return Account(
        key=f"a{number}", name=name, folded=fold_name(name),
        arr=None if number % 7 == 0 else 1000 * (number + 1), currency="EUR",
    )  # fmt: skip


def _case(number: int, cases: int, chance: random.Random) -> Case:
    """A case; most are closed, some were merged, dismissed or are restricted."""
    received = BEGINS + (NOW - BEGINS) * (number / (cases + 1))
    account = int(ACCOUNTS * chance.random() ** 2)
    closed = chance.random() < 0.9
    lasted = timedelta(minutes=chance.expovariate(1 / 6000))
    resolved = received + lasted if closed and received + lasted < NOW else None
    ended = resolved + timedelta(days=chance.random() * 5) if resolved else None
    ended = ended if ended is not None and ended < NOW else None
    status = "closed" if ended else "resolved" if resolved else "investigating"
    if chance.random() < 0.04:
        status = chance.choice(["merged", "dismissed"])
    cause = chance.choice([*RootCause, RootCause.PRODUCT_DEFECT, RootCause.CHANGE])
    return Case(
        number=number, account_key=f"a{account}", customer=f"Customer {account:02}",
        stake="It stopped.", trigger=chance.choice(list(Trigger)),
        severity=chance.choices([1, 2, 3, 4], [1, 3, 5, 4])[0], status=status,
        sensitive=chance.random() < 0.05, executive=chance.random() < 0.1,
        reporter="UANNA", owner="UEMMA", received_at=received, opened_at=received,
        changed_at=ended or received, resolved_at=resolved, closed_at=ended,
        reported_at=received - timedelta(hours=1) if chance.random() < 0.3 else None,
        root_cause=cause if resolved and chance.random() < 0.8 else None, policy_version="v1",
    )  # fmt: skip


def _rows(case: Case, calendar: str, chance: random.Random, told: Told) -> Iterator[Any]:
    """Everything about a case."""
    end = case.resolved_at or NOW
    yield from _statuses(case, told)
    yield from _clocks(case, calendar, end, chance, told)
    yield from _updates(case, calendar, end, chance, told)
    if case.status == "closed" and chance.random() < 0.1:
        at = end - (end - case.received_at) * 0.1
        for verb, when in (("resolve", at - timedelta(days=28 * chance.random())), ("reopen", at)):
            yield TimelineEvent(case_number=case.number, at=when, actor="UEMMA", verb=verb)
    if case.closed_at is not None:
        yield from _after(case, case.closed_at, chance)


def _statuses(case: Case, told: Told) -> Iterator[Any]:
    """The record of its steps: a part of its time in each status, more for odd numbers."""
    end = case.resolved_at or NOW
    span = end - case.received_at
    steps = [("new", case.received_at), ("acknowledged", case.received_at + span * 0.1)]
    steps.append(("investigating", case.received_at + span * (0.3 if case.number % 2 else 0.2)))
    if case.resolved_at is not None:
        steps.append(("resolved", case.resolved_at))
    if case.closed_at is not None:
        steps.append(("closed", case.closed_at))
    verbs = {"new": "open_case", "acknowledged": "claim", "closed": "close"}
    before = ""
    for status, at in steps:
        yield TimelineEvent(
            case_number=case.number, at=at, actor="UEMMA", verb=verbs.get(status, "update"),
            before={"status": before} if before else {}, after={"status": status},
        )  # fmt: skip
        before = status
    for (status, at), (_, left) in pairwise(steps):
        told.stays.append((case.number, status, at, left))


def _clocks(
    case: Case, calendar: str, end: datetime, chance: random.Random, told: Told
) -> Iterator[Any]:
    """The four clocks from receipt on; some wait in between."""
    wait = _wait(case, end, chance)
    if wait:
        told.waits[case.number] = (wait[1] - wait[0]).total_seconds() / 60
        promised = case.received_at + timedelta(minutes=TARGETS[ClockKind.RESOLUTION])
        told.pauses.append((case.number, *wait, promised))
        yield TimelineEvent(
            case_number=case.number, at=wait[0], actor=f"UHOLD{case.number % 50}", verb="hold"
        )
    for clock, minutes in TARGETS.items():
        met = case.received_at + timedelta(minutes=minutes * chance.random() * 1.4)
        met_at = case.resolved_at if clock is ClockKind.RESOLUTION else met if met < end else None
        pauses = wait if clock is ClockKind.RESOLUTION else None
        due = case.received_at + timedelta(minutes=minutes)
        if pauses and pauses[0] < due:
            due += pauses[1] - pauses[0]
        yield _event(case, "start", clock, case.received_at, _terms(calendar, minutes))
        if pauses:
            reason = {"reason": "waiting_customer"}
            yield _event(case, "pause", clock, pauses[0], reason)
            yield _event(case, "resume", clock, pauses[1], reason)
        if met_at is not None:
            yield _event(case, "stop", clock, met_at, {})
        elif case.status in ("merged", "dismissed"):
            yield _event(case, "cancel", clock, end, {})
        told.cycles.append((case.number, clock, due, met_at))
        yield _row(case, clock, due, met_at)


def _wait(case: Case, end: datetime, chance: random.Random) -> tuple[datetime, datetime] | None:
    """A stretch in which the customer was waited for, within the case's time; of one in four.

    Of some it begins just before the solution is due, of some it ends just after.
    """
    if chance.random() > 0.25:
        return None
    span = end - case.received_at
    due = case.received_at + timedelta(minutes=TARGETS[ClockKind.RESOLUTION])
    if case.number % 3 == 0 and due + timedelta(hours=2) < end:
        return due - timedelta(minutes=20), due + timedelta(minutes=20 if case.number % 2 else 90)
    return case.received_at + span * 0.2, case.received_at + span * 0.6


def _updates(
    case: Case, calendar: str, end: datetime, chance: random.Random, told: Told
) -> Iterator[Any]:
    """Updates every eight hours, each a little early or late, three at most."""
    at = case.received_at
    yield _event(case, "start", ClockKind.NEXT_UPDATE, at, _terms(calendar, 480))
    for _ in range(3):
        due, sent = at + timedelta(hours=8), at + timedelta(hours=4 + 5 * chance.random())
        if sent >= end:
            break
        yield _event(case, "agent_public", None, sent, {})
        told.cycles.append((case.number, ClockKind.NEXT_UPDATE, due, sent))
        at = sent
    yield _event(case, "cancel", ClockKind.NEXT_UPDATE, at + timedelta(minutes=1), {})


def _after(case: Case, closed: datetime, chance: random.Random) -> Iterator[Any]:
    """The survey, an outcome, a concession, an action item."""
    asked = closed + timedelta(days=1)
    answered = asked + timedelta(hours=30 * chance.random())
    score = chance.choice([None, 1, 2, 3, 4, 5])
    yield CustomerLink(
        case_number=case.number, kind="survey", made_at=asked,
        expires_at=asked + timedelta(days=30), score=score if answered < NOW else None,
        answered_at=answered if score and answered < NOW else None,
    )  # fmt: skip
    if chance.random() < 0.1:
        yield Outcome(
            case_number=case.number, account_key=case.account_key or "", customer=case.customer,
            due_at=closed, recorded_at=closed, currency="EUR", before=1000, after=400,
            result=chance.choice(["saved", "reduced", "lost", "unchanged"]),
        )  # fmt: skip
    if chance.random() < 0.2:
        yield Concession(
            case_number=case.number, account_key=case.account_key or "", customer=case.customer,
            kind="goodwill", amount="50", currency="EUR", worth=str(chance.randint(10, 900)),
            reason="handling", why="We were late", author="UANNA", asked_at=closed,
            expires_at=closed + timedelta(days=30), promised_at=closed,
            fulfilled_at=closed if chance.random() < 0.5 else None,
        )  # fmt: skip
    due = (closed + timedelta(days=14)).date()
    done = closed + timedelta(days=20 * chance.random())
    yield ActionItem(
        case_number=case.number, title="Check the certificate before it ends", type="process",
        owner="UANNA", due=due, created_by="UEMMA",
        done_at=done if chance.random() < 0.7 and done < NOW else None,
        reported_at=done - timedelta(days=2) if chance.random() < 0.5 else None,
        dropped_why="No longer needed" if chance.random() < 0.1 else "",
    )  # fmt: skip


def _event(case: Case, kind: str, clock: str | None, at: datetime, data: Any) -> ClockEvent:
    return ClockEvent(
        case_number=case.number, at=at, recorded_at=at, kind=kind, clock=clock, data=data
    )


def _terms(calendar: str, minutes: int) -> dict[str, Any]:
    return {
        "target": {"minutes": minutes, "business_days": None, "calendar_days": None},
        "calendar": calendar, "pause_on": ["waiting_customer"],
    }  # fmt: skip


def _row(case: Case, clock: str, due: datetime, met: datetime | None) -> Clock:
    over = case.status in ("merged", "dismissed")
    state = "met" if met else "cancelled" if over else "running"
    return Clock(
        case_number=case.number, name=clock, state=state, started_at=case.received_at, due=due,
        stopped_at=met,
    )  # fmt: skip


def days(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants around these days, in UTC."""
    begins = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return begins, datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
