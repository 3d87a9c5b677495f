"""The migrations make exactly the tables of the models, on both databases."""

import pytest
from sqlalchemy import text

from storage import schema
from storage.database import Database


async def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    await schema.upgrade(database)

    assert await schema.differences(database) == []
    assert await schema.current(database) == schema.head()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await schema.upgrade(database)
    await schema.upgrade(database)

    await schema.require_current(database)
    assert await schema.differences(database) == []


async def test_a_column_that_no_model_has_is_a_difference(database: Database) -> None:
    await schema.upgrade(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE escalation ADD COLUMN stray INTEGER"))

    assert "stray" in str(await schema.differences(database))


async def test_an_empty_database_is_refused_with_what_to_run(database: Database) -> None:
    with pytest.raises(schema.SchemaError, match=r"python app\.py migrate"):
        await schema.require_current(database)


async def test_a_database_of_a_newer_program_is_refused(database: Database) -> None:
    await schema.upgrade(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(schema.SchemaError, match="newer"):
        await schema.require_current(database)
