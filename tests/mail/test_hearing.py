"""Mail that arrives: believed only when it can be, counted at its own instant, never twice."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from sqlmodel import select

from bot.cases.correction.parts import mark_part
from handlers.http.mail import MAIL_MAX
from storage.models import Case, ClockEvent, Mail, SentMessage, TimelineEvent
from tests.mail.conftest import CONTACT, ELENI, MAYA, PASSED, World, a_reply, hand_in

SEEN = {"seen": {"second": mark_part("second", ("", ""))}}  # a form that shows that part alone


async def rows(world: World, model: Any) -> list[Any]:
    """All rows of a table."""
    async with world.here.services.database.read() as session:
        return list((await session.exec(select(model))).all())


async def clock(world: World, name: str) -> str:
    """The state of a clock."""
    case = await world.here.services.reading.case(1, ELENI)
    found = case.clock(name)
    return found.state if found else "none"


async def test_a_reply_is_heard_without_what_it_quotes(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Ακόμη <δεν> δουλεύει & χάνουμε πελάτες.")

    assert await hand_in(world, raw) == "received"

    assert "Ακόμη &lt;δεν&gt; δουλεύει &amp; χάνουμε πελάτες." in world.posts()
    heard = next(m for m in await rows(world, Mail) if m.direction == "in")
    assert heard.text == "Ακόμη <δεν> δουλεύει & χάνουμε πελάτες."
    assert await clock(world, "next_reply") == "running"


async def test_a_reply_ends_a_wait_for_the_customer_at_its_own_instant(world: World) -> None:
    await world.write()
    until = (world.here.workspace.clock.now() + timedelta(days=2)).isoformat()
    await world.do(ELENI, "hold", case=1, reason="waiting_customer", until=until)
    await world.here.workspace.clock.advance(timedelta(minutes=40))
    wrote = world.here.workspace.clock.now() - timedelta(minutes=15)
    raw = a_reply(world.box.mails[0], "Ναι.", Date=format_datetime(wrote))

    assert await hand_in(world, raw) == "received"

    events = [e for e in await rows(world, ClockEvent) if e.kind == "customer_message"]
    assert [abs(e.at - wrote) < timedelta(seconds=1) for e in events] == [True]
    assert (await world.here.services.reading.case(1, ELENI)).hold is None


async def test_a_mail_that_comes_twice_is_heard_once(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Ακόμη τίποτα.")

    assert await hand_in(world, raw) == "received"
    assert await hand_in(world, raw) == "repeated"

    assert world.posts().count("Ακόμη τίποτα.") == 1


async def test_a_thread_alone_finds_the_case(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Από αλλού.", To="help@northwind.example")

    assert await hand_in(world, raw) == "received"


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ({"From": "Eve <eve@elsewhere.example>"}, "sender"),
        ({"From": "Eve <eve@aegean-ferries.example.evil.example>"}, "sender"),
        ({"Authentication-Results": "mx.northwind.example; dmarc=fail"}, "failed"),
    ],
)
async def test_a_stranger_in_the_thread_is_kept_back(
    world: World, headers: dict[str, str], doubt: str
) -> None:
    await world.write()
    raw = a_reply(
        world.box.mails[0], "Σταματήστε.", **{k.replace("-", "_"): v for k, v in headers.items()}
    )

    assert await hand_in(world, raw) == "quarantined"

    assert await clock(world, "next_reply") == "none"
    mail = next(m for m in await rows(world, Mail) if m.direction == "in")
    assert mail.reason == doubt
    assert "it may not be from the customer" in world.posts()


async def test_the_second_contact_is_the_customer_too(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "Εδώ Όλγα.", From="Olga <olga@partner.example>")
    assert await hand_in(world, raw) == "quarantined"

    await world.do(ELENI, "edit_case", case=1, second_email="olga@partner.example", **SEEN)

    raw = a_reply(world.box.mails[0], "Πάλι η Όλγα.", From="Olga <olga@partner.example>")
    assert await hand_in(world, raw) == "received"


async def test_naming_the_case_is_not_enough(world: World) -> None:
    await world.write()
    raw = a_reply(
        world.box.mails[0], "Δικό μου.", To="help+esc-1@northwind.example", In_Reply_To="",
        References="", Subject="ESC-1",
    )  # fmt: skip

    assert await hand_in(world, raw) == "quarantined"


async def test_a_forged_reply_address_finds_nothing(world: World) -> None:
    await world.write()
    tag = world.here.services.customers.signer.reply_tag(1)
    forged = tag[:-1] + ("a" if tag[-1] != "a" else "b")
    raw = a_reply(
        world.box.mails[0], "x", To=f"help+{forged}@northwind.example", In_Reply_To="",
        References="", Subject="Hello",
    )  # fmt: skip

    assert await hand_in(world, raw) == "unmatched"


async def test_what_was_kept_back_counts_when_somebody_says_so_and_only_once(
    world: World,
) -> None:
    await world.write()
    await hand_in(world, a_reply(world.box.mails[0], "Εγώ, από σπίτι.", From="k@home.example"))
    kept = next(m for m in await rows(world, Mail) if m.direction == "in")

    await world.do(MAYA, "release_mail", case=1, mail=kept.id)
    await world.do(MAYA, "drop_mail", case=1, mail=kept.id)

    assert await clock(world, "next_reply") == "running"
    assert "it has already been decided about" in world.dms(MAYA)


async def test_an_absence_note_is_no_answer(world: World) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "I am away.", Auto_Submitted="auto-replied")

    assert await hand_in(world, raw) == "automatic"
    assert await clock(world, "next_reply") == "none"


@pytest.mark.parametrize(("secret", "age"), [("another secret of nobody", 0), ("", 0)])
async def test_nobody_hands_in_mail_without_the_secret(world: World, secret: str, age: int) -> None:
    await world.write()
    raw = a_reply(world.box.mails[0], "x")
    assert await hand_in(world, raw, secret=secret, age=age) == "401"


async def test_an_old_signature_is_worth_nothing(world: World) -> None:
    await world.write()
    assert await hand_in(world, a_reply(world.box.mails[0], "x"), age=400) == "401"


async def test_what_is_no_mail_is_refused(world: World) -> None:
    assert await hand_in(world, b"\xff\x00 nonsense") == "400"


async def test_too_large_a_mail_is_not_read(world: World) -> None:
    assert await hand_in(world, b"x" * (MAIL_MAX + 1)) == "413"


def report(about: str, action: str, code: str = "smtp; 550 5.1.1 User unknown") -> bytes:
    """A delivery status notification, as RFC 3464 shows it."""
    return (
        "From: Mail Delivery System <mailer-daemon@mx.example>\r\n"
        "To: help@northwind.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: <dsn-{action}@mx.example>\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {CONTACT}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: {code}\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {about}\r\n"
        "Subject: x\r\n\r\n--b--\r\n"
    ).encode()


async def test_a_bounce_lets_the_clock_run_on_from_where_it_began(world: World) -> None:
    before = await world.here.services.reading.case(1, ELENI)
    await world.write()
    assert await clock(world, "first_response") == "met"

    about = str(world.box.mails[0]["Message-ID"])
    assert await hand_in(world, report(about, "failed")) == "bounce"

    after = await world.here.services.reading.case(1, ELENI)
    first, still = before.clock("first_response"), after.clock("first_response")
    assert first is not None
    assert still is not None
    assert (still.state, still.due) == ("running", first.due)
    assert after.clock("next_update") is None
    assert after.sent == ()
    assert "550 5.1.1 User unknown" in world.dms(MAYA)
    assert "came back" in world.dms(MAYA)
    (message,) = await rows(world, SentMessage)
    assert message.state == "bounced"
    verbs = [e.verb for e in await rows(world, TimelineEvent)]
    assert verbs.count("mail_bounced") == 1


async def test_the_words_can_be_sent_again_after_a_bounce(world: World) -> None:
    await world.write()
    await hand_in(world, report(str(world.box.mails[0]["Message-ID"]), "failed"))
    await world.write()

    assert await clock(world, "first_response") == "met"
    assert await clock(world, "next_update") == "running"


async def test_a_delay_changes_nothing(world: World) -> None:
    await world.write()
    assert (
        await hand_in(world, report(str(world.box.mails[0]["Message-ID"]), "delayed")) == "bounce"
    )
    assert await clock(world, "first_response") == "met"


async def test_a_bounce_of_nothing_of_ours_is_not_believed(world: World) -> None:
    await world.write()
    forged = "<desk.1.aaaaaaaaaaaaaaaa@northwind.example>"
    assert await hand_in(world, report(forged, "failed")) == "unmatched"
    assert await clock(world, "first_response") == "met"


async def test_a_mail_to_a_closed_case_is_told_to_its_owner(world: World) -> None:
    await world.write()
    async with world.here.services.database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        case.status = "closed"
        session.add(case)
    assert await hand_in(world, a_reply(world.box.mails[0], "Χάλασε πάλι.")) == "received"
    assert "Χάλασε πάλι." in world.dms(ELENI)


async def test_a_date_from_the_future_is_not_believed(world: World) -> None:
    await world.write()
    ahead = datetime.now(UTC) + timedelta(days=400)
    raw = a_reply(world.box.mails[0], "Αύριο.", Date=format_datetime(ahead))
    assert await hand_in(world, raw) == "received"
    (event,) = [e for e in await rows(world, ClockEvent) if e.kind == "customer_message"]
    assert event.at <= world.here.workspace.clock.now()


async def test_a_mail_of_html_alone_is_read_as_text(world: World) -> None:
    await world.write()
    first = world.box.mails[0]
    mail = EmailMessage()
    mail["From"], mail["To"] = CONTACT, str(first["Reply-To"])
    mail["Message-ID"] = "<html@aegean-ferries.example>"
    mail["Authentication-Results"] = PASSED
    mail.set_content(
        "<style>p{}</style><p>Δεν ανοίγει<br>η σελίδα.</p><script>alert(1)</script>"
        "<blockquote>παλιά</blockquote>",
        subtype="html",
    )
    assert await hand_in(world, mail.as_bytes(policy=SMTP)) == "received"
    heard = next(m for m in await rows(world, Mail) if m.direction == "in")
    assert heard.text == "Δεν ανοίγει\nη σελίδα."


async def test_a_reply_to_a_merged_case_arrives_where_it_goes_on_and_its_page_leads_there(
    world: World,
) -> None:
    await world.write()
    sent = world.box.mails[0]
    await world.opened()
    await world.do(ELENI, "merge", case=1, into=2)

    assert await hand_in(world, a_reply(sent, "Ακόμη δεν δουλεύει.")) == "received"

    entries = [e for e in await rows(world, TimelineEvent) if e.verb == "customer_replied"]
    assert [(e.case_number, e.why) for e in entries] == [(2, "Ακόμη δεν δουλεύει.")]
    body = sent.get_body(("plain",))
    assert body is not None
    (link,) = re.findall(r"http://127\.0\.0\.1:\d+/c/\S+", str(body.get_content()))
    async with httpx.AsyncClient() as client:
        page = await client.get(link)
    assert (page.status_code, "ESC-2" in page.text) == (200, True)
