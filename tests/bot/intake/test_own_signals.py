"""Signals of our own: threats in words, bad answers, and calls that colleagues log."""

from datetime import datetime, timedelta

import pytest

from bot.core.reactions import CustomerUnhappy
from bot.customers.incoming import take_customer_message
from bot.errors import UserError
from bot.feedback.surveys import record_answer
from bot.intake.own_signals import consider_answer
from bot.rules.states import CandidateState
from bot.rules.words import Trigger
from storage.models import ActionItem, Candidate, CustomerLink, Outbox
from tests.bot.intake.test_signals import arrives, dms, only
from tests.bot.stage import ANNA, EMMA, LAWYER, LEAH, T0, Stage


async def test_a_threat_makes_it_graver_and_a_legal_one_restricted(stage: Stage) -> None:
    await arrives(stage, text="Fix it today or we cancel the contract")
    await arrives(stage, "2", account="", customer="Quill", text="θα σας κάνουμε μήνυση")
    leaving, legal = await stage.rows(Candidate)
    assert (leaving.severity, leaving.trigger) == (2, Trigger.THREAT_TO_CANCEL)
    assert (leaving.reasons, leaving.sensitive) == ({"found": ["threat"]}, False)
    assert (legal.trigger, legal.sensitive) == (Trigger.LEGAL, True)
    assert (await dms(stage))[LAWYER] == ["candidate:restricted"]


async def wrote(stage: Stage, number: int, words: str) -> None:
    async with stage.database.write() as session:
        work = stage.work(session)
        await take_customer_message(work, await work.case(number), stage.now, words)


async def test_a_threat_in_a_live_case_is_the_owners_to_consider(stage: Stage) -> None:
    number = await stage.claimed()
    await wrote(stage, number, "Thanks, we will look at it.")
    assert "threat_heard" not in str(await stage.heard(number))
    await wrote(stage, number, "Our lawyers will be in touch, and we are looking at alternatives")
    assert "threat_heard" in (await stage.heard(number))[EMMA]
    assert await stage.rows(Candidate) == []


async def test_an_unhappy_pulse_stands_on_its_live_case_and_waits_for_no_decision(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    until = stage.now + timedelta(days=7)
    link = {"kind": "pulse", "made_at": stage.now, "expires_at": until}
    await stage.add(CustomerLink(case_number=number, **link))
    async with stage.database.write() as session:
        work = stage.work(session)
        case, asked = await work.case(number), await session.get_one(CustomerLink, 1)
        await record_answer(work, case, asked, 1, None, "Nobody answers")
    told = {e.verb: e for e in await stage.timeline(number)}
    assert (told["answered_pulse"].after["score"], told["answered_pulse"].why) == (
        1, "Nobody answers",
    )  # fmt: skip
    (call,) = await stage.rows(ActionItem, case_number=number)
    assert call.owner == EMMA
    (said,) = [e for e in await stage.said(number) if e.text == "notice:customer_answered"]
    assert said.to == EMMA
    assert datetime.fromisoformat(said.extra["due"]) >= stage.now + timedelta(hours=4)
    assert await stage.rows(Candidate) == []


async def test_after_a_flag_the_same_threat_is_no_news(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "executive_flag", number, trigger="threat_to_cancel", reason="Exit terms")
    await stage.heard(number)
    await wrote(stage, number, "We are leaving you.")
    assert "threat_heard" not in str(await stage.heard(number))


async def test_a_threat_after_the_end_is_decided_anew(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(EMMA, "dismiss", number, reason="A question")
    await wrote(stage, number, "Thank you!")
    assert await stage.rows(Candidate) == []
    await wrote(stage, number, "Then cancel our subscription.")
    candidate = await only(stage)
    assert candidate.reasons == {"found": ["reopened", "threat"]}
    assert candidate.account_key == "acme"


async def test_a_bad_survey_about_an_ended_case_is_decided_on_once(stage: Stage) -> None:
    number = await stage.claimed()
    link = CustomerLink(
        case_number=number, kind="survey", made_at=T0, expires_at=T0 + timedelta(days=9), score=1,
        comment="Nobody listened",
    )  # fmt: skip
    await stage.add(link)
    for status in (None, "dismissed", "dismissed"):
        if status and (await stage.case(number)).status != status:
            await stage.do(EMMA, "dismiss", number, reason="A question")
        async with stage.database.write() as session:
            work = stage.work(session)
            await consider_answer(work, CustomerUnhappy(await work.case(number), link))
    candidate = await only(stage)
    assert (candidate.stake, candidate.reasons) == ("Nobody listened", {"found": ["bad_survey"]})
    assert candidate.signals == 1


async def test_a_call_is_logged_and_its_number_reaches_the_case(stage: Stage) -> None:
    given = {"account": "acme", "customer": "Acme", "words": "The till is down", "caller": "Ada"}
    await stage.do(ANNA, "log_call", **given, phone="+30 210 1", at=T0 - timedelta(minutes=5))
    candidate = await only(stage)
    assert (candidate.contact_name, candidate.contact_phone) == ("Ada", "+30 210 1")
    assert (candidate.happened_at, candidate.received_at) == (T0 - timedelta(minutes=5), T0)
    case = {"account": "acme", "customer": "Acme", "stake": "Down", "trigger": "technical"}
    await stage.do(LEAH, "open_case", candidate=candidate.id, severity=2, **case)
    assert (await only(stage)).state is CandidateState.ESCALATED
    said = [row.payload for row in await stage.rows(Outbox) if row.payload.get("text") == CALL_BACK]
    assert [row["extra"]["phone"] for row in said] == ["+30 210 1"]
    assert (await dms(stage))[ANNA][-1] == "candidate:escalated"


CALL_BACK = "notice:call_back"


async def test_a_call_of_tomorrow_is_none(stage: Stage) -> None:
    given = {"account": "acme", "customer": "Acme", "words": "x", "at": T0 + timedelta(hours=1)}
    with pytest.raises(UserError, match="not_yet_happened"):
        await stage.do(ANNA, "log_call", **given)
