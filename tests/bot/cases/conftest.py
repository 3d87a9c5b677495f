"""The stage of the use cases' tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from storage.database import Database
from tests import postgres
from tests.bot.cases.policies import policy
from tests.bot.cases.stage import Stage, acme


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """An empty store but for one account, at T0; what holds on one database holds on both."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
        async with database.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
    else:
        server = request.getfixturevalue("postgres_url")
        database = Database(await postgres.database_with_tables(server))
    stage = Stage(database, policy())
    await stage.add(acme())
    yield stage
    await database.close()
