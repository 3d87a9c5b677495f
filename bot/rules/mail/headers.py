"""Header fields of a mail, read as they were meant: encoded words, raw bytes, addresses, dates.

Python's own reading shows bytes that stand in a header unencoded as question marks; here they are
tried as UTF-8, as bodies are. Nothing raises: what makes no sense is empty. Pure.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from bot.rules.mail.charsets import GAP, UNREADABLE, clean_line, decode_text

LINE_MAX = 200  # characters of a subject or an address
IDS_MAX = 50  # Message-IDs of a thread that are looked at
ID = re.compile(r"<[^<>\s]{1,250}>")
_RECIPIENTS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?)")  # white space between two encoded words is none


def read_field(mail: Message, name: str) -> str:
    """A header's text as Python reads it; empty when it cannot make sense of it."""
    try:
        return storable(str(mail.get(name, "")))
    except (ValueError, LookupError, TypeError, AttributeError, MessageError, IndexError):
        return ""


def raw_fields(mail: Message, name: str) -> list[str]:
    """Every header of that name as our mail server saw it: encoded words stay as they are."""
    return [
        storable(" ".join(str(value).split()))
        for said, value in mail.raw_items()
        if said.lower() == name
    ]


def storable(text: str) -> str:
    """The text without what no database takes: halves of characters, and zeros."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def field_text(mail: Message, name: str) -> str:
    """The first header of that name as one line for people; empty when it cannot be read."""
    for said, value in mail.raw_items():
        if said.lower() == name:
            return shown_line(str(value))
    return ""


def shown_line(value: str) -> str:
    """A raw value as one line, of at most ``LINE_MAX`` characters, with encoded words decoded."""
    raw = value.encode("utf-8", "surrogateescape")
    return cut_line(decode_words(value if value.isascii() else decode_text(raw).text))


def cut_line(text: str) -> str:
    """A text as one line, cut to ``LINE_MAX`` characters."""
    return " ".join(clean_line(" ".join(text.split())).split())[:LINE_MAX]


def decode_words(value: str) -> str:
    """The text with its encoded words (RFC 2047) decoded; ``GAP`` for what cannot be read.

    Neighbours of one charset are decoded together: programs split characters between them.
    """
    if "=?" not in value:
        return value
    kept: list[str] = []
    charset, pending, end = "", b"", 0
    joined = _BETWEEN.sub(r"\1", value)
    for word in _WORD.finditer(joined):
        between = joined[end : word.start()]
        if pending and (between or word[1].lower() != charset):
            kept.append(_decoded(pending, charset))
            pending = b""
        kept.append(between)
        charset, end = word[1].lower(), word.end()
        pending += _word_bytes(word[2].lower(), word[3])
    kept += [_decoded(pending, charset), joined[end:]]
    return "".join(kept)


def _decoded(raw: bytes, charset: str) -> str:
    found = decode_text(raw, charset)
    return found.text if found.note != UNREADABLE else GAP


def _word_bytes(way: str, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    return decode_base64(raw) if way == "b" else quopri.decodestring(raw, header=True)


def decode_base64(raw: bytes) -> bytes:
    """What was encoded, as far as it reaches; what is no letter of the encoding is skipped."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return b""


def find_recipients(mail: Message) -> Iterator[str]:
    """The addresses of all headers that name recipients, in lower case, each once."""
    found = getaddresses([read_field(mail, name) for name in _RECIPIENTS])
    yield from dict.fromkeys(address.lower() for _, address in found if "@" in address)


def find_parents(mail: Message) -> tuple[str, ...]:
    """The Message-IDs of the thread, the nearest last."""
    said = f"{read_field(mail, 'References')} {read_field(mail, 'In-Reply-To')}"
    return tuple(dict.fromkeys(ID.findall(said)))[-IDS_MAX:]


def read_date(mail: Message) -> datetime | None:
    """The Date in UTC; one without an offset is taken for UTC, one that makes no sense for none."""
    try:
        at = parsedate_to_datetime(read_field(mail, "Date"))
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
