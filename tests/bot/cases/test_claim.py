"""Taking charge, giving roles, handing them over."""

import pytest

from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Handover
from tests.bot.policies import policy
from tests.bot.stage import (
    ANNA,
    BILL,
    CARL,
    DORA,
    EMMA,
    EVAN,
    LEAH,
    ROLES,
    STRANGER,
    TINA,
    TOM,
    Stage,
)


async def test_a_claim_acknowledges_the_case_and_shows_what_it_asks(stage: Stage) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    stage.later(minutes=5)
    answer = await stage.do(EVAN, "claim", number)
    case = await stage.case(number)
    assert (case.status, case.owner) == ("acknowledged", EVAN)
    assert (await stage.roles(number))["escalation_manager"] == EVAN
    clock = await stage.clock(number, "acknowledge")
    assert clock is not None
    assert (clock.state, clock.stopped_at) == ("met", stage.now)
    entry = await stage.last(number)
    assert (entry.verb, entry.actor) == ("claim", EVAN)
    assert entry.before == {"status": "new", "owner": EMMA}
    assert entry.after == {"status": "acknowledged", "owner": EVAN}
    assert answer == {
        "text": "notice:role_card",
        "case": number,
        "extra": {"role": "escalation_manager"},
    }
    said = await stage.said(number)
    assert {s.kind for s in said} == {"invite", "post", "card", "pages"}
    assert next(s for s in said if s.kind == "post").extra == {"user": EVAN}


async def test_claiming_twice_is_refused(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="already_yours"):
        await stage.do(EMMA, "claim", number)


async def test_a_case_that_somebody_has_is_not_taken_from_them(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError) as refused:
        await stage.do(EVAN, "claim", number)
    assert (refused.value.key, refused.value.facts) == ("already_claimed", {"owner": EMMA})


@pytest.mark.parametrize("senior", [LEAH, DORA])
async def test_a_support_lead_or_director_may_take_it_over(stage: Stage, senior: str) -> None:
    number = await stage.claimed()
    await stage.do(senior, "claim", number)
    case = await stage.case(number)
    assert (case.owner, case.status) == (senior, "acknowledged")


async def test_counting_as_support_lead_because_nobody_is_named_takes_no_case(
    stage: Stage,
) -> None:
    stage.policy = policy({Role.ESCALATION_MANAGER: (EMMA, EVAN)})
    number = await stage.claimed()
    with pytest.raises(UserError, match="already_claimed"):
        await stage.do(EVAN, "claim", number)


async def test_the_owner_of_a_new_case_still_has_to_claim_it(stage: Stage) -> None:
    number = await stage.opened()
    assert (await stage.case(number)).owner == EMMA
    await stage.do(EMMA, "claim", number)
    assert (await stage.case(number)).status == "acknowledged"


async def test_an_ended_case_is_not_claimed(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(EMMA, "dismiss", number, reason="A question")
    with pytest.raises(UserError) as refused:
        await stage.do(EMMA, "claim", number)
    assert refused.value.key == "wrong_status"
    assert refused.value.facts == {"verb": "claim", "status": "dismissed"}


async def test_claiming_after_the_customer_was_answered_begins_the_work(stage: Stage) -> None:
    number = await stage.opened()
    await stage.update(number, kind="acknowledgement")
    assert (await stage.case(number)).status == "new"
    await stage.do(EMMA, "claim", number)
    assert (await stage.case(number)).status == "investigating"
    assert "check_in" in await stage.running(number)


async def test_an_assigned_role_moves_and_its_holder_is_brought_in_and_told(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.do(EMMA, "assign", number, role="technical_lead", user=TOM)
    assert (await stage.roles(number))["technical_lead"] == TOM
    entry = await stage.last(number)
    assert entry.before == {"role": "technical_lead", "user": TINA}
    assert entry.after == {"role": "technical_lead", "user": TOM}
    said = {s.kind: s for s in await stage.said(number)}
    assert said["invite"].row.payload["users"] == [TOM]
    assert (said["dm"].to, said["dm"].text) == (TOM, "notice:role_card")
    assert said["post"].extra == {"role": "technical_lead", "user": TOM}


async def test_assigning_the_manager_gives_the_case(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "assign", number, role="escalation_manager", user=EVAN)
    assert (await stage.case(number)).owner == EVAN


async def test_assigning_a_manager_to_a_new_case_is_not_a_human_claim(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(LEAH, "assign", number, role="escalation_manager", user=EVAN)
    case = await stage.case(number)
    assert (case.owner, case.status) == (EVAN, "new")
    assert "acknowledge" in await stage.running(number)


@pytest.mark.parametrize(
    ("role", "user", "refusal"),
    [
        ("technical_lead", TINA, "already_in_role"),
        ("reporter", BILL, "reporter_is_fixed"),
        ("support_lead", EMMA, "not_named_for_role"),
        ("director", EMMA, "not_named_for_role"),
    ],
)
async def test_roles_that_cannot_be_given(stage: Stage, role: str, user: str, refusal: str) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match=refusal):
        await stage.do(EMMA, "assign", number, role=role, user=user)


async def offered(stage: Stage, role: str = "escalation_manager") -> int:
    """A claimed case whose role EMMA has offered to EVAN."""
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.do(EMMA, "hand_over", number, role=role, user=EVAN, summary="Call Maria")
    return number


async def test_an_offer_changes_nothing_yet_and_runs_a_clock(stage: Stage) -> None:
    number = await offered(stage)
    assert (await stage.case(number)).owner == EMMA
    assert "handoff:1" in await stage.running(number)
    said = [s for s in await stage.said(number) if s.text]
    assert [(s.to, s.text) for s in said] == [(EVAN, "notice:handover_offered")]
    assert said[0].extra == {
        "handover": 1,
        "role": "escalation_manager",
        "offered_by": EMMA,
        "user": EVAN,
        "summary": "Call Maria",
    }
    assert (await stage.last(number)).why == "Call Maria"


async def test_an_accepted_offer_moves_the_role_and_tells_the_one_who_gave_it(
    stage: Stage,
) -> None:
    number = await offered(stage)
    await stage.said(number)
    answer = await stage.do(EVAN, "answer_handover", number, handover=1, accept=True)
    assert (await stage.case(number)).owner == EVAN
    assert (await stage.roles(number))["escalation_manager"] == EVAN
    clock = await stage.clock(number, "handoff:1")
    assert clock is not None
    assert clock.state == "met"
    heard = await stage.heard(number)
    assert heard == {"post": ["handover_accepted"], EMMA: ["handover_accepted"]}
    assert answer is not None
    assert answer["text"] == "notice:role_card"


async def test_a_refusal_needs_a_reason_and_leaves_the_role(stage: Stage) -> None:
    number = await offered(stage)
    await stage.said(number)
    with pytest.raises(UserError, match="refusal_needs_reason"):
        await stage.do(EVAN, "answer_handover", number, handover=1, accept=False)
    await stage.do(EVAN, "answer_handover", number, handover=1, accept=False, reason="On leave")
    assert (await stage.case(number)).owner == EMMA
    (offer,) = await stage.rows(Handover)
    assert (offer.state, offer.reason) == ("refused", "On leave")
    assert "handoff:1" not in await stage.running(number)
    said = [s for s in await stage.said(number) if s.text]
    assert [(s.to, s.extra["reason"]) for s in said] == [(EMMA, "On leave")]


async def test_an_offer_is_answered_once_and_by_whom_it_was_made_to(stage: Stage) -> None:
    number = await offered(stage)
    with pytest.raises(UserError, match="not_offered_to_you"):
        await stage.do(LEAH, "answer_handover", number, handover=1, accept=True)
    await stage.do(EVAN, "answer_handover", number, handover=1, accept=True)
    with pytest.raises(UserError, match="handover_answered"):
        await stage.do(EVAN, "answer_handover", number, handover=1, accept=True)


async def test_an_offer_of_another_case_is_not_found(stage: Stage) -> None:
    await offered(stage)
    other = await stage.opened()
    with pytest.raises(UserError, match="no_such_handover"):
        await stage.do(EVAN, "answer_handover", other, handover=1, accept=True)


async def test_a_role_is_offered_by_its_holder_or_a_manager(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_your_role_to_give"):
        await stage.do(ANNA, "hand_over", number, role="csm", user=BILL, summary="s")
    await stage.do(CARL, "hand_over", number, role="csm", user=BILL, summary="s")
    await stage.do(BILL, "answer_handover", number, handover=1, accept=True)
    assert (await stage.roles(number))["csm"] == BILL


async def test_a_role_that_passed_on_meanwhile_is_not_taken_by_an_old_offer(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(CARL, "hand_over", number, role="csm", user=BILL, summary="s")
    await stage.do(EMMA, "assign", number, role="csm", user=ANNA)
    with pytest.raises(UserError, match="handover_outdated"):
        await stage.do(BILL, "answer_handover", number, handover=1, accept=True)
    assert (await stage.roles(number))["csm"] == ANNA
    await stage.do(BILL, "answer_handover", number, handover=1, accept=False, reason="Late")
    assert "handoff:1" not in await stage.running(number)


async def test_a_role_is_offered_to_one_other_person_at_a_time(stage: Stage) -> None:
    number = await offered(stage)
    with pytest.raises(UserError, match="handover_waits"):
        await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=LEAH, summary="s")
    with pytest.raises(UserError, match="handover_to_yourself"):
        await stage.do(EMMA, "hand_over", number, role="csm", user=EMMA, summary="s")


async def test_accepting_a_new_case_is_a_claim(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="s")
    await stage.do(EVAN, "answer_handover", number, handover=1, accept=True)
    case = await stage.case(number)
    assert (case.owner, case.status) == (EVAN, "acknowledged")
    assert "acknowledge" not in await stage.running(number)


async def test_the_third_refusal_reaches_owner_and_lead_with_all_that_was_said(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    for turn, user in enumerate((BILL, TOM, STRANGER), start=1):
        await stage.do(CARL, "hand_over", number, role="csm", user=user, summary="s")
        await stage.said(number)
        fields = {"handover": turn, "accept": False, "reason": f"Busy {turn}"}
        await stage.do(user, "answer_handover", number, **fields)
    said = [each for each in await stage.said(number) if each.text]
    assert {each.to for each in said} == {CARL, EMMA, LEAH}
    history = [(BILL, "Busy 1"), (TOM, "Busy 2"), (STRANGER, "Busy 3")]
    for each in said:
        assert [(row["user"], row["reason"]) for row in each.extra["history"]] == history
    assert ROLES[Role.SUPPORT_LEAD] == (LEAH,)


async def test_who_has_led_a_case_before_does_not_read_the_duties_again(stage: Stage) -> None:
    await stage.claimed()
    number = await stage.opened()
    answer = await stage.do(EMMA, "claim", number)
    assert answer is not None
    assert answer["text"] == "notice:claimed"
