"""Cases that were restricted before the flag took them out of their problems are taken out too."""

from datetime import UTC, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Connection, MetaData, Table, insert, select

from storage import schema
from storage.database import Database

BEFORE = "0070"  # the version without ``legal``
NOW = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)


def _up_to(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def _put(connection: Connection, name: str, **values: Any) -> None:
    """A row, with something in every column that needs it."""
    table = Table(name, MetaData(), autoload_with=connection)
    given: dict[str, Any] = {}
    for column in table.columns:
        if column.name not in values and not column.nullable and not column.primary_key:
            kind = dict if isinstance(column.type, JSON) else column.type.python_type
            given[column.name] = NOW if kind is datetime else kind()
    connection.execute(insert(table).values(**given | values))


def _story(connection: Connection) -> None:
    _put(connection, "problem", number=1, severity=2)
    for number, trigger, sensitive, problem in (
        (1, "technical", True, 1),  # the flag came later
        (2, "legal", True, None),
        (3, "technical", False, 1),
        (4, "technical", True, 1),  # restricted, not by law
    ):
        _put(
            connection,
            "escalation",
            number=number,
            trigger=trigger,
            sensitive=sensitive,
            problem=problem,
            stake=f"stake {number}",
        )
    said = {"trigger": "legal", "sensitive": True}
    _put(connection, "timeline_event", id=1, case_number=1, verb="executive_flag", after=said)
    for number, case, evidence in ((1, 1, "stake 1"), (2, 3, "stake 3"), (3, 4, "Seen by us")):
        _put(
            connection,
            "affected",
            id=number,
            problem=1,
            folded=str(number),
            case_number=case,
            evidence=evidence,
        )


def _found(connection: Connection, name: str, *columns: str) -> list[tuple[Any, ...]]:
    table = Table(name, MetaData(), autoload_with=connection)
    rows = connection.execute(select(*(table.c[each] for each in columns)).order_by(table.c[0]))
    return [tuple(row) for row in rows]


async def test_what_was_restricted_before_leaves_its_problem(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(_up_to, BEFORE)
        await connection.run_sync(_story)
    await schema.upgrade_schema(database)
    async with database.engine.connect() as connection:
        cases = await connection.run_sync(_found, "escalation", "number", "legal", "problem")
        lines = await connection.run_sync(_found, "affected", "id", "case_number", "removed_at")
    assert [(n, bool(legal), problem) for n, legal, problem in cases] == [
        (1, True, None),
        (2, True, None),
        (3, False, 1),
        (4, False, None),
    ]
    assert [(n, case, gone is not None) for n, case, gone in lines] == [
        (1, 1, True),
        (2, 3, False),
        (3, None, False),
    ]
