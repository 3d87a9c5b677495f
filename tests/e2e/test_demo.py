"""The demo as one finds it: cases, emails that left, and customers who write back."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.engine.actors import Actor, ReplyTo
from bot.registry import INTENTS
from cli.workspace.customer_channel import AMAL, CHANNEL, share_customer_channel
from cli.workspace.customer_tickets import fill_tickets
from cli.workspace.demo import demo_app, explain_demo, furnish, import_demo_accounts
from cli.workspace.demo_story import BEGAN
from cli.workspace.local import Local
from sandbox.clock import WorkspaceClock
from sandbox.mailbox import Mail, Mailboxes
from sandbox.seed import demo_workspace
from tests.first_words import BOTH, GREEK

MORNING = datetime(2027, 2, 9, 8, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Athens
BERG, RAPTIS = "hanna@juniper.example", "g.raptis@delphi-energy.example"
LINK = re.compile(r"http://\S+/c/\S+")


@pytest.fixture
async def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Local]:
    """The demo before its story, on a machine that is set up for a real workspace as well."""
    monkeypatch.setenv("SMTP_HOST", "smtp.real.example")
    monkeypatch.setenv("MAIL_FROM", "help@real.example")
    monkeypatch.setenv("ZENDESK_SUBDOMAIN", "real")
    monkeypatch.setenv("ZENDESK_EMAIL", "agent@real.example")
    monkeypatch.setenv("ZENDESK_API_TOKEN", "a token of the real one")
    monkeypatch.setenv("PUBLIC_URL", "https://escalations.real.example")
    workspace = demo_workspace(WorkspaceClock(real_now=lambda: MORNING - BEGAN))
    async with demo_app(workspace, tmp_path) as here:
        yield here


def boxes(demo: Local) -> Mailboxes:
    assert demo.workspace.mailboxes is not None
    return demo.workspace.mailboxes


def said(demo: Local, channel: str) -> str:
    """Everything said in the channel with this prefix."""
    (found,) = [c for c in demo.workspace.channels.values() if c.name.startswith(channel)]
    return "\n\n".join(m.text for m in found.messages.values())


def newest(demo: Local, address: str) -> Mail:
    return boxes(demo).mails(address)[0]


async def test_a_demo_sends_real_mail_shows_customers_pages_and_takes_replies(
    demo: Local,
) -> None:
    await furnish(demo)
    assert set(boxes(demo).addresses()) == {
        BERG, RAPTIS, "m.vlachos@kallisto.example",
    }  # fmt: skip
    mail = newest(demo, BERG)
    assert mail.message["From"] == "Northwind Support <help@northwind.example>"
    (link,) = LINK.findall(mail.text)
    assert link.startswith(demo.url)

    async with httpx.AsyncClient() as client:
        page = await client.get(link)
        form = await client.get(f"{demo.url}/f/")
        unsigned = await client.post(f"{demo.url}/mail/inbound", content=b"From: a@b.example\n\n")
    assert page.status_code == 200
    assert {"Northwind", "ESC-2"} <= set(re.findall(r"[\w-]+", page.text))
    assert (form.status_code, "Northwind" in form.text) == (200, True)
    assert unsigned.status_code == 401

    assert "CAN-1" in said(demo, "triage")
    assert "Aegean Ferries" in said(demo, "triage")

    note = await boxes(demo).reply(mail, "Nobody has called me yet.", "U0KATE")
    await demo.settle()
    assert note == "Your reply has arrived in the case's channel."
    assert "Nobody has called me yet." in said(demo, "esc-2")
    assert "I have taken over" not in said(demo, "esc-2").rpartition("Nobody has")[2]
    assert newest(demo, BERG).mine
    assert "Nobody has called me yet." in newest(demo, BERG).text

    await boxes(demo).reply(newest(demo, RAPTIS), "Όλα καλά, ευχαριστούμε!", "U0ELENI")
    await demo.settle()
    assert "Όλα καλά, ευχαριστούμε!" in said(demo, "esc-1")


async def wants(demo: Local, who: str, verb: str, **fields: Any) -> None:
    """Somebody fills in a form."""
    intent, key = INTENTS[verb].model_validate(fields), f"test:{who}:{verb}"
    await demo.services.accept(intent, Actor(who, "form"), key, ReplyTo(who))
    await demo.settle()


def in_thread(demo: Local, ts: str) -> list[str]:
    """What was said below a message in the channel that the customer shares."""
    return [m.text for m in demo.workspace.channels[CHANNEL].replies(ts)]


async def test_a_customer_asks_and_is_answered_in_the_channel_that_they_share(demo: Local) -> None:
    await import_demo_accounts(demo)
    await share_customer_channel(demo)
    spoken = demo.workspace.channels[CHANNEL].messages.values()
    asked = next(m for m in spoken if m.user == AMAL and not m.subtype)
    await demo.people.react(AMAL, CHANNEL, asked.ts, "bangbang")
    await demo.settle()
    assert "CAN-1" in said(demo, "triage")
    assert "Cedar Clinics" in said(demo, "triage")
    (received,) = in_thread(demo, asked.ts)
    assert received.startswith("Thank you.")

    await wants(
        demo, "U0ELENI", "open_case", candidate=1, account="cedar-clinics", severity=3,
        customer="Cedar Clinics", stake="Reminders went out twice.", trigger="technical",
    )  # fmt: skip
    promised = (demo.workspace.now() + timedelta(hours=1)).isoformat()
    await wants(
        demo, "U0MAYA", "update", case=1, kind="acknowledgement", route="slack",
        text=f"Dear Dr Haddad, I have taken this over. {BOTH}", recipient="Dr Haddad",
        next_update_at=promised,
    )  # fmt: skip
    assert in_thread(demo, asked.ts)[-1].startswith("Dear Dr Haddad, I have taken this over. ")
    await demo.people.say(AMAL, CHANNEL, "Thank you, it still rings.", asked.ts)
    await demo.settle()
    assert "Thank you, it still rings." in said(demo, "esc-1")


async def test_a_ticket_asks_by_its_tag_and_hears_what_was_decided(demo: Local) -> None:
    await import_demo_accounts(demo)
    await fill_tickets(demo.workspace)
    desk = demo.workspace.helpdesk
    assert desk is not None
    await desk.tagged("escalate", ticket=8)
    await demo.settle()
    assert "Hermes Couriers" in said(demo, "triage")
    await wants(
        demo, "U0ELENI", "open_case", candidate=1, account="hermes-couriers", severity=2,
        customer="Hermes Couriers", stake="Labels cannot be printed.", trigger="technical",
        language="el",
    )  # fmt: skip
    promised = (demo.workspace.now() + timedelta(hours=1)).isoformat()
    await wants(
        demo, "U0MAYA", "update", case=1, kind="acknowledgement", route="helpscout",
        text=f"Κυρία Ζώη, το ανέλαβα η ίδια. {GREEK}", recipient="Ελένη Ζώη",
        next_update_at=promised,
    )  # fmt: skip
    ours = [t for t in desk.conversations[8].threads if t["source"]["type"] == "api"]
    assert [thread["type"] for thread in ours] == ["note", "message"]
    assert "ESC-1" in ours[0]["body"]
    assert "Κυρία Ζώη, το ανέλαβα η ίδια." in ours[1]["body"]
    assert set(desk.tags(8)) == {"escalate", "escalated"}
    await desk.customer_writes("Σας ευχαριστώ.", 8)
    await demo.settle()
    assert "Σας ευχαριστώ." in said(demo, "esc-1")


async def test_what_is_explained_is_in_the_language_that_a_person_reads_now(demo: Local) -> None:
    await import_demo_accounts(demo)
    kate = await explain_demo(demo.services.person, "http://form/f/", "U0KATE")
    sofia = await explain_demo(demo.services.person, "http://form/f/", "U0SOFIA")
    assert kate["lang"] == "en"
    assert sofia["lang"] == "el"
    assert kate.keys() == sofia.keys()
    assert kate["welcome"].startswith("*Welcome to Northwind Support*")
    assert "{name}" in sofia["reply_as"]
    await demo.people.command("U0KATE", "C0SUPPORT", "/escalate language el")
    await demo.settle()
    assert (await explain_demo(demo.services.person, "http://form/f/", "U0KATE"))["lang"] == "el"


async def test_nothing_of_a_real_installation_is_reached_from_a_demo(demo: Local) -> None:
    outside = demo.services.outside
    assert outside.mailer is not None
    assert outside.mailer.server.host == "127.0.0.1"
    assert outside.mailer.sender == "Northwind Support <help@northwind.example>"
    (desk,) = outside.helpdesks
    assert await desk.check()  # the account on this machine answers
    assert outside.public_url == demo.url


def test_the_doors_of_the_demo_are_opened_by_the_demo_alone() -> None:
    cli = Path(__file__).parents[2] / "cli"
    users = {
        file.name
        for file in cli.rglob("*.py")
        for door in ("customer_mail", "customer_tickets")
        if door in file.read_text("utf-8") and file.name != f"{door}.py"
    }
    assert users == {"demo.py"}
