"""Both databases: whatever is said of the store is said of SQLite and of PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database
from tests import postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database, without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/desk.db"
    else:
        url = await postgres.fresh_database(request.getfixturevalue("postgres_url"))
    database = Database(url)
    yield database
    await database.close()
