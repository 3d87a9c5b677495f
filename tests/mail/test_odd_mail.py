"""Mail as servers and old programs write it: nothing is lost, and no machine counts as a person."""

from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any

import pytest
import structlog

from bot.engine import delivery
from bot.operations import outbox_admin
from storage.models import Mail, SentMessage, TimelineEvent
from tests.mail.conftest import CONTACT, ELENI, MAYA, PASSED, World, a_reply, hand_in
from tests.mail.test_hearing import clock, rows

QMAIL = """Hi. This is the qmail-send program at mx1.aegean-ferries.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{contact}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{to}>
Subject: ESC-1
"""
GREEK = """Δεν ήταν δυνατή η παράδοση του μηνύματός σας στους παρακάτω παραλήπτες:

{contact}
550 5.1.1 Δεν υπάρχει τέτοιος χρήστης
"""
RELAYED = """Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {contact}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--b
Content-Type: message/rfc822

Message-ID: <0102019a0b1c2d3e@relay.example>
Subject: ESC-1

text

--b--
"""


def from_server(world: World, sender: str, body: str, *fields: str) -> bytes:
    """A report of a mail server to the address to which our mail's bounces go."""
    to = parseaddr(world.box.mails[0]["Reply-To"])[1]
    head = [f"From: {sender}", f"To: {to}", "Subject: failure notice",
            "Message-ID: <report@mx.example>", *fields]  # fmt: skip
    text = body.format(contact=CONTACT, to=to)
    split = "" if text.startswith("Content-Type") else "\n"
    return ("\n".join(head) + "\n" + split + text).replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("sender", "body", "fields"),
    [
        ("MAILER-DAEMON@aegean-ferries.example", QMAIL, ["Return-Path: <>"]),
        ("MAILER-DAEMON", QMAIL, []),
        ("postmaster@aegean-ferries.example", GREEK, []),
        ("Mail Delivery System <noreply@aegean-ferries.example>", QMAIL, []),
        ("MAILER-DAEMON@relay.example", RELAYED, ["Return-Path: <>"]),
    ],
)
async def test_a_report_in_any_form_withdraws_the_mail_and_its_writer_hears(
    world: World, sender: str, body: str, fields: list[str]
) -> None:
    await world.write()

    assert await hand_in(world, from_server(world, sender, body, *fields)) == "bounce"

    assert await clock(world, "first_response") == "running"
    assert await clock(world, "next_reply") == "none"
    (message,) = await rows(world, SentMessage)
    assert message.state == "bounced"
    assert "came back" in world.dms(MAYA)
    assert "5.1.1" in world.dms(MAYA)


async def test_a_second_report_withdraws_no_other_mail(world: World) -> None:
    await world.write()
    await world.write(kind="update")
    raw = from_server(world, "MAILER-DAEMON", QMAIL)
    assert await hand_in(world, raw) == "bounce"
    assert await hand_in(world, raw.replace(b"<report@", b"<report-2@")) == "bounce"

    assert [m.state for m in await rows(world, SentMessage)] == ["sent", "bounced"]


async def test_a_report_without_an_address_of_ours_withdraws_nothing(world: World) -> None:
    await world.write()
    to = parseaddr(world.box.mails[0]["Reply-To"])[1].encode()
    raw = from_server(world, "MAILER-DAEMON", QMAIL).replace(to, b"help@northwind.example")
    assert await hand_in(world, raw) == "unmatched"
    assert await clock(world, "first_response") == "met"


@pytest.mark.parametrize(
    "mark",
    [
        {"X_Autorespond": "ESC-1"},
        {"X_AutoReply_From": CONTACT},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All", "Subject": "Αυτόματη απάντηση: ESC-1"},
        {"Precedence": "auto_reply"},
    ],
)
async def test_what_a_machine_writes_by_itself_ends_no_wait(
    world: World, mark: dict[str, str]
) -> None:
    await world.write()
    until = (world.here.workspace.clock.now() + timedelta(days=2)).isoformat()
    await world.do(ELENI, "hold", case=1, reason="waiting_customer", until=until)

    raw = a_reply(world.box.mails[0], "Λείπω σε άδεια έως τη Δευτέρα.", **mark)
    assert await hand_in(world, raw) == "automatic"

    assert (await world.here.services.reading.case(1, ELENI)).hold is not None
    event = next(e for e in await rows(world, TimelineEvent) if e.verb == "mail_automatic")
    assert "άδεια" in event.why


@pytest.mark.parametrize(
    "mark", [{"Auto_Submitted": "no"}, {"X_Auto_Response_Suppress": "OOF, AutoReply"}]
)
async def test_a_person_whose_program_leaves_a_mark_stays_one(
    world: World, mark: dict[str, str]
) -> None:
    await world.write()
    assert await hand_in(world, a_reply(world.box.mails[0], "Τυπώνει ξανά.", **mark)) == "received"


async def test_another_mail_under_a_used_message_id_is_heard_as_well(world: World) -> None:
    await world.write()
    first = a_reply(world.box.mails[0], "Ακόμη τίποτα.")
    second = a_reply(world.box.mails[0], "Θέλουμε να ακυρώσουμε.")

    assert await hand_in(world, first) == "received"
    assert await hand_in(world, second) == "received"
    assert await hand_in(world, second) == "repeated"
    by_another_way = b"Received: from mx2.example by mx.northwind.example\r\n" + first
    assert await hand_in(world, by_another_way) == "repeated"

    assert world.posts().count("Ακόμη τίποτα.") == 1
    assert world.posts().count("Θέλουμε να ακυρώσουμε.") == 1


@pytest.mark.parametrize("sender", ["", "MAILER-DAEMON", "undisclosed"])
async def test_a_mail_that_names_no_sender_is_taken_and_kept_back(
    world: World, sender: str
) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Δεν τυπώνει.", From=sender)
    assert await hand_in(world, raw) == "quarantined"
    assert "Δεν τυπώνει." in world.posts()


async def test_what_is_folded_can_be_seen_and_attachments_are_named(world: World) -> None:
    await world.write()
    mail = EmailMessage()
    mail["From"], mail["To"] = CONTACT, str(world.box.mails[0]["Reply-To"])
    mail["Authentication-Results"] = PASSED
    mail["Message-ID"] = "<files@aegean-ferries.example>"
    mail.set_content(
        "Δείτε το αρχείο.\n\nOn 23 Nov 2026, at 10:00, Northwind wrote:\n> παλιό <x>\n"
    )
    mail.add_attachment(b"x" * 12_300, maintype="text", subtype="csv", filename="παραγγελίες.csv")
    assert await hand_in(world, mail.as_bytes(policy=SMTP)) == "received"

    assert "παραγγελίες.csv (12 kB)" in world.posts()
    assert "παλιό" not in world.posts()
    kept = next(m for m in await rows(world, Mail) if m.direction == "in")
    facts = await world.here.services.reading.mail(1, MAYA, kept.id)
    assert "> παλιό <x>" in facts.text
    assert [dict(file) for file in facts.files] == [{"name": "παραγγελίες.csv", "size": 12_300}]


async def test_words_that_cannot_be_read_are_said_to_be_so(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "x").partition(b"\r\n\r\n")[0]
    head = b"\r\n".join(f for f in raw.split(b"\r\n") if not f.lower().startswith(b"content-"))
    body = "Καλημέρα, τα εκδοτήρια δεν λειτουργούν από τις 06:40.".encode("cp1253")
    assert await hand_in(world, head + b"\r\n\r\n" + body) == "received"

    assert "\ufffd" not in world.posts()
    assert "Its text could not be read" in world.posts()
    assert "Read the original in your support mailbox" in world.posts()
    heard = next(m for m in await rows(world, Mail) if m.direction == "in")
    assert heard.text == ""


async def test_no_list_and_no_log_shows_what_a_server_says_of_a_customer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def keep(_logger: Any, _level: str, entry: Any) -> Any:
        told.append(str(entry))
        raise structlog.DropEvent

    every = structlog.make_filtering_bound_logger(0)  # whatever level another test has set
    kept = structlog.wrap_logger(None, processors=[keep], wrapper_class=every)
    monkeypatch.setattr(delivery, "log", kept)
    world.box.recipients = [f"450 4.2.1 <{CONTACT}>: Κατερίνα is over quota"]
    await world.write()

    waiting = await outbox_admin.list_waiting(world.here.services.database)
    assert [row.error for row in waiting if row.kind == "mail"] in ([], ["450 4.2.1"])
    said = "".join(told)
    assert "delivery_will_retry" in said
    assert CONTACT not in said
    assert "quota" not in said


async def test_a_mail_of_attachments_alone_has_no_words_and_not_its_subject_for_them(
    world: World,
) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "").partition(b"Content-Type")[0]
    picture = b'Content-Type: image/png; name="x.png"\r\nContent-Disposition: attachment\r\n\r\nPNG'
    assert await hand_in(world, raw + picture) == "received"

    event = next(e for e in await rows(world, TimelineEvent) if e.verb == "customer_replied")
    assert event.why == ""
    assert "It has no text of its own" in world.posts()
    assert "x.png (3 byte" in world.posts()


async def test_a_long_mail_held_for_review_can_be_read_to_its_end(world: World) -> None:
    await world.write()
    text = "word " * 200 + "the end"
    raw = a_reply(world.box.mails[0], text, From="eve@elsewhere.example")
    assert await hand_in(world, raw) == "quarantined"

    channel = next(c for c in world.here.workspace.channels.values() if c.name.startswith("esc-1"))
    blocks = str([message.blocks for message in channel.messages.values()])
    assert "show:mail" in blocks
    kept = next(m for m in await rows(world, Mail) if m.direction == "in")
    assert (await world.here.services.reading.mail(1, MAYA, kept.id)).text.split()[200:203] == [
        "the", "end", "Στις",
    ]  # fmt: skip
