"""What was said of a case is taken back: who may, what follows, who hears of it once."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Handover
from tests.bot.stage import (
    ANNA,
    BILL,
    CARL,
    EMMA,
    EVAN,
    EXEC,
    LAWYER,
    LEAH,
    STRANGER,
    TINA,
    TOM,
    Stage,
)


async def take_back(stage: Stage, number: int, who: str, what: str) -> Any:
    """Withdraw with a reason."""
    return await stage.do(who, "withdraw", number, what=what, reason="Said in error")


async def flagged(stage: Stage, trigger: str = "threat_to_cancel") -> int:
    """A case in which executives are involved, and everything said up to now."""
    number = await stage.investigating()
    await stage.in_channel(number)
    await stage.do(CARL, "executive_flag", number, trigger=trigger, reason="They are leaving")
    await stage.in_channel(number)
    return number


# -- a flag


async def test_a_flag_is_withdrawn_and_those_who_were_told_hear_it_once(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    await stage.do(CARL, "executive_flag", number, trigger="threat_to_cancel", reason="Leaving")
    told = {user for user in await stage.heard(number) if user != "post"}
    await stage.in_channel(number)
    await take_back(stage, number, EMMA, "flag")
    case = await stage.case(number)
    assert (case.executive, case.executive_reason) == (False, "")
    heard = await stage.heard(number)
    assert told - {EMMA} <= set(heard)
    assert {tuple(names) for names in heard.values()} == {("withdrawn",)}
    entry = await stage.last(number)
    assert (entry.verb, entry.before["reason"], entry.why) == (
        "withdraw",
        "Leaving",
        "Said in error",
    )
    await stage.do(CARL, "executive_flag", number, trigger="threat_to_cancel", reason="Again")


@pytest.mark.parametrize("who", [ANNA, TINA, STRANGER])
async def test_those_who_manage_take_a_flag_back(stage: Stage, who: str) -> None:
    number = await flagged(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await take_back(stage, number, who, "flag")


async def test_a_legal_threat_is_taken_back_by_legal_alone_and_stays_restricted(
    stage: Stage,
) -> None:
    number = await flagged(stage, "legal")
    with pytest.raises(UserError, match="legal_withdraws"):
        await take_back(stage, number, EMMA, "flag")
    with pytest.raises(UserError, match="legal_stays_restricted"):
        await take_back(stage, number, EMMA, "restriction")
    await take_back(stage, number, LAWYER, "flag")
    case = await stage.case(number)
    assert (case.executive, case.legal, case.sensitive) == (False, False, True)


async def test_where_nobody_is_named_for_legal_a_manager_takes_it_back(stage: Stage) -> None:
    number = await flagged(stage, "legal")
    roles = {role: who for role, who in stage.policy.roles.items() if role is not Role.LEGAL}
    stage.policy = replace(stage.policy, roles=roles)
    await take_back(stage, number, EMMA, "flag")
    assert not (await stage.case(number)).legal


# -- a restriction


async def test_a_lifted_restriction_opens_the_case_and_not_its_channel(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.in_channel(number)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(LEAH, "customer_replied", number, summary="Hello")
    told = await take_back(stage, number, EMMA, "restriction")
    case = await stage.case(number)
    assert (case.sensitive, case.private_channel, case.channel_id) == (False, True, "C1")
    assert told["text"] == "notice:withdrawn"
    assert (await stage.heard(number))["post"] == ["withdrawn"]
    await stage.do(LEAH, "customer_replied", number, summary="Hello")


async def test_a_case_that_is_restricted_again_leaves_for_a_new_channel(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.in_channel(number)
    await take_back(stage, number, EMMA, "restriction")
    await stage.in_channel(number)
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="A lawyer")
    case = await stage.case(number)
    assert (case.sensitive, case.channel_id) == (True, None), "others may have come in meanwhile"


async def test_an_agent_lifts_no_restriction(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    with pytest.raises(UserError, match="not_your_role"):
        await take_back(stage, number, ANNA, "restriction")


# -- an offer


async def test_an_offer_is_withdrawn_by_who_made_it(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(TINA, "hand_over", number, role="technical_lead", user=TOM, summary="Logs")
    await stage.in_channel(number)
    await take_back(stage, number, TINA, "handover:1")
    assert (await stage.heard(number)) == {TOM: ["withdrawn"]}
    assert "handoff:1" not in await stage.running(number)
    with pytest.raises(UserError, match="handover_withdrawn"):
        await stage.do(TOM, "answer_handover", number, handover=1, accept=True)
    await stage.do(TINA, "hand_over", number, role="technical_lead", user=TOM, summary="Logs")


async def test_a_manager_withdraws_it_too_and_no_colleague(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(TINA, "hand_over", number, role="technical_lead", user=TOM, summary="Logs")
    with pytest.raises(UserError, match="not_your_role"):
        await take_back(stage, number, BILL, "handover")
    await stage.in_channel(number)
    await take_back(stage, number, EVAN, "handover")
    assert (await stage.heard(number)) == {TINA: ["withdrawn"], TOM: ["withdrawn"]}


async def test_of_several_offers_one_must_be_named(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(TINA, "hand_over", number, role="technical_lead", user=TOM, summary="Logs")
    await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="All")
    with pytest.raises(UserError, match="which_offer"):
        await take_back(stage, number, EMMA, "handover")
    await take_back(stage, number, EMMA, "handover:2")
    states = [offer.state for offer in await stage.rows(Handover)]
    assert states == ["offered", "refused"]


async def test_what_was_taken_back_is_no_refusal_of_the_role(stage: Stage) -> None:
    number = await stage.investigating()
    give = {"role": "technical_lead", "user": TOM, "summary": "Logs"}
    for offer in (1, 2):
        await stage.do(TINA, "hand_over", number, **give)
        await take_back(stage, number, TINA, f"handover:{offer}")
    await stage.do(TINA, "hand_over", number, **give)
    await stage.in_channel(number)
    await stage.do(TOM, "answer_handover", number, handover=3, accept=False, reason="Busy")
    assert set(await stage.heard(number)) == {TINA}, "the third refusal would call the lead"


# -- a resolution


async def test_a_resolution_is_withdrawn_with_its_letter(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number, already_sent=False)
    await stage.in_channel(number)
    assert await take_back(stage, number, EMMA, "resolution") is None
    case = await stage.case(number)
    assert (case.resolution_type, case.resolution_note, case.letter) == (None, "", None)
    assert (await stage.heard(number)) == {"post": ["withdrawn"], TINA: ["withdrawn"]}
    with pytest.raises(UserError, match="nothing_to_confirm"):
        await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)


async def test_a_correction_is_offered_where_the_customer_was_told(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number, type="workaround", note="By hand")
    told = await take_back(stage, number, EMMA, "resolution")
    assert told["extra"]["told"] is True
    assert (await stage.case(number)).workaround_note == ""


async def test_a_resolved_case_is_reopened_instead(stage: Stage) -> None:
    number = await stage.resolved()
    with pytest.raises(UserError, match="nothing_to_withdraw"):
        await take_back(stage, number, EMMA, "resolution")


@pytest.mark.parametrize("what", ["flag", "restriction", "handover", "resolution"])
async def test_what_is_not_there_cannot_be_withdrawn(stage: Stage, what: str) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="nothing_to_withdraw"):
        await take_back(stage, number, EMMA, what)


async def test_executives_take_their_flag_back(stage: Stage) -> None:
    number = await flagged(stage)
    await take_back(stage, number, EXEC, "flag")
    assert not (await stage.case(number)).executive
