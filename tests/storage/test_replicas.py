"""Several processes on one PostgreSQL: woken at once, migrated once; SQLite serves one."""

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import schema, wakeups
from storage.database import Database, DatabaseInUseError
from storage.models import Outbox
from tests import postgres

NOW = datetime(2027, 2, 8, tzinfo=UTC)


def effect() -> Outbox:
    return Outbox(lane="case:1", kind="post", queued_at=NOW)


@pytest.mark.postgres
async def test_a_commit_wakes_other_replicas_and_a_rollback_does_not(postgres_url: str) -> None:
    database = Database(await postgres.database_with_tables(postgres_url))
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(wakeups.listen_for_wakeups(database.url, heard.put_nowait))
    async with asyncio.timeout(20):
        at_first = {await heard.get() for _ in wakeups.TOPICS}
        with contextlib.suppress(ZeroDivisionError):
            async with database.write() as session:
                session.add(effect())
                await session.flush()
                raise ZeroDivisionError
        async with database.write() as session:
            session.add(effect())
        woken = await heard.get()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await database.close()

    assert at_first == set(wakeups.TOPICS)
    assert woken == wakeups.OUTBOX
    assert heard.empty()


@pytest.mark.postgres
async def test_replicas_are_counted_by_who_listens(postgres_url: str) -> None:
    database = Database(await postgres.database_with_tables(postgres_url))

    async def counted() -> int:
        async with database.read() as session:
            return await wakeups.count_replicas(session)

    assert await counted() == 1, "this process, which does not listen yet"
    heard: asyncio.Queue[str] = asyncio.Queue()
    listening = [
        asyncio.create_task(wakeups.listen_for_wakeups(database.url, heard.put_nowait))
        for _ in range(3)
    ]
    async with asyncio.timeout(20):
        for _ in range(3 * len(wakeups.TOPICS)):
            await heard.get()
    assert await counted() == 3
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    async with asyncio.timeout(20):
        while await counted() != 1:
            pass
    await database.close()


@pytest.mark.postgres
async def test_replicas_that_start_together_make_the_tables_once(postgres_url: str) -> None:
    url = await postgres.fresh_database(postgres_url)
    replicas = [Database(url) for _ in range(3)]

    await asyncio.gather(*(schema.upgrade_schema(replica) for replica in replicas))

    assert await schema.schema_differences(replicas[0]) == []
    for replica in replicas:
        await schema.require_current(replica)
        await replica.close()


async def test_a_second_process_on_one_sqlite_file_is_told_what_to_do(tmp_path: Path) -> None:
    first, second = (Database(f"sqlite:///{tmp_path}/desk.db") for _ in range(2))
    first.claim_file()

    with pytest.raises(DatabaseInUseError, match="PostgreSQL"):
        second.claim_file()

    await first.close()
    second.claim_file()
    await second.close()
