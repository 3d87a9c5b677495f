"""Executives: the flag, what is asked of them, what they answer."""

import pytest

from bot.errors import UserError
from storage.models import Ask
from tests.bot.stage import (
    ALEX,
    ANNA,
    BILL,
    CARL,
    DORA,
    EMMA,
    EXEC,
    EXTRA,
    LAWYER,
    LEAH,
    SPON,
    T0,
    TINA,
    Stage,
)


async def flag(stage: Stage, number: int, trigger: str = "threat_to_cancel") -> None:
    await stage.do(ANNA, "executive_flag", number, trigger=trigger, reason="They look around")


async def test_a_flag_brings_executives_in_and_tells_everybody_once(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await flag(stage, number)
    case = await stage.case(number)
    assert (case.executive, case.executive_reason) == (True, "They look around")
    assert not case.sensitive
    assert (await stage.roles(number))["executive_owner"] == EXEC
    heard = await stage.heard(number)
    assert heard == {
        "post": ["executive_flag"],
        **{u: ["executive_flag"] for u in (EMMA, CARL, ALEX, LEAH)},
        **{u: ["executive_alert"] for u in (EXEC, EXTRA, SPON)},
        DORA: ["flag_asked"],
    }
    entry = await stage.last(number)
    assert entry.before == {"executive": False, "sensitive": False}
    assert entry.after["trigger"] == "threat_to_cancel"


async def test_a_legal_threat_restricts_an_open_case_for_all_but_those_on_it(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await flag(stage, number, "legal")
    case = await stage.case(number)
    assert (case.sensitive, case.legal) == (True, True)
    assert (await stage.roles(number))["legal"] == LAWYER
    told = {s.to for s in await stage.said(number) if s.kind == "dm"}
    assert LAWYER in told
    assert not told & {LEAH, EXTRA}  # not on the case, which is restricted from now on
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(BILL, "customer_replied", number, summary="s")


async def test_a_case_that_was_born_private_stays_where_it_is(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    await stage.in_channel(number)
    await flag(stage, number, "legal")
    assert (await stage.case(number)).channel_id == "C1"
    assert "moved" not in {e.verb for e in await stage.timeline(number)}


async def test_a_flag_is_raised_once(stage: Stage) -> None:
    number = await stage.claimed()
    await flag(stage, number)
    with pytest.raises(UserError, match="already_flagged"):
        await flag(stage, number, "extraordinary")
    await flag(stage, number, "legal")  # which also restricts it
    assert (await stage.case(number)).sensitive
    with pytest.raises(UserError, match="already_flagged"):
        await flag(stage, number, "legal")


async def test_what_is_not_extraordinary_needs_no_executive(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_for_executives"):
        await flag(stage, number, "too_slow")


async def asked(stage: Stage) -> int:
    """A case on which EMMA has asked EXEC."""
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.do(EMMA, "ask_executive", number, user=EXEC, question="May we give a month?")
    return number


async def test_a_question_reaches_the_executive_and_nobody_else(stage: Stage) -> None:
    number = await asked(stage)
    (ask,) = await stage.rows(Ask)
    assert (ask.asked_of, ask.asked_by, ask.asked_at) == (EXEC, EMMA, T0)
    said = [s for s in await stage.said(number) if s.text]
    assert [(s.to, s.text) for s in said] == [(EXEC, "notice:ask_executive")]
    assert said[0].extra == {
        "ask": 1, "question": "May we give a month?", "by": EMMA,
        "due": "2026-02-11T15:00:00+00:00",  # the close of the next business day
    }  # fmt: skip


@pytest.mark.parametrize("approve", [True, False])
async def test_the_answer_reaches_the_channel_where_whoever_asked_is_named(
    stage: Stage, approve: bool
) -> None:
    number = await asked(stage)
    await stage.said(number)
    await stage.do(EXEC, "answer_ask", number, ask=1, approve=approve, remark="Once")
    (ask,) = await stage.rows(Ask)
    assert (ask.answer, ask.remark) == ("approve" if approve else "decline", "Once")
    assert await stage.heard(number) == {"post": ["ask_answered"]}
    assert (await stage.last(number)).after == {"ask": 1, "answer": ask.answer}


async def test_a_question_is_answered_once_and_by_whom_it_was_asked(stage: Stage) -> None:
    number = await asked(stage)
    with pytest.raises(UserError, match="not_asked_of_you"):
        await stage.do(EMMA, "answer_ask", number, ask=1, approve=True)
    await stage.do(EXEC, "answer_ask", number, ask=1, approve=True)
    with pytest.raises(UserError, match="ask_answered"):
        await stage.do(EXEC, "answer_ask", number, ask=1, approve=False)
    with pytest.raises(UserError, match="no_such_ask"):
        await stage.do(EXEC, "answer_ask", await stage.opened(), ask=1, approve=True)


async def test_nobody_asks_themselves(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="ask_of_yourself"):
        await stage.do(EMMA, "ask_executive", number, user=EMMA, question="?")


@pytest.mark.parametrize("who", [ANNA, TINA])
async def test_agents_and_technical_leads_do_not_ask_executives(stage: Stage, who: str) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(who, "ask_executive", number, user=EXEC, question="?")
