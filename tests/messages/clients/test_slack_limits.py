"""Slack's limits, shared by the replicas."""

import pytest

from messages.clients.slack_limits import CHANNEL_BURST, TIER_2, TIERS, Limits


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def granted(limits: Limits, seconds: int, clock: Hand, method: str, channel: str = "") -> int:
    """How many calls are granted within so many seconds, asked for all the time."""
    count = 0
    for _ in range(seconds * 10):
        while limits.take(method, channel) == 0.0:
            count += 1
        clock.now += 0.1
    return count


@pytest.mark.parametrize("replicas", [1, 2, 3, 7, 40])
def test_replicas_together_call_no_more_often_than_slack_allows(replicas: int) -> None:
    clock = Hand()
    shared = Limits(clock)
    shared.divide(replicas)
    each = granted(shared, 600, clock, "conversations.create")
    first_minute = max(TIER_2 / replicas, 1)
    assert each <= first_minute + 10 * TIER_2 / replicas + 1
    assert each >= 10 * TIER_2 / replicas - 1


def test_a_replica_that_comes_takes_its_part_at_once() -> None:
    clock = Hand()
    limits = Limits(clock)
    assert limits.take("pins.add") == 0.0
    limits.divide(4)
    assert granted(limits, 0, clock, "pins.add") == 0
    taken = 0
    while limits.take("pins.add") == 0.0:
        taken += 1
    assert taken == TIERS["pins.add"] // 4
    limits.divide(1)
    assert granted(limits, 60, clock, "pins.add") >= TIERS["pins.add"] - 1


def test_a_channel_has_its_whole_limit_in_each_replica() -> None:
    clock = Hand()
    limits = Limits(clock)
    limits.divide(3)
    taken = 0
    while limits.take("chat.postMessage", "C1") == 0.0:
        taken += 1
    assert taken == CHANNEL_BURST


def test_what_slack_itself_closed_stays_closed() -> None:
    clock = Hand()
    limits = Limits(clock)
    limits.close("users.lookupByEmail", "", 30)
    limits.divide(3)
    assert limits.take("users.lookupByEmail") == pytest.approx(30)
