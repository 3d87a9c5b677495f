"""What reaches the customer needs a role that somebody else gave: raising a case gives none."""

from dataclasses import replace

import pytest

from bot.core.access import check_permission
from bot.core.steps import require_permitted
from bot.errors import UserError
from bot.rules.permissions import ANYONE, ENTRUSTED, PERMISSIONS
from bot.rules.words import Role
from storage.models import Case, SentMessage
from tests.bot.policies import policy
from tests.bot.stage import (
    ALEX,
    ANNA,
    BILL,
    CARL,
    EMMA,
    ROLES,
    SPON,
    STRANGER,
    TINA,
    Stage,
)


async def refusal(stage: Stage, number: int, who: str, verb: str = "update") -> str:
    """Why somebody may not do a verb on a case; empty when they may."""
    async with stage.database.read() as session:
        case = await session.get(Case, number)
        try:
            await check_permission(session, stage.policy, who, verb, case)
        except UserError as refused:
            return refused.key
    return ""


async def owned_by(stage: Stage, number: int, who: str) -> None:
    """The case has this owner, who took nothing from anybody."""
    async with stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.owner = who
        session.add(case)


@pytest.mark.parametrize("verb", sorted(ENTRUSTED))
async def test_whoever_raised_a_case_neither_writes_nor_links_by_that_alone(
    stage: Stage, verb: str
) -> None:
    number = await stage.opened(STRANGER)
    assert await refusal(stage, number, STRANGER, verb) in {"not_entrusted", "not_your_role"}
    async with stage.database.read() as session:
        with pytest.raises(UserError):  # nor is the form opened for them
            await require_permitted(session, stage.policy, verb, STRANGER, number)


async def test_they_keep_what_a_reporter_needs(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    for verb in ("show", "timeline", "customer_replied", "raise_severity", "status", "confirm",
                 "propose_template", "reopen", "executive_flag"):  # fmt: skip
        assert await refusal(stage, number, STRANGER, verb) == "", verb


async def test_nothing_is_recorded_of_what_they_tried(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    with pytest.raises(UserError, match="not_entrusted"):
        await stage.update(number, STRANGER, kind="acknowledgement")
    assert await stage.rows(SentMessage) == []


@pytest.mark.parametrize("who", [ANNA, EMMA, TINA, CARL, ALEX])
async def test_whom_the_policy_or_the_accounts_name_writes(stage: Stage, who: str) -> None:
    number = await stage.opened(STRANGER)
    assert await refusal(stage, number, who) == ""


async def test_a_named_agent_who_raised_the_case_writes(stage: Stage) -> None:
    assert await refusal(stage, await stage.opened(ANNA), ANNA) == ""


async def test_with_no_agent_named_everybody_is_one(stage: Stage) -> None:
    stage.policy = policy({**ROLES, Role.AGENT: ()})
    assert await refusal(stage, await stage.opened(STRANGER), STRANGER) == ""


async def test_a_colleague_gives_them_the_role_that_they_had_taken(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    await stage.do(EMMA, "assign", number, role="agent", user=STRANGER)
    assert await refusal(stage, number, STRANGER) == ""
    with pytest.raises(UserError, match="already_in_role"):
        await stage.do(EMMA, "assign", number, role="agent", user=STRANGER)


async def test_a_role_that_was_given_to_another_is_not_theirs(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    await stage.do(EMMA, "assign", number, role="agent", user=STRANGER)
    await stage.do(EMMA, "assign", number, role="agent", user=BILL)
    assert await refusal(stage, number, STRANGER) == "not_entrusted"


@pytest.mark.parametrize("role", ["csm", "technical_lead"])
async def test_nobody_gives_themselves_a_role_that_counts(stage: Stage, role: str) -> None:
    number = await stage.opened(SPON, account="")
    await owned_by(stage, number, STRANGER)
    await stage.do(STRANGER, "assign", number, role=role, user=STRANGER)
    assert await refusal(stage, number, STRANGER) == "not_entrusted"


async def test_who_owns_a_case_is_not_its_facilitator(stage: Stage) -> None:
    number = await stage.opened(SPON, account="")
    await owned_by(stage, number, STRANGER)
    with pytest.raises(UserError, match="facilitator_on_case"):
        await stage.do(STRANGER, "assign", number, role="facilitator", user=STRANGER)
    assert await refusal(stage, number, STRANGER) == "not_entrusted"


async def test_claiming_a_case_is_no_gift(stage: Stage) -> None:
    number = await stage.opened(SPON)
    await owned_by(stage, number, STRANGER)
    await stage.do(STRANGER, "claim", number)
    assert await refusal(stage, number, STRANGER) == "not_entrusted"
    assert await refusal(stage, number, STRANGER, "resolve") == "not_entrusted"


async def test_who_took_a_role_can_lend_none_to_a_friend(stage: Stage) -> None:
    number = await stage.opened(SPON)
    await owned_by(stage, number, STRANGER)
    await stage.do(STRANGER, "assign", number, role="csm", user="UFRIEND")
    assert await refusal(stage, number, "UFRIEND") == "not_entrusted"
    await stage.do("UFRIEND", "hand_over", number, role="csm", user=STRANGER, summary="Here")
    await stage.do(STRANGER, "answer_handover", number, handover=1, accept=True)
    assert await refusal(stage, number, STRANGER) == "not_entrusted"


async def test_a_role_handed_over_counts_as_it_did_before(stage: Stage) -> None:
    taken, given = await stage.opened(STRANGER), await stage.opened(ANNA)
    await stage.do(STRANGER, "hand_over", taken, role="agent", user=SPON, summary="All yours")
    await stage.do(SPON, "answer_handover", taken, handover=1, accept=True)
    assert await refusal(stage, taken, SPON) == "not_entrusted"
    await stage.do(ANNA, "hand_over", given, role="agent", user=SPON, summary="All yours")
    await stage.do(SPON, "answer_handover", given, handover=2, accept=True)
    assert await refusal(stage, given, SPON) == ""


async def test_what_was_given_goes_when_the_policy_no_longer_names_them(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    stage.policy = replace(stage.policy, roles={**ROLES, Role.AGENT: (BILL,)})
    assert await refusal(stage, number, ANNA) == "not_your_role"


def test_every_verb_that_speaks_for_the_company_has_a_row() -> None:
    assert set(PERMISSIONS) >= ENTRUSTED
    assert all(PERMISSIONS[verb] is not ANYONE for verb in ENTRUSTED)
