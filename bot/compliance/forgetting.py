"""Forgetting: the texts of one case or problem, step by step, and of what belongs to none.

Each step is a short transaction that looks again whether the texts may still go. The first says in
the chain that it begins, the last that all is gone; one that is cut short in between begins again
with its first table, and finds there what is forgotten already.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, literal, not_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compliance.overdue import TABLES, Subject, still_goes
from bot.compliance.records import forget_records
from bot.compliance.tables import (
    RECORDS,
    Key,
    forget_window,
    holdings_of,
    is_done,
    remove_window,
    rows_of,
    still_said,
    table_of,
)
from bot.rules.compliance.columns import HOLDINGS, Holding
from bot.rules.compliance.retention import GOES, SURVEYED, Period
from storage.database import Database
from storage.models import Forgotten

LOCK = "retention"
WHOLE = ("inbox", "outbox")  # by age only whole rows
WINDOWS_MAX = 50  # of what belongs to no case, of one table, in one round
TOLD_KIND = "roster"  # says what was told last, without words of customers


class StoppedError(Exception):
    """The texts may not go any more, or another replica is at it: to be looked at again later."""


@dataclass(slots=True)
class Forgetting:
    """The forgetting of one period; ``keep`` is the policy's number, ``before`` what it comes to.

    ``actor`` is who is named in the record: ``system``, or who runs the command.
    """

    database: Database
    period: Period
    keep: int
    before: datetime
    now: datetime
    actor: str

    async def run(self, subject: Subject) -> int:
        """Forget the texts of a case or problem; answers how many rows changed.

        Raises StoppedError where its texts may not go by now, and NotSealedError: what was done
        until then is done.
        """
        what, changed = GOES[self.period], 0
        await self._begin(subject)
        for holding in holdings_of(subject, what):
            changed += await self._forget_table(subject, holding)
        if self.period is not Period.FILES:
            record = RECORDS[1] if subject.problem else RECORDS[0]
            changed += await self._forget_record(subject, record)
        async with self._step(subject) as session:
            session.add(self._entry(subject, "forgot", rows=changed))
        return changed

    @asynccontextmanager
    async def _step(self, subject: Subject) -> AsyncIterator[AsyncSession]:
        """A transaction in which the texts may still go."""
        async with self.database.write() as session:
            if not await self.database.try_exclusive(session, LOCK):
                raise StoppedError(subject.name)
            if not await still_goes(session, subject, self.before):
                raise StoppedError(subject.name)
            yield session

    async def _begin(self, subject: Subject) -> None:
        """Put on record that it begins, once, and say so on the case."""
        begun = TABLES["forgotten"].c
        async with self._step(subject) as session:
            verb = f"forget_{self.period}"
            query = select(begun.id).where(
                begun[subject.column] == subject.number, begun.verb == verb
            )
            connection = await session.connection()
            if (await connection.execute(query.limit(1))).first() is None:
                session.add(self._entry(subject, "forget"))
            case = TABLES["escalation"]
            if not subject.problem and self.period is Period.WORDS:
                own = and_(case.c.number == subject.number, case.c.forgotten_at.is_(None))
                await connection.execute(case.update().where(own).values(forgotten_at=self.now))

    def _entry(self, subject: Subject, did: str, **about: int) -> Forgotten:
        """An entry of the record of what was forgotten."""
        return Forgotten(
            at=self.now,
            actor=self.actor,
            verb=f"{did}_{self.period}",
            about={"keep": self.keep, **about},
            **{subject.column: subject.number},
        )

    async def _forget_table(self, subject: Subject, holding: Holding) -> int:
        """Forget in all rows of a table that are of it."""
        of, changed = rows_of(holding, subject), 0
        if holding.goes:
            while rows := await self._remove(subject, holding, of):
                changed += rows
            return changed
        after: Key | None = None
        while True:
            async with self._step(subject) as session:
                rows, after = await forget_window(session, holding, GOES[self.period], of, after)
            changed += rows
            if after is None:
                return changed

    async def _remove(self, subject: Subject, holding: Holding, of: ColumnElement[bool]) -> int:
        """Take out the next rows of a table, in one transaction; 0: there are no more."""
        async with self._step(subject) as session:
            return await remove_window(session, holding, of)

    async def _forget_record(self, subject: Subject, record: str) -> int:
        """Forget in the entries of a record; of a survey's period only those that quote one."""
        of, changed, after = rows_of(HOLDINGS[record], subject), 0, 0
        if self.period is Period.SURVEY:
            of = and_(of, TABLES[record].c.verb.in_(SURVEYED))
        while True:
            async with self._step(subject) as session:
                rows, last = await forget_records(self.database, session, record, of, after)
            changed += rows
            if last is None:
                return changed
            after = last


async def forget_loose(database: Database, before: datetime) -> dict[str, int]:
    """Forget what is of no case or problem and came before an instant; rows changed, by table.

    What has to do with a case that is held for Legal stays. Ends early where another replica is at
    it, and after so many windows: the next round goes on.
    """
    found: dict[str, int] = {}
    for holding in HOLDINGS.values():
        if holding.age and (rows := await _forget_old(database, holding, before)):
            found[holding.name] = rows
    return found


async def _forget_old(database: Database, holding: Holding, before: datetime) -> int:
    """Forget in the old rows of one table that are of no case; answers how many rows changed.

    Windows of rows, a short transaction each, ``WINDOWS_MAX`` of them at most. Ends early where
    another replica is at it.
    """
    changed = 0
    after: Key | None = None
    for _ in range(WINDOWS_MAX):
        async with database.write() as session:
            if not await database.try_exclusive(session, LOCK):
                break
            of = loose_rows(holding, before)
            if holding.goes:
                rows = await remove_window(session, holding, of)
                after = [] if rows else None
            else:
                what = GOES[Period.WORDS]
                rows, after = await forget_window(session, holding, what, of, after)
        changed += rows
        if after is None:
            break
    return changed


def loose_rows(holding: Holding, before: datetime) -> ColumnElement[bool]:
    """The condition that a row is of no case or problem, and came before an instant.

    It has words still, or goes whole; then it waits for nothing, and no case that is held led to
    it. Effects of problems are left to their problems.
    """
    table = table_of(holding)
    conditions: list[Any] = [table.c[holding.age] < before]
    for path in (*holding.case, *holding.problem):
        column, _, theirs = path.partition(".")
        if not theirs:
            conditions.append(table.c[column].is_(None))
            continue
        other = next(iter(table.c[column].foreign_keys)).column
        nobodys = select(other).where(other.table.c[theirs].is_(None))
        conditions.append(or_(table.c[column].is_(None), table.c[column].in_(nobodys)))
    if not holding.goes:
        conditions.append(still_said(holding))
    if holding.name in WHOLE:
        conditions += [is_done(holding), *_of_no_held_case(table)]
    if holding.name == "outbox":
        conditions += [table.c.kind != TOLD_KIND, not_(table.c.lane.startswith("problem:"))]
    return and_(*conditions)


def _of_no_held_case(table: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a request or an effect is about no case that is held, nor led to one."""
    case, outbox = TABLES["escalation"].c, TABLES["outbox"].alias("led").c
    held = select(case.number).where(case.legal_hold_at.is_not(None))
    lanes = select(literal("case:") + cast(case.number, String))
    lanes = lanes.where(case.legal_hold_at.is_not(None))
    led = select(outbox.correlation).where(outbox.case_number.in_(held), outbox.correlation != "")
    return table.c.lane.not_in(lanes), table.c.correlation.not_in(led)
