"""Readiness: a store that can be read and takes nothing is away."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.operations import readiness
from bot.operations.readiness import Readiness
from storage import schema
from storage.database import Database


@dataclass
class Store:
    """A process with a store."""

    database: Database


@pytest_asyncio.fixture
async def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A file with tables; every question is a try."""
    monkeypatch.setattr(readiness, "FRESH", 0.0)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    yield Store(database)
    await database.close()


async def test_a_store_that_takes_writes_is_ready(store: Store) -> None:
    asked = Readiness(store)
    assert [await asked.is_writable() for _ in range(3)] == [True, True, True]


async def test_a_full_disk_is_not_ready_and_said_once(
    store: Store, logged: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Readiness(store)
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL

    async def refused() -> None:
        raise full

    with monkeypatch.context() as disk:
        disk.setattr(store.database, "write_nothing", refused)
        assert [await asked.is_writable() for _ in range(3)] == [False, False, False]
    (line,) = logged
    assert (line["event"], line["reason"]) == ("store_unreachable", "full")
    assert await asked.is_writable()


async def test_a_locked_file_is_not_ready_until_it_is_free(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "PATIENCE", 0.05)
    other = sqlite3.connect(str(store.database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asked = Readiness(store)
    assert not await asked.is_writable()
    other.execute("ROLLBACK")
    other.close()
    async with asyncio.timeout(10):
        while not await asked.is_writable():
            pass


async def test_probes_that_come_often_write_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "FRESH", 60.0)
    written = []

    async def count() -> None:
        written.append(1)

    monkeypatch.setattr(store.database, "write_nothing", count)
    asked = Readiness(store)
    assert all(await asyncio.gather(*(asked.is_writable() for _ in range(20))))
    assert await asked.is_writable()
    assert len(written) == 1
