"""Erasing: a person's or a customer's names go from every table, a few rows in each transaction.

It begins and ends on record. Between these two rows of ``forgotten`` the database lets the
never-edited records through, for this pseudonym and nothing else. Cut short at any point it goes on
from the first table when it is run again: rows that are erased have no name any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import LOCK as SEALING
from bot.audit.sealing import find_head, links_of, seal_records
from bot.compliance.erasure.finding import (
    Progress,
    changes_of,
    held_of,
    rows_query,
    subjects_of,
    tables,
    windows,
)
from bot.compliance.erasure.places import Place, note_places, release_places
from bot.compliance.erasure.shown import draw_again
from bot.compliance.records import NotSealedError, replace_row
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.rules.audit.links import ERASE, RECORDS, erased_by
from bot.rules.compliance.columns import HOLDINGS
from bot.rules.compliance.persons import Sought, words_of
from storage import wakeups
from storage.database import Database
from storage.models import Forgotten

LOCK = "erasure"
STEP = 100  # rows that change in one transaction
DONE = "erased"  # the record's verb for the end; ``ERASE`` for the beginning


class HeldError(Exception):
    """Cases are held for Legal, so nothing more is erased; ``cases`` are their numbers."""

    def __init__(self, cases: Sequence[int]) -> None:
        super().__init__(", ".join(f"ESC-{number}" for number in cases))
        self.cases = cases


class BusyError(Exception):
    """Another process erases at this moment."""


@dataclass(slots=True)
class Erasing:
    """One erasure. ``actor`` is who runs the command; ``rule`` the row that says it, once begun.

    Under the lock ``LOCK`` in each transaction, so that two erasures do not go on side by side;
    records are changed under that of sealing as well. A hold is asked for in each transaction, of
    the cases of the rows that it changes. ``places`` are the conversations in Slack through which
    the app goes once it has ended, ``cases`` those that name them.
    """

    services: WorkServices
    sought: Sought
    actor: str
    now: datetime
    places: Collection[Place] = ()
    cases: Collection[int] = ()
    rule: int = 0

    @property
    def database(self) -> Database:
        """The store."""
        return self.services.database

    async def run(
        self,
        elsewhere: Mapping[str, Any],
        progress: Progress = lambda _table, _rows: None,
    ) -> dict[str, int]:
        """Erase; answers how many rows changed, by table.

        ``elsewhere`` is what others must delete, which is kept with the end of it. Raises HeldError
        where a case of it is held by now, BusyError, and NotSealedError: what was done until then
        is done.
        """
        await self._begin()
        while await seal_records(self):
            pass
        done: dict[str, int] = {}
        for table in tables():
            async for rows, before in windows(self.database, table):
                named = [row for row in rows if changes_of(self.sought, table, row)]
                for start in range(0, len(named), STEP):
                    changed = await self._erase(table, named[start : start + STEP])
                    done[table.name] = done.get(table.name, 0) + changed
                progress(table.name, before)
        await self._remove_search_words()
        async with self._step() as session:
            total = sum(done.values())
            about = {"as": self.sought.alias, "rule": self.rule, "rows": total}
            wakeups.note_wakeup(session, wakeups.PEOPLE)  # replicas have them in memory
            session.add(self._entry(DONE, {**about, "elsewhere": dict(elsewhere)}))
            await release_places(self._work(session), self.rule)
        return done

    def _step(self) -> Any:
        """A transaction of it."""
        return self.database.write()

    def _entry(self, verb: str, about: Mapping[str, Any]) -> Forgotten:
        """A row of the record, without a name."""
        return Forgotten(at=self.now, actor=self.actor, verb=verb, about=dict(about))

    async def _begin(self) -> None:
        """Put on record that it begins, or go on with what was cut short."""
        async with self._step() as session:
            if not await self.database.try_exclusive(session, LOCK):
                raise BusyError
            query = select(Forgotten).where(col(Forgotten.verb).in_([ERASE, DONE]))
            entries = (await session.exec(query.order_by(col(Forgotten.id)))).scalars().all()
            ended = {entry.about.get("rule") for entry in entries if entry.verb == DONE}
            for entry in entries:
                mine = entry.about.get("as") == self.sought.alias
                if entry.verb == ERASE and mine and entry.id not in ended:
                    self.rule = entry.id
            if not self.rule:
                row = self._entry(ERASE, {"as": self.sought.alias})
                session.add(row)
                await session.flush()
                self.rule = row.id
            await note_places(
                session, self.rule, self.sought, self.places, self.cases, self._work(session)
            )

    def _work(self, session: AsyncSession) -> UnitOfWork:
        """What effects are queued with, in a transaction of it."""
        return UnitOfWork.join(session, self.services, Actor(SYSTEM, ERASE))

    async def _erase(self, table: Table, named: Sequence[Mapping[Any, Any]]) -> int:
        """Erase in these rows as they are now, in one transaction; answers how many changed."""
        async with self._step() as session:
            if not await self.database.try_exclusive(session, LOCK):
                raise BusyError
            key = list(table.primary_key)
            wanted = [tuple(row[column.name] for column in key) for row in named]
            query = rows_query(table).where(tuple_(*key).in_(wanted))
            connection = await session.connection()
            rows = (await connection.execute(query)).mappings().all()
            cases, problems = await self._refuse_held(session, rows)
            changed = 0
            if table.name in RECORDS:
                changed = await self._erase_records(session, table, rows)
            else:
                for row in rows:
                    if values := changes_of(self.sought, table, row):
                        await _change(session, table, row, values)
                        changed += 1
            await draw_again(self._work(session), cases, problems)
            return changed

    async def _refuse_held(
        self, session: AsyncSession, rows: Sequence[Mapping[Any, Any]]
    ) -> tuple[set[int], set[int]]:
        """The cases and problems of the rows. Raises HeldError where Legal holds one by now."""
        cases, problems = set[int](), set[int]()
        for row in rows:
            own = subjects_of(row)
            cases |= own[0]
            problems |= own[1]
        if held := await held_of(session, cases, problems):
            raise HeldError(held)
        return cases, problems

    async def _erase_records(
        self, session: AsyncSession, table: Table, rows: Sequence[Mapping[Any, Any]]
    ) -> int:
        """Erase in rows of a record, each with a new link of what is left."""
        if not await self.database.try_exclusive(session, SEALING):
            raise NotSealedError
        head, changed = await find_head(session), 0
        link, names = erased_by(self.rule, table.name), await links_of(session, table.name)
        for row in rows:
            if values := changes_of(self.sought, table, row):
                head = await replace_row(session, head, link, names, row["id"], values)
                changed += 1
        return changed

    async def _remove_search_words(self) -> None:
        """Take out the words by which solved cases are found that are parts of the names.

        They stand one by one there, so no name of two words is found among them.
        """
        table = SQLModel.metadata.tables["solved_word"]
        parts = {part for text in self.sought.texts for part in words_of(text) if len(part) > 1}
        async with self._step() as session:
            connection = await session.connection()
            words = (await connection.execute(select(table.c.word).distinct())).scalars().all()
            gone = [word for word in words if parts & set(words_of(word))]
            for start in range(0, len(gone), STEP):
                some = table.c.word.in_(gone[start : start + STEP])
                await connection.execute(table.delete().where(some))


def _is_service(table: Table) -> bool:
    """Whether a table has a row for each person, by which something is sent to them and no more.

    Weekly lists and tips are such: left to a pseudonym they would come due and reach no person.
    """
    holding = HOLDINGS[table.name]
    about = holding.case or holding.problem or table.name == "person"
    return not about and "user_id" in table.primary_key.columns


async def _change(
    session: AsyncSession, table: Table, row: Mapping[Any, Any], values: Mapping[str, Any]
) -> None:
    """Change one row; one by which they are sent something goes.

    So does one whose key would be there already: that one stays.
    """
    own = and_(*(column == row[column.name] for column in table.primary_key))
    connection = await session.connection()
    if "user_id" in values and _is_service(table):
        await connection.execute(table.delete().where(own))
        return
    try:
        async with connection.begin_nested():
            await connection.execute(table.update().where(own).values(values))
    except IntegrityError:
        await connection.execute(table.delete().where(own))
