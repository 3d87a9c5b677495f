"""Clocks that are wrong make nothing wait, take nothing from anybody, and are said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlmodel import select

from bot.cases.claim import Claim
from bot.clock import SystemClock
from bot.engine import inbox, outbox_claims
from bot.engine.actors import Actor, ReplyTo
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.inbox import InboxWorker
from bot.operations import time_watch
from bot.operations.time_watch import Jumps, TimeWatch
from bot.registry import INTENTS
from messages.clients.slack_time import HEARD
from storage.database import Database
from storage.models import Inbox, Outbox
from tests import postgres
from tests.bot.store import NOW, Keeper, effect

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Watched(Keeper):
    """An app that notes that something happened."""

    happenings: int = 0

    async def happened(self) -> None:
        """Counted."""
        self.happenings += 1


@pytest.fixture
def watched(keeper: Keeper) -> Watched:
    """The app under a watch."""
    return Watched(keeper.database)


async def nothing(*_: Any) -> Any:
    return EffectResult()


def worker(desk: Keeper) -> Delivery:
    """A delivery that need not do anything."""
    return Delivery(desk, {"post": nothing})


async def claimed(desk: Keeper) -> list[int]:
    return [job.row.id for job in await worker(desk).claims.claim_rows(40)]


async def test_what_a_wrong_clock_put_an_hour_ahead_is_tried_now(watched: Watched) -> None:
    (row,) = await watched.add(effect(not_before=NOW + HOUR))

    assert await claimed(watched) == [row]


async def test_what_waits_as_long_as_anything_may_goes_on_waiting(watched: Watched) -> None:
    longest = outbox_claims.LONGEST_WAIT
    (row,) = await watched.add(effect(not_before=NOW + longest))

    assert not await TimeWatch(watched).look()

    assert await claimed(watched) == []
    assert (await watched.outbox(row)).not_before == NOW + longest


async def test_no_lease_ends_later_than_one_that_begins_now(watched: Watched) -> None:
    (row,) = await watched.add(effect(lease_until=NOW + HOUR))
    work = InboxWorker(watched, {}, INTENTS, nothing)
    await work.accept(Claim(case=1), Actor("U1", "test"), "k", ReplyTo("U1"))
    async with watched.database.write() as session:
        request = (await session.exec(select(Inbox))).one()
        request.lease_until = NOW + DAY
        session.add(request)

    await TimeWatch(watched).look()

    assert (await watched.outbox(row)).lease_until == NOW + outbox_claims.LEASE
    async with watched.database.read() as session:
        request = (await session.exec(select(Inbox))).one()
    assert request.lease_until == NOW + inbox.LEASE
    assert watched.happenings == 1


async def test_a_clock_put_back_by_less_than_the_longest_wait_makes_nothing_wait_either(
    watched: Watched,
) -> None:
    (row,) = await watched.add(effect(not_before=NOW + timedelta(seconds=3)))
    watch = TimeWatch(watched)
    await watch.look()

    watched.clock.later(minutes=-2)

    assert await watch.look()
    assert await claimed(watched) == [row]


@pytest.mark.parametrize(
    ("put", "told"), [(-HOUR, -HOUR), (HOUR, HOUR), (timedelta(seconds=2), timedelta(0))]
)
async def test_a_clock_that_is_set_is_noticed_once(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, put: timedelta, told: timedelta
) -> None:
    steady = [0.0]
    monkeypatch.setattr(time_watch, "steady", lambda: steady[0])
    jumps = Jumps()

    async def wall() -> Any:
        return keeper.clock.at

    noticed = []
    for jump in (timedelta(0), timedelta(0), put, timedelta(0)):
        steady[0] += 5.0
        keeper.clock.at += timedelta(seconds=5) + jump
        noticed.append(await jumps.look(wall))

    assert noticed == [timedelta(0), timedelta(0), told, timedelta(0)]


async def test_a_process_that_stood_still_takes_no_clock_for_wrong(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[float] = [0.0, 0.0, 5.0, 65.0]  # it stood still while it asked
    monkeypatch.setattr(time_watch, "steady", lambda: times.pop(0))
    jumps = Jumps()

    async def wall() -> Any:
        return keeper.clock.at

    await jumps.look(wall)
    keeper.clock.later(seconds=5)

    assert await jumps.look(wall) == timedelta(0)


@pytest.mark.parametrize("wrong", [HOUR, -DAY])
async def test_administrators_hear_once_that_a_clock_is_not_slacks(
    watched: Watched, wrong: timedelta
) -> None:
    slack = watched.slack.time
    slack.ours = watched.clock.now
    for _ in range(HEARD):
        slack.heard({"Date": format_datetime(NOW - wrong, usegmt=True)})

    for _ in range(3):
        await TimeWatch(watched).look()

    async with watched.database.read() as session:
        rows = (await session.exec(select(Outbox))).all()
    assert {row.kind for row in rows} == {"clock_alert"}
    assert len({row.lane for row in rows}) == len(rows)
    assert all(row.payload["ahead"] == wrong.total_seconds() for row in rows)


# -- replicas whose clocks differ: PostgreSQL's own time decides


@dataclass(frozen=True)
class Wrong:
    """The machine's clock, wrong by so much."""

    by: timedelta

    def now(self) -> Any:
        """The time of the case."""
        return SystemClock().now() + self.by

    def real(self) -> Any:
        """The machine's time."""
        return SystemClock().real() + self.by


@pytest.fixture
async def replica(
    request: pytest.FixtureRequest,
) -> AsyncIterator[Callable[[timedelta], Keeper]]:
    """Replicas of one store, each with a clock that is wrong by so much."""
    url = await postgres.database_with_tables(request.getfixturevalue("postgres_url"))
    databases: list[Database] = []

    def made(wrong: timedelta) -> Keeper:
        databases.append(Database(url))
        return Keeper(databases[-1], clock=Wrong(wrong))  # type: ignore[arg-type]

    yield made
    for database in databases:
        await database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("ahead", [HOUR, -HOUR, DAY, -DAY])
async def test_a_replica_whose_clock_is_wrong_takes_no_row_from_another(
    replica: Callable[[timedelta], Keeper], ahead: timedelta
) -> None:
    right, wrong = replica(timedelta(0)), replica(ahead)
    one, two = await right.add(effect(), effect(lane="case:2"))

    first = [job.row.id for job in await worker(right).claims.claim_rows(1)]
    second = await claimed(wrong)
    third = await claimed(right)
    await TimeWatch(wrong).look()

    assert (first, second, third) == ([one], [two], [])
    assert await claimed(right) == await claimed(wrong) == []


@pytest.mark.postgres
@pytest.mark.parametrize("ahead", [DAY, -DAY])
async def test_requests_are_leased_by_the_stores_time_too(
    replica: Callable[[timedelta], Keeper], ahead: timedelta
) -> None:
    right, wrong = (
        InboxWorker(replica(each), {}, INTENTS, nothing) for each in (timedelta(0), ahead)
    )
    for number in (1, 2):
        await right.accept(Claim(case=number), Actor("U1", "t"), f"k{number}", ReplyTo("U1"))

    claims = [await each._claim() for each in (right, wrong, right, wrong)]

    assert [row.key if row else None for row in claims] == ["k1", "k2", None, None]


@pytest.mark.postgres
@pytest.mark.parametrize("ahead", [DAY, -DAY])
async def test_a_replica_waits_seconds_whatever_its_clock_says(
    replica: Callable[[timedelta], Keeper], ahead: timedelta
) -> None:
    wrong = replica(ahead)
    (row,) = await wrong.add(effect())
    running = worker(wrong)
    (job,) = await running.claims.claim_rows(1)

    await running._later(job.row, 0.05)

    async with asyncio.timeout(20):
        while not (found := await claimed(wrong)):  # noqa: ASYNC110 - the time it must wait
            await asyncio.sleep(0.01)
    assert found == [row]
