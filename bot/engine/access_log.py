"""Who read what is restricted, who was refused, who took a record out: put on record.

Noted where reading is decided and where a refusal is told, and written a moment later, in a
transaction of its own: no answer waits for it or fails with it. What waits to be written is in
this process's memory alone, so a crash between an answer and its row loses the row.

Once an hour for the same person, door, reason and subject, which the table's key holds for all
processes. Of one person's refusals so many an hour are kept (``DENIALS_MAX``), and then one row
that there were more: a stranger who presses a thousand times does not fill the disk.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

import structlog
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.engine.intent import NUMBER_MAX
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import UserError, is_away
from bot.rules.policy.load import Policy
from bot.rules.words import Standing
from storage.database import Database
from storage.models import Case, Problem
from storage.sessions.drills import sees_drills

READ, DENIED, EXPORTED = "read", "denied", "exported"
NO_CASE, MANY = "no_such_case", "many"
# Refusals that are on record; others say that something does not fit, to a person who may ask.
REFUSALS = frozenset({NO_CASE, "not_your_role", "not_entrusted", "auditor_only_reads"}) | {
    standing.value for standing in Standing if standing not in (Standing.MEMBER, Standing.UNKNOWN)
}
FILES = frozenset({"figures_files", "map_files", "quarterly_file"})  # answers that are files
DENIALS_MAX = 100  # of one person in an hour
PAUSES = (0.5, 2.0)  # seconds before it is tried again while the store is away
BATCH = 500  # rows in one statement, and in one transaction
WAITING_MAX = 5_000  # rows that wait while the store is away; what comes then is only logged
NOTED_MAX = 50_000  # keys of this hour in memory; what is forgotten, the table knows

Key = tuple[str, str, str, str, str, datetime]

log = structlog.get_logger()


class Shown(Protocol):
    """A case that a person is shown: its row, or its facts."""

    @property
    def number(self) -> int:
        """Its number."""

    @property
    def sensitive(self) -> bool:
        """It is restricted."""

    @property
    def drill(self) -> bool:
        """It is only played."""


class AccessServices(Protocol):
    """What the log needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """The policy in force, which names the auditors."""

    @property
    def background(self) -> Callable[[Coroutine[Any, Any, None], str], None]:
        """Begin work that no person waits for, under a name."""


class NotingServices(WorkServices, Protocol):
    """What queries need that put on record what they show."""

    @property
    def access(self) -> "AccessLog":
        """The record of who looks."""


class AccessLog:
    """What is to be on record of one process. Every method but ``write`` returns at once."""

    def __init__(self, services: AccessServices) -> None:
        self._services = services
        self._waiting: dict[Key, dict[str, Any]] = {}
        self._hour: datetime | None = None
        self._noted: set[Key] = set()
        self._denials: Counter[str] = Counter()
        self._writing = False

    def shown(self, who: str, door: str, cases: Iterable[Shown]) -> None:
        """Cases were shown to a person: of the restricted it is noted, for an auditor of all.

        A drill is left out: it holds no customer.
        """
        auditor = self._audits(who)
        for each in cases:
            if (each.sensitive or auditor) and not each.drill:
                self._note(who, READ, door, case=each.number)

    def looked(self, who: str, door: str) -> None:
        """A person looked at something of many cases, or of none: an auditor's look is noted."""
        if self._audits(who):
            self._note(who, READ, door)

    def answered(self, who: str, door: str, given: Mapping[str, Any]) -> None:
        """A private answer was given: a file is taken out, whatever an auditor is told is read.

        ``given`` may name ``case`` and ``problem``.
        """
        case, problem = (_number(given.get(name)) for name in ("case", "problem"))
        if door in FILES:
            self._note(who, EXPORTED, door, case=case, problem=problem)
        elif self._audits(who):
            self._note(who, READ, door, case=case, problem=problem)

    def exported(self, who: str, door: str) -> None:
        """A person opened a page or a file that leaves Slack."""
        self._note(who, EXPORTED, door)

    def refused(self, who: str, door: str, refusal: UserError, case: int | None = None) -> None:
        """A person was refused; what is no question of who they are is not noted.

        ``case`` is what they named, where the refusal does not say which case it was about.
        """
        if refusal.key not in REFUSALS or not who:
            return
        hour = self._begin_hour()
        door = door.removeprefix("show_").removeprefix("open_")
        case = _number(refusal.case or case)
        if (who, DENIED, door, refusal.key, _name(case, None), hour) in self._noted:
            return
        self._denials[who] += 1
        if self._denials[who] < DENIALS_MAX:
            self._note(who, DENIED, door, why=refusal.key, case=case)
        elif self._denials[who] == DENIALS_MAX:
            self._note(who, DENIED, "", why=MANY)

    def _audits(self, who: str) -> bool:
        """Whether all that this person reads is to be on record."""
        return self._services.policy.audits(who)

    def _begin_hour(self) -> datetime:
        """The hour that it is; with a new one the memory begins anew."""
        hour = hour_of(self._services.clock.now())
        if hour != self._hour or len(self._noted) > NOTED_MAX:
            self._hour = hour
            self._noted.clear()
            self._denials.clear()
        return hour

    def _note(
        self, who: str, verb: str, door: str, *,
        why: str = "", case: int | None = None, problem: int | None = None,
    ) -> None:  # fmt: skip
        """Have one row written, unless it was noted in this hour."""
        about, hour = _name(case, problem), self._begin_hour()
        key = (who, verb, door, why, about, hour)
        if key in self._noted:
            return
        self._noted.add(key)
        if len(self._waiting) >= WAITING_MAX:
            log.error("access_not_on_record", actor=who, did=verb, door=door, about=about)
            return
        now = self._services.clock.now()
        self._waiting[key] = make_row(now, who, verb, door, why=why, case=case, problem=problem)
        if not self._writing:
            self._writing = True
            self._services.background(self.write(), "access")

    async def write(self) -> None:
        """Write what waits, ``BATCH`` by ``BATCH``; while the store is away it waits on.

        After ``PAUSES`` the next that is noted tries again. Raises what says that it is away.
        """
        try:
            pauses = iter(PAUSES)
            while part := list(islice(self._waiting.items(), BATCH)):
                try:
                    async with self._services.database.write_patiently() as session:
                        await store_access(session, [row for _, row in part])
                except Exception as fault:
                    if not is_away(fault):
                        log.error("access_not_on_record", rows=len(part), exc_info=fault)
                    elif (pause := next(pauses, None)) is None:
                        raise
                    else:
                        await asyncio.sleep(pause)
                        continue
                for key, _ in part:
                    self._waiting.pop(key, None)
        finally:
            self._writing = False


async def note_read(work: UnitOfWork, door: str, case: Case) -> None:
    """Note with a use case that its actor was shown the case, as ``AccessLog.shown`` does.

    Stored with the use case, in its transaction; one statement where there is something to note.
    """
    auditor = work.policy.audits(work.actor.user_id)
    if (case.sensitive or auditor) and not case.drill:
        row = make_row(work.now, work.actor.user_id, READ, door, case=case.number)
        await store_access(work.session, [row])


def make_row(
    at: datetime, who: str, verb: str, door: str, *,
    why: str = "", case: int | None = None, problem: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A row of ``access_event`` by the names of its columns."""
    return {
        "at": at, "actor": who, "verb": verb, "door": door, "why": why, "case_number": case,
        "problem": problem, "about": _name(case, problem), "hour": hour_of(at),
    }  # fmt: skip


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour that it is, in UTC."""
    return at.replace(minute=0, second=0, microsecond=0)


async def store_access(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows of ``access_event``, those left out that are there. Three statements a ``BATCH``.

    Of ``no_such_case`` for a number that no case has nothing is kept: it hid nothing. In other rows
    such a number is left out.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    table: Table = SQLModel.metadata.tables["access_event"]
    for begin in range(0, len(rows), BATCH):
        part = rows[begin : begin + BATCH]
        cases, problems = await _find_subjects(session, part)
        kept = []
        for row in part:
            case, problem = row["case_number"], row["problem"]
            if row["why"] == NO_CASE and case not in cases:
                continue
            case, problem = (
                (case if case in cases else None),
                (problem if problem in problems else None),
            )
            kept.append(
                {**row, "case_number": case, "problem": problem, "about": _name(case, problem)}
            )
        if kept:
            await session.exec(insert(table).values(kept).on_conflict_do_nothing())


async def _find_subjects(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]]
) -> tuple[set[int], set[int]]:
    """Which cases of these rows there are, and which problems."""
    numbers = {row["case_number"] for row in rows} - {None}
    named = {row["problem"] for row in rows} - {None}
    cases, problems = set[int](), set[int]()
    if numbers:
        query = select(Case.number).where(col(Case.number).in_(numbers))
        cases = set((await session.exec(sees_drills(query))).all())
    if named:
        found = select(Problem.number).where(col(Problem.number).in_(named))
        problems = set((await session.exec(found)).all())
    return cases, problems


def _number(value: object) -> int | None:
    """A number that a case or a problem could have, None for anything else."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= NUMBER_MAX
    return int(value) if fits else None  # type: ignore[call-overload]


def _name(case: int | None, problem: int | None) -> str:
    """The subject's name: ``ESC-7``, ``PRB-2``, or empty."""
    if case is not None:
        return f"ESC-{case}"
    return f"PRB-{problem}" if problem is not None else ""
