"""The migrations make exactly the tables of the models, on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    func,
    insert,
    select,
    text,
)

from storage import schema
from storage.database import Database


async def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    await schema.upgrade_schema(database)

    assert await schema.schema_differences(database) == []
    assert await schema.database_version(database) == schema.code_version()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await schema.upgrade_schema(database)
    await schema.upgrade_schema(database)

    await schema.require_current(database)
    assert await schema.schema_differences(database) == []


async def test_a_column_that_no_model_has_is_a_difference(database: Database) -> None:
    await schema.upgrade_schema(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE escalation ADD COLUMN stray INTEGER"))

    assert "stray" in str(await schema.schema_differences(database))


async def test_an_empty_database_is_refused_with_what_to_run(database: Database) -> None:
    with pytest.raises(schema.SchemaError, match=r"python app\.py migrate"):
        await schema.require_current(database)


async def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    await schema.upgrade_schema(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(schema.SchemaError, match="newer"):
        await schema.require_current(database)


FIRST_RELEASE = "0070"


def value(column: Column[Any]) -> Any:
    """Something for a column that must have a value, so that foreign keys agree."""
    moment = datetime(2027, 2, 8, tzinfo=UTC)
    kinds: dict[type, Any] = {
        Boolean: False,
        JSON: {},
        DateTime: moment,
        Date: moment.date(),
    }
    found = [given for kind, given in kinds.items() if isinstance(column.type, kind)]
    return found[0] if found else 1 if isinstance(column.type, Integer) else "x"


def fill(connection: Connection) -> None:
    """A row in each table of an earlier version."""
    command.upgrade(schema._config(connection), FIRST_RELEASE)
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != "alembic_version":
            row = {c.name: value(c) for c in table.columns if not c.nullable}
            connection.execute(insert(table).values(row))


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    tables = MetaData()
    tables.reflect(connection)
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables.sorted_tables
    }


async def test_a_database_with_cases_is_migrated_there_and_back(database: Database) -> None:
    """A table to which others' rows point cannot be dropped and made anew on the way."""
    async with database.engine.begin() as connection:
        await connection.run_sync(fill)
        before = await connection.run_sync(counts)

    await schema.upgrade_schema(database)
    async with database.engine.connect() as connection:
        after = await connection.run_sync(counts)
    assert before["case_role"] == before["escalation"] == 1
    assert {name: after[name] for name in before} == before

    async with database.engine.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(schema._config(c), FIRST_RELEASE))
        assert await connection.run_sync(counts) == before
