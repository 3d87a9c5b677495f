"""What a mail says: its sender, its thread, the words that are new in it. Pure, and suspicious.

Everything here was written by a stranger. What breaks a limit is not parsed; of it only the sender,
the recipients and the thread are known. What cannot be read is left out, never guessed. It runs in
a process of its own (bot/engine/parser_process.py), from which the mail comes as JSON.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import Policy, default
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from typing import Any

from bot.rules.languages import find_languages, read_data
from bot.rules.mail.html_text import html_text
from bot.rules.mail.limits import PARTS_MAX, envelope_of, exceeded_limit

TEXT_MAX = 3000  # characters kept; what a form takes
IDS_MAX = 50  # Message-IDs of a thread that are looked at
LINE_MAX = 200  # characters of a subject or an address
LOOKED_MAX = 200_000  # characters in which new words are looked for; some 60 pages
LINES_LOOKED = 5_000  # lines in which they are looked for
RESULTS_MAX = 20  # Authentication-Results that are kept
RESULT_MAX = 2_000  # characters kept of each

_ID = re.compile(r"<[^<>\s]{1,250}>")
_QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# The one address of a From, without quoted strings: after a name, or alone. A name with a comma or
# a colon, and encoded words in an address, are read in one way here and in another there.
_AUTHOR = re.compile(
    r"[^@<>;,:\\]*<([^@<>()\[\];,:\\\s?]+@[^@<>()\[\];,:\\\s?]+)>"
    r"|([^@<>()\[\];,:\\\s?]+@[^@<>()\[\];,:\\\s?]+)(?: ?\([^()]*\))?"
)
_TICKET = re.compile(r"\bESC-([0-9]{1,9})\b")


def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """What mail programs write above quoted mail, by ``[mail]`` of every ``reading.toml``."""
    return tuple(
        re.compile(pattern)
        for code in find_languages()
        for pattern in read_data(code, "reading.toml").get("mail", {}).get(kind, ())
    )


_WROTE = _patterns("wrote")  # “On … wrote:”
# Where the quoted mail begins. Each pattern is tried on one line, or on two joined ones, because
# programs break “On … wrote:” between lines.
_QUOTED = (
    re.compile(r"^\s*>"),
    *_WROTE,
    re.compile(r"^\s*_{20,}\s*$"),
    re.compile(r"^-- $"),
    *_patterns("quoted"),
)


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report about one recipient (RFC 3464); ``about`` is our mail's Message-ID.

    ``failed`` is true for the action ``failed`` only: a delay is no failure. ``reason`` is what the
    other server says, one line. ``about`` is empty where the report does not show our mail.
    """

    about: str
    recipient: str
    failed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail as far as we look at it. ``at`` is its own Date in UTC, None when it has none.

    ``message_id`` is made from a hash of the bytes where it has none, so the same mail has the same
    one again. ``parents`` are the Message-IDs of its thread, the nearest last. ``automatic``: a
    machine sent it. ``authors`` is how many addresses its From names, 0 where servers may read it
    differently; ``results`` are its Authentication-Results; ``unread`` is the limit that it broke
    (``time`` for a parser that took too long): then it has neither text nor bounce.
    """

    message_id: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    parents: tuple[str, ...]
    subject: str
    text: str
    at: datetime | None
    automatic: bool
    authors: int = 1
    results: tuple[str, ...] = ()
    unread: str = ""
    bounce: Bounce | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """What stands after the plus in the addresses it was sent to, unchecked; see ``Signer``."""
        names = (address.partition("@")[0] for address in self.recipients)
        return tuple(name.partition("+")[2] for name in names if "+" in name)

    @property
    def ticket(self) -> int | None:
        """The case that its subject names (``ESC-7``), which proves nothing; None for none."""
        found = _TICKET.search(self.subject)
        return int(found[1]) if found else None


class TooManyPartsError(Exception):
    """More parts than a mail may have."""


def parse_mail(raw: bytes) -> InboundMail:
    """The mail in ``raw`` (RFC 5322). Raises ValueError for one without a sender's address.

    What is over a limit comes back with ``unread`` set instead of raising.
    """
    if broken := exceeded_limit(raw):
        return parse_envelope(raw, broken)
    try:
        return _heard(_parsed(raw), raw)
    except TooManyPartsError:
        return parse_envelope(raw, "parts")
    except RecursionError:
        return parse_envelope(raw, "nested")


def parse_envelope(raw: bytes, broken: str) -> InboundMail:
    """The sender and the thread of a mail that must not be parsed; ``broken`` becomes ``unread``.

    Raises ValueError for one without a sender's address.
    """
    known = _heard(message_from_bytes(envelope_of(raw), policy=default), raw)
    return replace(known, text="", bounce=None, unread=broken)


def _parsed(raw: bytes) -> EmailMessage:
    """The tree of the mail. Raises TooManyPartsError while it grows, before it is whole."""
    made = 0

    def part(policy: "Policy[EmailMessage]") -> EmailMessage:
        nonlocal made
        made += 1
        if made > PARTS_MAX:
            raise TooManyPartsError
        return EmailMessage(policy)

    # The stubs do not know that the parser gives the policy.
    return BytesParser(part, policy=default).parsebytes(raw)  # type: ignore[arg-type]


def _heard(mail: EmailMessage, raw: bytes) -> InboundMail:
    """The mail as values; cuts lines to size. Raises ValueError where the From has no address."""
    sender_name, sender = parseaddr(_header(mail, "From"))
    if "@" not in sender:
        raise ValueError("a mail has a sender")
    known = _ID.search(_header(mail, "Message-ID"))
    digest = hashlib.sha256(raw).hexdigest()
    return InboundMail(
        message_id=known[0] if known else f"<sha256.{digest[:40]}@none.invalid>",
        sender=sender.lower()[:LINE_MAX],
        sender_name=_line(sender_name),
        recipients=tuple(_recipients(mail)),
        parents=_parents(mail),
        subject=_line(_header(mail, "Subject")),
        text=new_words(_text(mail)),
        at=_date(mail),
        automatic=_automatic(mail),
        authors=_authors(mail, sender.lower()) if len(sender) <= LINE_MAX else 0,
        results=tuple(_results(mail)),
        bounce=_bounce(mail),
    )


def pack_mail(heard: InboundMail) -> dict[str, Any]:
    """A mail as JSON values.

    Its fields by name, ``at`` in ISO 8601, ``bounce`` as an object or null.
    """
    return asdict(heard) | {"at": heard.at.isoformat() if heard.at else None}


def unpack_mail(values: dict[str, Any]) -> InboundMail:
    """The mail that ``pack_mail`` gave."""
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    at, bounce = given["at"], given["bounce"]
    given["at"] = datetime.fromisoformat(at) if at else None
    given["bounce"] = Bounce(**bounce) if bounce else None
    return InboundMail(**given)


def _header(mail: Message, name: str) -> str:
    """A header's text; empty when the parser cannot make sense of it."""
    try:
        return _storable(str(mail.get(name, "")))
    except (ValueError, LookupError, TypeError, AttributeError, MessageError):
        return ""


def _raw(mail: Message, name: str) -> list[str]:
    """Every header of that name as our mail server saw it: encoded words stay as they are."""
    return [
        _storable(" ".join(str(value).split()))
        for said, value in mail.raw_items()
        if said.lower() == name
    ]


def _results(mail: Message) -> Iterator[str]:
    """The Authentication-Results in the order of the mail, as many and as much as is kept."""
    for said in _raw(mail, "authentication-results")[:RESULTS_MAX]:
        yield said[:RESULT_MAX]


def _storable(text: str) -> str:
    """The text without what no database takes: halves of characters, and zeros."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _authors(mail: EmailMessage, sender: str) -> int:
    """How many addresses all From fields together have, at least.

    0 where the one address is written so that our mail server may have read another one there.
    """
    said = [_QUOTED_STRING.sub("", value) for value in _raw(mail, "from")]
    count = sum(value.count("@") for value in said)
    if count != 1 or len(said) != 1:
        return max(count, len(said) if count else 0)
    found = _AUTHOR.fullmatch(said[0].strip())
    return int(found is not None and (found[1] or found[2]).lower() == sender)


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LINE_MAX]


def _recipients(mail: Message) -> Iterator[str]:
    """The addresses of all headers that name recipients, in lower case, each once."""
    names = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
    found = getaddresses([_header(mail, name) for name in names])
    yield from dict.fromkeys(address.lower() for _, address in found if "@" in address)


def _parents(mail: Message) -> tuple[str, ...]:
    said = f"{_header(mail, 'References')} {_header(mail, 'In-Reply-To')}"
    return tuple(dict.fromkeys(_ID.findall(said)))[-IDS_MAX:]


def _date(mail: Message) -> datetime | None:
    """The Date in UTC; one without an offset is taken for UTC, one that makes no sense for none."""
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


def new_words(text: str) -> str:
    """What the writer added: everything above the quoted mail and the signature, cut to size.

    Where there is nothing above the quote, the lines that are not quoted. At most ``TEXT_MAX``
    characters; the end is cut without a mark.
    """
    looked = text[:LOOKED_MAX].splitlines()[:LINES_LOOKED]
    lines = ["".join(c for c in line if c.isprintable() or c == "\t") for line in looked]
    end = next((i for i in range(len(lines)) if _begins_quote(lines, i)), len(lines))
    kept = "\n".join(line.rstrip() for line in lines[:end]).strip()
    if not kept and end < len(lines):  # an answer below the quote
        kept = "\n".join(line.rstrip() for line in lines if not _QUOTED[0].match(line)).strip()
    return re.sub(r"\n{3,}", "\n\n", kept)[:TEXT_MAX]


def _begins_quote(lines: Sequence[str], at: int) -> bool:
    joined = " ".join(lines[at : at + 2])
    if any(pattern.match(lines[at]) for pattern in _QUOTED):
        return True
    return any(pattern.match(joined) for pattern in _WROTE) and bool(lines[at].strip())


def _bounce(mail: EmailMessage) -> Bounce | None:
    """What a delivery status notification says; None for any other mail.

    Of several recipients in one report the last one is told.
    """
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
