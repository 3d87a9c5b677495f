"""What no person waits for takes a few connections, however much of it comes at once."""

import asyncio

import pytest
from sqlmodel import select

from storage.database import PATIENT, Database
from tests import postgres


@pytest.mark.postgres
async def test_much_that_comes_at_once_leaves_connections_to_those_who_wait(
    postgres_url: str,
) -> None:
    database = Database(await postgres.fresh_database(postgres_url))
    begun, go_on = 0, asyncio.Event()
    full = asyncio.Event()

    async def come() -> None:
        nonlocal begun
        async with database.write_patiently() as session:
            await session.exec(select(1))
            begun += 1
            if begun == PATIENT:
                full.set()
            await go_on.wait()

    async with asyncio.timeout(20):
        coming = [asyncio.create_task(come()) for _ in range(10 * PATIENT)]
        await full.wait()
        async with database.read() as reading, database.write() as pressing:
            answers = [(await each.exec(select(1))).one() for each in (reading, pressing)]
        inside = begun
        go_on.set()
        await asyncio.gather(*coming)
    await database.close()

    assert answers == [1, 1]
    assert (inside, begun) == (PATIENT, 10 * PATIENT)


async def test_those_that_wait_take_their_turn_also_after_a_fault(database: Database) -> None:
    async def fail() -> None:
        async with database.write_patiently():
            raise ZeroDivisionError

    faults = await asyncio.gather(*(fail() for _ in range(2 * PATIENT)), return_exceptions=True)
    async with asyncio.timeout(20), database.write_patiently() as session:
        answer = (await session.exec(select(1))).one()

    assert answer == 1
    assert {type(each) for each in faults} == {ZeroDivisionError}
