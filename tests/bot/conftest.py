"""What carries the work is held to the same on both databases."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import ColumnElement, literal
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import schema
from storage.database import Database
from storage.types import Instant
from tests import postgres
from tests.bot.placed import misplaced
from tests.bot.policies import policy
from tests.bot.stage import Stage, acme
from tests.bot.store import Keeper


class HandDatabase(Database):
    """PostgreSQL that goes by the clock of the tests instead of its own."""

    async def time(self, session: AsyncSession, machine: datetime) -> datetime:
        """The time that was set by hand."""
        return machine

    def now(self, machine: datetime, ahead: timedelta = timedelta(0)) -> ColumnElement[datetime]:
        """The same as an expression."""
        return literal(machine + ahead, Instant)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Keeper]:
    """An app with an empty store."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/desk.db")
        await schema.upgrade_schema(database)
    else:
        server = request.getfixturevalue("postgres_url")
        database = HandDatabase(await postgres.database_with_tables(server))
    yield Keeper(database)
    await database.close()


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
    assert await misplaced(stage) == {}  # whatever was done, the lists have it in its place
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store as administrators have it, made by the migrations: with what keeps its records.

    Empty but for one account.
    """
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
