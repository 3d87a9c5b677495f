"""Who may do what: roles on the case and in the organisation, and cases that do not exist."""

import pytest

from bot.core.access import all_roles, check_permission
from bot.core.steps import require_permitted
from bot.errors import UserError
from bot.registry import form_permission
from bot.rules.permissions import ANYONE, PERMISSIONS
from bot.rules.words import Role
from storage.models import Case, CaseRole
from tests.bot.policies import policy
from tests.bot.stage import (
    ALEX,
    ANNA,
    BILL,
    CARL,
    EMMA,
    EVAN,
    EXEC,
    LAWYER,
    LEAH,
    SPON,
    STRANGER,
    TINA,
    Stage,
)
from tests.postmortems import REVIEWED

VERBS = sorted(PERMISSIONS)


async def allowed(stage: Stage, number: int, who: str) -> set[str]:
    """The verbs that somebody may do on a case."""
    case = await stage.case(number)
    return {verb for verb in VERBS if await refusal(stage, case, who, verb) is None}


async def refusal(stage: Stage, case: Case, who: str, verb: str) -> str | None:
    """Why somebody may not do a verb; None when they may."""
    async with stage.database.read() as session:
        try:
            await check_permission(session, stage.policy, who, verb, case)
        except UserError as refused:
            return refused.key
    return None


@pytest.mark.parametrize(
    ("who", "mine"),
    [
        (ANNA, {Role.REPORTER, Role.AGENT}),
        (BILL, {Role.AGENT}),
        (EMMA, {Role.ESCALATION_MANAGER}),
        (TINA, {Role.TECHNICAL_LEAD}),
        (CARL, {Role.CSM}),
        (ALEX, {Role.ACCOUNT_EXECUTIVE}),
        (LEAH, {Role.SUPPORT_LEAD}),
        (EXEC, {Role.EXECUTIVE_OWNER}),
        (SPON, {Role.SPONSOR}),
        (LAWYER, {Role.LEGAL}),
        (STRANGER, set()),
    ],
)
async def test_each_person_may_do_what_their_roles_may_and_no_more(
    stage: Stage, who: str, mine: set[Role]
) -> None:
    number = await stage.opened()
    expected = {v for v, r in PERMISSIONS.items() if r is ANYONE or r & mine}
    assert await allowed(stage, number, who) == expected
    case = await stage.case(number)
    refusals = {await refusal(stage, case, who, verb) for verb in set(VERBS) - expected}
    assert refusals <= {"not_your_role"}


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("claim", {}),
        ("assign", {"role": "csm", "user": BILL}),
        ("hand_over", {"role": "csm", "user": BILL, "summary": "s"}),
        ("severity", {"severity": 1, "reason": "r"}),
        ("severity", {"severity": 3, "reason": "r"}),
        ("update", {"kind": "update", "text": "t", "recipient": "M", "route": "email"}),
        ("customer_replied", {"summary": "s"}),
        ("status", {"standing": "blocked"}),
        ("hold", {"reason": "waiting_customer", "until": "2026-03-01T00:00:00Z"}),
        ("resume", {}),
        ("resolve", {"type": "fix", "note": "n", "text": "t", "recipient": "M"}),
        ("confirm", {"party": "customer", "comfortable": True}),
        ("close", {"code": "fixed", "root_cause": "change", "no_action": "None"}),
        ("reopen", {"reason": "r"}),
        ("dismiss", {"reason": "r"}),
        ("executive_flag", {"trigger": "legal", "reason": "r"}),
        ("ask_executive", {"user": EXEC, "question": "q"}),
        ("postmortem", {}),
        ("postmortem_held", dict(REVIEWED)),
        ("action_item", {"title": "t", "type": "product", "owner": BILL, "due": "2026-03-01"}),
        ("action_done", {"action": 1, "evidence": "e"}),
    ],
)
async def test_a_stranger_is_refused_and_nothing_changes(
    stage: Stage, verb: str, fields: dict[str, object]
) -> None:
    number = await stage.opened()
    await stage.said(number)
    before = await stage.case(number)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, verb, number, **fields)
    assert await stage.case(number) == before
    assert len(await stage.timeline(number)) == 1
    assert await stage.said(number) == []


@pytest.mark.parametrize("who", [BILL, EVAN, LEAH, CARL, STRANGER])
async def test_a_sensitive_case_does_not_exist_for_those_who_are_not_on_it(
    stage: Stage, who: str
) -> None:
    number = await stage.opened(sensitive=True)
    for verb in ("claim", "seen", "answer_ask"):
        fields = {"clock": "acknowledge", "ask": 1, "approve": True}
        with pytest.raises(UserError, match="no_such_case"):
            await stage.do(who, verb, number, **fields)


async def test_a_manager_can_bring_somebody_into_a_sensitive_case(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    await stage.do(EMMA, "claim", number)
    await stage.do(EMMA, "assign", number, role="csm", user=CARL)
    await stage.do(CARL, "customer_replied", number, summary="Still down")


async def test_what_one_is_asked_opens_a_sensitive_case_to_them(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    await stage.do(EMMA, "claim", number)
    await stage.do(EMMA, "ask_executive", number, user=EXEC, question="May we?")
    await stage.do(EXEC, "answer_ask", number, ask=1, approve=True)
    await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="s")
    await stage.do(EVAN, "answer_handover", number, handover=1, accept=True)
    assert (await stage.case(number)).owner == EVAN


async def test_a_case_that_is_not_there_is_refused(stage: Stage) -> None:
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(EMMA, "claim", 99)


async def test_everybody_counts_as_what_the_policy_names_nobody_for(stage: Stage) -> None:
    stage.policy = policy({})
    async with stage.database.read() as session:
        assert await all_roles(session, stage.policy, STRANGER) == {
            Role.AGENT,
            Role.ESCALATION_MANAGER,
            Role.SUPPORT_LEAD,
        }


async def test_a_form_opens_for_whom_the_use_case_would_admit(stage: Stage) -> None:
    number = await stage.opened()
    async with stage.database.read() as session:
        await require_permitted(session, stage.policy, "open_case", STRANGER, None)
        await require_permitted(
            session, stage.policy, form_permission("severity"), ANNA, number
        )  # to raise it
        with pytest.raises(UserError, match="not_your_role"):
            await require_permitted(
                session, stage.policy, form_permission("severity"), STRANGER, number
            )
        with pytest.raises(UserError, match="no_such_case"):
            await require_permitted(session, stage.policy, form_permission("severity"), EMMA, 99)


async def test_a_role_lent_on_another_case_counts_there_only(stage: Stage) -> None:
    first, second = await stage.opened(), await stage.opened()
    await stage.add(
        CaseRole(case_number=first, role="facilitator", user_id=STRANGER, since=stage.now)
    )
    assert "postmortem_held" in await allowed(stage, first, STRANGER)
    assert "postmortem_held" not in await allowed(stage, second, STRANGER)
