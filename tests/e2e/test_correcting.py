"""Correcting a case in the workspace: the form as it is, what follows, and putting it back."""

import asyncio
from typing import Any

import pytest

from bot.rules.words import Language
from messages.kit.texts import t
from tests.e2e.office import ELENI, MAYA, STAKE, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

PARTS = {
    "customer", "follow", "contact_name", "contact_email", "second_name", "second_email",
    "stake", "stake_quoted", "trigger", "language", "ticket_url",
}  # fmt: skip


def filled(desk: Office, who: str) -> dict[str, Any]:
    """What stands in the inputs of the open form."""
    found: dict[str, Any] = {}
    for block in desk.form(who).payload["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        chosen = element.get("initial_option", {}).get("value")
        found[block["block_id"].partition("~")[0]] = element.get("initial_value") or chosen
    return found


async def opened(desk: Office, number: int, who: str = ELENI) -> None:
    """A person has the form open."""
    await desk.command(who, "edit", desk.channel(number).id)


async def test_the_form_shows_what_the_case_says_and_a_correction_follows(desk: Office) -> None:
    number = await desk.escalate(MAYA, contact_name="Ada", contact_email="ada@delphi.example")
    await opened(desk, number)
    shown = filled(desk, ELENI)
    assert set(shown) == PARTS
    assert (shown["stake"], shown["contact_name"]) == (STAKE, "Ada")
    posts = len(desk.said(number))
    url = "https://tickets.delphi.example/77?a=1&b=<2>"
    wrong = {"stake": "<!channel> payroll *stops*", "second_name": "Olga <b>", "ticket_url": url}
    assert await desk.fill(ELENI, **wrong) == {}
    case = await desk.case(number)
    assert (case.stake, case.second_name, case.ticket_url) == tuple(wrong.values())
    assert (case.contact_name, case.helpdesk) == ("Ada", None)
    [said] = desk.said(number)[posts:]
    told = str(said.blocks)
    assert "<!channel>" not in told
    assert STAKE in told
    assert "payroll" in told
    assert "Olga &lt;b&gt;" in str(desk.card(number).blocks)
    links = [each.link for each in desk.channel(number).bookmarks.values()]
    assert links == [url]
    await desk.press(ELENI, said, "ask:edit_case")
    assert filled(desk, ELENI)["stake"] == STAKE
    assert await desk.fill(ELENI) == {}
    back = await desk.case(number)
    assert (back.stake, back.second_name, back.ticket_url) == (STAKE, "", "")
    assert desk.channel(number).bookmarks == {}
    assert await desk.card_is_true(number)


async def test_another_customer_brings_its_contact_and_the_channels_name(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Kallisto")
    await opened(desk, number)
    name = desk.channel(number).name
    offered = await desk.here.people.suggest(
        ELENI, "customer", "Delphi", view_id=desk.form(ELENI).id
    )
    assert await desk.fill(ELENI, customer=offered[0]["value"]) == {}
    case = await desk.case(number)
    assert "Delphi" in case.customer
    assert case.account is not None
    assert (case.contact_name, case.contact_email) == (
        case.account.contact_name,
        case.account.contact_email,
    )
    assert desk.channel(number).name != name
    assert "delphi" in desk.channel(number).name
    assert "Delphi" in str(desk.channel(number).topic)
    assert "Running deadlines stay as promised" in str(desk.said(number)[-1].blocks)


async def test_what_the_case_does_not_allow_is_said_at_its_field_and_nothing_is_lost(
    desk: Office,
) -> None:
    number = await desk.escalate(MAYA)
    await opened(desk, number)
    errors = await desk.fill(ELENI, stake="Written", trigger="legal")
    assert "/escalate flag" in errors["trigger"]
    await desk.command(ELENI, f"dismiss ESC-{number} It was a question")
    assert list(await desk.fill(ELENI, trigger="technical")) == ["customer"]
    assert len(desk.here.people.views(ELENI)) == 1
    await desk.close_forms(ELENI)


async def test_choosing_a_customer_draws_contact_and_language_anew(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Kallisto", contact_name="Typed by hand")
    await opened(desk, number)
    form = desk.form(ELENI)
    offered = await desk.here.people.suggest(ELENI, "customer", "Juniper", view_id=form.id)
    chosen = {"action_id": "customer", "view_id": form.id, "value": offered[0]["value"]}
    await desk.here.people.click(ELENI, **chosen)
    await desk.here.settle()
    shown = filled(desk, ELENI)
    account = next(iter(await desk.here.services.reading.accounts("Juniper")))
    assert shown["contact_name"] == account.contact_name
    assert shown["language"] == account.language.value
    await desk.close_forms(ELENI)


async def test_the_second_of_two_reads_what_it_is_now_and_goes_on_from_what_they_wrote(
    desk: Office,
) -> None:
    number = await desk.escalate(MAYA)
    await opened(desk, number, ELENI)
    await opened(desk, number, MAYA)
    assert await desk.fill(MAYA, stake="Hers") == {}
    assert await desk.fill(ELENI, stake="Mine") == {}
    assert (await desk.case(number)).stake == "Hers"
    told = desk.answers(ELENI)[-1]
    assert "Hers" in str(told.blocks)
    assert "Mine" in str(told.blocks)
    await desk.press(ELENI, told, "ask:edit_case")
    assert filled(desk, ELENI)["stake"] == "Mine"
    assert await desk.fill(ELENI) == {}
    assert (await desk.case(number)).stake == "Mine"


async def test_two_forms_sent_at_once_lose_nothing(desk: Office) -> None:
    number = await desk.escalate(MAYA)
    await opened(desk, number, ELENI)
    await opened(desk, number, MAYA)
    await asyncio.gather(desk.fill(MAYA, stake="Hers"), desk.fill(ELENI, language="el"))
    case = await desk.case(number)
    assert (case.stake, case.language) == ("Hers", Language.GREEK)


async def test_of_a_closed_case_the_form_asks_for_contacts_alone(desk: Office) -> None:
    number = await desk.looked_at("closed")
    await opened(desk, number)
    assert set(filled(desk, ELENI)) == {
        "contact_name", "contact_email", "second_name", "second_email",
    }  # fmt: skip
    await desk.close_forms(ELENI)


async def test_who_does_not_manage_is_not_asked_for_the_customer(desk: Office) -> None:
    number = await desk.escalate(MAYA)
    await opened(desk, number, MAYA)
    assert set(filled(desk, MAYA)) == PARTS - {"customer", "follow"}
    await desk.close_forms(MAYA)


async def test_the_form_and_the_notice_are_in_the_readers_language(desk: Office) -> None:
    number = await desk.escalate(MAYA)
    await desk.command(MAYA, "language ελληνικά")
    await desk.command(MAYA, "τροποποίηση", desk.channel(number).id)
    title = t(Language.GREEK, "form.edit_case.title")
    assert desk.form(MAYA).payload["title"]["text"] == title
    await desk.close_forms(MAYA)
    await desk.command(MAYA, "language slack")
