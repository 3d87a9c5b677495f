"""A manager goes away in Slack: what is new goes elsewhere, and what they have is handed over."""

from datetime import timedelta

import pytest

from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, SUPPORT, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_rota_is_shown_to_whoever_asks(desk: Office) -> None:
    await desk.command(MAYA, "duty", SUPPORT)
    shown = desk.answers(MAYA)[-1].text
    assert "On duty" in shown
    assert f"<@{ELENI}>" in shown
    await desk.press(MAYA, desk.answers(MAYA)[-1], "show:duty_days")
    days = desk.answers(MAYA)[-1]
    assert "Shifts of the next 14 days" in days.text
    assert sum("all day" in text for text in texts_of(days.blocks or [])) == 13


async def test_who_goes_names_a_deputy_hands_over_and_comes_back(desk: Office) -> None:
    mine = await desk.stage("new")
    await desk.command(ELENI, "duty", SUPPORT)
    await desk.press(ELENI, desk.answers(ELENI)[-1], "ask:away")
    until = int((desk.ws.clock.now() + timedelta(days=2)).timestamp())
    assert await desk.fill(ELENI, until=until, deputy=KATE, note="Acme is fragile") == {}
    noted = desk.answers(ELENI)[-1]
    assert "ask:hand_over_shift" in str(noted.blocks)
    assert any("Acme is fragile" in each.text for each in desk.dms(KATE))
    assert (await desk.case(mine)).owner == ELENI
    other = await desk.escalate(MAYA)
    assert (await desk.case(other)).owner == KATE
    await desk.press(ELENI, noted, "do:back")
    third = await desk.escalate(MAYA)
    assert (await desk.case(third)).owner == ELENI


async def test_all_cases_are_handed_over_by_one_form_and_taken_by_one_button(desk: Office) -> None:
    kept, given, other = [await desk.stage("new") for _ in range(3)]
    await desk.command(ELENI, "leaving", SUPPORT)
    takers = {f"to_{kept}": ELENI, f"to_{given}": KATE, f"to_{other}": KATE}
    rest = {n: NIKOS for n in _asked_of(desk) if n not in takers}
    assert await desk.fill(ELENI, **takers, **rest, note="Acme is fragile") == {}
    assert f"ESC-{kept}" in desk.answers(ELENI)[-1].text
    offered = next(
        each for each in reversed(desk.dms(KATE)) if "Acme is fragile" in str(each.blocks)
    )
    assert (await desk.case(given)).owner == ELENI
    await desk.press(KATE, offered, "do:accept_offers")
    assert [(await desk.case(n)).owner for n in (kept, given, other)] == [ELENI, KATE, KATE]
    (taken,) = [m for m in desk.dms(KATE) if m.ts == offered.ts]
    assert not {t for t in texts_of(taken.blocks or []) if "answer_handover" in t}
    assert f"ESC-{given}, ESC-{other}" in desk.dms(ELENI)[-1].text


def _asked_of(desk: Office) -> list[str]:
    blocks = desk.form(ELENI).payload["blocks"]
    return [each["block_id"] for each in blocks if each.get("block_id", "").startswith("to_")]


async def test_a_bot_or_a_guest_is_refused_at_the_field_of_its_case(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.command(ELENI, "leaving", SUPPORT)
    takers = dict.fromkeys(_asked_of(desk), KATE) | {f"to_{number}": desk.bot}
    errors = await desk.fill(ELENI, **takers)
    assert list(errors) == [f"to_{number}"]
    await desk.close_forms(ELENI)


async def test_the_lead_decides_about_what_nobody_took(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.wants(ELENI, "away", {"until": (desk.ws.now() + timedelta(days=2)).isoformat()})
    await desk.here.settle()
    await desk.pass_time(timedelta(minutes=31))
    asked = next(e for e in reversed(desk.dms(KATE)) if "do:settle_shift" in str(e.blocks))
    await desk.press_exactly(KATE, asked, "do:settle_shift#2")
    assert (await desk.case(number)).owner == ELENI
    assert "μένουν σε εσάς" in desk.dms(ELENI)[-1].text
    await desk.wants(ELENI, "back", {})
    await desk.here.settle()
