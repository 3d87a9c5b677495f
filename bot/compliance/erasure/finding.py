"""Where the store names a person or a customer: every table, every column of text, read in windows.

Which columns there are is asked of the schema and what they hold of ``columns.toml``, so a new
table is looked through without a line here. Nothing is changed.
"""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import JSON, Column, Select, Table, Text, or_, select, tuple_
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.sqltypes import AutoString

from bot.rules.audit.links import RECORDS
from bot.rules.compliance.columns import HOLDINGS, Holds
from bot.rules.compliance.persons import Sought
from bot.rules.lifecycle import OVER
from storage.database import Database

WINDOW = 1_000  # rows that are read at a time
PART = 500  # numbers in one statement
NEVER = frozenset({"audit_event", "audit_salt", "secret"})  # digests and keys: they name nobody
ERASES = "erase_messages"  # effects by which Slack is gone through: their conversations are needed
BY_ID = "policy_version"  # is read as a policy again, in which a person is an id of Slack's form
ADDRESSES = frozenset({"email", "contact_email"})  # mails go there, so no pseudonym may stand there
SAY_EVERY = 100_000  # rows
Key = Sequence[Any]
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Found:
    """Where a person or customer is named: how many rows of each table, which cases and problems.

    ``held`` are those of the cases that are held for Legal; ``going`` those that are not over and
    in which the person has a part; ``loose`` counts rows of no case or problem, by table.
    """

    rows: dict[str, int] = field(default_factory=dict)
    loose: dict[str, int] = field(default_factory=dict)
    cases: dict[int, int] = field(default_factory=dict)
    problems: dict[int, int] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    going: list[int] = field(default_factory=list)


def parts_of(numbers: Collection[int]) -> Iterator[Sequence[int]]:
    """The numbers in their order, at most ``PART`` at a time: what one statement takes."""
    ordered = sorted(numbers)
    return (ordered[start : start + PART] for start in range(0, len(ordered), PART))


def tables() -> list[Table]:
    """Every table that may name a person, in the order in which rows depend on each other."""
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in NEVER]


def columns_of(table: Table) -> dict[str, Holds]:
    """The columns in which a name can stand, and what each holds.

    Not closed words, as all facts of a record are, and no key of a customer, by which rows find
    each other.
    """
    holding, found = HOLDINGS[table.name], dict[str, Holds]()
    for column in table.columns:
        if column.foreign_keys or (table.name, column.name) == ("account", "key"):
            continue
        holds = holding.columns[column.name]
        closed = table.name in RECORDS and holds is Holds.FACT
        words = isinstance(column.type, AutoString | Text) and not closed
        if words or isinstance(column.type, JSON):
            found[column.name] = holds
    return found


def subject_columns(table: Table) -> list[Column[Any]]:
    """The case and the problem of a row, as columns ``case_`` and ``problem_`` of a query."""
    holding = HOLDINGS[table.name]
    found: list[Any] = []
    for name, paths in (("case_", holding.case), ("problem_", holding.problem)):
        for number, path in enumerate(paths):
            column, _, theirs = path.partition(".")
            value: Any = table.c[column]
            if theirs:
                other = next(iter(value.foreign_keys)).column
                value = select(other.table.c[theirs]).where(other == value).scalar_subquery()
            found.append(value.label(f"{name}{number}"))
    return found


def subjects_of(row: Mapping[Any, Any]) -> tuple[set[int], set[int]]:
    """The cases and the problems to which a row of such a query belongs."""
    cases = {value for name, value in row.items() if str(name).startswith("case_") and value}
    problems = {value for name, value in row.items() if str(name).startswith("problem_") and value}
    kind, _, number = str(row.get("lane") or "").partition(":")
    number = number.partition(":")[0]
    if number.isdigit() and kind in ("case", "problem"):
        (cases if kind == "case" else problems).add(int(number))
    return {each for each in cases if isinstance(each, int)}, problems


def rows_query(table: Table) -> Select[Any]:
    """All rows with their key, the columns in which a name can stand, and their subject.

    In the order of the key, so that windows follow each other; a queue's lane is among the columns,
    since it alone tells of which problem an effect is.
    """
    names = {column.name for column in table.primary_key} | columns_of(table).keys()
    names |= {"lane"} & {column.name for column in table.columns}
    wanted = [column for column in table.columns if column.name in names]
    ours = [each for each in subject_columns(table) if each.name not in names]
    return select(*wanted, *ours).order_by(*table.primary_key)


async def windows(
    database: Database, table: Table
) -> AsyncIterator[tuple[Sequence[Mapping[Any, Any]], int]]:
    """All rows of a table, ``WINDOW`` at a time, and how many came before.

    Each window is a look of its own, so that no transaction is open while names are compared; what
    is added meanwhile behind the last key is seen, what changes before it is not.
    """
    key, after, before = list(table.primary_key), list[Any](), 0
    while True:
        query = rows_query(table).limit(WINDOW)
        if after:
            query = query.where(tuple_(*key) > tuple(after))
        async with database.read() as session:
            connection = await session.connection()
            rows = (await connection.execute(query)).mappings().all()
        if rows:
            yield rows, before
        if len(rows) < WINDOW:
            return
        before += len(rows)
        after = [rows[-1][column.name] for column in key]


def as_there(sought: Sought, table: str) -> Sought:
    """Who is looked for, with the pseudonym in the form that a table needs."""
    if table != BY_ID:
        return sought
    return replace(sought, alias=f"U{sought.alias.rpartition('-')[2].upper()}")


def changes_of(sought: Sought, table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    """What changes in a row when a person is erased, by column; empty where they are not named.

    ``row`` is one of ``rows_query``. Where the app would send mail to what stands there nothing is
    left; everywhere else the pseudonym is, and whatever other words the text had.
    """
    changes: dict[str, Any] = {}
    if table.name == "outbox" and row["kind"] == ERASES:
        return changes
    here = as_there(sought, table.name)
    for name, holds in columns_of(table).items():
        value = row[name]
        if value and (now := here.erase_in(value, holds)) != value:
            emptied = now == here.alias and name in ADDRESSES
            changes[name] = "" if emptied or name == "domains" else now
    return changes


async def find_named(
    database: Database, sought: Sought, progress: Progress = lambda _table, _rows: None
) -> Found:
    """Look through all of the store; ``progress`` hears the table and how many rows are read.

    One statement for each ``WINDOW`` rows and three more; memory for one window. No lock is taken,
    so it may run beside the app: who erases asks again in each transaction.
    """
    found = Found()
    for table in tables():
        async for rows, before in windows(database, table):
            for row in rows:
                if changes_of(sought, table, row):
                    _count(found, table.name, row)
            if before and before % SAY_EVERY == 0:
                progress(table.name, before)
    async with database.read() as session:
        found.held = await held_of(session, set(found.cases), set(found.problems))
        found.going = await going_of(session, sought)
    return found


def _count(found: Found, table: str, row: Mapping[Any, Any]) -> None:
    """Add a row that names them."""
    cases, problems = subjects_of(row)
    found.rows[table] = found.rows.get(table, 0) + 1
    if not cases and not problems:
        found.loose[table] = found.loose.get(table, 0) + 1
    for numbers, counts in ((cases, found.cases), (problems, found.problems)):
        for number in numbers:
            counts[number] = counts.get(number, 0) + 1


async def held_of(session: AsyncSession, cases: set[int], problems: set[int]) -> list[int]:
    """Those of the cases, and of the problems' cases, that are held for Legal, by number."""
    metadata = SQLModel.metadata.tables
    case, line = metadata["escalation"].c, metadata["affected"].c
    connection = await session.connection()
    held = select(case.number).where(case.legal_hold_at.is_not(None))
    found = {number for (number,) in (await connection.execute(held)).all()}
    if found and problems:
        of_problems = select(case.number).where(case.problem.in_(problems))
        listed = select(line.case_number).where(line.problem.in_(problems))
        for query in (of_problems, listed):
            cases = cases | {number for (number,) in (await connection.execute(query)).all()}
    return sorted(found & cases)


async def going_of(session: AsyncSession, sought: Sought) -> list[int]:
    """The cases that are not over and of which the colleague is owner, or has a role or a step."""
    metadata = SQLModel.metadata.tables
    case, role = metadata["escalation"].c, metadata["case_role"].c
    step = metadata["action_item"].c
    connection = await session.connection()
    mine = case.owner.in_(sought.texts)
    roles = select(role.case_number).where(role.user_id.in_(sought.texts))
    steps = select(step.case_number).where(step.owner.in_(sought.texts), step.done_at.is_(None))
    query = select(case.number).where(
        case.status.not_in([status.value for status in OVER]),
        or_(mine, case.number.in_(roles), case.number.in_(steps)),
    )
    return sorted(number for (number,) in (await connection.execute(query)).all())
