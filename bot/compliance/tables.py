"""Forgetting in tables that may be changed: a window of rows at a time.

Nothing here knows a table by its name: ``bot.rules.compliance.columns`` says what each holds. What
was forgotten is forgotten again without a change, so a walk that was cut short begins anew.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, false, func, or_, select, true, tuple_
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import AutoString

from bot.compliance.overdue import Subject
from bot.rules.compliance.columns import HOLDINGS, INSIDE, Holding, Holds
from bot.rules.compliance.retention import GOES, MARK, Period, forget, forget_inside
from bot.rules.states import OutboxState

WINDOW = 200  # rows that are looked at, and at most changed, in one transaction
RECORDS = ("timeline_event", "problem_event")  # kept by the database: bot/compliance/records.py
SAID = frozenset({Holds.CONTACT, Holds.WORDS})
Key = Sequence[Any]


def holdings_of(subject: Subject, what: Collection[Holds]) -> list[Holding]:
    """The tables in which something of it goes, but not the records."""
    return [
        each
        for each in HOLDINGS.values()
        if (each.problem if subject.problem else each.case)
        and each.name not in RECORDS
        and (each.holding(what))
    ]


def table_of(holding: Holding) -> Table:
    """The table itself."""
    return SQLModel.metadata.tables[holding.name]


def rows_of(holding: Holding, subject: Subject) -> ColumnElement[bool]:
    """The condition that a row is of this case or problem.

    Effects of a problem are known by their lane, since no column names it.
    """
    table = table_of(holding)
    found: list[ColumnElement[bool]] = []
    for path in holding.problem if subject.problem else holding.case:
        column, _, theirs = path.partition(".")
        if not theirs:
            found.append(table.c[column] == subject.number)
            continue
        other = next(iter(table.c[column].foreign_keys)).column
        of_subject = select(other).where(other.table.c[theirs] == subject.number)
        found.append(table.c[column].in_(of_subject))
    return or_(false(), *found)


def is_done(holding: Holding) -> ColumnElement[bool]:
    """The condition that a row of a queue does not wait any more; true of any other row."""
    table = table_of(holding)
    return table.c.state != OutboxState.PENDING.value if "state" in table.c else true()


def still_said(holding: Holding) -> ColumnElement[bool]:
    """The condition that a row has words, as far as its columns of plain text tell."""
    columns = [table_of(holding).c[name] for name in holding.holding(SAID) if INSIDE not in name]
    plain = [column for column in columns if isinstance(column.type, AutoString | Text)]
    return or_(false(), *(column.not_in(["", MARK]) for column in plain))


async def remove_window(session: AsyncSession, holding: Holding, of: ColumnElement[bool]) -> int:
    """Take out at most ``WINDOW`` whole rows; answers how many, 0 once there are no more.

    The newest row of a queue stays without its words: SQLite would give its id again.
    """
    table, key = table_of(holding), list(table_of(holding).primary_key)
    if "state" in table.c:
        newest = select(func.max(table.c.id)).scalar_subquery()
        last = and_(of, is_done(holding), table.c.id == newest)
        await forget_window(session, holding, GOES[Period.WORDS], last, None)
        of = and_(of, is_done(holding), table.c.id < newest)
    connection = await session.connection()
    rows = (await connection.execute(select(*key).where(of).order_by(*key).limit(WINDOW))).all()
    if rows:
        chosen = tuple_(*key).in_([tuple(row) for row in rows])
        await connection.execute(table.delete().where(chosen))
    return len(rows)


async def forget_window(
    session: AsyncSession,
    holding: Holding,
    what: Collection[Holds],
    of: ColumnElement[bool],
    after: Key | None,
) -> tuple[int, Key | None]:
    """Forget in the next ``WINDOW`` rows behind the key ``after``, the first for None.

    Answers how many rows changed, and the last key; None: there are no more.
    """
    table = table_of(holding)
    key = list(table.primary_key)
    wanted = {name.partition(INSIDE)[0] for name in holding.holding(what)}
    query = select(*key, *(column for column in table.c if column.name in wanted)).where(of)
    if after is not None:
        query = query.where(tuple_(*key) > tuple(after))
    connection = await session.connection()
    rows = (await connection.execute(query.order_by(*key).limit(WINDOW))).mappings().all()
    changed = 0
    for row in rows:
        if values := changes_of(holding, what, dict(row)):
            own = and_(*(column == row[column.name] for column in key))
            await connection.execute(table.update().where(own).values(values))
            changed += 1
    last = [rows[-1][column.name] for column in key] if len(rows) == WINDOW else None
    return changed, last


def changes_of(holding: Holding, what: Collection[Holds], row: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in a row, by column; empty where nothing is left to forget."""
    changes: dict[str, Any] = {}
    for name in holding.holding(what):
        column, _, key = name.partition(INSIDE)
        was = changes.get(column, row[column])
        now = forget_inside(was, key) if key else forget(was, holding.columns[name])
        if now != was:
            changes[column] = now
    return changes
