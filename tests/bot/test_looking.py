"""Whose a message is: rows are told apart even where ids are given again after a restore."""

from datetime import timedelta
from typing import Any

import pytest

from bot import looking
from storage.models import Outbox
from tests.bot.store import NOW

ROW = Outbox(id=7, kind="post", lane="case:1", queued_at=NOW)
EARLIER = Outbox(id=7, kind="post", lane="case:1", queued_at=NOW - timedelta(minutes=5))


@pytest.mark.parametrize(
    ("payload", "ours"),
    [
        (looking.signature(ROW)["event_payload"], True),
        ({"outbox": 7}, True),  # as it was written before the instant was
        (looking.signature(EARLIER)["event_payload"], False),
        ({"outbox": 8, "queued": int(NOW.timestamp())}, False),
        ({}, False),
    ],
)
async def test_a_message_is_ours_by_id_and_instant(payload: dict[str, Any], ours: bool) -> None:
    message = {"ts": "1.0", "metadata": {"event_type": "escalation_desk", "event_payload": payload}}

    async def history(method: str, **given: Any) -> dict[str, Any]:
        return {"messages": [message]}

    found = await looking.our_message(history, "C1", ROW)
    assert (found == message) is ours
