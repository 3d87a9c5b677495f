"""Reports that a mail of ours did not arrive: in the form of RFC 3464, or in a server's own words.

Many servers write no such form. Theirs are known by who writes (MAILER-DAEMON, the postmaster, an
empty return path) together with what is said, in any language of ``reading.toml``. Which mail it is
about is decided in bot/mail. Pure.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message

from bot.rules.mail.contents import part_bytes, part_children, part_type
from bot.rules.mail.headers import ID, cut_line, find_parents, raw_fields, read_field
from bot.rules.mail.machines import has_null_sender
from bot.rules.mail.phrases import line_patterns, list_phrases, phrase_pattern

ABOUT_MAX = 20  # Message-IDs that a report may be about
LOOKED_MAX = 20_000  # characters of a report in which it says what happened
COPY_MAX = 100_000  # characters in which the Message-ID of the copy is looked for

_DAEMON = re.compile(
    r"mail(?:er)?-?daemon|mdaemon|microsoftexchange[0-9a-f]{8,}|mail-?delivery.{0,20}"
)
_WARDEN = re.compile(r"postmaster|bounces?|return|undelivered|")
_NAMED = re.compile(r"mail(?:er)?[ -](?:delivery|daemon)|delivery (?:sub)?system", re.IGNORECASE)
_COPIED_ID = re.compile(r"^[>\s]{0,10}Message-ID:\s{0,20}(<[^<>\s]{1,250}>)", re.I | re.M)
_COPY = re.compile(
    r"^[>\s]{0,4}(?:Return-Path|Received|Message-ID|DKIM-Signature|X-Received)[ :]"
    rf"|^[>\s]{{0,4}}-{{2,40}} ?(?:{'|'.join(list_phrases('copied'))})",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"(?<![\d.])(?:5\.\d{1,3}\.\d{1,3}(?![\d.])|5[0-5]\d(?=[ -]))")
_LATER = re.compile(r"(?<![\d.])4\.\d{1,3}\.\d{1,3}(?![\d.])")
_ADDRESS = re.compile(r"[^\s@<>:;,\"'()\[\]]{1,100}@[A-Za-z0-9.-]{1,253}[A-Za-z0-9]")
_BOUNCED, _DELAYED = phrase_pattern("bounced"), phrase_pattern("delayed")
_ABSENT_SUBJECT = line_patterns("absent_subject")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report about a mail of ours. ``about`` are Message-IDs that it names, the likeliest first.

    ``failed`` is false for a delay. ``recipient`` is the address that was not reached, empty where
    none is named; ``reason`` is what the other server says, one line.
    """

    about: tuple[str, ...]
    recipient: str
    failed: bool
    reason: str


def find_bounce(mail: Message, subject: str, text: str, sender: str) -> Bounce | None:
    """What a report says; None for any other mail, and for one that says that it arrived.

    ``text`` is all that the mail says, with the copy of ours where it is part of the text; the
    sender's address is in lower case.
    """
    blocks = list(_status_blocks(mail))
    if blocks:
        return _standard(mail, blocks, text)
    said = _own_words(text)
    if not _is_report(mail, subject, said, sender):
        return None
    return Bounce(
        about=_about(mail, text),
        recipient=_recipient(mail, said),
        failed=_has_failed(subject, said),
        reason=_reason(said) or cut_line(subject),
    )


# -- the form of RFC 3464


def _status_blocks(mail: Message) -> Iterator[Mapping[str, str]]:
    """The fields of each recipient in the delivery-status parts."""
    for part in mail.walk():
        if part_type(part) == "message/delivery-status":
            for block in part_children(part) or [part]:
                fields = {name.lower(): cut_line(str(value)) for name, value in block.raw_items()}
                if "action" in fields or "final-recipient" in fields:
                    yield fields


def _standard(mail: Message, blocks: Sequence[Mapping[str, str]], text: str) -> Bounce | None:
    """The first recipient who was not reached; else the first that must wait; else None."""
    told = {_action(block): block for block in reversed(blocks)}
    block = told.get("failed") or told.get("delayed")
    if block is None:
        return None
    said = block.get("diagnostic-code", "").partition(";")[2] or block.get("status", "")
    who = block.get("final-recipient") or block.get("original-recipient") or ""
    return Bounce(
        about=_about(mail, text),
        recipient=cut_line(who.rpartition(";")[2]).lower(),
        failed="failed" in told,
        reason=cut_line(said),
    )


def _action(block: Mapping[str, str]) -> str:
    said = block.get("action", "").partition(" ")[0].strip().lower()
    return said or ("failed" if block.get("status", "").startswith("5") else "")


# -- servers' own words


def _is_report(mail: Message, subject: str, said: str, sender: str) -> bool:
    """True where a server writes that a mail did not arrive, or not yet."""
    if any(pattern.match(subject) for pattern in _ABSENT_SUBJECT):
        return False
    by_name = _BOUNCED.search(subject) or _DELAYED.search(subject)
    by_words = _BOUNCED.search(said) or _DELAYED.search(said)
    if _is_server(mail, sender):
        return bool(by_name or by_words or _CODE.search(said))
    user = sender.partition("@")[0]
    return _WARDEN.fullmatch(user) is not None and bool(
        by_name or (by_words and _CODE.search(said))
    )


def _is_server(mail: Message, sender: str) -> bool:
    return (
        has_null_sender(mail)
        or bool(raw_fields(mail, "x-failed-recipients"))
        or _DAEMON.fullmatch(sender.partition("@")[0]) is not None
        or any(_NAMED.search(value) for value in raw_fields(mail, "from"))
    )


def _own_words(text: str) -> str:
    """What the server says, without the copy of our mail that follows."""
    found = _COPY.search(text, 0, LOOKED_MAX)
    said = text[: found.start() if found else LOOKED_MAX]
    return said if said.strip() else text[:LOOKED_MAX]


def _has_failed(subject: str, said: str) -> bool:
    if _DELAYED.search(subject):
        return False
    if _BOUNCED.search(subject) or _CODE.search(said):
        return True
    return not _DELAYED.search(said) and not _LATER.search(said)


def _recipient(mail: Message, said: str) -> str:
    named = " ".join(raw_fields(mail, "x-failed-recipients")) or said
    found = _ADDRESS.search(named)
    return found[0].lower() if found else ""


def _reason(said: str) -> str:
    """The line that says why: one with a code, else one with the words of a failure."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for wanted in (_CODE, _LATER, _BOUNCED, _DELAYED):
        for line in lines:
            if wanted.search(line):
                return cut_line(line)
    return ""


def _about(mail: Message, text: str) -> tuple[str, ...]:
    """The Message-IDs of the copy, then those of the thread."""
    found = [*_copied_ids(mail), *_COPIED_ID.findall(text[:COPY_MAX]), *find_parents(mail)[::-1]]
    return tuple(dict.fromkeys(found))[:ABOUT_MAX]


def _copied_ids(mail: Message) -> Iterator[str]:
    """The Message-IDs in a report's copy of our mail, whole or its headers alone.

    Of a whole mail the first alone counts.
    """
    for part in mail.walk():
        kind = part_type(part)
        if kind == "message/rfc822":
            for inside in part_children(part)[:1]:
                yield from ID.findall(read_field(inside, "Message-ID"))[:1]
        elif kind in {"text/rfc822-headers", "message/rfc822-headers"}:
            raw = b" ".join(part_bytes(each) for each in part.walk())
            yield from _COPIED_ID.findall(raw[:COPY_MAX].decode("utf-8", "replace"))
