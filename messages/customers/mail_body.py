"""A mail to a customer: a person's words, as plain text and as HTML, in the case's thread.

Header values are put in by Python's email policy, which refuses line breaks and encodes what is
not ASCII (RFC 2047); what people wrote is made one line before. ``bot/mail/deliver.py`` reads the
facts and hands the mail to the server: a retry composes the same Message-ID again, by which the
customer's side can tell a duplicate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from bot.rules.words import Language
from messages.customers.html import render_page
from messages.kit.texts import t

SUBJECT_MAX = 150  # characters
REFERENCES_MAX = 20  # ids kept: the first, and the newest; RFC 5322 3.6.4 lets us shorten
_WORD = r"[^\s<>,;:\"()@\[\]\\]"
# Looked for where a word begins: else a long word would be read from each of its letters.
ADDRESS = re.compile(rf"(?<!{_WORD}){_WORD}+@{_WORD}+\.[^\s<>,;:\"()@\[\]\\.]+")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'»]")


@dataclass(frozen=True, slots=True)
class Letter:
    """What makes a mail. ``parents`` are the Message-IDs of its thread, oldest first.

    ``sender`` and ``reply_to`` are mailboxes (``Name <address>``), ``recipient`` a bare address and
    ``recipient_name`` its name, "" for none. ``message_id`` has its angle brackets. ``at`` is
    aware. ``links`` are pairs of a label and an address below the text; ``reference`` is the case's
    or the problem's. ``human`` is false for what the app asks by itself, which other machines must
    not answer (RFC 3834).
    """

    sender: str
    recipient: str
    recipient_name: str
    reply_to: str
    subject: str
    text: str
    language: Language
    message_id: str
    at: datetime
    parents: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    reference: str = ""
    human: bool = True


def compose_mail(letter: Letter) -> EmailMessage:
    """Compose the mail, ready for the wire: plain text first, then HTML, both quoted-printable.

    Raises ValueError for a sender, recipient or reply address that is no mail address.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = header_mailbox(letter.sender)
    mail["To"] = named_address(letter.recipient_name, letter.recipient)
    mail["Reply-To"] = header_mailbox(letter.reply_to)
    mail["Subject"] = header_line(letter.subject, SUBJECT_MAX)
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = letter.message_id
    if letter.parents:
        mail["In-Reply-To"] = letter.parents[-1]
        mail["References"] = " ".join(shorten_references(letter.parents))
    mail["Content-Language"] = letter.language.value
    if not letter.human:
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain_part(letter), cte="quoted-printable")
    mail.add_alternative(html_part(letter), subtype="html", cte="quoted-printable")
    return mail


def plain_part(letter: Letter) -> str:
    """Write the text, and below it the links, each on a line after its label, and the reference."""
    parts = [letter.text.strip()]
    parts += [f"{label}:\n{url}" for label, url in letter.links]
    parts += [_reference(letter)] if letter.reference else []
    return "\n\n".join(parts) + "\n"


def mail_text(words: str, language: Language, *, paged: bool, reference: str) -> str:
    """Write a person's words with what the app adds, as an approver reads them.

    ``paged`` adds the status page's label; its address is made when the mail is sent, so "…" stands
    for it. An empty ``reference`` is left out.
    """
    parts = [words.strip()]
    parts += [f"{t(language, 'mail.status_link')}: …"] if paged else []
    parts += [t(language, "mail.reference", reference=reference)] if reference else []
    return "\n\n".join(parts)


def html_part(letter: Letter) -> str:
    """Write the same as HTML: paragraphs, no picture, nothing from elsewhere."""
    return render_page(
        "mail.html",
        language=letter.language.value,
        title=header_line(letter.subject, SUBJECT_MAX),
        paragraphs=[_runs(p) for p in re.split(r"\n\s*\n", letter.text.strip())],
        links=letter.links,
        reference=_reference(letter) if letter.reference else "",
    )


def _reference(letter: Letter) -> str:
    """Write the line that names the case or the problem, in the letter's own language."""
    return t(letter.language, "mail.reference", reference=letter.reference)


def _runs(paragraph: str) -> list[list[tuple[str, bool]]]:
    """Cut a paragraph into lines, each in runs of text; True marks an address to link."""
    lines = []
    for line in paragraph.split("\n"):
        runs, end = [], 0
        for found in _URL.finditer(line):
            runs += [(line[end : found.start()], False), (found[0], True)]
            end = found.end()
        lines.append([run for run in (*runs, (line[end:], False)) if run[0]])
    return lines


SUBJECTS = {
    "case": "mail.subject",
    "many": "mail.subject_many",
    "issue": "mail.subject_issue",
}


def mail_subject(
    reference: str, language: Language, *, answering: bool, about: str = "case"
) -> str:
    """Write one subject a case, so that mail programs keep the thread together.

    ``answering`` puts ``Re:`` in front, which is not translated. ``about`` is a key of
    ``SUBJECTS``: a case, or for customers without one a problem that ``many`` have, or an ``issue``
    that they reported.
    """
    said = t(language, SUBJECTS[about], reference=reference)
    return f"Re: {said}" if answering else said


def name_sender(sender: str, company: str) -> str:
    """Return the mailbox of ``From``: its own name, else the company's, so that it has one."""
    name, address = parseaddr(sender)
    if name or not company:
        return sender
    quoted = company.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def header_line(text: str, limit: int) -> str:
    """Make text that cannot end a header: one line, no control characters, cut to ``limit``."""
    return " ".join(_CONTROL.sub(" ", text).split())[:limit]


def header_mailbox(text: str) -> Address:
    """Read ``Name <address>`` as a header's address.

    Raises ValueError for an address that is none.
    """
    name, address = parseaddr(header_line(text, 400))
    return named_address(name, address)


def named_address(name: str, address: str) -> Address:
    """Make an address with its name, cut to 120 characters; the domain is written in ASCII (IDNA).

    Raises ValueError for an address that is none, and UnicodeError, a kind of it, for a domain that
    IDNA cannot write.
    """
    if not ADDRESS.fullmatch(address) or not address.isprintable():
        raise ValueError(f"not an address: {address!r}")
    user, _, domain = address.rpartition("@")
    return Address(header_line(name, 120), user, domain.encode("idna").decode("ascii"))


def shorten_references(parents: Sequence[str]) -> list[str]:
    """Return the thread's ids as References keeps them: the first and the newest, at most 20."""
    if len(parents) <= REFERENCES_MAX:
        return list(parents)
    return [parents[0], *parents[-(REFERENCES_MAX - 1) :]]


def address_in(text: str) -> str:
    """Return the first mail address in what a person typed; "" when there is none."""
    found = ADDRESS.search(text)
    return found[0].strip(".,") if found else ""
