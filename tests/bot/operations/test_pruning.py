"""Old rows go, as soon as nothing reads them any more, and not before."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from bot.operations import pruning
from bot.rules.states import InboxState, OutboxState
from bot.rules.words import Status
from bot.services import KEEP_DONE
from storage.models import Case, Fired, Inbox, Outbox, SeenRequest
from tests.bot.store import NOW, Keeper, effect

OLD = NOW - KEEP_DONE - timedelta(days=1)
ENDED = (Status.CLOSED, Status.DISMISSED, Status.MERGED)


def case(number: int, status: Status = Status.CLOSED, **more: Any) -> Case:
    """A case that has stood so since ``OLD``."""
    values = {
        "customer": "Acme", "trigger": "technical", "severity": 3, "reporter": "UANNA",
        "owner": "UEMMA", "received_at": OLD, "opened_at": OLD, "changed_at": OLD,
    }  # fmt: skip
    return Case(number=number, status=status.value, **{**values, **more})


def done(kind: str = "post", lane: str = "case:1", **more: Any) -> Outbox:
    """An effect that was shown at ``OLD``."""
    row = effect(kind, lane, **{"state": OutboxState.DONE, "done_at": OLD, **more})
    row.queued_at = OLD
    return row


def request(key: str, **more: Any) -> Inbox:
    """A request that was carried out at ``OLD``."""
    row = {"verb": "claim", "actor": "UANNA", "state": InboxState.DONE, "received_at": OLD}
    return Inbox(key=key, **{**row, **more})


async def left(keeper: Keeper, model: type[SQLModel]) -> list[Any]:
    """The ids that are left."""
    async with keeper.database.read() as session:
        found = (await session.exec(select(col(model.id)))).all()  # type: ignore[attr-defined]
    return sorted(found)


async def prune(keeper: Keeper) -> dict[str, int]:
    """A round, by the default of the settings."""
    return await pruning.prune_done(keeper, KEEP_DONE)


@pytest.mark.parametrize("status", ENDED)
async def test_rows_of_a_case_that_ended_long_ago_go(keeper: Keeper, status: Status) -> None:
    await keeper.fill(case(1, status))
    dropped = done(case_number=1, state=OutboxState.DROPPED)
    await keeper.add(dropped, done("dm", "dm:U1", case_number=1), done(), effect())
    assert (await prune(keeper))["outbox"] == 3
    assert await left(keeper, Outbox) == [4]


@pytest.mark.parametrize("status", [each for each in Status if each not in ENDED])
async def test_rows_of_a_case_that_may_go_on_stay(keeper: Keeper, status: Status) -> None:
    """Who has heard of it, what was said of its clocks and what made its channel is read there."""
    await keeper.fill(case(1, status))
    await keeper.add(done(case_number=1), done("create_channel", case_number=1), effect())
    assert (await prune(keeper))["outbox"] == 0


async def test_rows_of_a_case_that_ended_lately_stay(keeper: Keeper) -> None:
    await keeper.fill(case(1, changed_at=NOW - timedelta(days=29)))
    await keeper.add(done(case_number=1), effect())
    assert (await prune(keeper))["outbox"] == 0


@pytest.mark.parametrize("state", [OutboxState.PENDING, OutboxState.REFUSED])
async def test_what_waits_and_what_was_refused_stays(keeper: Keeper, state: OutboxState) -> None:
    await keeper.add(done(state=state), effect())
    assert (await prune(keeper))["outbox"] == 0


@pytest.mark.parametrize("kind", pruning.KEPT_KINDS)
async def test_what_is_read_for_ever_stays(keeper: Keeper, kind: str) -> None:
    await keeper.add(done(kind), effect())
    assert (await prune(keeper))["outbox"] == 0


async def test_a_request_is_known_again_for_as_long_as_is_kept(keeper: Keeper) -> None:
    lately = NOW - timedelta(days=29)
    await keeper.add(
        request("old"), request("waits", state=InboxState.PENDING),
        request("lately", received_at=lately), request("newest", received_at=NOW),
    )  # fmt: skip
    assert (await prune(keeper))["inbox"] == 1
    assert await left(keeper, Inbox) == [2, 3, 4]


async def test_what_was_only_shown_is_forgotten_after_a_day(keeper: Keeper) -> None:
    await keeper.fill(
        SeenRequest(key="old", at=NOW - timedelta(hours=25)),
        SeenRequest(key="new", at=NOW - timedelta(hours=23)),
    )
    assert (await prune(keeper))["seen_request"] == 1
    async with keeper.database.read() as session:
        assert (await session.exec(select(SeenRequest.key))).all() == ["new"]


async def test_no_id_is_given_again(keeper: Keeper) -> None:
    """Messages in Slack and mails are known by the id of their row."""
    await keeper.add(done(), done(), request("a"), request("b"))
    await prune(keeper)
    assert (await left(keeper, Outbox), await left(keeper, Inbox)) == ([2], [2])
    assert await keeper.add(effect(), request("c")) == [3, 3]


async def test_a_round_goes_through_more_than_one_window(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "WINDOW", 3)
    await keeper.fill(case(1, Status.INVESTIGATING))
    for _ in range(5):
        await keeper.add(done(case_number=1), done())
    await keeper.add(effect())
    assert (await prune(keeper))["outbox"] == 5
    assert len(await left(keeper, Outbox)) == 6


async def test_a_round_does_not_look_at_what_is_new(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "WINDOW", 2)
    await keeper.add(done(), effect(), effect(), done(), effect())
    assert (await prune(keeper))["outbox"] == 1
    assert await left(keeper, Outbox) == [2, 3, 4, 5]


async def test_two_replicas_do_not_wait_for_each_other(keeper: Keeper) -> None:
    await keeper.add(done(), effect())
    if not keeper.database.is_sqlite:  # there, one process has the file
        async with keeper.database.write() as other:
            assert await keeper.database.try_exclusive(other, pruning.LOCK)
            assert (await prune(keeper))["outbox"] == 0
    assert (await prune(keeper))["outbox"] == 1


async def test_the_rows_taken_out_are_counted(keeper: Keeper) -> None:
    counted = pruning.PRUNED.labels("outbox")._value
    before = counted.get()
    await keeper.add(done(), done(), effect())
    await prune(keeper)
    assert counted.get() - before == 2


async def test_nothing_of_a_case_that_is_held_for_legal_goes(keeper: Keeper) -> None:
    await keeper.fill(case(1, legal_hold_at=OLD), case(2))
    await keeper.add(
        done(case_number=1, correlation="opened"), done(case_number=2), done(case_number=2),
        request("by its lane", lane="case:1"), request("what opened it", correlation="opened"),
        request("of another", lane="case:2"), request("the newest", lane="case:2"),
    )  # fmt: skip
    await prune(keeper)
    assert await left(keeper, Outbox) == [1, 3]
    assert await left(keeper, Inbox) == [1, 2, 4]


async def test_once_legal_has_ended_the_hold_it_goes_like_others(keeper: Keeper) -> None:
    await keeper.fill(case(1, legal=True))
    await keeper.add(done(case_number=1), effect())
    await prune(keeper)
    assert await left(keeper, Outbox) == [2]


async def test_that_somebody_got_a_quiet_word_is_forgotten_after_two_days(keeper: Keeper) -> None:
    given = NOW - pruning.QUIET_FOR
    await keeper.add(
        request("a", verb="quiet_word", received_at=given - timedelta(minutes=1)),
        request("b", verb="quiet_word", received_at=given + timedelta(minutes=1)),
        request("c", verb="quiet_word", received_at=OLD, state=InboxState.PENDING),
        request("d", received_at=given - timedelta(minutes=1)),
        request("e", verb="quiet_word", received_at=OLD),  # the newest row stays
    )
    assert (await prune(keeper))["quiet_word"] == 1
    assert await left(keeper, Inbox) == [2, 3, 4, 5]


def fired(case_number: int, threshold: str = "breach") -> Fired:
    """A reminder that was given at ``OLD``."""
    return Fired(
        case_number=case_number, clock="update", cycle=1, threshold=threshold, due=OLD, fired_at=OLD
    )


async def test_reminders_that_were_given_go_with_the_cases_that_ended(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "WINDOW", 2)  # cases; so several windows are needed
    await keeper.fill(
        *(case(number) for number in (1, 2, 3)),
        case(4, Status.INVESTIGATING),
        case(5, legal_hold_at=OLD),
        case(6, changed_at=NOW),
        case(7, drill=True),
    )
    await keeper.fill(*(fired(n, t) for n in range(1, 8) for t in ("breach", "warn:75")))
    assert (await prune(keeper))["fired"] == 8
    async with keeper.database.read() as session:
        kept = (await session.exec(select(Fired.case_number).distinct())).all()
    assert sorted(kept) == [4, 5, 6]
    assert (await prune(keeper))["fired"] == 0
