"""Mail that leaves: well-formed, in its thread, counted when it is taken, told when it is not."""

import re
import time
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from aiosmtplib import SMTPServerDisconnected
from pydantic import ValidationError
from sqlmodel import select

from bot.rules.words import MessageKind, Status
from bot.settings import Settings
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import local_app
from messages.clients import smtp
from messages.clients.smtp import MailAway, Mailer, MailServer
from messages.customers.mail_body import address_in
from sandbox.seed import demo_workspace
from storage.models import Case, Mail, Outbox, SentMessage, TimelineEvent
from tests.mail.conftest import CONTACT, ELENI, MAYA, TEXT, TOMAS, World, outside
from tests.mail.server import PASSWORD, USER, Box, mail_server


async def rows(world: World, model: Any) -> list[Any]:
    """All rows of a table."""
    async with world.here.services.database.read() as session:
        return list((await session.exec(select(model))).all())


async def clock(world: World, name: str) -> str:
    """The state of a clock."""
    case = await world.here.services.reading.case(1, ELENI)
    found = case.clock(name)
    return found.state if found else "none"


async def test_a_mail_is_well_formed_greek_and_in_both_parts(world: World) -> None:
    await world.write()

    (mail,) = world.box.mails
    assert mail["Subject"] == "Η υπόθεσή σας ESC-1"
    assert b"Subject: =?utf-8?" in world.box.raw[0]
    assert parseaddr(mail["From"]) == ("Northwind Support", "help@northwind.example")
    assert parseaddr(mail["To"]) == ("Κατερίνα Δήμου", CONTACT)
    assert mail["Message-ID"].endswith("@northwind.example>")
    assert mail["Auto-Submitted"] is None
    assert mail["In-Reply-To"] is None
    assert not mail.defects
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").startswith(TEXT)
    assert '<html lang="el">' in html.get_content()
    assert "βρήκαμε την αιτία." in html.get_content()
    assert max(len(line) for line in world.box.raw[0].split(b"\r\n")) <= 998  # RFC 5322 2.1.1


async def test_a_reply_comes_back_to_the_case(world: World) -> None:
    await world.write()

    address = parseaddr(world.box.mails[0]["Reply-To"])[1]
    name, tag = address.partition("@")[0].split("+")
    assert name == "help"
    claim = world.here.services.customers.signer.read_reply_tag(tag)
    assert claim is not None
    assert (claim.case, claim.signed) == (1, True)
    assert len(address.partition("@")[0]) <= 64  # RFC 5321 4.5.3.1.1
    assert world.box.envelopes[0].mail_from == address


async def test_a_second_mail_continues_the_thread(world: World) -> None:
    await world.write()
    await world.write(kind="update")

    first, second = world.box.mails
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["References"] == first["Message-ID"]
    assert second["Subject"] == "Re: Η υπόθεσή σας ESC-1"
    assert second["Message-ID"] != first["Message-ID"]


async def test_the_clock_stops_when_the_server_has_taken_it(world: World) -> None:
    await world.write()

    assert await clock(world, "first_response") == "met"
    case = await world.here.services.reading.case(1, ELENI)
    assert case.status is Status.INVESTIGATING
    assert case.sent[0].route == "mail"
    assert "βρήκαμε την αιτία" in world.posts()


async def test_a_refused_recipient_stops_no_clock_and_its_writer_hears_why(world: World) -> None:
    world.box.recipients = ["550 5.1.1 no such user <here>"]
    await world.write()

    assert world.box.raw == []
    assert await clock(world, "first_response") == "running"
    case = await world.here.services.reading.case(1, ELENI)
    assert case.status is Status.ACKNOWLEDGED
    assert case.sent == ()
    assert "no such user &lt;here&gt;" in world.dms(MAYA)
    assert "βρήκαμε την αιτία" in world.dms(MAYA)
    assert "no such user" in world.dms(ELENI)
    (message,) = await rows(world, SentMessage)
    assert message.state == "refused"


async def test_a_busy_server_is_tried_again_and_the_mail_arrives_once(world: World) -> None:
    world.box.verdicts = ["451 4.7.1 greylisted"]
    await world.write()

    assert len(world.box.raw) == 1
    (row,) = [r for r in await rows(world, Outbox) if r.kind == "mail"]
    assert (row.state, row.attempts) == ("done", 1)
    assert "mail_doubtful" not in {e.verb for e in await rows(world, TimelineEvent)}


async def test_a_lost_answer_is_repeated_under_the_same_id_and_the_doubt_is_recorded(
    world: World,
) -> None:
    world.box.verdicts = ["drop"]
    await world.write()

    first, second = world.box.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert len(await rows(world, Mail)) == 1
    assert "mail_doubtful" in {e.verb for e in await rows(world, TimelineEvent)}
    assert world.posts().count("βρήκαμε την αιτία") == 1


async def test_the_answer_of_a_human_by_another_way_is_recorded_with_its_link(
    world: World,
) -> None:
    await world.write(route="portal", link="https://tickets.example/5001")

    assert world.box.raw == []
    assert await clock(world, "first_response") == "met"
    (message,) = await rows(world, SentMessage)
    assert (message.state, message.link) == ("sent", "https://tickets.example/5001")


@pytest.mark.parametrize(
    "name",
    ["Eve\r\nBcc: all@northwind.example", "Eve\nX: y", "Eve\x00\x0b\u2028Bcc: a@b.example"],
)
async def test_no_name_ends_a_header(world: World, name: str) -> None:
    async with world.here.services.database.write() as session:
        case = await session.get(Case, 1)
        assert case is not None
        case.contact_name = name
        session.add(case)
    await world.write()

    (mail,) = world.box.mails
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert world.box.envelopes[0].rcpt_tos == [CONTACT]


async def test_only_one_recipient_can_be_typed(world: World) -> None:
    await world.write(recipient="eve@aegean-ferries.example, all@northwind.example")

    assert world.box.envelopes[0].rcpt_tos == ["eve@aegean-ferries.example"]


async def test_a_resolution_by_mail_resolves_once_the_mail_is_taken(world: World) -> None:
    await world.write()
    await world.do(
        ELENI, "resolve", case=1, type="fix", note="Rolled back", text="Λύθηκε.",
        recipient=CONTACT, route="mail",
    )  # fmt: skip
    assert len(world.box.raw) == 1, "the technical lead has not confirmed it"
    await world.do(TOMAS, "confirm", case=1, party="technical_lead", comfortable=True)

    case = await world.here.services.reading.case(1, ELENI)
    assert case.status is Status.RESOLVED
    assert len(world.box.raw) == 2


async def test_a_resolution_whose_mail_is_refused_resolves_nothing(world: World) -> None:
    await world.write()
    world.box.recipients = ["550 gone"]
    await world.do(
        ELENI, "resolve", case=1, type="fix", note="Rolled back", text="Λύθηκε.",
        recipient=CONTACT, route="mail",
    )  # fmt: skip
    await world.do(TOMAS, "confirm", case=1, party="technical_lead", comfortable=True)

    case = await world.here.services.reading.case(1, ELENI)
    assert case.status is Status.INVESTIGATING


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_mail_goes_out_encrypted_and_authenticated(
    way: str, tmp_path: Path, trusted: None
) -> None:
    login = {"smtp_tls": way, "smtp_username": USER, "smtp_password": PASSWORD}
    with mail_server(way, auth=True) as box:
        settings = outside(box, smtp_host="localhost", **login)
        async with local_app(demo_workspace(), tmp_path, outside=settings) as here:
            await import_demo_accounts(here)
            world = World(here, box)
            await world.opened()
            await world.write()
    assert len(box.raw) == 1
    assert box.secured == [True]


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail() -> None:
    async def giving() -> None:
        raise AssertionError("nothing may be given away")

    letter = EmailMessage()
    letter.set_content("secret")
    with mail_server("tls") as box:
        mailer = Mailer(MailServer("localhost", box.port, tls="tls"), "help@northwind.example")
        with pytest.raises(MailAway, match="certificate"):
            await mailer.send(letter, CONTACT, "help@northwind.example", giving)
    assert box.raw == []


def plain(box: Box) -> Mailer:
    """A mailer of that server."""
    return Mailer(MailServer("127.0.0.1", box.port, tls="none"), "help@northwind.example")


async def test_nothing_is_given_away_by_whoever_finds_at_the_last_moment_that_it_is_late(
    box: Box,
) -> None:
    letter = EmailMessage()
    letter.set_content("secret")

    async def late() -> None:
        raise MailAway("the lease is running out")

    with pytest.raises(MailAway, match="lease"):
        await plain(box).send(letter, CONTACT, "help@northwind.example", late)

    assert box.envelopes == []


async def test_an_answer_that_came_while_the_process_stood_still_is_read(box: Box) -> None:
    letter = EmailMessage()
    letter.set_content("hello")

    async def slowly() -> None:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:  # nothing of this process goes on, as when it is stopped
            pass

    answer = await plain(box).send(letter, CONTACT, "help@northwind.example", slowly, 0.25)

    assert answer.startswith("250")
    assert len(box.raw) == 1


@pytest.mark.parametrize("line", [".", "..", ".x", "x."])
async def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(box: Box, line: str) -> None:
    letter = EmailMessage()
    letter.set_content(f"first\n{line}\nlast")

    async def giving() -> None:
        pass

    await plain(box).send(letter, CONTACT, "help@northwind.example", giving)

    (mail,) = box.mails
    assert mail.get_content().split() == ["first", line, "last"]


async def test_without_a_mail_server_only_humans_send(tmp_path: Path) -> None:
    async with local_app(demo_workspace(), tmp_path) as here:
        await import_demo_accounts(here)
        with mail_server() as box:
            world = World(here, box)
            await world.opened()
            await world.write()
            assert "no mail server is set up" in world.dms(MAYA)
            viewer = await here.services.person(MAYA)
            draft = await here.services.draft(
                MessageKind.UPDATE, await here.services.reading.case(1, MAYA), viewer
            )
            assert draft["mails"] is False


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"smtp_host": "mail.example"}, "MAIL_FROM"),
        ({"smtp_tls": "maybe"}, "starttls"),
        (
            {"smtp_host": "m.example", "mail_from": "x@y.example", "smtp_tls": "none",
             "smtp_password": "p"},
            "readable",
        ),
        ({"mail_from": "nobody"}, "help@northwind.example"),
        ({"secret_key": "short"}, "16"),
        ({"signing_key": "long-enough-for-a-key short"}, "16"),
        ({"signing_key_file": "no-such-file"}, "cannot be read"),
        ({"metrics_token": "short"}, "16"),
        ({"keep_done_days": 14}, "15"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_settings_is_named(values: Mapping[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Settings(**values)


@pytest.mark.parametrize("part", ["a", "a.", "a@", "1,", "ά"])
def test_an_address_is_found_in_time_in_proportion_to_the_text(part: str) -> None:
    begun = time.process_time()
    assert address_in(f"{part * 50_000} <k@larkspur.example>") == "k@larkspur.example"
    assert time.process_time() - begun < 1  # it was seconds


@pytest.mark.parametrize(
    "said",
    [
        "lost <maria@acme.example>",
        'closed on "maria d"@acme.example',
        "maria%40acme.example is gone",
        "to MARIA=acme.example@relay.example",
        "maria＠acme.example",
        "μαρία@ακμή.example, maria@[10.0.0.1]",
    ],
)
def test_logs_and_lists_have_no_address_in_whatever_form(said: str) -> None:
    told = smtp._name(SMTPServerDisconnected(said))
    assert told.startswith("SMTPServerDisconnected: ")
    assert not {"maria", "acme", "μαρία"} & set(re.findall(r"\w+", told.lower()))
