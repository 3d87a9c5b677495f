"""A case of a component is offered to its team; without routing nothing changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.rules.facts import CaseFilter
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec
from bot.rules.policy.routing import Route, suggest_component
from storage.models import Handover
from tests.bot.cases.correction.forms import edit
from tests.bot.stage import ANNA, EMMA, TINA, TOM, Stage

ROUTES: Mapping[str, Route] = {
    "Payments": Route("Payments", "Payments squad", (TOM, "UTWO")),
    "Mobile app": Route("Mobile app", "Mobile", ("UMOB",)),
}


@pytest.fixture
def routed(stage: Stage) -> Stage:
    stage.policy = replace(stage.policy, routing=ROUTES)
    return stage


async def offers(stage: Stage, number: int) -> list[tuple[str, str]]:
    return [(o.offered_to, o.role) for o in await stage.rows(Handover, case_number=number)]


async def test_a_new_case_is_offered_to_the_team_with_the_usual_clock(routed: Stage) -> None:
    number = await routed.opened(component="payments")
    assert (await routed.case(number)).component == "Payments"
    assert await offers(routed, number) == [(TOM, "technical_lead")]
    assert "technical_lead" not in await routed.roles(number)
    assert any(name.startswith("handoff:") for name in await routed.running(number))
    assert "handover_offered" in (await routed.heard(number))[TOM]
    (offer,) = await routed.rows(Handover, case_number=number)
    await routed.do(TOM, "answer_handover", number, handover=offer.id, accept=True)
    assert (await routed.roles(number))["technical_lead"] == TOM


async def test_without_a_component_and_without_routing_nothing_changes(stage: Stage) -> None:
    number = await stage.opened()
    assert (await offers(stage, number), (await stage.roles(number))["technical_lead"]) == (
        [],
        TINA,
    )
    with pytest.raises(UserError, match="no_components"):
        await stage.do(ANNA, "set_component", number, component="Payments")


async def test_an_unknown_component_says_which_there_are(routed: Stage) -> None:
    with pytest.raises(UserError, match="unknown_component") as refused:
        await routed.opened(component="Billing")
    assert refused.value.facts["known"] == "Payments, Mobile app"


async def test_who_is_away_is_passed_over_and_an_absent_team_leaves_the_usual_lead(
    routed: Stage,
) -> None:
    until = routed.now + timedelta(days=1)
    await routed.do(TOM, "away", until=until)
    assert await offers(routed, await routed.opened(component="Payments")) == [
        ("UTWO", "technical_lead")
    ]
    await routed.do("UTWO", "away", until=until)
    number = await routed.opened(component="Payments")
    assert (await routed.roles(number))["technical_lead"] == TINA


async def test_another_component_is_recorded_said_and_offered(routed: Stage) -> None:
    number = await routed.opened()
    await routed.said(number)
    await routed.do(ANNA, "set_component", number, component="mobile APP")
    assert await offers(routed, number) == [("UMOB", "technical_lead")]
    assert "component_set" in (await routed.heard(number))["post"]
    entry = next(e for e in await routed.timeline(number) if e.verb == "set_component")
    assert (entry.before, entry.after) == ({"component": ""}, {"component": "Mobile app"})
    with pytest.raises(UserError, match="component_same"):
        await routed.do(ANNA, "set_component", number, component="Mobile app")


async def test_the_third_refusal_names_the_team_of_the_component(routed: Stage) -> None:
    number = await routed.opened(component="Payments")
    (first,) = await routed.rows(Handover, case_number=number)
    await routed.do(TOM, "answer_handover", number, handover=first.id, accept=False, reason="No")
    for _ in range(2):
        await routed.do(
            EMMA, "hand_over", number, role="technical_lead", user="UTWO", summary="Please"
        )
        newest = (await routed.rows(Handover, case_number=number))[-1]
        await routed.said(number)
        await routed.do(
            "UTWO", "answer_handover", number, handover=newest.id, accept=False, reason="No"
        )
    said = next(e for e in await routed.said(number) if e.text == "notice:handover_refused")
    assert (said.extra["team"], said.extra["people"]) == ("Payments squad", [TOM, "UTWO"])


async def test_a_list_has_the_open_cases_of_a_component(routed: Stage) -> None:
    number = await routed.opened(component="Payments")
    await routed.opened()
    page = await Reading(routed.process()).page(EMMA, CaseFilter(component="payments"))
    assert [case.number for case in page.cases] == [number]
    assert page.cases[0].component == "Payments"


def test_a_component_is_suggested_where_the_impact_names_exactly_one() -> None:
    assert suggest_component(ROUTES, "The MOBILE APP crashes") == "Mobile app"
    assert suggest_component(ROUTES, "Payments in the mobile app fail") == ""
    assert suggest_component(ROUTES, "They repayments twice") == ""
    assert suggest_component({}, "Payments") == ""


def test_routing_is_read_and_its_mistakes_are_named() -> None:
    spec = dict(load_policy().spec)
    spec["routing"] = {"Payments": {"team": "Squad", "people": ["U0TOMAS"]}}
    assert policy_from_spec(spec).routing["Payments"] == Route("Payments", "Squad", ("U0TOMAS",))
    spec["routing"] = {"Payments": {"people": ["tomas@x.example"]}, "PAYMENTS": {"people": []}}
    with pytest.raises(PolicyError) as wrong:
        policy_from_spec(spec)
    assert [p.key for p in wrong.value.problems] == ["routing.Payments.people", "routing.PAYMENTS"]


async def test_a_correction_offers_the_case_to_the_other_team_and_says_so(routed: Stage) -> None:
    number = await routed.claimed()
    await routed.in_channel(number)
    await edit(routed, number, ANNA, component="mobile app")
    assert (await routed.case(number)).component == "Mobile app"
    assert await offers(routed, number) == [("UMOB", "technical_lead")]
    entry = next(e for e in await routed.timeline(number) if e.verb == "edit_component")
    assert (entry.before["component"], entry.after["component"]) == ("–", "Mobile app")
    said = {each.text: each.extra for each in await routed.said(number)}
    assert said["notice:case_edited"]["offered"] == "UMOB"


async def test_a_component_is_taken_away_and_of_a_resolved_case_no_team_is_asked(
    routed: Stage,
) -> None:
    number = await routed.resolved()
    await edit(routed, number, ANNA, component="Payments")
    assert ((await routed.case(number)).component, await offers(routed, number)) == ("Payments", [])
    await edit(routed, number, ANNA, component="")
    assert (await routed.case(number)).component == ""


async def test_an_unknown_component_is_refused_whole(routed: Stage) -> None:
    number = await routed.claimed()
    with pytest.raises(UserError, match="unknown_component"):
        await edit(routed, number, ANNA, component="Billing", stake="Worse")
    assert (await routed.case(number)).stake != "Worse"
