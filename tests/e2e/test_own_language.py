"""Each person reads in the language that they chose; Slack's own is only the second to be asked."""

import pytest

from bot.rules.words import Language
from tests.e2e.office import ELENI, MAYA, SUPPORT, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def said_last(desk: Office, who: str) -> str:
    """What a person was told last, privately."""
    return desk.answers(who)[-1].text


@pytest.mark.parametrize("typed", ["Greek", "ΕΛΛΗΝΙΚΑ", "el", "el-GR"])
async def test_a_language_is_chosen_by_any_of_its_names(desk: Office, typed: str) -> None:
    await desk.command(MAYA, f"language {typed}", SUPPORT)
    assert "είναι στα ελληνικά" in await said_last(desk, MAYA)
    await desk.command(MAYA, "xyzzy", SUPPORT)
    assert "Δεν υπάρχει εντολή" in await said_last(desk, MAYA)
    await desk.command(MAYA, "γλώσσα slack", SUPPORT)
    assert "English" in await said_last(desk, MAYA)


async def test_a_choice_outlives_what_slack_says_of_a_person(desk: Office) -> None:
    people = desk.here.services.people
    assert desk.ws.users[ELENI].locale == "en-GB"
    await people.changed({"id": ELENI, "name": "eleni", "locale": "en-US"})
    people.forget()
    assert (await people.person(ELENI)).language is Language("el")


async def test_the_form_offers_every_language_by_its_own_name(desk: Office) -> None:
    await desk.command(MAYA, "language", SUPPORT)
    form = desk.form(MAYA)
    assert form.callback_id == "choose_language"
    assert "Ελληνικά" in str(form.payload)
    assert await desk.fill(MAYA, language="el") == {}
    assert (await desk.here.services.people.person(MAYA)).language is Language("el")
    await desk.command(MAYA, "language English", SUPPORT)
    assert "in English" in await said_last(desk, MAYA)


async def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(
    desk: Office,
) -> None:
    await desk.command(MAYA, "language Klingon", SUPPORT)
    said = await said_last(desk, MAYA)
    assert "Klingon" in said
    assert "Greek" in said


async def test_the_home_tab_leads_to_the_choice(desk: Office) -> None:
    await desk.here.people.open_home(MAYA)
    home = await desk.here.people.until(lambda: desk.here.people.home(MAYA))
    assert "ask:choose_language" in str(home.payload)
