"""A signature holds for five minutes, for its own bytes, by either of two secrets."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.webhook.signature import (
    SignedBy,
    find_unsigned,
    is_signed_by,
    make_signature,
)

NOW = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)
NONCE = "0123456789abcdef"
OLD, NEW = "the older secret", "the newer secret"


def signed(body: bytes, *, secret: str = NEW, seconds: int = 0, nonce: str = NONCE) -> SignedBy:
    stamp = str(int(NOW.timestamp()) + seconds)
    return SignedBy(stamp, nonce, make_signature(secret, stamp, nonce, body))


@pytest.mark.parametrize("seconds", [-300, -299, 0, 300])
def test_it_holds_up_to_the_windows_edge(seconds: int) -> None:
    assert find_unsigned(signed(b"x", seconds=seconds), NOW) == ""
    late = NOW + timedelta(milliseconds=999)  # the same second of our clock
    assert find_unsigned(signed(b"x", seconds=seconds), late) == ""


@pytest.mark.parametrize(("seconds", "side"), [(-301, "behind"), (301, "ahead of")])
def test_beyond_the_edge_it_says_by_how_much(seconds: int, side: str) -> None:
    assert f"301 seconds {side} our clock" in find_unsigned(signed(b"x", seconds=seconds), NOW)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_of_two_secrets_holds_and_no_other(secret: str) -> None:
    assert is_signed_by([NEW, OLD], signed(b"x", secret=secret), b"x")
    assert not is_signed_by([NEW, OLD], signed(b"x", secret="another secret"), b"x")
    assert not is_signed_by([], signed(b"x"), b"x")


def test_it_holds_for_its_own_body_nonce_and_time_only() -> None:
    given = signed(b"x")
    assert not is_signed_by([NEW], given, b"x ")
    assert not is_signed_by([NEW], SignedBy(given.timestamp, "f" * 16, given.signature), b"x")
    assert not is_signed_by([NEW], SignedBy("1", given.nonce, given.signature), b"x")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (SignedBy("", NONCE, "v1=" + "0" * 64), "X-Desk-Timestamp"),
        (SignedBy("soon", NONCE, "v1=" + "0" * 64), "X-Desk-Timestamp"),
        (SignedBy("9" * 40, NONCE, "v1=" + "0" * 64), "X-Desk-Timestamp"),
        (SignedBy(str(int(NOW.timestamp())), "short", "v1=" + "0" * 64), "X-Desk-Nonce"),
        (SignedBy(str(int(NOW.timestamp())), "ά" * 16, "v1=" + "0" * 64), "X-Desk-Nonce"),
        (SignedBy(str(int(NOW.timestamp())), NONCE, "0" * 64), "X-Desk-Signature"),
        (SignedBy(str(int(NOW.timestamp())), NONCE, "v1=" + "A" * 64), "X-Desk-Signature"),
    ],
)
def test_what_cannot_be_a_signature_is_named_before_the_body(given: SignedBy, named: str) -> None:
    assert find_unsigned(given, NOW).startswith(named)
