"""What Podium sends: signed, read leniently, and refused where it has no id."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.rules.reviews.podium import (
    PodiumMessage,
    is_from_podium,
    may_be_podium,
    podium_signature,
    read_event,
)
from bot.rules.reviews.review import GivenReview

NOW = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)
SECRETS = ["the older secret", "the newer secret"]


def event(kind: str, **data: Any) -> bytes:
    return json.dumps({"data": data, "metadata": {"eventType": kind}}).encode()


def test_either_secret_signs_and_without_one_nothing_does() -> None:
    stamp = str(int(NOW.timestamp() * 1000))
    for secret in SECRETS:
        made = podium_signature(secret, stamp, b"{}")
        assert may_be_podium(stamp, made, NOW)
        assert is_from_podium(SECRETS, stamp, made.upper(), b"{}")
        assert not is_from_podium(SECRETS, stamp, made, b"{} ")
        assert not is_from_podium([], stamp, made, b"{}")


@pytest.mark.parametrize(
    ("age", "held"),
    [(timedelta(days=10), True), (timedelta(days=10, seconds=1), False),
     (-timedelta(minutes=5), True), (-timedelta(minutes=5, seconds=1), False)],
)  # fmt: skip
def test_a_signature_holds_as_long_as_podium_tries_again(age: timedelta, held: bool) -> None:
    stamp = str(int((NOW - age).timestamp()))
    assert may_be_podium(stamp, "0" * 64, NOW) == held


@pytest.mark.parametrize(("stamp", "signature"), [("", "0" * 64), ("17", "0" * 64), ("1" * 10, "")])
def test_what_cannot_be_signed_is_known_before_the_body(stamp: str, signature: str) -> None:
    assert not may_be_podium(stamp, signature, NOW)


def test_a_review_is_read_with_its_answer() -> None:
    found = read_event(
        event(
            "review.updated", uid="r1", author={"name": "Joe"}, locations=[{"uid": "l1"}],
            review={"body": "Αργήσατε", "rating": 2, "url": "https://x.example",
                    "siteName": "Google"},
            createdAt="2027-02-01T10:00:00Z", updatedAt="2027-02-02T10:00:00",
            responses=[{"body": "Sorry", "createdAt": "2027-02-03T10:00:00Z"}],
        )
    )  # fmt: skip
    assert isinstance(found, GivenReview)
    assert (found.key, found.rating, found.text, found.site) == ("r1", "2/5", "Αργήσατε", "Google")
    assert found.edited_at == datetime(2027, 2, 2, 10, tzinfo=UTC)
    assert (found.reply, found.replied_at) == ("Sorry", datetime(2027, 2, 3, 10, tzinfo=UTC))


def test_a_message_is_read_and_other_events_are_none() -> None:
    found = read_event(
        event(
            "message.received", uid="m1", body="Hello", contact={"name": "Ann"},
            conversation={"uid": "c1", "channel": {"type": "sms", "identifier": "+3069"}},
        )
    )  # fmt: skip
    assert isinstance(found, PodiumMessage)
    assert (found.key, found.conversation, found.channel) == ("m1", "c1", "sms")
    assert read_event(event("invoice.created", uid="i1")) is None
    assert read_event(event("review.response_created", uid="x", body="thanks")) is None


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"\xff", b'{"data": 1}', event("review.created", review={}),
     event("review.created", review={}, uid="r", createdAt="soon"),
     event("review.created", review={}, uid="r", createdAt="0001-01-01T00:00:00"),
     event("review.created", review={}, uid="r", responses=[1])],
)  # fmt: skip
def test_what_cannot_be_read_says_so(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_event(raw)
