"""Mail to the intake address: a customer's is a candidate, all else is held, and shown once."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.mail.receive import inbound_signature
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from sandbox.seed import demo_workspace
from storage.models import Account, Allowance, Candidate, Case, Mail, Outbox, Signal, StrangersPost
from tests.e2e.office import Office
from tests.e2e.test_outside import offering
from tests.mail.conftest import (
    CONTACT,
    ELENI,
    INBOUND_SECRET,
    MAYA,
    PASSED,
    World,
    hand_in,
    outside,
)
from tests.mail.server import Box
from tests.mail.test_hearing import rows

INTAKE, TRIAGE = "escalations@northwind.example", "C0TRIAGE"
STRANGER = "eve@elsewhere.example"


@pytest.fixture
async def desk(tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """A workspace that takes in mail and decides in a channel; no case yet."""
    policy = demo_policy()
    policy = replace(policy, triage=replace(policy.triage, channel=TRIAGE))
    given = outside(box, mail_intake_address=INTAKE)
    async with local_app(demo_workspace(), tmp_path, outside=given, policy=policy) as here:
        await import_demo_accounts(here)
        here.workspace.channels[TRIAGE].members[Office(here).bot] = None
        yield World(here, box)


def a_mail(number: int, text: str, **headers: str) -> bytes:
    """What a person writes to the intake address; an empty header is left out."""
    mail = EmailMessage()
    given = {
        "From": f"Κατερίνα Δήμου <{CONTACT}>", "To": INTAKE, "Subject": "Δεν εκδίδονται εισιτήρια",
        "Message-ID": f"<m{number}@aegean-ferries.example>", "Authentication-Results": PASSED,
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in given.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes(policy=SMTP)


def from_stranger(number: int, **headers: str) -> bytes:
    """A mail of a sender whom nobody knows."""
    given = {"From": f"Eve <{STRANGER}>", "Subject": f"Offer {number}"}
    return a_mail(number, f"Words {number}.", **{**given, **headers})


def triage(world: World) -> list[Any]:
    """What stands in the channel in which it is decided."""
    said = world.here.workspace.channels[TRIAGE].messages.values()
    return [message for message in said if message.blocks]


def answers(world: World) -> list[EmailMessage]:
    """What the app sent by mail."""
    return list(world.box.mails)


async def test_a_verified_customer_is_a_candidate_and_hears_so_once_in_the_thread(
    desk: World,
) -> None:
    assert await hand_in(desk, a_mail(1, "Χάνουμε πελάτες κάθε ώρα.")) == "received"
    assert await hand_in(desk, a_mail(1, "Χάνουμε πελάτες κάθε ώρα.")) == "repeated"
    again = a_mail(2, "Ακόμη τίποτα.", In_Reply_To="<m1@aegean-ferries.example>")
    assert await hand_in(desk, again) == "received"

    (candidate,) = await rows(desk, Candidate)
    assert (candidate.account_key, candidate.signals) == ("aegean-ferries", 2)
    assert candidate.contact_email == CONTACT
    (answer,) = answers(desk)
    assert str(answer["To"]).endswith(f"<{CONTACT}>")
    assert answer["In-Reply-To"] == "<m1@aegean-ferries.example>"
    assert answer["Subject"] == "Re: Δεν εκδίδονται εισιτήρια"
    assert answer["Reply-To"] == INTAKE
    assert answer["Auto-Submitted"]
    body = answer.get_body(("plain",)).get_content()
    assert "Καλημέρα σας" in body
    assert f"CAN-{candidate.id}" in body
    assert any("Χάνουμε πελάτες" in m.text + str(m.blocks) for m in triage(desk))


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("Kalispera, den mporoume na vgaloume eisitiria kai xanoume pelates.", "Καλημέρα σας"),
        ("We cannot issue tickets and we are losing customers.", "Hello"),
    ],
)
async def test_writers_are_answered_in_the_language_in_which_they_wrote(
    desk: World, text: str, begin: str
) -> None:
    assert await hand_in(desk, a_mail(1, text)) == "received"
    assert answers(desk)[0].get_body(("plain",)).get_content().startswith(begin)


@pytest.mark.parametrize(
    "to",
    ["Escalations@Northwind.EXAMPLE", "escalations+acme@northwind.example",
     '"Us" <ESCALATIONS+x@northwind.example>, b@c.example'],
)  # fmt: skip
async def test_the_address_is_known_in_any_case_and_with_any_plus(desk: World, to: str) -> None:
    assert await hand_in(desk, a_mail(1, "Βοήθεια.", To=to)) == "received"


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ({"Authentication-Results": ""}, "unchecked"),
        ({"Authentication-Results": "mx.northwind.example; dmarc=fail"}, "failed"),
        ({"Authentication-Results": "mx.attacker.example; dmarc=pass"}, "unchecked"),
        ({"From": f"Eve <{STRANGER}>"}, "unknown"),
        ({"From": "Ada <ada@gmail.com>"}, "public"),
        ({"From": "x <x@aegean-ferries.example.evil.example>"}, "unknown"),
        ({"From": f"{CONTACT}, {STRANGER}"}, "failed"),
    ],
)
async def test_what_is_not_surely_a_customers_is_held_and_nobody_is_written_to(
    desk: World, headers: dict[str, str], doubt: str
) -> None:
    assert await hand_in(desk, a_mail(1, "Σταματήστε.", **headers)) == "quarantined"

    (mail,) = await rows(desk, Mail)
    assert mail.reason == doubt
    assert await rows(desk, Signal) == []
    assert answers(desk) == []
    (post,) = triage(desk)
    assert "held for review" in post.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"List-Unsubscribe": "<https://news.example/u>"},
        {"List-Id": "<news.example>", "In-Reply-To": "<x@news.example>"},
        {"Precedence": "bulk"},
        {"Return-Path": "<>"},
        {"From": f"Northwind <{INTAKE}>"},
        {"From": "Northwind <help+esc-9@northwind.example>"},
    ],
)
async def test_what_a_machine_sends_asks_for_nothing(desk: World, headers: dict[str, str]) -> None:
    assert await hand_in(desk, a_mail(1, "Words.", **headers)) == "automatic"
    assert await rows(desk, Signal) == []
    assert triage(desk) == []
    assert answers(desk) == []


async def test_a_person_who_writes_through_a_list_in_our_thread_is_heard(desk: World) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    ours = str(answers(desk)[0]["Message-ID"])
    listed = {"List-Id": "<team.aegean-ferries.example>", "In-Reply-To": ours}
    assert await hand_in(desk, a_mail(2, "Και κάτι ακόμη.", **listed)) == "received"
    assert [c.signals for c in await rows(desk, Candidate)] == [2]


async def test_a_domain_of_the_accounts_file_counts_with_all_below_it(desk: World) -> None:
    async with desk.here.services.database.write() as session:
        account = await session.get(Account, "aegean-ferries")
        account.domains = "aegean.example ferries.example"
        session.add(account)
    raw = a_mail(1, "Βοήθεια.", From="Ops <ops@eu.aegean.example>")
    assert await hand_in(desk, raw) == "received"
    assert [c.account_key for c in await rows(desk, Candidate)] == ["aegean-ferries"]


async def test_a_domain_of_two_customers_is_decided_by_a_person(desk: World) -> None:
    async with desk.here.services.database.write() as session:
        account = await session.get(Account, "delphi-energy")
        account.domains = "aegean-ferries.example"
        session.add(account)
    raw = a_mail(1, "Βοήθεια.", From="Ops <ops@aegean-ferries.example>")
    assert await hand_in(desk, raw) == "quarantined"
    assert [m.reason for m in await rows(desk, Mail)] == ["several"]
    assert await hand_in(desk, a_mail(2, "Βοήθεια.")) == "received"  # the contact's very address


async def test_many_strangers_are_one_post_that_is_edited(desk: World) -> None:
    for number in range(1, 13):
        assert await hand_in(desk, from_stranger(number)) == "quarantined"

    (post,) = triage(desk)
    assert "11 more emails wait behind it" in str(post.blocks)
    assert "Drop all 12 from elsewhere.example" in str(post.blocks)
    assert len(await rows(desk, StrangersPost)) == 1

    office = Office(desk.here)
    await office.press(MAYA, post, "do:discard_mail#2")

    (post,) = triage(desk)
    assert "The 12 emails to the intake address" in post.text
    mails = await rows(desk, Mail)
    assert {m.state for m in mails} == {"dropped"}
    assert {m.text for m in mails} == {""}
    assert answers(desk) == []


async def test_a_person_says_whose_a_held_mail_is_and_the_next_is_shown(desk: World) -> None:
    unsure = {"Authentication-Results": ""}
    await hand_in(desk, a_mail(1, "Πρώτο.", **unsure))
    await hand_in(desk, from_stranger(2))
    office = Office(desk.here)

    await office.press(MAYA, offering(triage(desk), "do:admit_mail#2"), "do:admit_mail#2")

    (candidate,) = await rows(desk, Candidate)
    assert candidate.account_key == "aegean-ferries"
    assert answers(desk) == [], "its sender is not verified by a server"
    shown = offering(triage(desk), "do:admit_mail")
    assert STRANGER in str(shown.blocks)
    await office.press(MAYA, shown, "do:admit_mail")
    assert {c.customer for c in await rows(desk, Candidate)} == {"Aegean Ferries", STRANGER}
    assert [str(a["To"]) for a in answers(desk)] == [f"Eve <{STRANGER}>"]


async def test_a_customer_is_chosen_in_a_form_where_none_is_guessed(desk: World) -> None:
    await hand_in(desk, from_stranger(1))
    office = Office(desk.here)
    await office.press(MAYA, offering(triage(desk), "ask:admit_mail"), "ask:admit_mail")
    assert office.form(MAYA).callback_id == "admit_mail"
    view = office.form(MAYA).id
    await desk.here.people.suggest(MAYA, "customer", "Delphi", view_id=view)
    assert await office.fill(MAYA, customer="account:delphi-energy") == {}
    assert [c.account_key for c in await rows(desk, Candidate)] == ["delphi-energy"]


async def test_a_held_mail_is_decided_once_and_only_by_those_who_speak_for_us(desk: World) -> None:
    await hand_in(desk, from_stranger(1))
    (mail,) = await rows(desk, Mail)
    await desk.do("U0SOFIA", "admit_mail", mail=mail.id, account="aegean-ferries")
    assert [m.state for m in await rows(desk, Mail)] == ["quarantined"]
    press = "do:discard_mail"
    await Office(desk.here).press(MAYA, offering(triage(desk), press), press)
    await desk.do(ELENI, "admit_mail", mail=mail.id)
    assert [m.state for m in await rows(desk, Mail)] == ["dropped"]
    assert await rows(desk, Candidate) == []


async def test_the_thread_of_another_customer_cannot_be_entered(desk: World) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    async with desk.here.services.database.write() as session:
        account = await session.get(Account, "delphi-energy")
        account.domains = "delphi.example"
        session.add(account)
    raw = a_mail(
        2, "Let me in.", From="D <d@delphi.example>", In_Reply_To="<m1@aegean-ferries.example>"
    )
    assert await hand_in(desk, raw) == "received"
    assert {c.account_key: c.signals for c in await rows(desk, Candidate)} == {
        "aegean-ferries": 1,
        "delphi-energy": 1,
    }


async def escalate(desk: World) -> None:
    """Eleni makes the only candidate a case."""
    (candidate,) = await rows(desk, Candidate)
    await desk.do(
        ELENI, "open_case", candidate=candidate.id, account="aegean-ferries",
        customer="Aegean Ferries", stake="No tickets", trigger="technical", severity=2,
        contact_email=CONTACT, contact_name="Κατερίνα Δήμου", language="el",
    )  # fmt: skip


@pytest.mark.parametrize("answering", ["ours", "their own"])
async def test_a_further_mail_goes_to_the_case_that_came_of_it_and_wants_a_reply(
    desk: World, answering: str
) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    await escalate(desk)
    named = {
        "ours": str(answers(desk)[0]["Message-ID"]), "their own": "<m1@aegean-ferries.example>",
    }[answering]  # fmt: skip

    raw = a_mail(2, "Και τώρα σταμάτησαν όλα.", In_Reply_To=named)
    assert await hand_in(desk, raw) == "received"

    case = await desk.here.services.reading.case(1, ELENI)
    assert case.clock("next_reply") is not None
    assert "Και τώρα σταμάτησαν όλα." in desk.posts()
    assert len(await rows(desk, Candidate)) == 1


async def test_what_was_decided_is_told_in_the_words_that_were_chosen(desk: World) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    (candidate,) = await rows(desk, Candidate)
    await desk.do(
        ELENI, "dismiss_candidate", candidate=candidate.id, reason="An ordinary ticket.",
        told="support",
    )  # fmt: skip
    told = answers(desk)[-1]
    assert len(answers(desk)) == 2
    assert "την έχει η ομάδα υποστήριξης" in told.get_body(("plain",)).get_content()
    assert told["In-Reply-To"] == "<m1@aegean-ferries.example>"
    assert not told["Auto-Submitted"], "a person chose the words"


async def test_an_address_is_not_answered_without_end(desk: World) -> None:
    for number in range(1, 9):
        await hand_in(desk, a_mail(number, f"Νέο {number}."))
    assert len(answers(desk)) == 5
    assert sum(a.what == "request_received" for a in await rows(desk, Allowance)) == 1


async def test_attachments_are_named_with_their_sizes_and_not_kept(desk: World) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CONTACT, INTAKE, "Αρχεία"
    mail["Message-ID"], mail["Authentication-Results"] = "<f@aegean-ferries.example>", PASSED
    mail.set_content("Δείτε το αρχείο. Ο κωδικός μου είναι hunter2secret")
    mail.add_attachment(b"x" * 2048, maintype="text", subtype="plain", filename="log.txt")
    assert await hand_in(desk, mail.as_bytes(policy=SMTP)) == "received"
    (signal,) = await rows(desk, Signal)
    assert "log.txt (2 kB)" in str(signal.details)
    (row,) = [m for m in await rows(desk, Mail) if m.direction == "in"]
    assert (row.text, row.whole) == ("", "")


async def test_an_answer_that_comes_back_is_told_to_who_is_on_duty(desk: World) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    about = str(answers(desk)[0]["Message-ID"])
    report = (
        "From: <mailer-daemon@mx.example>\r\nTo: help@northwind.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <dsn@mx.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
        'report-type=delivery-status; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        "Sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n"
        f"\r\nFinal-Recipient: rfc822; {CONTACT}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 No such user\r\n\r\n--b\r\n"
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n\r\n--b--\r\n"
    )
    assert await hand_in(desk, report.encode()) == "bounce"
    assert "δεν παραδόθηκε: 550 No such user" in desk.dms(ELENI)
    assert await rows(desk, Case) == []


async def test_a_storm_of_strangers_leaves_one_effect_at_a_time(desk: World) -> None:
    async def post(http: httpx.AsyncClient, number: int) -> str:
        raw, stamp = from_stranger(number), str(int(time.time()))
        signed = {
            "X-Desk-Timestamp": stamp,
            "X-Desk-Signature": inbound_signature(INBOUND_SECRET, stamp, raw),
        }
        url = f"{desk.here.web_url}/mail/inbound"
        answer = await http.post(url, content=raw, headers=signed)
        return str(answer.json()["outcome"]) if answer.status_code == 200 else "later"

    async with httpx.AsyncClient(timeout=120) as http:
        found = await asyncio.gather(*(post(http, number) for number in range(60)))
        began = time.perf_counter()
        answer = await http.get(f"{desk.here.web_url}/healthz")
        assert (answer.status_code, time.perf_counter() - began < 1) == (200, True)
    await desk.here.settle()

    assert len(triage(desk)) == 1
    drawn = [row for row in await rows(desk, Outbox) if row.kind == "strangers_post"]
    assert 1 <= len(drawn) <= found.count("quarantined")
    assert all(row.state == "done" for row in drawn)
    assert f"{found.count('quarantined') - 1} more emails" in str(triage(desk)[0].blocks)


async def test_who_was_told_of_a_decision_hears_that_it_is_taken_back(desk: World) -> None:
    await hand_in(desk, a_mail(1, "Χάνουμε πελάτες."))
    (candidate,) = await rows(desk, Candidate)
    given = {"candidate": candidate.id, "reason": "An ordinary ticket.", "told": "support"}
    await desk.do(ELENI, "dismiss_candidate", **given)
    await desk.do(ELENI, "undo_decision", candidate=candidate.id)
    again = answers(desk)[-1]
    assert len(answers(desk)) == 3
    assert "εξετάζουμε ξανά" in again.get_body(("plain",)).get_content()
    assert again["In-Reply-To"] == "<m1@aegean-ferries.example>"


async def test_what_is_dropped_together_leaves_every_post_in_which_it_waited(desk: World) -> None:
    await hand_in(desk, from_stranger(1))
    await hand_in(desk, from_stranger(4))
    (first,) = triage(desk)
    await desk.here.workspace.clock.advance(timedelta(days=1, minutes=1))
    await hand_in(desk, from_stranger(2))
    await hand_in(desk, from_stranger(3, From="Ann <ann@other.example>"))
    assert len(await rows(desk, StrangersPost)) == 2

    await Office(desk.here).press(MAYA, first, "do:discard_mail#2")

    first, second = triage(desk)
    assert "do:discard_mail" not in str(first.blocks)
    assert "ann@other.example" in str(second.blocks)
    assert STRANGER not in str(second.blocks)
