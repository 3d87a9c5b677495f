"""The one way to send mail: SMTP, with its answers sorted by what is known of the message.

SMTP has no way to ask whether a message was taken. Until the last dot of DATA is sent the server
has nothing (RFC 5321 4.1.1.4), so any failure before is safe to repeat. After it, a lost answer
means that it cannot be known: that is ``MailUnknown``, and only the recipient's side can recognise
a repeat, by its Message-ID. Letters are made in ``messages.customers.mail_body``, what is known of
each is recorded in ``bot.mail.deliver``.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import parseaddr
from typing import Any

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPStatus,
)
from aiosmtplib.protocol import SMTPProtocol

CALL_TIMEOUT = 10.0  # seconds for any one command
TOTAL_TIMEOUT = 25.0  # seconds for a whole exchange; less than delivery's lease
LAST_LOOK = 0.2  # seconds to read an answer that came while this process stood still
_LINE_THAT_STARTS_WITH_A_DOT = re.compile(rb"^\.", re.MULTILINE)  # RFC 5321 4.5.2
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")  # RFC 3463
# An address however it is written: quoted, escaped, with the wide sign.
_ADDRESS = re.compile(r"""(?:"[^"]*"|(?<!\S)[^\s"]+)(?:@|＠|%40)\S+""")
PERMANENT = 500  # replies from here on will be the same next time; RFC 5321 4.2.1


class MailRefused(Exception):
    """The server will not take this message, now or later; ``reason`` is what it said on one line.

    ``code`` is the reply's, 500 or more.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class _NotTaken(Exception):
    """Logs and lists show ``str()``, in which no server's words are: they may name the customer.

    ``reason`` is for those on the case: what the server said, where it said anything.
    """

    def __init__(self, why: str, reason: str = "") -> None:
        super().__init__(why)
        self.reason = reason or why


class MailAway(_NotTaken):
    """The server did not take the message for now; a repeat is safe.

    A reply below 500, a refused login, a connection that failed or ended before the message was
    given.
    """


class MailUnknown(_NotTaken):
    """The message was given away and its answer lost; it cannot be known whether it was taken."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; ``tls`` is starttls, tls or none.

    starttls and tls check the server's certificate. An empty ``username``: no login.
    """

    host: str
    port: int = 587
    username: str = ""
    password: str = ""
    tls: str = "starttls"


class Mailer:
    """Hands mail to a server. ``sender`` is what From shows, ``replies`` takes the answers.

    ``replies`` is an address, by default that of ``sender``; it must take mail for
    ``name+tag@domain`` too. A connection is opened for each mail.
    """

    def __init__(self, server: MailServer, sender: str, replies: str = "") -> None:
        self.server = server
        self.sender = sender
        self.address = parseaddr(sender)[1]
        self.replies = parseaddr(replies)[1] or self.address

    @property
    def domain(self) -> str:
        """The domain under which our messages are known: in Message-IDs, and to the server
        (EHLO).
        """
        return self.address.rpartition("@")[2]

    def reply_to(self, tag: str) -> str:
        """The mailbox for answers to what ``tag`` names: ``help+<tag>@northwind.example``."""
        name, _, domain = self.replies.rpartition("@")
        return f"{name}+{tag}@{domain}"

    async def send(
        self,
        letter: EmailMessage,
        recipient: str,
        bounces_to: str,
        giving: Callable[[], Awaitable[None]],
        within: float = TOTAL_TIMEOUT,
    ) -> str:
        """Hand ``letter`` in within so many seconds; answers what the server said (``250 queued as
        …``).

        ``giving`` is awaited when the server has said that it is ready for the message, just before
        that is transmitted: the last moment to record that its outcome may become unknown, or to
        give up by raising. ``bounces_to`` is the envelope's sender. ``within`` never exceeds
        ``TOTAL_TIMEOUT``. Raises MailRefused, MailAway or MailUnknown, and what ``giving`` raises.
        An OSError or a TimeoutError that ``giving`` raises becomes MailAway, since nothing was
        given.
        """
        given = False

        async def now_giving() -> None:
            """Await ``giving``, then note that the message is given; where it raises, it is not."""
            nonlocal given
            await giving()
            given = True

        exchange = self._exchange(letter, recipient, bounces_to, now_giving)
        try:
            return await _within(exchange, min(within, TOTAL_TIMEOUT), lambda: given)
        except (SMTPRecipientRefused, SMTPSenderRefused, SMTPDataError) as answer:
            raise _sorted(answer) from answer
        except (SMTPException, OSError, TimeoutError) as lost:
            if given:
                raise MailUnknown(_name(lost), _told(lost)) from lost
            raise MailAway(_name(lost), _told(lost)) from lost

    async def _exchange(
        self,
        letter: EmailMessage,
        recipient: str,
        bounces_to: str,
        giving: Callable[[], Awaitable[None]],
    ) -> str:
        """Connect, log in where there is a user name, hand the message in; the server's reply.

        The connection is closed without QUIT, however it ends: the reply to DATA is all that
        counts.
        """
        connection = self._connection()
        await connection.connect()
        try:
            if self.server.username:
                await connection.login(self.server.username, self.server.password)
            await connection.mail(bounces_to)
            await connection.rcpt(recipient)
            answer = await _transmit(connection.protocol, letter.as_bytes(policy=WIRE), giving)
        finally:
            connection.close()
        return f"{answer.code} {answer.message}"

    def _connection(self) -> aiosmtplib.SMTP:
        """A connection to the server, not opened yet; each step has ``CALL_TIMEOUT`` seconds."""
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


async def _transmit(
    wire: SMTPProtocol | None, message: bytes, giving: Callable[[], Awaitable[None]]
) -> SMTPResponse:
    """The DATA command, with ``giving`` between the server's go-ahead and the message.

    The library's own sends both in one go; then nothing could be asked in between.
    """
    if wire is None:
        raise SMTPServerDisconnected("not connected")
    ready = await wire.execute_command(b"DATA", timeout=CALL_TIMEOUT)
    if ready.code != SMTPStatus.start_input:
        raise SMTPDataError(ready.code, ready.message)
    await giving()
    wire.write(_LINE_THAT_STARTS_WITH_A_DOT.sub(b"..", message) + b".\r\n")
    answer = await wire.read_response(timeout=TOTAL_TIMEOUT)
    if answer.code != SMTPStatus.completed:
        raise SMTPDataError(answer.code, answer.message)
    return answer


async def _within(
    exchange: Coroutine[Any, Any, str], seconds: float, given: Callable[[], bool]
) -> str:
    """What the server says in so many seconds, or said while this process stood still.

    Raises TimeoutError.
    """
    task = asyncio.ensure_future(exchange)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if given():
            await asyncio.wait({task}, timeout=LAST_LOOK)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        await asyncio.wait({task})
        raise TimeoutError
    return task.result()


def _sorted(answer: SMTPResponseException) -> MailRefused | MailAway:
    """A server's no: for good, or for now.

    A refused login is for now, whatever its code: the administrator can set another.
    """
    if answer.code >= PERMANENT and not isinstance(answer, SMTPAuthenticationError):
        return MailRefused(answer.code, " ".join(answer.message.split()))
    return MailAway(_codes(answer), f"{answer.code} {answer.message}")


def _codes(answer: SMTPResponseException) -> str:
    """A server's reply without its words: ``451 4.7.1``."""
    enhanced = _ENHANCED.match(answer.message.strip())
    return f"{answer.code} {enhanced[0] if enhanced else ''}".strip()


def _name(lost: BaseException) -> str:
    """What went wrong, without a server's words and without addresses."""
    if isinstance(lost, SMTPResponseException):
        return f"{type(lost).__name__}: {_codes(lost)}"
    return _ADDRESS.sub("…", _told(lost))


def _told(lost: BaseException) -> str:
    """The fault's type and words on one line, at most 300 characters; they may hold addresses."""
    said = " ".join(str(lost).split())
    return f"{type(lost).__name__}: {said}"[:300]
