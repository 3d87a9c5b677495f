"""Damaged and odd mails made from the corpus: the reader never raises, is bounded, loses no line.

``MAIL_FUZZ=100000`` asks for as many mails as that, and ``MAIL_SEED`` for others than the usual.
"""

import os
import random
import time
from collections.abc import Callable, Sequence

import pytest

from bot.rules.mail.parsing import InboundMail, pack_mail, parse_mail, unpack_mail
from bot.rules.mail.quotes import TEXT_MAX, WHOLE_MAX
from tests.mail.corpus import raw_of, read_corpus

COUNT = int(os.environ.get("MAIL_FUZZ", "600"))
SEED = int(os.environ.get("MAIL_SEED", "1"))
NO_MAIL = "a mail has fields"  # the one refusal there is
SLOWEST = 3.0  # seconds of processor time for one mail; the process that reads has five
CORPUS = read_corpus()
RAW = [raw_of(entry) for entry in CORPUS.values()]
PLAIN = [
    raw_of(entry)
    for entry in CORPUS.values()
    if entry["kind"] == "person" and entry.get("bytes", "utf-8") == "utf-8"
    and "ends" not in entry and "words" in entry and not entry.get("note")
    and "multipart" not in entry["raw"] and "text/html" not in entry["raw"]
    and "base64" not in entry["raw"] and "quoted-printable" not in entry["raw"]
    and "charset=windows" not in entry["raw"] and "utf-7" not in entry["raw"]
]  # fmt: skip
ODD = (
    b"\x00", b"\xff\xfe", b"\r", b"\n\n", b"=?utf-8?q?=C3?=", b">", b"--", b"From: ",
    b"\x1b[31m", b"\xe2\x80\xae", b"<blockquote>", b"&#0;", b"=\r\n", b"charset=", b"\x85",
)  # fmt: skip
FIELDS = (
    b"X-Auto-Response-Suppress: DR", b"Precedence: list\r\nList-Id: <a.b>", b"X-Spam: no",
    b"Content-Language: el", b"Received: from a by b; Sat, 28 Nov 2026 07:00:00 +0000",
    b"DKIM-Signature: v=1; a=rsa-sha256; b=abc\r\n\tdef", b"X-Odd:\xce\xb1\xff",
)  # fmt: skip
HARD = (
    b"Content-Type: multipart/mixed", b"Content-Transfer-Encoding: base64", b"From: <>",
    b"Content-Type: text/html; charset=utf-16", b"Date: 99", b"Return-Path: <>", b"To: (",
    b"Content-Type: message/rfc822", b"Content-Disposition: attachment; filename*=x''%",
)  # fmt: skip


def heard(raw: bytes) -> InboundMail | None:
    """The mail by way of the wire, in bounds; None for what is no mail."""
    begun = time.process_time()
    try:
        mail = parse_mail(raw)
    except ValueError as refused:
        if str(refused) != NO_MAIL:
            raise
        return None
    assert time.process_time() - begun < SLOWEST
    assert unpack_mail(pack_mail(mail)) == mail
    assert len(mail.text) <= TEXT_MAX
    assert len(mail.whole) <= WHOLE_MAX
    assert "\ufffd" not in mail.text + mail.whole + mail.subject
    assert len(mail.files) <= 21
    return mail


# -- damage, after which anything may be read but nothing may go wrong


def _cut(raw: bytes, dice: random.Random) -> bytes:
    return raw[: dice.randrange(len(raw))]


def _with_odd_bytes(raw: bytes, dice: random.Random) -> bytes:
    for _ in range(dice.randrange(1, 8)):
        at = dice.randrange(len(raw))
        raw = raw[:at] + dice.choice(ODD) + raw[at + dice.randrange(3) :]
    return raw


def _spliced(raw: bytes, dice: random.Random) -> bytes:
    other = dice.choice(RAW)
    return raw[: dice.randrange(len(raw))] + other[dice.randrange(len(other)) :]


def _with_hard_fields(raw: bytes, dice: random.Random) -> bytes:
    at = raw.find(b"\r\n") + 2
    return raw[:at] + b"".join(dice.choice(HARD) + b"\r\n" for _ in range(3)) + raw[at:]


def _without_fields(raw: bytes, dice: random.Random) -> bytes:
    lines = raw.split(b"\r\n")
    return b"\r\n".join(line for line in lines if dice.random() > 0.1)


def _deep(raw: bytes, dice: random.Random) -> bytes:
    for depth in range(dice.randrange(2, 70)):
        raw = _nested(raw, b"deep%d" % depth)
    return raw


def _nested(raw: bytes, boundary: bytes) -> bytes:
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    inner = [line for line in lines if line.lower().startswith((b"content-", b"mime-"))]
    outer = [line for line in lines if line not in inner]
    kind = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"'
    part = b"\r\n".join([*inner, b"", body])
    return b"\r\n".join([*outer, kind, b"", b"--" + boundary, part, b"--" + boundary + b"--", b""])


DAMAGE: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _cut, _with_odd_bytes, _spliced, _with_hard_fields, _without_fields, _deep,
)  # fmt: skip


@pytest.mark.parametrize("part", range(10))
def test_no_damage_makes_the_reader_raise_or_run_on(part: int) -> None:
    dice = random.Random(f"damage {SEED} {part}")
    for _ in range(COUNT // 10):
        raw = dice.choice(RAW)
        for _ in range(dice.randrange(1, 4)):
            raw = dice.choice(DAMAGE)(raw, dice) or b"x"
        heard(raw)


# -- what changes a mail and leaves its words


def _with_fields(raw: bytes, dice: random.Random) -> bytes:
    at = raw.find(b"\r\n") + 2
    return raw[:at] + dice.choice(FIELDS) + b"\r\n" + raw[at:]


def _in_a_part(raw: bytes, _dice: random.Random) -> bytes:
    return _nested(raw, b"outer")


def _with_line_feeds(raw: bytes, _dice: random.Random) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _with_fields, _in_a_part, _with_line_feeds,
)  # fmt: skip


@pytest.mark.parametrize("part", range(10))
def test_a_line_that_a_person_adds_anywhere_is_never_lost(part: int) -> None:
    dice = random.Random(f"lines {SEED} {part}")
    for number in range(COUNT // 10):
        head, _, body = dice.choice(PLAIN).partition(b"\r\n\r\n")
        lines = body.split(b"\r\n")
        at = dice.randrange(len(lines))
        added = f"Γραμμή {number}: we want to cancel {dice.random()}."
        lines.insert(at, added.encode())
        raw = head + b"\r\n\r\n" + b"\r\n".join(lines)
        for _ in range(dice.randrange(4)):
            raw = dice.choice(CHANGES)(raw, dice)
        mail = heard(raw)
        assert mail is not None
        assert added in (mail.whole or mail.text).splitlines()
        if at == 0:
            assert added in mail.text.splitlines()
        if added not in mail.text:
            assert mail.folded
