"""Whose a message is: rows are told apart even where ids are given again after a restore."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.engine.delivery import Delivery
from bot.engine.outbox_claims import Job
from bot.slack import find_earlier
from storage.models import Case, Outbox
from tests.bot.store import NOW, Keeper

ROW = Outbox(id=7, kind="post", lane="case:1", queued_at=NOW)
EARLIER = Outbox(id=7, kind="post", lane="case:1", queued_at=NOW - timedelta(minutes=5))


@pytest.mark.parametrize(
    ("payload", "ours"),
    [
        (find_earlier.message_metadata(ROW)["event_payload"], True),
        ({"outbox": 7}, True),  # as it was written before the instant was
        (find_earlier.message_metadata(EARLIER)["event_payload"], False),
        ({"outbox": 8, "queued": int(NOW.timestamp())}, False),
        ({}, False),
    ],
)
async def test_a_message_is_ours_by_id_and_instant(payload: dict[str, Any], ours: bool) -> None:
    message = {"ts": "1.0", "metadata": {"event_type": "escalation_desk", "event_payload": payload}}

    async def history(method: str, **given: Any) -> dict[str, Any]:
        return {"messages": [message]}

    found = await find_earlier.our_message(history, "C1", ROW)
    assert (found == message) is ours


# -- how far back: by Slack's clock, never by ours

DAY = timedelta(days=1)
FIRST_TRY = NOW - DAY  # by Slack's clock; ours is a day ahead


async def asked(row: Outbox) -> list[dict[str, Any]]:
    """The pages that were asked for, of a channel in which nothing is found."""
    pages: list[dict[str, Any]] = []

    async def history(method: str, **given: Any) -> dict[str, Any]:
        pages.append(given)
        return {"messages": [], "response_metadata": {"next_cursor": "more"}}

    assert await find_earlier.our_message(history, "C1", row) is None
    return pages


async def test_the_history_is_looked_through_back_to_the_first_try_by_slacks_clock() -> None:
    row = Outbox(
        id=7, kind="post", lane="case:1", queued_at=NOW, attempted_at=NOW, attempted_slack=FIRST_TRY
    )

    pages = await asked(row)

    assert {float(page["oldest"]) for page in pages} == {
        (FIRST_TRY - find_earlier.LOOK_BACK).timestamp()
    }
    assert len(pages) == find_earlier.PAGES_MAX


async def test_where_slacks_time_is_not_known_the_newest_pages_are_looked_through() -> None:
    row = Outbox(id=7, kind="post", lane="case:1", queued_at=NOW, attempted_at=NOW)

    pages = await asked(row)

    assert {page["oldest"] for page in pages} == {None}
    assert len(pages) == find_earlier.PAGES_MAX


def case(channel: str) -> Case:
    """A case with that channel."""
    return Case(
        customer="A", trigger="technical", severity=2, status="new", reporter="U1", owner="U1",
        policy_version="1", received_at=NOW, opened_at=NOW, changed_at=NOW, channel_id=channel,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("created", "tried", "used", "ours"),
    [
        (FIRST_TRY, FIRST_TRY, False, True),  # our clock was a day ahead, and says nothing
        (FIRST_TRY, None, False, True),
        (FIRST_TRY - timedelta(hours=1), FIRST_TRY, False, False),  # it was there before
        (FIRST_TRY, FIRST_TRY, True, False),  # another case has it
        (FIRST_TRY, None, True, False),
    ],
)
async def test_a_channel_is_ours_by_its_name_its_maker_and_slacks_clock(
    keeper: Keeper, created: datetime, tried: datetime | None, used: bool, ours: bool
) -> None:
    channel = {"id": "C1", "name": "esc-7-a", "creator": "UBOT", "created": created.timestamp()}

    class Slack:
        time = keeper.slack.time

        async def identity(self) -> dict[str, Any]:
            return {"user_id": "UBOT"}

        async def call(self, method: str, **_given: Any) -> dict[str, Any]:
            return {"channels": [channel]}

    keeper.slack = Slack()
    if used:
        async with keeper.database.write() as session:
            session.add(case("C1"))
    row = Outbox(
        id=7, kind="create_channel", lane="case:7:channel", queued_at=NOW, attempted_at=NOW,
        attempted_slack=tried,
    )  # fmt: skip

    found = await find_earlier.our_channel(Delivery(keeper, {}), Job(row, True), "esc-7-a")

    assert (found == "C1") is ours
