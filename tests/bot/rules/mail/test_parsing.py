"""What is new in a mail, whatever program wrote it; and nonsense that must not break the reader."""

import random

import pytest

from bot.rules.mail.parsing import parse_mail
from bot.rules.mail.quotes import TEXT_MAX, new_words

QUOTES = [
    "On Mon, 23 Nov 2026 at 10:00, Northwind Support <help@northwind.example> wrote:\n> old",
    "On Mon, 23 Nov 2026 at 10:00, Northwind Support\n<help@northwind.example> wrote:\n> old",
    "Στις Δευ 23 Νοε 2026 στις 10:00 π.μ., ο χρήστης Northwind έγραψε:\n> παλιό",
    "-----Original Message-----\nFrom: x\nold",
    "-----Αρχικό μήνυμα-----\nΑπό: x\nπαλιό",
    "________________________________\nFrom: Northwind <help@northwind.example>\nold",
    "From: Northwind <help@northwind.example>\nSent: Monday\nold",
    "Από: Northwind <help@northwind.example>\nΣτάλθηκε: Δευτέρα\nπαλιό",
    "-- \nKaterina Dimou\nAegean Ferries",
    "On 23 Nov 2026, at 10:00, Northwind wrote:\n\n> old\n> older",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_is_quoted_or_signed_is_left_out(quote: str) -> None:
    said = "It still fails.\n\nOn Monday we lost two orders:\n\n- A\n- B"
    assert new_words(f"{said}\n\n{quote}") == said


def test_an_answer_below_the_quote_is_kept() -> None:
    assert new_words("> old\n> words\n\nYes, please.") == "Yes, please."


def test_control_characters_and_length_are_cut() -> None:
    assert new_words("a\x00\x1b[31mb\u202e") == "a[31mb"
    assert len(new_words("x" * 10_000)) == TEXT_MAX


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_mail_is_read_or_refused_never_worse(seed: int) -> None:
    dice = random.Random(seed)
    raw = bytearray(
        b"From: a@b.example\r\nTo: =?utf-8?q?=CE?= <c@d.example>\r\nDate: Mon, 99 Foo\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhello\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--b--\r\n"
    )
    for _ in range(dice.randrange(1, 30)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    try:
        heard = parse_mail(bytes(raw))
    except ValueError:
        return
    assert heard.message_id
    assert len(heard.text) <= TEXT_MAX
