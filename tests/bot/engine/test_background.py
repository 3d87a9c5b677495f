"""Work after the acknowledgement, waited for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from bot.engine import background
from bot.engine.actors import ReplyTo
from bot.engine.background import BackgroundTasks, SeenRequests
from bot.engine.request_gate import RequestGate
from bot.errors import UserError
from storage.database import Database
from tests import postgres
from tests.bot.store import Keeper


class Untold:
    """No person hears of what went wrong."""

    async def tell_refusal(self, reply: ReplyTo, refused: UserError) -> None:
        """Nothing."""

    async def tell_failure(self, reply: ReplyTo, fault: Exception, reference: str) -> None:
        """Nothing."""


async def test_waiting_ends_with_its_patience_whatever_still_runs() -> None:
    tasks, never = BackgroundTasks(RequestGate(), Untold()), asyncio.Event()

    async def wait() -> None:
        await never.wait()

    tasks.start_task(wait(), "endless")
    await asyncio.wait_for(tasks.wait_all(0.05), 5)
    assert len(tasks.running) == 1
    never.set()
    await tasks.wait_all(5)
    assert not tasks.running


class Told(Untold):
    """What a person hears of what went wrong, by the refusal's key."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def tell_refusal(self, reply: ReplyTo, refused: UserError) -> None:
        """Kept."""
        self.heard.append(refused.key)

    async def tell_failure(self, reply: ReplyTo, fault: Exception, reference: str) -> None:
        """Kept."""
        self.heard.append("trouble")


@dataclass
class Replicas:
    """Two processes on one store, and what either of them showed."""

    first: BackgroundTasks
    second: BackgroundTasks
    told: Told
    shown: list[str] = field(default_factory=list)

    async def deliver(self, to: BackgroundTasks, *, form: bool = False, fails: str = "") -> None:
        """A request comes, always with the same identity."""

        async def work() -> None:
            if fails:
                raise UserError(fails)
            self.shown.append("form" if form else "answer")

        to.start_task(work(), "show_list", ReplyTo("U1"), "trigger:1", by_trigger=form)
        await to.wait_all(5)


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[Keeper]:
    """A store on which several processes work."""
    database = Database(await postgres.database_with_tables(postgres_url))
    yield Keeper(database)
    await database.close()


@pytest.fixture
def replicas(shared: Keeper) -> Replicas:
    """Two processes that have answered nothing yet."""
    told = Told()
    made = [
        BackgroundTasks(RequestGate(), told, SeenRequests(shared.database, shared.clock).first_time)
        for _ in range(2)
    ]
    return Replicas(*made, told)


@pytest.mark.postgres
async def test_a_request_that_only_shows_something_is_answered_by_one_replica(
    replicas: Replicas,
) -> None:
    await replicas.deliver(replicas.first)
    await replicas.deliver(replicas.second)
    await replicas.deliver(replicas.first)
    assert replicas.shown == ["answer"]


@pytest.mark.postgres
async def test_a_refusal_is_told_by_one_replica(replicas: Replicas) -> None:
    await replicas.deliver(replicas.first, fails="no_such_case")
    await replicas.deliver(replicas.second, fails="no_such_case")
    assert replicas.told.heard == ["no_such_case"]


@pytest.mark.postgres
async def test_a_redelivered_opening_does_not_apologise_beside_the_form(replicas: Replicas) -> None:
    await replicas.deliver(replicas.first, form=True)
    await replicas.deliver(replicas.second, form=True, fails="too_slow")
    assert (replicas.shown, replicas.told.heard) == (["form"], [])


@pytest.mark.postgres
async def test_a_form_that_no_replica_could_open_is_apologised_for_once(replicas: Replicas) -> None:
    for replica in (replicas.first, replicas.second):
        await replicas.deliver(replica, form=True, fails="too_slow")
    assert replicas.told.heard == ["too_slow"]


@pytest.mark.postgres
async def test_a_form_does_not_wait_for_the_store(replicas: Replicas, shared: Keeper) -> None:
    """Slack's trigger lives three seconds, a transaction that holds the store perhaps longer."""
    opened = asyncio.Event()

    async def work() -> None:
        opened.set()

    async with shared.database.write() as session:
        await session.exec(text("LOCK TABLE seen_request"))
        replicas.first.start_task(work(), "open_update", ReplyTo("U1"), "t", by_trigger=True)
        await asyncio.wait_for(opened.wait(), 5)
    await replicas.first.wait_all(5)


@pytest.mark.postgres
async def test_while_the_store_is_away_an_answer_is_shown_all_the_same(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> bool:
        raise ConnectionRefusedError

    monkeypatch.setattr(background, "remember_request", away)
    await replicas.deliver(replicas.first)
    assert replicas.shown == ["answer"]
