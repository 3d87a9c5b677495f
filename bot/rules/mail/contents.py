"""The words of a mail and the names of its attachments, from all of its parts. Pure.

Words are taken from every part that a mail program would show, not from the first alone: some write
one part before a picture and another after it. Of two versions of the same words the plain one is
read, unless it is empty, a mere hint at the other, or of no readable charset.
"""

import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from bot.rules.mail.charsets import PARTLY, UNREADABLE, decode_text
from bot.rules.mail.headers import cut_line, decode_base64, field_text, shown_line
from bot.rules.mail.html_text import html_text

ENCRYPTED, EMPTY = "encrypted", "empty"  # further notes beside those of charsets.py
FILES_MAX = 20  # attachments that are named
NAME_MAX = 100  # characters of a name
HINT = 3  # times as many words as the plain version has; then the other one is read
_META = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{2,40})", re.I)
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\s]|[A-Za-z]{2,20} [A-Za-z]{2,20} ")
_WORD = re.compile(r"\w+")
_PROOFS = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_WORDS = frozenset({"text/plain", "text/html"})
_DISPOSITION = "content-disposition"
_UUENCODED = frozenset({"x-uuencode", "uuencode", "uue", "x-uue"})
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along: its name, or its type where it has none, and its size in bytes."""

    name: str
    size: int


@dataclass
class Contents:
    """What was read: the texts in their order, notes on them, and all attachments."""

    texts: list[str] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    files: list[Attachment] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All texts, one after the other."""
        return "\n\n".join(text.strip("\r\n") for text in self.texts if text.strip())

    @property
    def note(self) -> str:
        """What a reader must be told: ``partly``, ``unreadable``, ``encrypted``, ``empty``."""
        if self.text:
            return PARTLY if self.notes & {PARTLY, UNREADABLE} else ""
        return next((note for note in (UNREADABLE, ENCRYPTED) if note in self.notes), EMPTY)


def read_contents(mail: Message) -> Contents:
    """Read the words and name the attachments; nothing raises, what makes no sense is left out."""
    found = Contents()
    if not mail.is_multipart() and (kind := part_type(mail)) in _WORDS:
        _take_words(mail, kind, found)  # there is nothing else that could be the words
    else:
        _take(mail, found)
    return found


def _take(part: Message, found: Contents) -> None:
    """Take in a part of a mail: its words, or what is to be said of it as a file.

    Of what comes in several forms the best alone is read, of what is signed its first part.
    """
    kind = part_type(part)
    parts = part_children(part)
    if kind == "message/rfc822":
        name = field_text(parts[0], "subject") if parts else ""
        found.files.append(Attachment((name or kind)[:NAME_MAX], sum(map(_size, part.walk()))))
    elif kind == "multipart/encrypted":
        found.notes.add(ENCRYPTED)
    elif kind == "multipart/alternative":
        _take_best(parts, found)
    elif kind in {"multipart/signed", "multipart/report"}:
        for each in parts[:1]:  # the rest is for programs
            _take(each, found)
    elif part.is_multipart():
        for each in parts:
            _take(each, found)
    else:  # a part that should hold others, and whose boundary never comes, is words
        _take_leaf(part, "text/plain" if kind.startswith("multipart/") else kind, found)


def _take_leaf(part: Message, kind: str, found: Contents) -> None:
    name = _name(part)
    if kind in _WORDS and not (name and _only(part, _DISPOSITION)) and not _is_attached(part):
        _take_words(part, kind, found)
    elif kind not in _PROOFS:
        if kind in _SEALED:
            found.notes.add(ENCRYPTED)
        if name or _is_attached(part) or _size(part):
            found.files.append(Attachment(name or kind, _size(part)))


def _take_words(part: Message, kind: str, found: Contents) -> None:
    text, note = _read_text(part, kind)
    found.texts.append(text)
    found.notes.add(note)


def _take_best(parts: Sequence[Message], found: Contents) -> None:
    """Take one of several versions of the same words, and the attachments of all."""
    versions = []
    for part in parts:
        version = Contents()
        _take(part, version)
        versions.append(version)
        new = [file for file in version.files if file not in found.files]
        found.files += [file for file in new if not file.name.startswith(("text/", "multipart/"))]
    most = max((_count(version) for version in versions), default=0)
    readable = [version for version in versions if _count(version) * HINT >= most > 0]
    best = min(readable, key=lambda version: bool(version.note), default=None)
    if best is not None:
        found.texts.append(best.text)
        found.notes |= best.notes
    else:
        found.notes |= {note for version in versions for note in version.notes}


def _count(version: Contents) -> int:
    return len(_WORD.findall(version.text))


def _read_text(part: Message, kind: str) -> tuple[str, str]:
    """The words of a part, and the note on them."""
    raw = part_bytes(part)
    declared = _parameter(part, "charset")
    if kind == "text/html" and not declared and (named := _META.search(raw[:4000])):
        declared = named[1].decode("ascii")
    decoded = decode_text(raw, declared)
    return (html_text(decoded.text) if kind == "text/html" else decoded.text), decoded.note


# -- one part


def part_type(part: Message) -> str:
    """The type of a part in lower case; ``text/plain`` where it says nothing that makes sense."""
    try:
        return part.get_content_type()
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return "text/plain"


def part_children(part: Message) -> list[Message]:
    """The parts inside a part."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if part.is_multipart() else []


def part_bytes(part: Message) -> bytes:
    """What a part that holds no others was before it was encoded for transport."""
    raw, way = _raw(part), _transport(part)
    if way == "base64" and not _is_ascii(part):
        del part["content-transfer-encoding"]  # which is wrong: these are the words themselves
        return _decoded(part)
    if way == "base64" and not _NO_BASE64.search(raw[:2000]):
        return decode_base64(raw)
    if way == "quoted-printable":
        return quopri.decodestring(raw)
    return _decoded(part) if way in _UUENCODED else raw


def _raw(part: Message) -> bytes:
    """The bytes of a part as they stand in the mail, without what is no ASCII where none may be."""
    if _transport(part) not in {"base64", "quoted-printable", *_UUENCODED}:
        return _decoded(part)
    payload = part.get_payload()
    return payload.encode("ascii", "ignore") if isinstance(payload, str) else b""


def _is_ascii(part: Message) -> bool:
    payload = part.get_payload()
    return isinstance(payload, str) and payload.isascii()


def _decoded(part: Message) -> bytes:
    try:
        return bytes(part.get_payload(decode=True) or b"")
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return b""


def _size(part: Message) -> int:
    """Bytes of a part, without decoding what may be many."""
    raw = _raw(part)
    if _transport(part) != "base64":
        return len(raw)
    letters = len(raw) - raw.count(b"\n") - raw.count(b"\r") - raw[-8:].count(b"=")
    return letters * 3 // 4


def _transport(part: Message) -> str:
    return _only(part, "content-transfer-encoding").strip().lower()


def _only(part: Message, name: str) -> str:
    return next((str(value) for said, value in part.raw_items() if said.lower() == name), "")


def _is_attached(part: Message) -> bool:
    return _only(part, _DISPOSITION).strip().lower().startswith("attachment")


def _name(part: Message) -> str:
    try:
        name = part.get_filename("")
    except (ValueError, LookupError, TypeError, AttributeError, MessageError, IndexError):
        name = ""
    return cut_line(shown_line(str(name)))[:NAME_MAX]


def _parameter(part: Message, name: str) -> str:
    """A parameter of the type; empty where there is none, or none that can be read."""
    try:
        value = part.get_param(name, "")
    except (ValueError, LookupError, TypeError, AttributeError, MessageError, IndexError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value)


def listed_files(files: Sequence[Attachment]) -> Iterator[Attachment]:
    """The attachments that are named, and behind them one without a name that counts the others."""
    yield from files[:FILES_MAX]
    if len(files) > FILES_MAX:
        yield Attachment("", len(files) - FILES_MAX)
