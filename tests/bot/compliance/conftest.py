"""A store made by the migrations, with cases that ended long ago."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import schema
from storage.database import Database
from tests import postgres
from tests.bot.policies import policy
from tests.bot.stage import Stage, acme


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """An empty store but for one account, with what keeps its records."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        url = await postgres.fresh_database(request.getfixturevalue("postgres_url"))
    database = Database(url)
    await schema.upgrade_schema(database)
    stage = Stage(database, policy())
    await stage.add(acme())
    yield stage
    await database.close()
