"""The bot in a local workspace, with a real mail server and pages for customers."""

import time
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import httpx
import pytest

from bot.engine.actors import Actor, ReplyTo
from bot.mail.receive import inbound_signature
from bot.registry import INTENTS
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, local_app
from sandbox.seed import demo_workspace
from tests.first_words import GREEK
from tests.mail.server import CERTIFICATE, Box, mail_server
from tests.ports import free_port

MAYA, ELENI, TOMAS = "U0MAYA", "U0ELENI", "U0TOMAS"
INBOUND_SECRET = "an inbound secret of the tests"
CONTACT = "k.dimou@aegean-ferries.example"
PASSED = "mx.northwind.example; dmarc=pass"  # our own mail server checked who sent it
TEXT = f"Αγαπητή κυρία Δήμου,\n\nβρήκαμε την αιτία. {GREEK}\n\nΜε εκτίμηση,\nΜάγια"


@pytest.fixture
def box() -> Iterator[Box]:
    """The mail server."""
    with mail_server() as running:
        yield running


class World:
    """The bot at work, and short ways to do what people do."""

    def __init__(self, here: Local, box: Box) -> None:
        self.here, self.box = here, box
        self.count = 0

    async def do(self, who: str, verb: str, **fields: object) -> None:
        """Carry out a verb as a form would, and let everything be shown."""
        self.count += 1
        intent = INTENTS[verb].model_validate(fields)
        await self.here.services.accept(intent, Actor(who, "form"), f"t{self.count}", ReplyTo(who))
        await self.here.settle()

    async def opened(self, **fields: object) -> None:
        """A claimed SEV2 of Aegean Ferries."""
        wanted: dict[str, object] = {
            "account": "aegean-ferries", "customer": "Aegean Ferries", "stake": "No tickets",
            "trigger": "technical", "severity": 2, "contact_name": "Κατερίνα Δήμου",
            "contact_email": CONTACT, "language": "el",
        }  # fmt: skip
        await self.do(MAYA, "open_case", **{**wanted, **fields})
        await self.do(ELENI, "claim", case=1)

    async def write(self, **fields: object) -> None:
        """Maya writes a first answer, which the app mails."""
        promise = self.here.workspace.clock.now().timestamp() + 3600
        wanted: dict[str, object] = {
            "case": 1, "kind": "acknowledgement", "text": TEXT, "route": "mail",
            "recipient": f"Κατερίνα Δήμου, {CONTACT}", "next_update_at": promise,
        }  # fmt: skip
        await self.do(MAYA, "update", **{**wanted, **fields})

    def posts(self) -> str:
        """Everything said in the case's channel."""
        channels = self.here.workspace.channels.values()
        case = next(c for c in channels if c.name.startswith("esc-1"))
        return "\n\n".join(m.text for m in case.messages.values())

    def dms(self, who: str) -> str:
        """Everything said to somebody in private."""
        return "\n\n".join(
            m.text
            for c in self.here.workspace.channels.values()
            if c.is_im and who in c.members
            for m in c.messages.values()
        )

    async def case(self) -> object:
        """The case as it stands."""
        return await self.here.services.reading.case(1, ELENI)


def outside(box: Box, **more: object) -> dict[str, object]:
    """The settings with which customers are reached."""
    return {
        "public_url": f"http://127.0.0.1:{free_port()}",
        "smtp_host": "127.0.0.1",
        "smtp_port": box.port,
        "smtp_tls": "none",
        "mail_from": "Northwind Support <help@northwind.example>",
        "mail_inbound_secret": INBOUND_SECRET,
        "mail_authserv_id": "mx.northwind.example",
        **more,
    }


@pytest.fixture
async def world(tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """A workspace with the demo's customers and one claimed case."""
    async with local_app(demo_workspace(), tmp_path, outside=outside(box)) as here:
        await import_demo_accounts(here)
        world = World(here, box)
        await world.opened()
        yield world


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server's certificate is trusted, as an administrator's own would be."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


async def hand_in(world: World, raw: bytes, secret: str = INBOUND_SECRET, age: int = 0) -> str:
    """Post a mail as a mail server's script would; answers its outcome, or the status."""
    stamp = str(int(time.time()) - age)
    headers = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": inbound_signature(secret, stamp, raw)}
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(
            f"{world.here.web_url}/mail/inbound", content=raw, headers=headers
        )
    await world.here.settle()
    return str(answer.json()["outcome"]) if answer.status_code == 200 else str(answer.status_code)


def a_reply(to: EmailMessage, text: str, **headers: str) -> bytes:
    """What the customer's mail program sends when they press Reply."""
    mail = EmailMessage()
    mail["From"] = f"Κατερίνα Δήμου <{CONTACT}>"
    mail["To"] = str(to["Reply-To"])
    mail["Subject"] = f"Re: {to['Subject']}"
    mail["Message-ID"] = "<reply-1@aegean-ferries.example>"
    mail["In-Reply-To"] = str(to["Message-ID"])
    mail["References"] = str(to["Message-ID"])
    mail["Authentication-Results"] = PASSED
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        if value:
            mail[name.replace("_", "-")] = value
    quoted = "".join(f"> {line}\n" for line in TEXT.splitlines())
    mail.set_content(f"{text}\n\nΣτις Δευ 23 Νοε 2026, ο χρήστης Northwind έγραψε:\n\n{quoted}")
    return mail.as_bytes(policy=SMTP)
