"""What differs between the store and Slack, as a pure comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.drift import (
    EXPOSED,
    LOST,
    MADE_BY,
    Expected,
    Seen,
    drift_differences,
    plain_topic,
    undecided_drift,
)
from bot.rules.words import Drift

WANTED = Expected("esc-7-acme", "ESC-7 · SEV1 · Acme", card=True, people=frozenset({"UE", "UT"}))
RIGHT = Seen(
    name="esc-7-acme",
    topic="ESC-7 · SEV1 · Acme",
    card=True,
    pinned=True,
    members=frozenset({"UE", "UT", "UM"}),
    guests=frozenset(),
)


def test_what_is_as_it_should_be_differs_in_nothing() -> None:
    assert drift_differences(WANTED, RIGHT) == {}
    assert undecided_drift(WANTED, RIGHT) == set()


@pytest.mark.parametrize("lost", sorted(LOST))
def test_of_a_lost_channel_nothing_else_is_said(lost: Drift) -> None:
    assert drift_differences(WANTED, Seen(lost)) == {lost: ""}
    assert undecided_drift(WANTED, Seen(lost)) == set(Drift) - LOST - {Drift.NO_CHANNEL}


def test_each_difference_says_what_is_there_instead() -> None:
    seen = Seen(name="lunch", topic="Lunch", card=True, pinned=False, members=frozenset({"UE"}))
    assert drift_differences(WANTED, seen) == {
        Drift.RENAMED: "lunch",
        Drift.TOPIC: "Lunch",
        Drift.PIN: "",
        Drift.MEMBER: "UT",
    }


def test_guests_are_named_and_nothing_else_is_said() -> None:
    seen = Seen(Drift.GUEST, name="lunch", guests=frozenset({"UZ", "UG"}))
    assert drift_differences(WANTED, seen) == {Drift.GUEST: "UG,UZ"}


def test_a_card_that_is_gone_is_not_also_unpinned() -> None:
    assert drift_differences(WANTED, Seen(card=False)) == {Drift.CARD: ""}


def test_what_was_not_asked_is_undecided_and_no_difference() -> None:
    assert drift_differences(WANTED, Seen()) == {}
    assert undecided_drift(WANTED, Seen()) == set(Drift) - LOST - {Drift.NO_CHANNEL} | {Drift.GUEST}


def test_a_topic_that_we_never_set_is_nobodys() -> None:
    assert drift_differences(Expected("esc-7"), Seen(name="esc-7", topic="Lunch")) == {}


@pytest.mark.parametrize(
    "shown",
    [
        "A &amp; B at http://acme.example",
        "A &amp; B at <http://acme.example|http://acme.example>",
        " A &amp; B at <http://acme.example> ",
    ],
)
def test_slacks_markup_in_a_topic_is_no_difference(shown: str) -> None:
    wanted = Expected(topic="A & B at http://acme.example")
    assert drift_differences(wanted, Seen(topic=shown)) == {}


@given(st.text(alphabet=st.characters(blacklist_characters="<>&"), max_size=60))
def test_a_topic_without_markup_is_read_as_it_is(topic: str) -> None:
    assert plain_topic(topic) == topic.strip()


def test_every_difference_but_a_deleted_card_has_an_effect_that_makes_it_right() -> None:
    made = {d for kind, makes in MADE_BY.items() if kind != "create_channel" for d in makes}
    # Making one puts a missing channel right; only people end that others read one.
    assert made == set(Drift) - {Drift.NO_CHANNEL} - EXPOSED
