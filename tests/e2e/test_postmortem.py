"""The postmortem in Slack: written in two sittings, held to what it must have, then the close."""

import pytest

from tests.e2e.office import ELENI, MAYA, NIKOS, TOMAS, Office
from tests.postmortems import REVIEWED

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_is_saved_gone_on_with_and_refused_at_its_fields(desk: Office) -> None:
    number = await desk.stage("review")
    await desk.press(ELENI, desk.card(number), "ask:postmortem_held")
    assert await desk.fill(ELENI, root_cause="A certificate expired", step="saved") == {}
    saved = desk.answers(ELENI)[-1]
    assert (await desk.case(number)).postmortem_at is None
    await desk.press(ELENI, saved, "ask:postmortem_held")
    form = str(desk.form(ELENI).payload)
    assert "A certificate expired" in form
    assert f"<@{ELENI}>" in form  # who saved it
    errors = await desk.fill(ELENI, step="reviewed")
    assert {"better", "prevention", "no_action"} <= set(errors)
    errors = await desk.fill(ELENI, root_cause="An expiry", facilitator=TOMAS, step="saved")
    assert list(errors) == ["facilitator"]  # the form stays open with what was written
    assert "Nikos" in errors["facilitator"]
    assert "<@" not in errors["facilitator"]  # a form shows no mentions
    given = {**REVIEWED, "root_cause": "A certificate expired", "facilitator": NIKOS}
    assert await desk.fill(ELENI, **given, came=[MAYA, TOMAS], step="reviewed") == {}
    case = await desk.case(number)
    assert case.postmortem_at is not None
    said = next(m.text for m in reversed(desk.said(number)) if "A certificate expired" in m.text)
    assert REVIEWED["better"] in said
    assert (ELENI, "postmortem_saved") in await desk.done(number)


async def test_who_had_a_part_does_not_lead_it_and_the_refusal_names_who_could(
    desk: Office,
) -> None:
    number = await desk.stage("review")
    before = len(desk.answers(ELENI))
    await desk.command(ELENI, "assign @tomas.ruiz facilitator", desk.channel(number).id)
    (answer,) = desk.answers(ELENI)[before:]
    assert f"<@{TOMAS}>" in answer.text
    assert f"<@{NIKOS}>" in answer.text


async def test_a_grave_case_without_it_says_where_the_form_is(desk: Office) -> None:
    number = await desk.stage("review")
    before = len(desk.answers(ELENI))
    await desk.wants(ELENI, "close", {"case": number})
    await desk.here.settle()
    told = [*desk.answers(ELENI)[before:], *desk.dms(ELENI)[-1:]]
    assert any("/escalate reviewed" in m.text for m in told)
    assert (await desk.case(number)).closed_at is None
