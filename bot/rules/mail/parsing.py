"""What a mail says: its sender, its thread, the words that are new in it. Pure, and suspicious.

Everything here was written by a stranger. What breaks a limit is not parsed; of it only the sender,
the recipients and the thread are known. What cannot be read is said to be so, never guessed. It
runs in a process of its own (bot/engine/parsing/process.py), from which the mail comes as JSON.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import Policy, default
from email.utils import parseaddr
from typing import Any

from bot.rules.mail.bounces import Bounce, find_bounce
from bot.rules.mail.contents import Attachment, Contents, listed_files, read_contents
from bot.rules.mail.headers import (
    ID,
    LINE_MAX,
    cut_line,
    field_text,
    find_parents,
    find_recipients,
    raw_fields,
    read_date,
    read_field,
)
from bot.rules.mail.limits import PARTS_MAX, envelope_of, exceeded_limit
from bot.rules.mail.machines import is_automatic, is_sent_to_many
from bot.rules.mail.quotes import Words, read_words

RESULTS_MAX = 20  # Authentication-Results that are kept
RESULT_MAX = 2_000  # characters kept of each

_QUOTED_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
# The one address of a From, without quoted strings: after a name, or alone. A name with a comma or
# a colon, and encoded words in an address, are read in one way here and in another there.
_AUTHOR = re.compile(
    r"[^@<>;,:\\]*<([^@<>()\[\];,:\\\s?]+@[^@<>()\[\];,:\\\s?]+)>"
    r"|([^@<>()\[\];,:\\\s?]+@[^@<>()\[\];,:\\\s?]+)(?: ?\([^()]*\))?"
)
_TICKET = re.compile(r"\bESC-([0-9]{1,9})\b")
# What any mail has at least one of; without them the bytes are none.
_KNOWN = ("from", "sender", "reply-to", "to", "cc", "subject", "message-id", "date", "received",
          "return-path", "delivered-to")  # fmt: skip


@dataclass(frozen=True, slots=True)
class InboundMail:
    """A mail as far as we look at it. ``at`` is its own Date in UTC, None when it has none.

    ``message_id`` is made from a hash of the bytes where it has none, so the same mail has the same
    one again; ``digest`` is that of what it says, whatever ways it came. ``sender`` is empty where
    no field names one, and of a mail without From it is that of Sender or Reply-To. ``parents`` are
    the Message-IDs of its thread, the nearest last. ``text`` is what is new, ``whole`` all of it
    (empty where they are the same), ``folded`` how many lines the text lacks, ``below`` the lines
    of a quoted mail without marks. ``note`` says why words are missing: ``partly``, ``unreadable``,
    ``encrypted``, ``empty``. ``automatic``: a machine sent it; ``many``: it has marks
    of mass mail. ``authors`` is how many addresses its From names, 0 where servers may read it
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
    digest: str = ""
    whole: str = ""
    folded: int = 0
    below: tuple[str, ...] = ()
    note: str = ""
    files: tuple[Attachment, ...] = ()
    many: bool = False

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

    @property
    def own_id(self) -> str:
        """A Message-ID that no other mail has, for one that came under another mail's."""
        return f"<content.{self.digest}@none.invalid>"


class TooManyPartsError(Exception):
    """More parts than a mail may have."""


def parse_mail(raw: bytes) -> InboundMail:
    """The mail in ``raw`` (RFC 5322). Raises ValueError for bytes without any field of a mail.

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

    Raises ValueError for bytes without any field of a mail.
    """
    known = _heard(message_from_bytes(envelope_of(raw), policy=default), raw)
    return replace(known, text="", bounce=None, unread=broken, note="", digest=_digest([raw]))


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
    """The mail as values; cuts lines to size. Raises ValueError without any field of a mail."""
    if not any(raw_fields(mail, name) for name in _KNOWN):
        raise ValueError("a mail has fields")
    known = ID.search(read_field(mail, "Message-ID"))
    sender = _sender(mail)
    recipients = tuple(find_recipients(mail))
    subject, contents = field_text(mail, "subject"), read_contents(mail)
    words = read_words(contents.text, _domains(sender, recipients))
    return InboundMail(
        message_id=known[0] if known else f"<sha256.{_digest([raw])}@none.invalid>",
        sender=sender[:LINE_MAX],
        sender_name=cut_line(parseaddr(field_text(mail, "from"))[0]),
        recipients=recipients,
        parents=find_parents(mail),
        subject=subject,
        at=read_date(mail),
        automatic=is_automatic(mail, subject, words.text, sender),
        many=is_sent_to_many(mail),
        authors=_authors(mail, sender) if len(sender) <= LINE_MAX else 0,
        results=tuple(_results(mail)),
        bounce=find_bounce(mail, subject, contents.text, sender),
        digest=_digest_of(mail, contents),
        **_shown(words, contents),
    )


def _shown(words: Words, contents: Contents) -> Mapping[str, Any]:
    return {
        "text": words.text,
        "whole": words.whole if words.whole != words.text else "",
        "folded": words.folded,
        "below": words.below,
        "note": contents.note,
        "files": tuple(listed_files(contents.files)),
    }


def _digest_of(mail: Message, contents: Contents) -> str:
    """The same for a mail that came twice by different ways, which change the other fields."""
    said = [" ".join(raw_fields(mail, name)) for name in ("from", "date", "subject")]
    files = [f"{file.name} {file.size}" for file in contents.files]
    return _digest([part.encode("utf-8", "replace") for part in [*said, contents.text, *files]])


def _digest(parts: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\x00".join(parts)).hexdigest()[:40]


def pack_mail(heard: InboundMail) -> dict[str, Any]:
    """A mail as JSON values.

    Its fields by name, ``at`` in ISO 8601, ``bounce`` as an object or null.
    """
    return asdict(heard) | {"at": heard.at.isoformat() if heard.at else None}


def unpack_mail(values: dict[str, Any]) -> InboundMail:
    """The mail that ``pack_mail`` gave."""
    given = _with_tuples(values)
    at, bounce = given["at"], given["bounce"]
    given["at"] = datetime.fromisoformat(at) if at else None
    given["bounce"] = Bounce(**_with_tuples(bounce)) if bounce else None
    given["files"] = tuple(Attachment(**file) for file in given["files"])
    return InboundMail(**given)


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _sender(mail: Message) -> str:
    """The address of From in lower case, else of Sender or Reply-To; empty where none has one.

    A bare name such as MAILER-DAEMON stands for itself, in lower case.
    """
    for name in ("From", "Sender", "Reply-To"):
        address = parseaddr(read_field(mail, name))[1]
        if "@" in address or (name == "From" and address):
            return address.lower()
    return ""


def _domains(sender: str, recipients: Sequence[str]) -> frozenset[str]:
    """The domains between which the mail goes."""
    known = (address.rpartition("@")[2] for address in (sender, *recipients) if "@" in address)
    return frozenset(known)


def _results(mail: Message) -> Iterator[str]:
    """The Authentication-Results in the order of the mail, as many and as much as is kept."""
    for said in raw_fields(mail, "authentication-results")[:RESULTS_MAX]:
        yield said[:RESULT_MAX]


def _authors(mail: EmailMessage, sender: str) -> int:
    """How many addresses all From fields together have, at least.

    0 where the one address is written so that our mail server may have read another one there.
    """
    said = [_QUOTED_STRING.sub("", value) for value in raw_fields(mail, "from")]
    count = sum(value.count("@") for value in said)
    if count != 1 or len(said) != 1:
        return max(count, len(said) if count else 0)
    found = _AUTHOR.fullmatch(said[0].strip())
    return int(found is not None and (found[1] or found[2]).lower() == sender)
