"""The customer is told of a resolution once the technical lead has confirmed it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.words import Role, Severity
from storage.models import Draft, SentMessage
from tests.bot.stage import ANNA, EMMA, EVAN, LEAH, ROLES, TINA, TOM, Stage

LETTER = "It works again since 13:05."


async def ask(stage: Stage, number: int, who: str = EMMA, **fields: Any) -> Any:
    """Resolve without having told the customer."""
    return await stage.resolve(number, who, text=LETTER, already_sent=False, **fields)


async def answer(stage: Stage, number: int, *, yes: bool, who: str = TINA) -> Any:
    """The technical lead's word."""
    given = {"party": "technical_lead", "comfortable": yes, "remark": "" if yes else "2 of 5 docks"}
    return await stage.do(who, "confirm", number, **given)


async def resolutions(stage: Stage) -> list[SentMessage]:
    """The letters about a resolution that went out, or are on their way."""
    return [row for row in await stage.rows(SentMessage) if row.kind == "resolution"]


async def test_the_customer_hears_nothing_until_the_lead_confirms(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    told = await ask(stage, number)
    case = await stage.case(number)
    assert await resolutions(stage) == []
    assert case.letter is not None
    assert (case.letter["fields"]["text"], case.letter["by"]) == (LETTER, EMMA)
    assert (case.status, case.resolution_note) == ("investigating", "Rolled back")
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    assert [(s.to, s.text, s.extra["text"]) for s in said] == [
        (TINA, "notice:confirmation_asked", LETTER)
    ]
    assert told["extra"] == {"waiting": {"technical_lead": TINA}, "untold": True}
    assert {"resolution", "next_update"} <= await stage.running(number)


async def test_after_a_yes_the_writer_sends_it_and_the_case_is_resolved(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number)
    await stage.in_channel(number)
    await answer(stage, number, yes=True)
    assert (await stage.heard(number))[EMMA] == ["letter_free"]
    assert (await stage.case(number)).status == "investigating", "the customer does not know yet"
    await ask(stage, number)
    case = await stage.case(number)
    assert (case.status, case.letter) == ("resolved", None)
    assert [row.text for row in await resolutions(stage)] == [LETTER]


async def test_a_no_pages_the_owner_and_the_letter_is_kept(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number)
    await stage.in_channel(number)
    await answer(stage, number, yes=False)
    said = [s for s in await stage.said(number) if s.to == EMMA]
    assert [(s.text, s.extra["told"], s.extra["remark"]) for s in said] == [
        ("notice:resolution_doubted", False, "2 of 5 docks")
    ]
    case = await stage.case(number)
    assert (case.letter is not None, case.letter_due) == (True, None)
    assert await resolutions(stage) == []


async def test_a_no_of_the_owner_answers_them_when_the_customer_was_told(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.resolve(number, TINA)
    given = {"party": "escalation_manager", "comfortable": False, "remark": "Still slow"}
    reply = await stage.do(EMMA, "confirm", number, **given)
    assert reply is not None
    assert (reply["text"], reply["extra"]["told"]) == ("notice:resolution_doubted", True)


async def test_what_was_told_before_a_reopening_does_not_count(stage: Stage) -> None:
    number = await stage.resolved()
    await stage.do(ANNA, "reopen", number, reason="It is back")
    stage.later(hours=1)
    await ask(stage, number, note="Another cause")
    await stage.in_channel(number)
    await answer(stage, number, yes=False)
    [said] = [s for s in await stage.said(number) if s.to == EMMA]
    assert said.extra["told"] is False
    await stage.resolve(number, note="Another cause", already_sent=False)
    await answer(stage, number, yes=True)
    assert (await stage.case(number)).status == "investigating", "an old letter resolves nothing"


async def test_a_no_of_the_manager_holds_the_letter_until_it_is_a_yes(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number, LEAH)
    manager = {"party": "escalation_manager", "remark": "Still slow"}
    await stage.do(EMMA, "confirm", number, comfortable=False, **manager)
    await stage.in_channel(number)
    await answer(stage, number, yes=True)
    assert "letter_free" not in str(await stage.heard(number))
    await stage.do(EMMA, "confirm", number, comfortable=True, **manager)
    assert "letter_free" in (await stage.heard(number))[LEAH]


async def test_the_lead_who_resolves_is_not_asked(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number, TINA)
    assert [row.text for row in await resolutions(stage)] == [LETTER]
    assert (await stage.case(number)).letter is None


async def test_without_a_lead_the_customer_is_told_at_once(stage: Stage) -> None:
    number = await stage.investigating(severity=3)
    await ask(stage, number)
    assert (await stage.case(number)).status == "resolved"


async def test_another_resolution_is_asked_about_anew(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number)
    await answer(stage, number, yes=True)
    await stage.in_channel(number)
    await ask(stage, number, note="Replaced the disk")
    assert (await stage.heard(number))[TINA] == ["confirmation_asked"]
    assert await resolutions(stage) == []


async def test_a_manager_may_tell_the_customer_all_the_same(stage: Stage) -> None:
    number = await stage.investigating()
    await ask(stage, number)
    await stage.in_channel(number)
    await stage.do(EVAN, "tell_anyway", number)
    assert (await stage.last(number)).verb == "tell_anyway"
    assert (await stage.heard(number))[EMMA] == ["letter_free"]
    await ask(stage, number)
    assert [row.text for row in await resolutions(stage)] == [LETTER]
    assert (await stage.case(number)).status == "investigating", "the lead has not confirmed"
    await answer(stage, number, yes=True)
    assert (await stage.case(number)).status == "resolved"


async def test_an_agent_may_not_and_there_must_be_a_letter(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="no_letter_waits"):
        await stage.do(EMMA, "tell_anyway", number)
    await ask(stage, number)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(ANNA, "tell_anyway", number)


async def test_words_that_cannot_go_out_are_refused_before_anybody_is_asked(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    with pytest.raises(UserError, match="tone_secret"):
        await stage.resolve(number, text="Card 4111 1111 1111 1111", already_sent=False)
    assert await stage.heard(number) == {}
    assert (await stage.case(number)).resolution_type is None


async def test_lead_writer_and_owner_hear_when_nobody_answers_and_then_daily(stage: Stage) -> None:
    number = await stage.investigating(severity=1)
    await ask(stage, number)
    await stage.in_channel(number)
    stage.later(minutes=15)  # the policy's time for a handover at this severity
    await stage.sweep()
    heard = await stage.heard(number)
    assert heard[TINA] == ["confirmation_asked"]
    # At SEV1 the time is also that after which stakeholders who have not seen it are replaced.
    assert heard[EMMA] == ["unseen", "letter_waits"]
    assert (await stage.case(number)).letter_due == stage.now + timedelta(days=1)


async def test_a_letter_whose_lead_is_gone_goes_out_when_it_is_looked_at(stage: Stage) -> None:
    number = await stage.investigating(severity=1)
    await ask(stage, number)
    await stage.do(EMMA, "assign", number, role="technical_lead", user=TOM)
    await answer(stage, number, yes=True, who=TOM)
    await stage.in_channel(number)
    stage.later(days=1)
    await stage.sweep()
    assert "letter_free" in (await stage.heard(number))[EMMA], "it is still to be sent"


async def test_what_needs_a_second_person_is_approved_after_the_lead(stage: Stage) -> None:
    number = await stage.investigating()
    roles = {**ROLES, Role.COMMS_APPROVER: ("UCOCO",)}
    two = frozenset(Severity)
    stage.policy = replace(stage.policy, roles=roles, severities_needing_two_approvals=two)
    await ask(stage, number)
    assert await stage.rows(Draft) == []
    await answer(stage, number, yes=True)
    told = await ask(stage, number)
    assert told["text"] == "notice:approval_waits"
    [draft] = await stage.rows(Draft)
    given = {"draft": draft.id, "digest": draft.digest, "approve": True}
    await stage.do("UCOCO", "answer_draft", number, **given)
    await ask(stage, number)
    assert (await stage.case(number)).status == "resolved"
