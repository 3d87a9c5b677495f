"""Outages: only one that lasted counts, and a call that alone gets no answer never does."""

from dataclasses import dataclass

from messages.clients.outages import LONGEST, QUIET, SHORTEST, Outage


@dataclass
class Watch:
    """A steady clock that is moved by hand."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def outage_of(seconds: float, calls: int, watch: Watch, outage: Outage) -> bool:
    """Whether an outage of so long, with so many calls in it, counts when it ends."""
    for _ in range(calls):
        outage.unanswered()
        assert outage.is_on
    watch.now += seconds
    ended = outage.answered()
    assert not outage.is_on
    return ended


def test_an_outage_that_lasted_counts_when_it_ends() -> None:
    watch = Watch()
    outage = Outage(watch)
    assert not outage.answered()
    assert outage_of(SHORTEST, 2, watch, outage)
    assert not outage.answered()


def test_a_short_one_or_a_single_call_does_not_count() -> None:
    watch = Watch()
    assert not outage_of(SHORTEST - 1, 9, watch, Outage(watch))
    assert not outage_of(LONGEST, 1, watch, Outage(watch))


def test_one_that_follows_soon_must_be_longer_so_that_nothing_is_tried_without_end() -> None:
    watch = Watch()
    outage, freed, passed = Outage(watch), 0, 0.0
    while passed < 3600:  # a call that never gets an answer, others that do
        freed += outage_of(SHORTEST + 1, 2, watch, outage)
        passed += SHORTEST + 1
    assert freed == 6 * 1
    watch.now += QUIET + 1
    assert outage_of(SHORTEST, 2, watch, outage)
