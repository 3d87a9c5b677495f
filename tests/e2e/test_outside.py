"""What reaches beyond the office, typed and pressed: mail, pages for customers, approved words."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.rules.words import Role
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from sandbox.seed import demo_workspace
from sandbox.state import Message
from storage.models import CustomerLink
from tests.e2e.office import ELENI, KATE, MAYA, Office
from tests.mail.conftest import CONTACT, World, a_reply, box, hand_in, outside
from tests.mail.server import Box

__all__ = ["box"]
WEEK = timedelta(days=7)
LINK = re.compile(r"http://127\.0\.0\.1:\d+/[^\s|>)]+")
BODY = "Dear {{ contact }},\n\n[what changed]\n\nNews at {{ next_update }}.\n\n{{ sender }}"


@pytest.fixture
async def world(tmp_path: Path, box: Box) -> AsyncIterator[World]:
    """The bot with a mail server and somebody who approves words; Aegean's case was answered."""
    given = demo_policy()
    policy = replace(given, roles={**given.roles, Role.COMMS_APPROVER: (KATE,)})
    async with local_app(demo_workspace(), tmp_path, policy=policy, outside=outside(box)) as here:
        await import_demo_accounts(here)
        world = World(here, box)
        await world.opened()
        await world.write()
        yield world


def offering(messages: list[Message], press: str) -> Message:
    """The newest of these messages that has this button."""
    return next(m for m in reversed(messages) if press in str(m.blocks))


async def status_of(url: str) -> int:
    """How the web answers an address."""
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).status_code


async def survey_of(office: Office, number: int) -> str:
    """The address of a survey that the customer of a case was sent."""
    services = office.here.services
    now = services.clock.now()
    link = CustomerLink(case_number=number, kind="survey", made_at=now, expires_at=now + WEEK)
    async with services.database.write() as session:
        session.add(link)
        await session.flush()
        return services.customers.url("survey", link.id, link.expires_at)


async def typed(office: Office, who: str, line: str) -> None:
    """Type a whole line in the case's channel."""
    await office.here.people.command(who, office.channel(1).id, line)
    await office.here.settle()


async def test_a_page_is_shared_and_taken_back_by_command_and_by_button(world: World) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate share")
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:revoke_status")
    (url,) = set(LINK.findall(told.text))
    assert await status_of(url) == 200
    await office.press(MAYA, told, "do:revoke_status")
    assert await status_of(f"{url}?lang=el") == 404
    await office.press(MAYA, office.card(1), "do:share_status")
    told = offering([*office.dms(MAYA), *office.answers(MAYA)], "do:revoke_status")
    (again,) = set(LINK.findall(told.text)) - {url}
    survey = await survey_of(office, 1)
    assert await status_of(survey) == 200
    await typed(office, MAYA, "/escalate unshare")
    assert await status_of(f"{again}?lang=el") == 404
    assert await status_of(f"{survey}?lang=el") == 404, "the surveys end too"
    done = [verb for _, verb in await office.done(1)]
    assert (done.count("share_status"), done.count("revoke_status")) == (2, 2)


@pytest.mark.parametrize(
    ("press", "recorded"), [("do:release_mail", "mail_released"), ("do:drop_mail", "mail_dropped")]
)
async def test_a_mail_that_was_kept_back_is_decided_about_by_a_button(
    world: World, press: str, recorded: str
) -> None:
    office = Office(world.here)
    await hand_in(world, a_reply(world.box.mails[0], "Εγώ, από σπίτι.", From="k@home.example"))
    everyone = [*office.dms(MAYA), *office.dms(ELENI), *office.said(1)]
    assert (await office.case(1)).clock("next_reply") is None
    await office.press(MAYA, offering(everyone, press), press)
    assert (MAYA, recorded) in await office.done(1)
    heard = (await office.case(1)).clock("next_reply") is not None
    assert heard is (press == "do:release_mail")


@pytest.mark.parametrize("held", [True, False])
async def test_another_person_of_the_customer_becomes_the_contact_by_a_button(
    world: World, held: bool
) -> None:
    office = Office(world.here)
    told = {"From": "Νίκος Ράπτης <n.raptis@aegean-ferries.example>"}
    if held:
        told |= {"To": "help+esc-1@northwind.example", "In_Reply_To": "", "References": ""}
    await hand_in(world, a_reply(world.box.mails[0], "Αναλαμβάνω εγώ.", **told))
    shown = offering(office.said(1), "do:make_contact")
    assert ((await office.case(1)).clock("next_reply") is None) is held

    await office.press(MAYA, shown, "do:make_contact")

    case = await office.case(1)
    assert (case.contact_name, case.contact_email) == (
        "Νίκος Ράπτης", "n.raptis@aegean-ferries.example",
    )  # fmt: skip
    assert (MAYA, "contact_changed") in await office.done(1)
    assert "the customer has a new contact" in world.posts()
    assert case.clock("next_reply") is not None
    await world.write(recipient="Νίκος Ράπτης")
    assert "n.raptis@aegean-ferries.example" in str(world.box.mails[-1]["To"])


async def test_a_sender_of_another_domain_never_becomes_the_contact(world: World) -> None:
    office = Office(world.here)
    await hand_in(world, a_reply(world.box.mails[0], "Εγώ, από σπίτι.", From="k@home.example"))
    everyone = [*office.dms(ELENI), *office.said(1)]
    assert "do:make_contact" not in str([m.blocks for m in everyone])
    await world.do(MAYA, "make_contact", case=1, mail=2)
    assert (await office.case(1)).contact_email == CONTACT


async def test_the_talk_after_a_broken_promise_is_recorded_in_its_form(world: World) -> None:
    office = Office(world.here)
    await office.pass_time(timedelta(hours=8))
    await office.press(ELENI, offering(office.dms(ELENI), "ask:breach_talk"), "ask:breach_talk")
    assert office.form(ELENI).callback_id == "breach_talk"
    assert await office.fill(ELENI, way="call", outcome="She lost a day") == {}
    assert (ELENI, "breach_talk") in await office.done(1)
    assert "She lost a day" in world.posts()


async def test_proposed_words_are_returned_with_a_remark(world: World) -> None:
    office = Office(world.here)
    await typed(office, MAYA, "/escalate templates update")
    shown = offering(office.answers(MAYA), "ask:propose_template")
    await office.press(MAYA, shown, "ask:propose_template")
    given = {"kind": "update", "language": "en", "body": BODY, "why": "Warmer"}
    assert await office.fill(MAYA, **given) == {}
    asked = offering(office.dms(KATE), "ask:answer_template")
    await office.press(KATE, asked, "ask:answer_template")
    assert office.form(KATE).callback_id == "answer_template"
    assert await office.fill(KATE, remark="Say who writes.") == {}
    assert "Say who writes." in office.dms(MAYA)[-1].text
