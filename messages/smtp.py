"""The one way to send mail: SMTP, with its answers sorted by what is known of the message.

SMTP has no way to ask whether a message was taken. Until the last dot of DATA is sent the server
has nothing (RFC 5321 4.1.1.4), so any failure before is safe to repeat. After it, a lost answer
means that nobody can know: that is ``MailUnknown``, and only the recipient's side can recognise
a repeat, by its Message-ID.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

CALL_TIMEOUT = 10.0  # seconds for any one command
TOTAL_TIMEOUT = 25.0  # seconds for a whole exchange; less than delivery's lease
PERMANENT = 500  # replies from here on will be the same next time; RFC 5321 4.2.1


class MailRefused(Exception):
    """The server will not take this message, now or later; ``reason`` is what it said."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class MailAway(Exception):
    """The server did not take the message for now; a repeat is safe."""


class MailUnknown(Exception):
    """The message was given away and its answer lost; nobody knows whether it was taken."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; ``tls`` is starttls, tls or none."""

    host: str
    port: int = 587
    username: str = ""
    password: str = ""
    tls: str = "starttls"


class Mailer:
    """Hands mail to a server. ``sender`` is what From shows, ``replies`` takes the answers."""

    def __init__(self, server: MailServer, sender: str, replies: str = "") -> None:
        self.server = server
        self.sender = sender
        self.address = parseaddr(sender)[1]
        self.replies = parseaddr(replies)[1] or self.address

    @property
    def domain(self) -> str:
        """The domain under which our messages are known."""
        return self.address.rpartition("@")[2]

    def reply_to(self, tag: str) -> str:
        """The mailbox for answers to what ``tag`` names."""
        name, _, domain = self.replies.rpartition("@")
        return f"{name}+{tag}@{domain}"

    async def send(
        self,
        letter: EmailMessage,
        recipient: str,
        bounces_to: str,
        giving: Callable[[], Awaitable[None]],
    ) -> str:
        """Hand ``letter`` in; answers what the server said.

        ``giving`` is awaited just before the message itself is transmitted.
        Raises MailRefused, MailAway or MailUnknown.
        """
        given = False

        async def now_giving() -> None:
            nonlocal given
            await giving()
            given = True

        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                return await self._exchange(letter, recipient, bounces_to, now_giving)
        except (SMTPRecipientRefused, SMTPSenderRefused, SMTPDataError) as answer:
            raise _sorted(answer) from answer
        except (SMTPException, OSError, TimeoutError) as lost:
            if given:
                raise MailUnknown(_name(lost)) from lost
            raise MailAway(_name(lost)) from lost

    async def _exchange(
        self,
        letter: EmailMessage,
        recipient: str,
        bounces_to: str,
        giving: Callable[[], Awaitable[None]],
    ) -> str:
        connection = self._connection()
        await connection.connect()
        try:
            if self.server.username:
                await connection.login(self.server.username, self.server.password)
            await connection.mail(bounces_to)
            await connection.rcpt(recipient)
            await giving()
            answer = await connection.data(letter.as_bytes(policy=WIRE))
        finally:
            connection.close()
        return f"{answer.code} {answer.message}"

    def _connection(self) -> aiosmtplib.SMTP:
        way = self.server.tls
        return aiosmtplib.SMTP(
            hostname=self.server.host,
            port=self.server.port,
            timeout=CALL_TIMEOUT,
            use_tls=way == "tls",
            start_tls=way == "starttls",
            tls_context=None if way == "none" else ssl.create_default_context(),
            local_hostname=self.domain,
        )


def _sorted(answer: SMTPResponseException) -> MailRefused | MailAway:
    """A server's no: for good, or for now."""
    if answer.code >= PERMANENT and not isinstance(answer, SMTPAuthenticationError):
        return MailRefused(answer.code, " ".join(answer.message.split()))
    return MailAway(f"{answer.code} {answer.message}")


def _name(lost: BaseException) -> str:
    said = " ".join(str(lost).split())
    return f"{type(lost).__name__}: {said}"[:300]
