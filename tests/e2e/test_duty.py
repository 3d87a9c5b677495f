"""A manager goes away in Slack: what is new goes elsewhere, and what they have is handed over."""

from datetime import timedelta

import pytest

from tests.e2e.office import ELENI, KATE, MAYA, SUPPORT, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_rota_is_shown_to_whoever_asks(desk: Office) -> None:
    await desk.command(MAYA, "duty", SUPPORT)
    shown = desk.answers(MAYA)[-1].text
    assert "On duty" in shown
    assert f"<@{ELENI}>" in shown


async def test_who_goes_names_a_deputy_hands_over_and_comes_back(desk: Office) -> None:
    mine = await desk.stage("new")
    await desk.command(ELENI, "duty", SUPPORT)
    await desk.press(ELENI, desk.answers(ELENI)[-1], "ask:away")
    until = int((desk.ws.clock.now() + timedelta(days=2)).timestamp())
    assert await desk.fill(ELENI, until=until, deputy=KATE, note="Acme is fragile") == {}
    noted = desk.answers(ELENI)[-1]
    assert "ask:hand_over" in str(noted.blocks)
    assert any("Acme is fragile" in each.text for each in desk.dms(KATE))
    assert (await desk.case(mine)).owner == ELENI
    other = await desk.escalate(MAYA)
    assert (await desk.case(other)).owner == KATE
    await desk.press(ELENI, noted, "do:back")
    third = await desk.escalate(MAYA)
    assert (await desk.case(third)).owner == ELENI
