"""Faults to order: what the caller sees, and what happened all the same."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox.faults import FaultBoard
from tests.sandbox.api_world import Desk


async def test_a_429_says_when_to_come_back_and_ends_after_its_times(desk: Desk) -> None:
    desk.ws.faults.add("429", "auth.*", seconds=7, times=1)
    with pytest.raises(SlackApiError) as caught:
        await desk.client.auth_test()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert (await desk.client.auth_test())["ok"] is True


async def test_a_500_is_no_slack_answer_and_changes_nothing(desk: Desk) -> None:
    desk.ws.faults.add("500", "conversations.create", times=1)
    with pytest.raises(SlackApiError) as caught:
        await desk.channel()
    assert caught.value.response.status_code == 500
    assert desk.ws.channel_named("esc-1-acme") is None


async def test_a_refusal_says_what_was_ordered_and_changes_nothing(desk: Desk) -> None:
    desk.ws.faults.add("refused", "conversations.create", error="user_is_restricted", times=1)
    with pytest.raises(SlackApiError) as caught:
        await desk.channel()
    assert caught.value.response["error"] == "user_is_restricted"
    assert desk.ws.channel_named("esc-1-acme") is None


async def test_a_reset_cuts_the_connection_before_anything_happens(desk: Desk) -> None:
    desk.ws.faults.add("reset", "conversations.create", times=1)
    with pytest.raises(aiohttp.ClientError):
        await desk.channel()
    assert desk.ws.channel_named("esc-1-acme") is None


async def test_applied_without_answer_did_happen(desk: Desk) -> None:
    desk.ws.faults.add("applied_no_answer", "conversations.create", seconds=0, times=1)
    with pytest.raises(aiohttp.ClientError):
        await desk.channel()
    assert desk.ws.channel_named("esc-1-acme") is not None


async def test_an_upload_can_go_wrong_too(desk: Desk) -> None:
    begun = await desk.client.files_getUploadURLExternal(filename="a.txt", length=1)
    desk.ws.faults.add("500", "upload", times=1)
    async with aiohttp.ClientSession() as session:
        async with session.post(begun["upload_url"], data=b"1") as response:
            assert response.status == 500
        async with session.post(begun["upload_url"], data=b"1") as response:
            assert response.status == 200


async def test_latency_is_waited_out_and_then_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def remember(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("sandbox.api.faulty.sleep", remember)
    desk.ws.faults.add("latency", seconds=2.5, times=1)
    assert (await desk.client.auth_test())["ok"] is True
    assert waits == [2.5]


async def test_the_fault_board_has_a_door(desk: Desk) -> None:
    door = f"{desk.ws.base_url}/_/faults"
    async with aiohttp.ClientSession() as session:
        order = {"kind": "500", "method": "chat.*", "times": 2}
        async with session.post(door, json=order) as response:
            rule = (await response.json())["rule"]
        assert (rule["kind"], rule["method"], rule["times"]) == ("500", "chat.*", 2)
        async with session.get(door) as response:
            assert (await response.json())["rules"] == [rule]
        async with session.post(door, json={"kind": "fire"}) as response:
            assert response.status == 400
        async with session.post(door, data='{"kind": "500"}') as response:
            assert response.status == 403
        async with session.delete(f"{door}/{rule['id']}", json={}) as response:
            assert response.status == 200
        assert desk.ws.faults.rules == []
        desk.ws.faults.add("500")
        await session.delete(door, json={})
    assert desk.ws.faults.rules == []


async def test_a_struck_call_is_told_to_whoever_watches(desk: Desk) -> None:
    with desk.ws.bus.subscribe() as events:
        desk.ws.faults.add("latency", "auth.test", seconds=0)
        await desk.client.auth_test()
        assert "fault" in [event["type"] for event in events.pending()]


def test_a_fault_with_a_probability_strikes_some_calls_and_the_same_ones_every_time() -> None:
    def run() -> list[bool]:
        board = FaultBoard()
        board.add("500", "chat.*", probability=0.5)
        return [bool(board.take("chat.postMessage")) for _ in range(20)]

    assert run() == run()
    assert 0 < sum(run()) < 20


def test_a_fault_that_makes_no_sense_is_refused() -> None:
    board = FaultBoard()
    with pytest.raises(ValueError, match="probability"):
        board.add("500", probability=2)
    with pytest.raises(ValueError, match="times"):
        board.add("500", times=0)
