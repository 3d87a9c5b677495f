"""Mailboxes of people outside the workspace: what an app mailed to them, and what they answered.

A workspace has them only where its owner puts them there (``ws.mailboxes``), with a way to send an
answer: how mail comes in and goes out is no part of the workspace.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses

MAILS_MAX = 500  # the oldest go beyond that

Answer = Callable[["Mail", str, str], Awaitable[str]]


@dataclass(slots=True)
class Mail:
    """A mail as it lies in the box of ``address``; ``at`` is workspace time, aware.

    ``mine`` is one that the owner of the box wrote themselves.
    """

    id: int
    address: str
    at: datetime
    message: EmailMessage
    mine: bool = False
    is_read: bool = False

    @property
    def name(self) -> str:
        """The other side's name for the owner of the box; the address where the mail has none."""
        field = "From" if self.mine else "To"
        found = {a.lower(): n for n, a in getaddresses(self.message.get_all(field, []))}
        return found.get(self.address) or self.address

    @property
    def text(self) -> str:
        """The words of the mail, from its plain part."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()).strip() if part is not None else ""

    @property
    def html(self) -> str:
        """The mail as HTML; empty where it has no such part."""
        part = self.message.get_body(("html",))
        return str(part.get_content()) if part is not None else ""


class Mailboxes:
    """All mailboxes outside; ``changed`` is called whenever one looks different.

    ``answer`` sends a reply of the owner of the box, and returns what there is to say of it to the
    user who asked for it.
    """

    def __init__(self, answer: Answer, changed: Callable[[], None]) -> None:
        self._answer, self._changed = answer, changed
        self._mails: dict[int, Mail] = {}
        self._last = 0

    def take(
        self, addresses: Iterable[str], message: EmailMessage, at: datetime, *, mine: bool = False
    ) -> None:
        """Put a mail into the box of each address; capitals make no other box."""
        for address in addresses:
            self._last += 1
            mail = Mail(self._last, address.lower(), at, message, mine, is_read=mine)
            self._mails[mail.id] = mail
        while len(self._mails) > MAILS_MAX:
            del self._mails[min(self._mails)]
        self._changed()

    def addresses(self) -> list[str]:
        """Every address with mail, the one with the newest first."""
        return list(dict.fromkeys(mail.address for mail in self._newest()))

    def mails(self, address: str) -> list[Mail]:
        """What lies in a box, the newest first."""
        return [mail for mail in self._newest() if mail.address == address.lower()]

    def mail(self, mail_id: int) -> Mail | None:
        """The mail with this id; None where there is none, or no longer."""
        return self._mails.get(mail_id)

    def unread(self, address: str = "") -> int:
        """How many mails nobody has opened yet, in one box or in all."""
        return sum(
            not mail.is_read for mail in self._mails.values() if address in ("", mail.address)
        )

    def mark_read(self, address: str) -> None:
        """Everything in a box was seen."""
        new = [mail for mail in self.mails(address) if not mail.is_read]
        for mail in new:
            mail.is_read = True
        if new:
            self._changed()

    async def reply(self, mail: Mail, text: str, by: str) -> str:
        """Answer a mail as the owner of its box; return what there is to tell the user ``by``."""
        return await self._answer(mail, text, by)

    def _newest(self) -> list[Mail]:
        return sorted(self._mails.values(), key=lambda mail: mail.id, reverse=True)
