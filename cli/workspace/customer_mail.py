"""The other side of the demo: the mail server, and the mailboxes of the customers behind it.

What the app sends reaches a mail server of its own kind, over SMTP, and lies in the workspace's
mailboxes; a reply goes in by the door that a mail server's script uses (``POST /mail/inbound``),
signed as that signs it. Both listen on this machine alone, and only while a demo runs: nothing in
``cli/running.py`` knows them.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.policy import default
from email.utils import format_datetime, make_msgid
from typing import Any

import aiohttp
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.mail.receive import inbound_signature
from handlers.http.mail import MAIL_MAX, MAIL_PATH
from sandbox.mailbox import Mail, Mailboxes
from sandbox.workspace import Workspace

AUTHSERV = "mx.northwind.example"  # the name under which Northwind's own mail server checks senders
SENDER = "Northwind Support <help@northwind.example>"
PATIENCE = aiohttp.ClientTimeout(total=30)  # seconds for a reply to be taken in
OUTCOMES = {"received": "reply_received", "quarantined": "reply_held"}  # words by what became of it


@asynccontextmanager
async def customer_mail(workspace: Workspace) -> AsyncIterator[dict[str, Any]]:
    """Give the workspace mailboxes while the block runs; yield settings for a bot that fills them.

    The workspace must have a guide, in whose words a reply is commented.
    """
    secret = secrets.token_hex(32)
    replies = Replies(workspace, secret)
    boxes = Mailboxes(replies.send, lambda: workspace.bus.publish({"type": "mail"}))
    workspace.mailboxes = replies.boxes = boxes
    sink = Sink(workspace, boxes)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _protocol(sink), "127.0.0.1", 0)
    try:
        yield {
            "smtp_host": "127.0.0.1",
            "smtp_port": server.sockets[0].getsockname()[1],
            "smtp_tls": "none",
            "mail_from": SENDER,
            "mail_inbound_secret": secret,
            "mail_authserv_id": AUTHSERV,
            "public_form": True,
        }
    finally:
        server.close()
        workspace.mailboxes = None


def _protocol(sink: "Sink") -> SMTP:
    """The server's side of a connection: it takes UTF-8 addresses and ``MAIL_MAX`` bytes a mail."""
    return SMTP(sink, hostname=AUTHSERV, enable_SMTPUTF8=True, data_size_limit=MAIL_MAX)


class Sink:
    """Takes every mail that is handed to the server, for any address."""

    def __init__(self, workspace: Workspace, boxes: Mailboxes) -> None:
        self._workspace, self._boxes = workspace, boxes

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Put the mail into the box of each recipient; answer as a server does."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)  # the policy's own class
        self._boxes.take(envelope.rcpt_tos, message, self._workspace.now())
        return "250 2.0.0 delivered"


class Replies:
    """Sends what a customer answers through the app's own door for mail."""

    boxes: Mailboxes

    def __init__(self, workspace: Workspace, secret: str) -> None:
        self._workspace, self._secret = workspace, secret

    async def send(self, mail: Mail, text: str, by: str) -> str:
        """Hand a reply in, keep it in the box, and return what became of it in words for ``by``."""
        assert self._workspace.guide is not None  # the demo has one
        words = await self._workspace.guide(by)
        reply = write_reply(mail, text, self._workspace)
        outcome = await self._hand_in(reply.as_bytes(policy=WIRE))
        if outcome not in OUTCOMES:
            return words["reply_lost"]
        self.boxes.take([mail.address], reply, self._workspace.now(), mine=True)
        return words[OUTCOMES[outcome]]

    async def _hand_in(self, raw: bytes) -> str:
        """Post a mail as the script of a mail server does; return its outcome, "" for none."""
        stamp = str(int(time.time()))  # noqa: TID251 - what signs is outside, in real time
        headers = {
            "X-Desk-Timestamp": stamp,
            "X-Desk-Signature": inbound_signature(self._secret, stamp, raw),
        }
        url = self._workspace.base_url + MAIL_PATH
        async with (
            aiohttp.ClientSession(timeout=PATIENCE) as session,
            session.post(url, data=raw, headers=headers) as answer,
        ):
            return str((await answer.json())["outcome"]) if answer.status == 200 else ""


def write_reply(mail: Mail, text: str, workspace: Workspace) -> EmailMessage:
    """Write what the mail program of the customer sends: the words, then the mail quoted below.

    The server of Northwind has found that the mail is from whom it names, and says so in
    ``Authentication-Results``.
    """
    asked, domain = mail.message, mail.address.rpartition("@")[2]
    subject, thread = str(asked["Subject"] or ""), str(asked["Message-ID"] or "")
    reply = EmailMessage()
    reply["Authentication-Results"] = f"{AUTHSERV}; dmarc=pass header.from={domain}"
    name = "" if mail.name == mail.address else mail.name
    reply["From"] = Address(name, addr_spec=mail.address)
    reply["To"] = str(asked["Reply-To"] or asked["From"])
    reply["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    reply["Date"] = format_datetime(workspace.now())
    reply["Message-ID"] = make_msgid(domain=domain)
    reply["In-Reply-To"] = thread
    reply["References"] = f"{asked['References'] or ''} {thread}".strip()
    quoted = "\n".join(f"> {line}".rstrip() for line in mail.text.splitlines())
    reply.set_content(f"{text}\n\nOn {asked['Date']}, {asked['From']} wrote:\n{quoted}\n")
    return reply
