"""What a mail says: its sender, its thread, the words that are new in it. Pure, and suspicious.

Everything here was written by a stranger. Only Python's own parser reads it; what it cannot read
is left out, never guessed.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

TEXT_MAX = 3000  # characters kept; what a form takes
IDS_MAX = 50  # Message-IDs of a thread that are looked at
LINE_MAX = 200  # characters of a subject or an address

_ID = re.compile(r"<[^<>\s]{1,250}>")
_TICKET = re.compile(r"\bESC-([0-9]{1,9})\b")
_FAILED = re.compile(r"\b(?:dmarc|dkim|spf)\s*=\s*(?:fail|permerror)\b", re.IGNORECASE)

# Where the quoted mail begins. Each pattern is tried on one line, or on two joined ones, because
# programs break “On … wrote:” between lines.
_QUOTED = (
    re.compile(r"^\s*>"),
    re.compile(r"^\s*(?:On|Am|Le|El)\b.{5,200}\b(?:wrote|schrieb|a écrit|escribió)\s*:\s*$"),
    re.compile(r"^\s*(?:Στις|Την|Τη|Το|Ο|Η)\b.{3,200}\b(?:έγραψε|έγραψες)\s*:?\s*$"),
    re.compile(r"^\s*-{2,}\s*(?:Original Message|Forwarded message|Αρχικό μήνυμα)\s*-{2,}", re.I),
    re.compile(r"^\s*_{20,}\s*$"),
    re.compile(r"^\s*(?:\*)?(?:From|Από)(?:\*)?:\s.{3,200}$"),
    re.compile(r"^-- $"),
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report about one recipient (RFC 3464); ``about`` is our mail's Message-ID."""

    about: str
    recipient: str
    failed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A mail as far as we look at it. ``at`` is its own Date, None when it has none."""

    message_id: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    parents: tuple[str, ...]
    subject: str
    text: str
    at: datetime | None
    automatic: bool
    checks_failed: bool
    bounce: Bounce | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """What stands after the plus in the addresses it was sent to."""
        names = (address.partition("@")[0] for address in self.recipients)
        return tuple(name.partition("+")[2] for name in names if "+" in name)

    @property
    def ticket(self) -> int | None:
        """The case that its subject names."""
        found = _TICKET.search(self.subject)
        return int(found[1]) if found else None


def read(raw: bytes) -> Heard:
    """The mail in ``raw`` (RFC 5322). Raises ValueError for what is none."""
    mail = message_from_bytes(raw, policy=default)
    sender_name, sender = parseaddr(_header(mail, "From"))
    if "@" not in sender:
        raise ValueError("a mail has a sender")
    known = _ID.search(_header(mail, "Message-ID"))
    digest = hashlib.sha256(raw).hexdigest()
    return Heard(
        message_id=known[0] if known else f"<sha256.{digest[:40]}@none.invalid>",
        sender=sender.lower()[:LINE_MAX],
        sender_name=_line(sender_name),
        recipients=tuple(_recipients(mail)),
        parents=_parents(mail),
        subject=_line(_header(mail, "Subject")),
        text=new_words(_text(mail)),
        at=_date(mail),
        automatic=_automatic(mail),
        checks_failed=bool(_FAILED.search(_header(mail, "Authentication-Results"))),
        bounce=_bounce(mail),
    )


def _header(mail: Message, name: str) -> str:
    """A header's text; empty when the parser cannot make sense of it."""
    try:
        return str(mail.get(name, ""))
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LINE_MAX]


def _recipients(mail: Message) -> Iterator[str]:
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    found = getaddresses([_header(mail, name) for name in names])
    yield from dict.fromkeys(address.lower() for _, address in found if "@" in address)


def _parents(mail: Message) -> tuple[str, ...]:
    said = f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}"
    return tuple(dict.fromkeys(_ID.findall(said)))[-IDS_MAX:]


def _date(mail: Message) -> datetime | None:
    try:
        at = parsedate_to_datetime(_header(mail, "Date"))
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _automatic(mail: Message) -> bool:
    """True for what a machine sent: RFC 3834, and what came before it."""
    said = _header(mail, "Auto-Submitted").strip().lower()
    bulk = _header(mail, "Precedence").strip().lower() in {"bulk", "junk", "auto_reply"}
    return (said not in {"", "no"}) or bulk or bool(_header(mail, "X-Autoreply"))


def _text(mail: EmailMessage) -> str:
    """The plain text, else the HTML as text; empty when neither can be read."""
    try:
        body = mail.get_body(("plain", "html"))
        content = str(body.get_content()) if body is not None else ""
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""
    if body is not None and body.get_content_type() == "text/html":
        return html_text(content)
    return content


class _Words(HTMLParser):
    """Collects what a reader would see."""

    UNSEEN = frozenset({"script", "style", "head", "title", "template"})
    BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Blocks begin a line; what is not shown, and quotes, are counted."""
        self.unseen += tag in self.UNSEEN
        self.quoted += tag == "blockquote"
        if tag in self.BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Blocks end a line."""
        self.unseen -= tag in self.UNSEEN and self.unseen > 0
        self.quoted -= tag == "blockquote" and self.quoted > 0
        if tag in self.BREAKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is shown and not quoted."""
        if not self.unseen and not self.quoted:
            self.parts.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def html_text(html: str) -> str:
    """The words of a page of HTML, block by block, without what is quoted."""
    words = _Words()
    words.feed(html)
    words.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(words.parts)).strip()


def new_words(text: str) -> str:
    """What the writer added: everything above the quoted mail and the signature, cut to size."""
    lines = ["".join(c for c in line if c.isprintable() or c == "\t") for line in text.splitlines()]
    end = next((i for i in range(len(lines)) if _begins_quote(lines, i)), len(lines))
    kept = "\n".join(line.rstrip() for line in lines[:end]).strip()
    if not kept and end < len(lines):  # an answer below the quote
        kept = "\n".join(line.rstrip() for line in lines if not _QUOTED[0].match(line)).strip()
    return re.sub(r"\n{3,}", "\n\n", kept)[:TEXT_MAX]


def _begins_quote(lines: Sequence[str], at: int) -> bool:
    joined = " ".join(lines[at : at + 2])
    if any(pattern.match(lines[at]) for pattern in _QUOTED):
        return True
    return any(pattern.match(joined) for pattern in _QUOTED[1:3]) and bool(lines[at].strip())


def _bounce(mail: EmailMessage) -> Bounce | None:
    """What a delivery status notification says; None for any other mail."""
    kind = str(mail.get_param("report-type", "")).lower()
    if mail.get_content_type() != "multipart/report" or kind != "delivery-status":
        return None
    fields: dict[str, str] = {}
    about = ""
    for part in mail.walk():
        content = part.get_content_type()
        if content == "message/delivery-status":
            fields |= _status_fields(part)
        elif content in {"message/rfc822", "text/rfc822-headers"}:
            about = about or _original_id(part)
    said = fields.get("diagnostic-code", "").partition(";")[2] or fields.get("status", "")
    return Bounce(
        about=about or next(iter(_parents(mail)[-1:]), ""),
        recipient=_line(fields.get("final-recipient", "").partition(";")[2]),
        failed=fields.get("action", "").strip().lower() == "failed",
        reason=_line(said),
    )


def _status_fields(part: Message) -> dict[str, str]:
    """The fields of every block of a delivery-status part; the recipient's come last."""
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else []
    return {
        name.lower(): str(value)
        for block in blocks
        if isinstance(block, Message)
        for name, value in block.items()
    }


def _original_id(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        found = _ID.search(_header(payload[0], "Message-ID"))
    else:
        found = re.search(r"^Message-ID:\s*(<[^<>\s]{1,250}>)", str(payload), re.I | re.M)
        return found[1] if found else ""
    return found[0] if found else ""
