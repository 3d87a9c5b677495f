"""A round of looks: one list for all cases, those first that differ, never too many at once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.drift import reconcile
from bot.engine.delivery import Delivery, Later
from messages.clients.slack import SlackUnknown
from storage.models import Case, Outbox
from tests.bot.store import NOW, Keeper

HOUR = timedelta(hours=1)


def case(number: int, **changes: Any) -> Case:
    """A case in work, with its channel."""
    values: dict[str, Any] = {
        "number": number,
        "customer": "Acme",
        "trigger": "technical",
        "severity": 2,
        "status": "investigating",
        "reporter": "UANNA",
        "owner": "UEMMA",
        "channel_id": f"C{number}",
        "channel_name": f"esc-{number}",
        "topic": "Acme",
        "received_at": NOW,
        "opened_at": NOW,
        "changed_at": NOW,
        "looked_at": NOW - timedelta(minutes=number),
    }
    return Case(**(values | changes))


class Listing:
    """Slack's list of channels, in pages of two."""

    def __init__(self, *numbers: int, **odd: dict[str, Any]) -> None:
        self.asked = 0
        self.channels = [
            {"id": f"C{n}", "name": f"esc-{n}", "is_archived": False, "topic": {"value": "Acme"}}
            | odd.get(f"c{n}", {})
            for n in numbers
        ]

    async def __call__(self, method: str, **given: Any) -> dict[str, Any]:
        assert method == "users.conversations"
        self.asked += 1
        at = int(given.get("cursor") or 0)
        more = at + 2 < len(self.channels)
        cursor = str(at + 2) if more else ""
        page = self.channels[at : at + 2]
        return {"channels": page, "response_metadata": {"next_cursor": cursor}}


async def store(keeper: Keeper, *cases: Case) -> None:
    """Put cases into the store."""
    async with keeper.database.write() as session:
        session.add_all(cases)


def waiting(lane: str, **more: Any) -> Outbox:
    """A row that is still to be done."""
    return Outbox(kind="post", lane=lane, **more)


async def looks(keeper: Keeper) -> list[int | None]:
    """Whose looks are queued."""
    async with keeper.database.read() as session:
        query = select(Outbox.case_number).where(col(Outbox.kind) == "look")
        return sorted((await session.exec(query)).all())


async def test_what_the_list_shows_otherwise_is_looked_at(keeper: Keeper) -> None:
    await store(keeper, *(case(n) for n in range(1, 7)))
    listed = Listing(1, 2, 3, 4, 5, c1={"name": "lunch"}, c2={"topic": {"value": "Tea"}},
                     c3={"is_archived": True})  # fmt: skip
    assert await reconcile.reconcile_cases(keeper, listed, HOUR) == 4
    assert await looks(keeper) == [1, 2, 3, 6], "and 6 is not there at all"
    assert listed.asked == 3


async def test_those_not_looked_at_for_longest_come_next_and_not_too_many(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "LOOKS", 3)
    await store(keeper, *(case(n) for n in range(1, 7)), case(9, looked_at=None))
    listed = Listing(1, 2, 3, 4, 5, 6, 9, c1={"name": "lunch"})
    assert await reconcile.reconcile_cases(keeper, listed, timedelta(0)) == 3
    assert await looks(keeper) == [1, 6, 9]


async def test_what_was_looked_at_lately_or_has_ended_is_left_alone(keeper: Keeper) -> None:
    known = {"topic": {"at": NOW.isoformat(), "seen": "Tea"}}
    await store(
        keeper, case(1), case(2, status="closed"), case(3, channel_id=None), case(4, drift=known)
    )
    listed = Listing(1, 4, c4={"topic": {"value": "Tea"}})
    assert await reconcile.reconcile_cases(keeper, listed, HOUR) == 0
    assert await looks(keeper) == []


async def test_a_second_round_queues_no_second_look(keeper: Keeper) -> None:
    await store(keeper, case(1))
    listed = Listing(1, c1={"name": "lunch"})
    for _ in range(3):
        await reconcile.reconcile_cases(keeper, listed, HOUR)
    assert await looks(keeper) == [1]


@pytest.mark.parametrize("error", [SlackUnknown("users.conversations", "reset"), Later(9.0)])
async def test_a_slack_that_does_not_answer_is_asked_again_next_time(
    keeper: Keeper, error: Exception
) -> None:
    async def away(method: str, **given: Any) -> dict[str, Any]:
        raise error

    await store(keeper, case(1))
    assert await reconcile.reconcile_cases(keeper, away, timedelta(0)) == 0
    assert await looks(keeper) == []


async def test_without_a_live_case_slack_is_not_asked(keeper: Keeper) -> None:
    listed = Listing()
    await reconcile.reconcile_cases(keeper, listed, timedelta(0))
    assert listed.asked == 0


async def test_what_waited_long_before_a_start_is_looked_for_first(keeper: Keeper) -> None:
    old, fresh, tried = await keeper.add(
        waiting("a", queued_at=NOW - timedelta(minutes=2)),
        waiting("b", queued_at=NOW - timedelta(seconds=20)),
        waiting("c", queued_at=NOW - HOUR, attempted_at=NOW - timedelta(minutes=5)),
    )
    await Delivery(keeper, {}).claims.mark_stale_rows_as_attempted()
    assert (await keeper.outbox(old)).attempted_at == NOW - timedelta(minutes=2)
    assert (await keeper.outbox(fresh)).attempted_at is None
    assert (await keeper.outbox(tried)).attempted_at == NOW - timedelta(minutes=5)
