"""A person and a customer in every column in which somebody can stand."""

from typing import Any

from sqlalchemy import JSON, Column, Table, insert

from bot.audit.sealing import seal_records
from bot.compliance.erasure.erasing import Erasing
from bot.compliance.erasure.finding import columns_of, tables
from bot.rules.compliance.columns import HOLDINGS, Holds
from bot.rules.compliance.persons import Sought
from tests.bot.compliance.old_cases import MARKER, closed_case, value_of
from tests.bot.compliance.test_marker import old_problem
from tests.bot.stage import Stage

ID, NAME, ADDRESS = "U0ZEBRA", "Zora Zebrafink", "zora@zebrafink.example"
SAID = f"Ask {NAME.upper()} ({ADDRESS}) or <@{ID}> today"
ALIAS = "person-0123abcd"
LEFT = ("zora", "zebra")  # no trace of these, in small letters
WHO = Sought(ALIAS, (ID, NAME, ADDRESS, MARKER))


def told(column: Column[Any], holds: Holds) -> Any:
    """What a column has that names the person."""
    if isinstance(column.type, JSON):
        return {"n": 3, ID: [ID, {"said": SAID}], "status": "open"}
    match holds:
        case Holds.MEMBER:
            return ADDRESS if column.name == "email" else ID
        case Holds.CONTACT | Holds.LINKS:
            return NAME if column.name.endswith("name") else ADDRESS
    return SAID


async def fill(stage: Stage, number: int, problem: int) -> set[tuple[str, str]]:
    """Put the person into every table; answers into which columns."""
    filled: set[tuple[str, str]] = set()
    async with stage.database.engine.begin() as connection:
        for place, table in enumerate(tables()):
            holding = HOLDINGS[table.name]
            marked = {
                name: told(table.c[name], holds)
                for name, holds in columns_of(table).items()
                if holds not in (Holds.FACT, Holds.CUSTOMER) or isinstance(table.c[name].type, JSON)
            }
            if not marked:
                continue
            filled |= {(table.name, name) for name in marked}
            if table.name in ("escalation", "problem"):
                own = number if table.name == "escalation" else problem
                where = next(iter(table.primary_key)) == own
                await connection.execute(table.update().where(where).values(marked))
                continue
            values = {
                column.name: await value_of(connection, holding, column, number, problem)
                for column in table.columns
            }
            values |= _own_keys(table, place) | marked
            await connection.execute(insert(table).values(values))
    return filled


def _own_keys(table: Table, place: int) -> dict[str, Any]:
    """Keys that no other row has."""
    found = {name: f"{table.name}-{place}" for name in ("key", "uid", "name") if name in table.c}
    return found | ({"id": 900} if "id" in table.c else {})


async def lived(stage: Stage) -> tuple[int, int]:
    """A store in which the person stands everywhere, every record with its link."""
    number = await closed_case(stage)
    problem = await old_problem(stage, number)
    await fill(stage, number, problem)
    await seal_records(stage)
    return number, problem


def erasing(stage: Stage, sought: Sought = WHO) -> Erasing:
    """The erasure of the person."""
    return Erasing(stage.process(), sought, "ada@desk", stage.now)


def named_in(dumped: dict[str, str], *names: str) -> set[str]:
    """The tables in which something is left of these names."""
    wanted = names or LEFT
    return {t for t, rows in dumped.items() if any(name in rows.lower() for name in wanted)}
