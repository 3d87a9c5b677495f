"""Cases that ended long ago, with words in every column in which words can stand."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, Numeric, Table, Text, insert, select
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from bot.audit.sealing import seal_records
from bot.rules.compliance.columns import HOLDINGS, INSIDE, Holding, Holds
from bot.rules.compliance.retention import Retention
from storage.models import Case, Outbox
from storage.types import EnumText, Instant
from tests.bot.stage import EMMA, T0, Stage

MARKER = "Zebrafink"  # a word that nothing else has
GONE = (Holds.CONTACT, Holds.WORDS, Holds.LINKS, Holds.FILES, Holds.SURVEY)
LATER = timedelta(days=800)
TWO_YEARS = Retention(case_months=24)


def with_retention(stage: Stage, terms: Retention = TWO_YEARS) -> Stage:
    """The same stage with these terms in its policy."""
    stage.policy = replace(stage.policy, retention=terms)
    return stage


async def closed_case(stage: Stage, **fields: Any) -> int:
    """A case that was dismissed at T0, everything about it delivered."""
    stage.now = T0
    number = await stage.opened(stake=MARKER, **fields)
    await stage.do(EMMA, "dismiss", number, code="not_an_escalation", reason=MARKER)
    await let_go(stage)
    await seal_records(stage)
    return number


async def let_go(stage: Stage) -> None:
    """Everything that waits was delivered."""
    async with stage.database.write() as session:
        for row in (await session.exec(select(Outbox))).scalars().all():
            row.state = "done"
            session.add(row)


async def held(stage: Stage, number: int, since: datetime | None = T0) -> None:
    """The case is held for Legal, or is not any more."""
    async with stage.database.write() as session:
        case = await session.get_one(Case, number)
        case.legal_hold_at = since
        session.add(case)


async def dump(stage: Stage, *leave_out: str) -> dict[str, str]:
    """All that the database holds, by table."""
    found: dict[str, str] = {}
    async with stage.database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in leave_out:
                rows = (await connection.execute(table.select())).all()
                found[table.name] = repr(sorted(map(repr, rows)))
    return found


async def fill(stage: Stage, number: int, problem: int) -> set[tuple[str, str]]:
    """Put a row with the marker in every column that can go into each table; answers which.

    Rows of the case, of the problem, and where a table goes by age a row that is of neither.
    """
    filled: set[tuple[str, str]] = set()
    async with stage.database.engine.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            holding = HOLDINGS[table.name]
            if not holding.holding(GONE) or table.name in ("escalation", "problem"):
                continue
            for turn in range(2 if holding.age and holding.case else 1):
                values = {
                    column.name: await value_of(connection, holding, column, number, problem)
                    for column in table.columns
                }
                if turn:
                    values |= {
                        name: None for name in values if name in ("case_number", "candidate")
                    }
                values |= _own_key(table, turn)
                await connection.execute(insert(table).values(values))
            filled |= {(table.name, column) for column in holding.holding(GONE)}
        for name, own in (("escalation", number), ("problem", problem)):
            table = SQLModel.metadata.tables[name]
            words = HOLDINGS[name].holding(GONE)
            marked = {c: _marked(table.c[c]) for c in words}
            where = next(iter(table.primary_key)) == own
            await connection.execute(table.update().where(where).values(marked))
            filled |= {(name, column) for column in words}
    return filled


def _own_key(table: Table, turn: int) -> dict[str, Any]:
    """Keys that no other row has."""
    found: dict[str, Any] = {}
    key = list(table.primary_key)
    if [c.name for c in key] == ["id"]:
        found["id"] = 900 + turn
    for name in ("message_id", "uid", "key"):
        if name in table.c and isinstance(table.c[name].type, AutoString):
            found[name] = f"{table.name}-{turn}"
    return found


async def value_of(
    connection: Any, holding: Holding, column: Column[Any], number: int, problem: int
) -> Any:
    """What a column of a row of the case has: the marker where words may stand, else any value."""
    for key in column.foreign_keys:
        theirs = key.column
        if theirs.table.name == "escalation":
            return number
        if theirs.table.name == "problem":
            return problem
        return (await connection.execute(select(theirs).order_by(theirs.desc()))).scalars().first()
    if column.name == "problem":
        return problem
    if column.name == holding.age:
        return T0
    if holding.columns[column.name] in GONE or column.name == "reading":
        return _marked(column)
    return _plain(column)


def _marked(column: Column[Any]) -> Any:
    """The marker in the shape of the column."""
    if isinstance(column.type, JSON):
        return {"files": [{"name": MARKER}], "said": {"deep": [MARKER]}, "n": 3}
    assert isinstance(column.type, Text | AutoString), column
    return f"{MARKER} {column.name}"


def _plain(column: Column[Any]) -> Any:
    """A value without words."""
    kind = column.type
    if isinstance(kind, EnumText):
        values = [member.value for member in kind.members]
        return "done" if "done" in values else values[-1]
    if column.nullable:
        return None
    match kind:
        case Boolean():
            return False
        case Integer() | Numeric():
            return 1
        case Instant():
            return T0
        case Date():
            return date(2026, 2, 10)
        case JSON():
            return {}
    return "x"


def files_inside() -> set[str]:
    """The tables in which names of files stand inside of a column."""
    return {h.name for h in HOLDINGS.values() for c in h.holding([Holds.FILES]) if INSIDE in c}
