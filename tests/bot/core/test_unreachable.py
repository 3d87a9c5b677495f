"""A case calls for people who are not there: who stands in, and who is told."""

from dataclasses import replace

import pytest

from bot.errors import UserError
from bot.rules.membership import Unfilled
from bot.rules.policy.load import Policy
from bot.rules.policy.model import Vacancy
from bot.rules.words import Role, Severity
from storage.models import Person
from tests.bot.stage import (
    ALEX,
    ANNA,
    CARL,
    DORA,
    EMMA,
    EXEC,
    LEAH,
    ROLES,
    STRANGER,
    T0,
    TINA,
    Stage,
)
from tests.postmortems import REVIEWED

GONE = "UGONE"  # of whom the roles that nobody else has are


def without(policy: Policy, *roles: Role) -> Policy:
    """The policy after everybody whom it named for these roles has left."""
    left = [
        Vacancy(role, user, Unfilled.DEACTIVATED, user)
        for role in roles
        for user in ROLES.get(role, (GONE,))
    ]
    people = {role: users for role, users in ROLES.items() if role not in roles}
    return replace(policy, roles=people, vacancies=tuple(left))


async def test_without_managers_a_support_lead_has_the_case_and_else_a_director(
    stage: Stage,
) -> None:
    whole = stage.policy
    stage.policy = without(whole, Role.ESCALATION_MANAGER)
    assert (await stage.case(await stage.opened())).owner == LEAH
    stage.policy = without(whole, Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD)
    assert (await stage.case(await stage.opened())).owner == DORA


async def test_with_nobody_left_the_reporter_keeps_the_case_but_not_a_managers_powers(
    stage: Stage,
) -> None:
    stage.policy = without(stage.policy, Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD, Role.DIRECTOR)
    number = await stage.opened(ANNA)
    assert (await stage.case(number)).owner == ANNA
    for who in (ANNA, STRANGER):
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(who, "severity", number, severity=4, reason="No")
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(who, "claim", number)


async def test_agents_who_left_leave_no_agents(stage: Stage) -> None:
    number = await stage.claimed()
    stage.policy = without(stage.policy, Role.AGENT)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.update(number, STRANGER)


async def test_a_power_of_the_organisation_whose_people_left_cannot_be_lent(stage: Stage) -> None:
    number = await stage.claimed()
    stage.policy = without(stage.policy, Role.DIRECTOR)
    with pytest.raises(UserError, match="not_named_for_role"):
        await stage.do(EMMA, "assign", number, role="director", user=ANNA)


async def test_a_sev1_is_closed_by_nobody_while_no_support_lead_is_left(stage: Stage) -> None:
    number = await stage.reviewed(severity=1)
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    stage.policy = without(stage.policy, Role.SUPPORT_LEAD)
    with pytest.raises(UserError, match="role_is_nobodys"):
        await stage.do(EMMA, "close", number, code="fixed", root_cause="capacity")


async def test_who_was_passed_over_stands_on_the_card_and_is_told_to_the_owner(
    stage: Stage,
) -> None:
    gone = Vacancy(Role.TECHNICAL_LEAD, "tia@acme.example", Unfilled.ADDRESS)
    stage.policy = replace(stage.policy, vacancies=(gone,))
    number = await stage.opened()

    marked = (await stage.case(number)).unreached
    assert marked == {"technical_lead": [{"who": "tia@acme.example", "reason": "unknown_address"}]}
    (told,) = [s for s in await stage.said(number) if s.text == "notice:unreached"]
    assert told.to == EMMA
    assert told.extra["unreached"][0]["heir"] == TINA


async def test_whoever_is_given_the_role_ends_the_want_of_one(stage: Stage) -> None:
    stage.policy = without(stage.policy, Role.TECHNICAL_LEAD)
    number = await stage.claimed()
    assert "technical_lead" in (await stage.case(number)).unreached

    await stage.do(EMMA, "assign", number, role="technical_lead", user=ANNA)
    assert (await stage.case(number)).unreached == {}


async def test_an_executive_who_left_is_missed_when_the_case_becomes_worse(stage: Stage) -> None:
    number = await stage.claimed(severity=3)
    stage.policy = without(stage.policy, Role.EXECUTIVE_OWNER)
    await stage.do(EMMA, "severity", number, severity=1, reason="It spreads")

    assert "executive_owner" in (await stage.case(number)).unreached
    assert EXEC not in (await stage.roles(number)).values()


async def test_an_accounts_people_who_left_get_no_role(stage: Stage) -> None:
    await stage.add(Person(user_id=CARL, name="Carl", standing="deactivated", fetched_at=T0))
    number = await stage.opened()

    roles = await stage.roles(number)
    assert "csm" not in roles
    assert roles["account_executive"] == ALEX
    assert (await stage.case(number)).unreached["csm"] == [{"who": CARL, "reason": "deactivated"}]


@pytest.mark.parametrize(
    ("role", "why"), [("comms_approver", "no_approver"), ("legal", "no_lawyer")]
)
async def test_a_message_that_those_who_left_must_approve_is_approved_by_nobody_else(
    stage: Stage, role: str, why: str
) -> None:
    stage.policy = replace(
        without(stage.policy, Role(role)), severities_needing_two_approvals=frozenset(Severity)
    )
    number = await stage.claimed(trigger="legal" if role == "legal" else "technical", severity=3)

    with pytest.raises(UserError, match=f"^{why}"):
        await stage.update(number)
