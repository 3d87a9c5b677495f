"""Deliveries stored past SQLAlchemy's layers are rows as any other."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from sqlmodel import col, select

from storage import schema, wakeups
from storage.database import Database
from storage.models import Inbox
from storage.receiving import store_requests
from tests import postgres

AT = datetime(2026, 2, 10, 7, 30, 15, 123456, tzinfo=UTC)


def delivery(key: str, **changes: Any) -> dict[str, Any]:
    """A row as the inbox makes it."""
    return {
        "key": key, "verb": "claim", "actor": "U1", "source": "button", "lane": "case:1",
        "intent": {"case": 1, "note": "Ωραία \"'; --"}, "reply": {"user_id": "U1"},
        "state": "pending", "attempts": 0, "answer": {}, "correlation": "c0ffee",
        "received_at": AT, **changes,
    }  # fmt: skip


@pytest.fixture
async def store(database: Database) -> Database:
    """A database with every table and no row."""
    await schema.upgrade_schema(database)
    return database


async def stored(database: Database) -> list[Inbox]:
    """Every row, oldest first."""
    async with database.read() as session:
        return list((await session.exec(select(Inbox).order_by(col(Inbox.id)))).all())


async def test_a_delivery_is_read_as_it_was_given(store: Database) -> None:
    given = delivery("a")
    assert await store_requests(store, [given]) == {"a"}

    (row,) = await stored(store)
    assert {**row.model_dump(), **given} == row.model_dump()
    assert row.lease_until is None


async def test_deliveries_are_numbered_as_they_came_and_each_is_stored_once(
    store: Database,
) -> None:
    assert await store_requests(store, [delivery("b"), delivery("a"), delivery("b")]) == {"a", "b"}
    assert await store_requests(store, [delivery("a"), delivery("c")]) == {"c"}

    assert [row.key for row in await stored(store)] == ["b", "a", "c"]


async def test_of_a_batch_that_cannot_be_stored_nothing_is_and_the_next_one_is(
    store: Database,
) -> None:
    with pytest.raises(Exception, match=r"(?i)null"):
        await store_requests(store, [delivery("a"), delivery("b", verb=None)])
    assert await stored(store) == []

    await store_requests(store, [delivery("a")])
    assert len(await stored(store)) == 1


@pytest.mark.postgres
async def test_every_replica_hears_of_what_is_fresh_and_of_nothing_else(postgres_url: str) -> None:
    database = Database(await postgres.database_with_tables(postgres_url))
    dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    listening = await asyncpg.connect(dsn)
    heard: list[str] = []
    await listening.add_listener(wakeups.CHANNEL, lambda *told: heard.append(told[-1]))
    await store_requests(database, [delivery("a"), delivery("b")])
    await listening.execute("SELECT 1")
    await store_requests(database, [delivery("a")])
    await listening.execute("SELECT 1")
    await listening.close()
    await database.close()

    assert heard == [wakeups.INBOX]
