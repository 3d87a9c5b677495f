"""Cases and candidates of the version before get their places when the tables change."""

from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, Table, text

from storage import schema
from storage.columns import NO_DUE
from storage.database import Database
from storage.types import Instant
from tests.bot.stage import T0
from tests.storage.test_schema import value

DUE = T0.replace(hour=15)
CASES = {1: (1, "new"), 2: (3, "investigating"), 3: (2, "resolved"), 4: (2, "closed")}


def fill_before(connection: Connection) -> None:
    """Four cases, of which one has a clock that runs and one a clock that was met."""
    command.upgrade(schema._config(connection), "0460")
    account = {"key": "big", "name": "Big", "folded": "big", "valued": True}
    _add(connection, "account", account)
    for number, (severity, status) in CASES.items():
        row = {"number": number, "severity": severity, "status": status, "account_key": None}
        _add(connection, "escalation", row)
    for number, state in ((2, "running"), (3, "met")):
        clock = {"case_number": number, "name": "next_update", "state": state, "due": DUE}
        _add(connection, "clock", clock | {"stopped_at": DUE if state == "met" else None})
    for number, key in ((1, None), (2, "big")):
        _add(connection, "candidate", {"id": number, "severity": 3, "account_key": key})


def _add(connection: Connection, name: str, given: dict[str, Any]) -> None:
    table = Table(name, MetaData(), autoload_with=connection)
    row = {c.name: value(c) for c in table.columns if not c.nullable}
    connection.execute(table.insert().values(row | given))


async def test_what_was_there_is_ranked_and_looked_at_by_the_first_sweep(
    database: Database,
) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(fill_before)
    await schema.upgrade_schema(database)
    async with database.engine.connect() as connection:
        asked = text("SELECT number, rank, rank_at, next_due FROM escalation")
        rows = await connection.execute(asked.columns(next_due=Instant(), rank_at=Instant()))
        cases = {row.number: row for row in rows}
        found = await connection.execute(text("SELECT id, rank FROM candidate"))
        candidates = {row.id: row.rank for row in found}
    assert {number: row.rank for number, row in cases.items()} == {1: 0, 2: 2, 3: 4, 4: 4}
    assert {number for number, row in cases.items() if row.rank_at is not None} == {1, 2}
    assert {n: row.next_due for n, row in cases.items()} == {
        1: NO_DUE, 2: DUE, 3: NO_DUE, 4: NO_DUE,
    }  # fmt: skip
    assert candidates == {1: 2, 2: 1}
