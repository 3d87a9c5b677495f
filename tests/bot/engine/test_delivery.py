"""Lanes, leases, limits and trouble: who gets which row, and when again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import steady
from bot.engine import delivery, outbox_claims
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.leases import TakenOver
from bot.engine.outbox_claims import Job
from bot.operations import alerts, outbox_admin
from bot.rules.words import Role
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown
from messages.clients.slack_limits import TIER_2
from messages.clients.slack_time import SlackTime
from messages.clients.smtp import MailAway
from storage.models import Digest, Outbox
from tests.bot.store import NOW, Keeper, effect

BY = "ada@desk-1"  # who decides from a terminal

Say = Callable[[Job], Awaitable[EffectResult]]


def worker(keeper: Keeper, say: Say | None = None) -> Delivery:
    """A delivery whose every kind of effect is ``say``."""

    async def nothing(_job: Job) -> EffectResult:
        return EffectResult()

    async def perform(_delivery: Delivery, job: Job) -> EffectResult:
        return await (say or nothing)(job)

    kinds = ("post", "dm", "card", "create_channel")
    return Delivery(keeper, dict.fromkeys(kinds, perform))


async def claimed(delivery: Delivery, room: int = 40) -> list[int]:
    return [job.row.id for job in await delivery.claims.claim_rows(room, delivery._in_hand())]


async def raising(error: Exception) -> EffectResult:
    raise error


async def test_of_each_lane_only_the_first_is_claimed(keeper: Keeper) -> None:
    first, second, other = await keeper.add(effect(), effect(), effect(lane="case:2"))

    assert await claimed(worker(keeper)) == [first, other]
    assert await claimed(worker(keeper)) == []
    assert second


async def test_a_row_waits_for_the_row_it_comes_after(keeper: Keeper) -> None:
    (channel,) = await keeper.add(effect("create_channel", "case:1:channel"))
    (card,) = await keeper.add(effect("card", "case:1:card", after=channel))
    delivery = worker(keeper)
    (job,) = await delivery.claims.claim_rows(40)

    assert job.row.id == channel
    await delivery._deliver(job)

    assert await claimed(delivery) == [card]


async def test_two_replicas_never_claim_the_same_row(keeper: Keeper) -> None:
    rows = await keeper.add(*[effect(lane=f"case:{n}") for n in range(20)])

    both = await asyncio.gather(claimed(worker(keeper)), claimed(worker(keeper)))

    assert sorted(both[0] + both[1]) == rows


async def test_a_dead_replicas_row_is_claimed_after_its_lease_and_looked_for(
    keeper: Keeper,
) -> None:
    (row,) = await keeper.add(effect())
    (job,) = await worker(keeper).claims.claim_rows(40)
    assert not job.tried_before

    keeper.clock.later(seconds=outbox_claims.LEASE.total_seconds() - 1)
    assert await claimed(worker(keeper)) == []
    keeper.clock.later(seconds=2)
    (again,) = await worker(keeper).claims.claim_rows(40)

    assert again.row.id == row
    assert again.tried_before


async def test_a_replica_that_was_taken_for_dead_cannot_put_the_row_back(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect())
    slow = worker(keeper)
    (job,) = await slow.claims.claim_rows(40)
    keeper.clock.later(seconds=outbox_claims.LEASE.total_seconds() + 1)
    (taken,) = await worker(keeper).claims.claim_rows(40)

    with pytest.raises(TakenOver):
        await slow._later(job.row, 0.0)

    assert (await keeper.outbox(row)).lease_until == taken.row.lease_until


ENDINGS: dict[str, Callable[[], Awaitable[EffectResult]]] = {
    "done": lambda: anything(EffectResult({"ts": "1.0"}, _record)),
    "later": lambda: raising(Later(9.0)),
    "limited": lambda: raising(SlackRateLimited("chat.postMessage", 9)),
    "unknown": lambda: raising(SlackUnknown("chat.postMessage", "HTTP 500")),
    "refused": lambda: raising(SlackRefused("chat.postMessage", "channel_not_found")),
    "mendable": lambda: raising(SlackRefused("chat.postMessage", "invalid_auth")),
    "broken": lambda: raising(KeyError("oops")),
}


async def anything(learned: EffectResult) -> EffectResult:
    return learned


async def _record(session: AsyncSession) -> None:
    session.add(Digest(user_id=f"U{uuid4()}", next_at=NOW))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("ended", [False, True])
async def test_whoever_lost_the_row_records_nothing_whatever_came_of_it(
    keeper: Keeper, ending: str, ended: bool
) -> None:
    (row,) = await keeper.add(effect())
    slow = worker(keeper, lambda _job: ENDINGS[ending]())
    (job,) = await slow.claims.claim_rows(40)
    keeper.clock.later(seconds=outbox_claims.LEASE.total_seconds() + 1)
    fast = worker(keeper)
    (taken,) = await fast.claims.claim_rows(40)
    if ended:
        await fast._deliver(taken)
    before = await keeper.outbox(row)

    await slow._deliver(job)

    after = await keeper.outbox(row)
    assert after.model_dump() == before.model_dump()
    assert keeper.troubles == keeper.doubts == []
    async with keeper.database.read() as session:
        assert (await session.exec(select(Digest))).all() == []


async def test_a_lease_that_comes_to_the_same_instant_is_another_claim_all_the_same(
    keeper: Keeper,
) -> None:
    (row,) = await keeper.add(effect())
    slow = worker(keeper, lambda _job: anything(EffectResult({}, _record)))
    (job,) = await slow.claims.claim_rows(40)
    async with keeper.database.write() as session:
        await session.exec(update(Outbox).values(lease_until=None))
    (taken,) = await worker(keeper).claims.claim_rows(
        40
    )  # at the same instant: the clock was put back

    await slow._deliver(job)

    assert taken.row.lease_until == job.row.lease_until
    assert (await keeper.outbox(row)).state == "pending"


async def test_what_a_person_gave_up_while_it_was_under_way_stays_given_up(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect())
    running = worker(keeper, lambda _job: anything(EffectResult({}, _record)))
    (job,) = await running.claims.claim_rows(40)
    await outbox_admin.drop_effect(keeper.database, keeper.clock, row, BY)

    await running._deliver(job)

    assert (await keeper.outbox(row)).state == "dropped"


async def test_trying_again_by_hand_takes_no_row_from_whoever_is_trying_it(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect())
    running = worker(keeper)
    (job,) = await running.claims.claim_rows(40)

    await outbox_admin.retry_effect(keeper.database, row, BY)

    assert await claimed(worker(keeper)) == []
    await running._deliver(job)
    assert (await keeper.outbox(row)).state == "done"


async def test_no_call_is_made_once_the_lease_has_ended_however_late_the_work_begins(
    keeper: Keeper,
) -> None:
    """The process stood still between the claim and the call: its task begins after the lease."""
    calls: list[str] = []

    class Slack:
        time = SlackTime()

        async def call(self, method: str, **_given: Any) -> dict[str, Any]:
            calls.append(method)
            return {}

    keeper.slack = Slack()
    (row,) = await keeper.add(effect())

    async def say(_job: Job) -> EffectResult:
        await running.call("chat.postMessage", channel="C1")
        return EffectResult()

    running = worker(keeper, say)
    (job,) = await running.claims.claim_rows(40)

    await running._deliver(replace(job, ends=steady() + 1.0))

    assert calls == []
    assert (await keeper.outbox(row)).attempts == 1


async def test_a_process_claims_no_row_that_it_has_in_hand(keeper: Keeper) -> None:
    """Its clock was put forward: by the wall, the lease it holds has ended."""
    await keeper.add(effect())
    begun = asyncio.Event()

    async def hang(_job: Job) -> EffectResult:
        begun.set()
        await asyncio.Event().wait()
        return EffectResult()

    running = worker(keeper, hang)
    task = asyncio.create_task(running.run())
    await asyncio.wait_for(begun.wait(), 5)
    keeper.clock.later(hours=1)

    assert await claimed(running) == []
    await running.stop(grace=0.01)
    await task


async def test_retry_after_is_obeyed_to_the_second_and_only_by_its_lane(keeper: Keeper) -> None:
    limited, free = await keeper.add(effect(), effect(lane="case:2"))

    async def say(job: Job) -> EffectResult:
        if job.row.id == limited:
            return await raising(SlackRateLimited("chat.postMessage", 17))
        return EffectResult()

    delivery = worker(keeper, say)
    for job in await delivery.claims.claim_rows(40):
        await delivery._deliver(job)

    assert (await keeper.outbox(free)).state == "done"
    row = await keeper.outbox(limited)
    assert row.not_before == keeper.clock.at + timedelta(seconds=17)
    assert row.attempted_at is None  # nothing happened, so there is nothing to look for
    keeper.clock.later(seconds=16.9)
    assert await claimed(delivery) == []
    keeper.clock.later(seconds=0.1)
    assert await claimed(delivery) == [limited]


async def test_at_the_methods_limit_its_kind_waits_and_the_gravest_goes_first(
    keeper: Keeper,
) -> None:
    kind = "create_channel"
    mild, grave = await keeper.add(
        effect(kind, "case:1:channel", priority=14), effect(kind, "case:2:channel", priority=11)
    )
    (post,) = await keeper.add(effect(lane="case:3"))
    delivery = worker(keeper, lambda _job: raising(Later(3.0, everywhere=True)))
    (job,) = await delivery.claims.claim_rows(1)
    assert job.row.id == grave

    await delivery._deliver(job)

    assert await claimed(delivery) == [post]
    assert keeper.delays == [(grave, 3.0)]
    delivery.claims.release_kinds()  # the three seconds are over
    assert await claimed(delivery) == [grave, mild]


async def test_a_lane_that_keeps_failing_backs_off_and_is_told_of(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect())
    delivery = worker(keeper, lambda _job: raising(SlackUnknown("chat.postMessage", "HTTP 500")))
    waits = []
    for _ in range(6):
        (job,) = await delivery.claims.claim_rows(40)
        await delivery._deliver(job)
        stored = await keeper.outbox(row)
        assert stored.not_before is not None
        waits.append((stored.not_before - keeper.clock.at).total_seconds())
        keeper.clock.at = stored.not_before

    assert [2**n / 2 <= wait <= 2**n for n, wait in enumerate(waits)] == [True] * 6
    assert keeper.troubles == [row, row]  # from the fifth try on; who hears of it decides how often


async def test_an_administrator_hears_of_trouble_once(keeper: Keeper) -> None:
    assert not keeper.policy.roles.get(Role.ADMINISTRATOR)  # so the support leads hear of it
    told = await asyncio.gather(
        alerts.alert_administrators(keeper), alerts.alert_administrators(keeper)
    )  # type: ignore[arg-type]
    keeper.clock.later(hours=3)
    again = await alerts.alert_administrators(keeper)  # type: ignore[arg-type]

    assert sorted(told) == [False, True]
    assert not again


async def test_what_slack_refused_and_what_hung_on_it_are_tried_again_by_a_person(
    keeper: Keeper,
) -> None:
    (channel,) = await keeper.add(effect("create_channel", "case:1:channel"))
    (card,) = await keeper.add(effect("card", "case:1:card", after=channel))
    delivery = worker(keeper, lambda job: raising(SlackRefused(job.row.kind, "no_channel_yet")))
    for _ in range(2):
        for job in await delivery.claims.claim_rows(40):
            await delivery._deliver(job)
    shown = [row.id for row in await outbox_admin.list_waiting(keeper.database)]

    again = await outbox_admin.retry_effect(keeper.database, channel, BY)

    assert shown == again == [channel, card]
    assert await claimed(worker(keeper)) == [channel]


async def test_a_lane_goes_on_behind_what_a_person_gave_up(keeper: Keeper) -> None:
    first, second = await keeper.add(effect(), effect())

    assert await outbox_admin.drop_effect(keeper.database, keeper.clock, first, BY)
    assert not await outbox_admin.drop_effect(keeper.database, keeper.clock, first, BY)
    assert await claimed(worker(keeper)) == [second]


async def test_what_waits_for_another_row_does_not_keep_the_worker_spinning(
    keeper: Keeper,
) -> None:
    past: dict[str, Any] = {"not_before": keeper.clock.at - timedelta(seconds=5)}
    (channel,) = await keeper.add(effect("create_channel", "case:1:channel"))
    await keeper.add(effect("card", "case:1:card", after=channel, **past))
    delivery_ = worker(keeper)
    await delivery_.claims.claim_rows(40)

    assert delivery_.claims.seconds_until_next() == outbox_claims.POLL


async def test_a_stopped_worker_gives_back_what_it_could_not_finish(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect())

    async def hang(_job: Job) -> EffectResult:
        await asyncio.Event().wait()
        return EffectResult()

    running = worker(keeper, hang)
    task = asyncio.create_task(running.run())
    async with asyncio.timeout(5):
        while not running._running:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)
        await running.stop(grace=0.01)
        await task

    stored: Outbox = await keeper.outbox(row)
    assert stored.state == "pending"
    assert stored.lease_until is None
    assert stored.attempted_at is not None  # it may have happened: whoever is next looks first


async def test_a_store_that_is_away_is_no_try_of_an_effect(keeper: Keeper) -> None:
    (row,) = await keeper.add(effect(attempts=delivery.ALERT_AFTER - 1))
    lost = asyncpg.AdminShutdownError("terminating connection")
    one = worker(keeper, lambda _job: raising(lost))
    (job,) = await one.claims.claim_rows(40)
    await one._deliver(job)

    assert (await keeper.outbox(row)).attempts == delivery.ALERT_AFTER - 1
    assert keeper.troubles == []
    keeper.clock.later(seconds=delivery.STORE_PAUSE + 1)
    assert await claimed(worker(keeper)) == [row]


async def test_delivery_goes_on_however_the_store_said_that_it_was_away(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = await keeper.add(effect())
    one, faults = worker(keeper), [asyncpg.CannotConnectNowError("starting up"), KeyError("x")]
    claim = one.claims.claim_rows

    async def refused(room: int, in_hand: Collection[int]) -> list[Job]:
        if faults:
            raise faults.pop()
        return await claim(room, in_hand)

    monkeypatch.setattr(delivery, "STORE_PAUSE", 0.0)
    monkeypatch.setattr(one.claims, "claim_rows", refused)
    running = asyncio.create_task(one.run())
    assert await one.idle(20)
    await one.stop(5)
    await running
    assert (await keeper.outbox(row)).state == "done"


async def test_the_right_to_a_call_goes_back_when_another_replica_has_the_row(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keeper.add(effect("create_channel", "case:1:channel"))
    slow = worker(keeper)
    lease = slow.claims._lease

    async def later(*given: Any) -> list[Outbox]:
        assert await claimed(worker(keeper))  # between the look and the lease
        return await lease(*given)

    monkeypatch.setattr(slow.claims, "_lease", later)

    assert await claimed(slow) == []
    granted = sum(slow.limits.take("conversations.create") == 0 for _ in range(TIER_2 + 1))
    assert granted == TIER_2


async def test_a_row_that_was_tried_between_the_look_and_the_lease_is_looked_for(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = await keeper.add(effect())
    slow = worker(keeper)
    lease = slow.claims._lease

    async def later(*given: Any) -> list[Outbox]:
        (job,) = await worker(keeper).claims.claim_rows(40)
        await slow._set(job.row, lease_until=None)
        return await lease(*given)

    monkeypatch.setattr(slow.claims, "_lease", later)
    (job,) = await slow.claims.claim_rows(40)

    assert job.row.id == row
    assert job.tried_before


def mail_worker(keeper: Keeper, says: list[Exception]) -> Delivery:
    """A delivery whose mails fail as is told, then go out; what is for Slack is not begun."""

    async def perform(_delivery: Delivery, _job: Job) -> EffectResult:
        if says:
            raise says.pop(0)
        return EffectResult()

    return Delivery(keeper, {"mail": perform})


async def change(keeper: Keeper, row: int, **values: Any) -> None:
    """Change a row."""
    async with keeper.database.write() as session:
        await session.exec(update(Outbox).where(col(Outbox.id) == row).values(**values))


async def waits(keeper: Keeper, rows: list[int]) -> list[bool]:
    """Which of the rows wait for another try."""
    return [(await keeper.outbox(row)).not_before is not None for row in rows]


async def test_the_first_success_after_an_outage_frees_what_waits_for_the_same_service(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messages.clients.outages.SHORTEST", 0.0)
    tired = {"attempts": 8, "not_before": NOW + timedelta(minutes=4)}
    mails = [effect("mail", f"mail:{n}") for n in range(4)]
    (limited,) = await keeper.add(effect("mail", "mail:new", not_before=tired["not_before"]))
    rows = await keeper.add(*mails, effect("post", "case:9"))
    delivery = mail_worker(keeper, [MailAway("away"), MailAway("away")])
    delivery.claims._outages["mail"]._needed = 0.0
    jobs = {job.row.id: job for job in await delivery.claims.claim_rows(3)}
    for row in rows[3:]:
        await change(keeper, row, **tired)
    for job in jobs.values():
        await delivery._deliver(job)
    assert await waits(keeper, rows) == [False, False, False, False, True]
    assert await waits(keeper, [limited]) == [True], "it was not tried yet: it waits for its time"


async def test_slack_is_another_service_than_mail(keeper: Keeper) -> None:
    tired = {"attempts": 8, "not_before": NOW + timedelta(minutes=4)}
    mail, post = await keeper.add(effect("mail", "mail:1"), effect("post", "case:9"))
    for row in (mail, post):
        await change(keeper, row, **tired)
    assert await worker(keeper).claims.free_waiting("slack") == 1
    assert await waits(keeper, [mail, post]) == [True, False]
    assert await claimed(worker(keeper)) == [post]
