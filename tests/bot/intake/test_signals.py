"""What arrives: each thing once, one candidate a customer, and a decision for every one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.intake.signals import Taken, find_standing, take_in_signal
from bot.rules.intake import Arrival, Contact, Reason, Telling
from bot.rules.states import CandidateState
from bot.rules.words import Language, Severity, Trigger
from messages.intake.tellings import telling_text
from storage.models import Candidate, CaseReport, Clock, Outbox, Signal
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LAWYER, LEAH, STRANGER, T0, TINA, Stage

CARD = "4111 1111 1111 1111"


def arrival(key: str = "1", **given: Any) -> Arrival:
    usual: dict[str, Any] = {
        "source": "phone", "text": "The till is down again", "happened_at": T0, "account": "acme",
    }  # fmt: skip
    return Arrival(key=key, **{**usual, **given})


async def arrives(stage: Stage, key: str = "1", **given: Any) -> Taken:
    async with stage.database.write() as session:
        return await take_in_signal(stage.work(session), arrival(key, **given))


async def only(stage: Stage) -> Candidate:
    (found,) = await stage.rows(Candidate)
    return found


async def dms(stage: Stage) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for row in await stage.rows(Outbox, kind="dm"):
        told.setdefault(row.payload["user"], []).append(row.payload["text"])
    return told


async def test_what_arrives_waits_for_a_decision_without_its_secrets(stage: Stage) -> None:
    taken = await arrives(
        stage,
        text=f"Charged twice on {CARD}, call me",
        contact=Contact("Ada", "ada@acme.example", "+30 210 1234567"),
        details={"note": f"card {CARD}"},
        happened_at=T0 - timedelta(hours=1),
    )
    candidate = await only(stage)
    (signal,) = await stage.rows(Signal)
    assert (taken.outcome, taken.candidate) == ("new", candidate.id)
    assert signal.text == candidate.stake == "Charged twice on •••, call me"
    assert signal.details == {"note": "card •••"}
    assert (candidate.customer, candidate.account_key) == ("Acme Hellas", "acme")
    assert (candidate.state, candidate.owner) == (CandidateState.WAITING, EMMA)
    assert (candidate.happened_at, candidate.received_at) == (T0 - timedelta(hours=1), T0)
    (row,) = await stage.rows(Outbox, kind="candidate")
    assert row.payload == {"candidate": candidate.id}


async def test_the_same_delivery_changes_nothing_even_after_the_decision(stage: Stage) -> None:
    first = await arrives(stage)
    assert (await arrives(stage)).outcome == "repeated"
    await stage.do(EMMA, "dismiss_candidate", candidate=first.candidate, reason="A test call")
    again = await arrives(stage)
    assert (again.outcome, again.candidate) == ("repeated", first.candidate)
    assert len(await stage.rows(Signal)) == 1


async def test_the_same_delivery_at_the_same_moment_is_taken_once(stage: Stage) -> None:
    taken = await asyncio.gather(*(arrives(stage) for _ in range(4)))
    assert sorted(each.outcome for each in taken) == ["new", "repeated", "repeated", "repeated"]


async def test_one_customer_has_one_candidate_which_grows_as_grave_as_its_gravest(
    stage: Stage,
) -> None:
    await arrives(stage)
    asked = (await only(stage)).ask_at
    more = await arrives(stage, "2", severity=Severity.SEV1, reasons=(Reason.THREAT,))
    candidate = await only(stage)
    assert (more.outcome, candidate.signals, candidate.severity) == ("added", 2, 1)
    assert candidate.trigger == Trigger.THREAT_TO_CANCEL
    assert candidate.reasons == {"found": ["threat"]}
    assert asked is not None
    assert candidate.ask_at == T0 + timedelta(minutes=30) < asked


@pytest.mark.parametrize("account", ["acme", ""])
async def test_the_third_contact_in_seven_days_is_said(stage: Stage, account: str) -> None:
    customer = "" if account else "Ωκεανός"
    for key in "12":
        await arrives(stage, key, account=account, customer=customer)
        stage.later(days=2)
    assert (await only(stage)).reasons == {"found": []}
    await arrives(stage, "3", account=account, customer=customer.upper())
    assert (await only(stage)).reasons == {"found": ["third_contact"]}


async def test_three_contacts_in_nine_days_are_no_sign(stage: Stage) -> None:
    for key in "123":
        await arrives(stage, key)
        stage.later(days=4)
    assert (await only(stage)).reasons == {"found": []}


async def test_a_name_that_is_an_accounts_is_that_account(stage: Stage) -> None:
    await arrives(stage, account="", customer="ACME HELLAS")
    assert (await only(stage)).account_key == "acme"


async def test_what_is_not_restricted_never_joins_a_restricted_candidate(stage: Stage) -> None:
    await arrives(stage, sensitive=True)
    await arrives(stage, "2")
    assert [c.sensitive for c in await stage.rows(Candidate)] == [True, False]


async def test_an_escalated_candidates_case_counts_from_when_it_reached_us(stage: Stage) -> None:
    taken = await arrives(stage, happened_at=T0 - timedelta(hours=2), thread="t1")
    stage.later(minutes=40)
    await _escalate(stage, taken.candidate)
    (number,) = [c.number for c in [await stage.case(1)]]
    case = await stage.case(number)
    assert (case.received_at, case.opened_at) == (T0, stage.now)
    assert case.reported_at == T0 - timedelta(hours=2)
    due = {c.name: c.due for c in await stage.rows(Clock, case_number=number)}
    assert due["acknowledge"] == T0 + timedelta(minutes=15)
    candidate = await only(stage)
    assert (candidate.state, candidate.case_number) == (CandidateState.ESCALATED, number)
    assert candidate.ask_at is None


async def test_what_comes_in_a_cases_thread_is_another_report_of_it(stage: Stage) -> None:
    taken = await arrives(stage, thread="t1")
    await _escalate(stage, taken.candidate)
    later = await arrives(stage, "2", thread="t1", text="And now the printer")
    assert (later.outcome, later.case) == ("case", 1)
    assert (await stage.case(1)).reports == 2
    (report,) = await stage.rows(CaseReport)
    assert report.stake == "And now the printer"
    elsewhere = await arrives(stage, "3", thread="t1", source="mail")
    assert elsewhere.outcome == "new"


async def test_a_secret_in_the_thread_of_a_public_case_waits_by_itself(stage: Stage) -> None:
    taken = await arrives(stage, thread="t1")
    await _escalate(stage, taken.candidate)
    later = await arrives(stage, "2", thread="t1", text="Our lawyers will sue you")
    assert later.outcome == "new"
    assert (await stage.case(1)).reports == 1
    assert [c.sensitive for c in await stage.rows(Candidate)] == [False, True]


@pytest.mark.parametrize("asked", [{"sensitive": True}, {"trigger": "legal"}])
async def test_what_is_to_be_restricted_joins_no_public_case(
    stage: Stage, asked: dict[str, Any]
) -> None:
    number = await stage.claimed()
    taken = await arrives(stage)
    fields = {"account": "acme", "customer": "Acme", "stake": "Down", "trigger": "technical"}
    asked = {**fields, "candidate": taken.candidate, "severity": 1, "same_as": number, **asked}
    await stage.do(EMMA, "open_case", **asked)
    assert (await stage.case(number)).reports == 1
    assert (await stage.case(number + 1)).sensitive


async def test_it_is_added_to_the_case_that_was_there(stage: Stage) -> None:
    number = await stage.claimed()
    taken = await arrives(stage, reported_by=BILL)
    await arrives(stage, "2")
    await stage.do(ANNA, "add_candidate", candidate=taken.candidate, into=number)
    assert (await stage.case(number)).reports == 3
    candidate = await only(stage)
    assert (candidate.state, candidate.decided_by) == (CandidateState.ADDED, ANNA)
    assert "candidate:added" in (await dms(stage))[BILL]


async def test_a_dismissal_is_told_to_who_reported_and_seen_by_the_source(stage: Stage) -> None:
    taken = await arrives(stage, reported_by=BILL)
    given = {"reason": "They meant another shop", "told": "support"}
    await stage.do(EMMA, "dismiss_candidate", candidate=taken.candidate, **given)
    assert (await dms(stage))[BILL] == ["candidate:dismissed"]
    async with stage.database.read() as session:
        standing = await find_standing(session, "phone", "1")
        assert await find_standing(session, "phone", "2") is None
    assert standing is not None
    assert standing.state is CandidateState.DISMISSED
    assert standing.told == telling_text(Telling.SUPPORT, Language.GREEK)


async def test_what_comes_again_after_a_dismissal_is_decided_anew(stage: Stage) -> None:
    taken = await arrives(stage, thread="t1")
    await stage.do(EMMA, "dismiss_candidate", candidate=taken.candidate, reason="A test call")
    again = await arrives(stage, "2", thread="t1")
    _first, second = await stage.rows(Candidate)
    assert (again.outcome, again.candidate) == ("new", second.id)
    assert second.reasons == {"found": ["again"]}


async def test_of_two_who_decide_the_second_is_told_what_the_first_decided(stage: Stage) -> None:
    taken = await arrives(stage)
    await stage.do(EMMA, "dismiss_candidate", candidate=taken.candidate, reason="A test call")
    with pytest.raises(UserError) as refused:
        await _escalate(stage, taken.candidate)
    assert (refused.value.key, refused.value.facts["user"]) == ("already_decided", EMMA)


@pytest.mark.parametrize("who", [ANNA, TINA, STRANGER])
async def test_only_managers_turn_a_customer_down(stage: Stage, who: str) -> None:
    taken = await arrives(stage)
    with pytest.raises(UserError):
        await stage.do(who, "dismiss_candidate", candidate=taken.candidate, reason="No")
    assert (await only(stage)).state is CandidateState.WAITING


@pytest.mark.parametrize("who", [LEAH, ANNA])
async def test_a_restricted_candidate_does_not_exist_for_others(stage: Stage, who: str) -> None:
    taken = await arrives(stage, sensitive=True, reported_by=BILL)
    with pytest.raises(UserError, match="no_such_candidate"):
        await _escalate(stage, taken.candidate, who)
    await _escalate(stage, taken.candidate, LAWYER)
    assert (await stage.case(1)).sensitive


async def test_a_restricted_candidate_joins_no_case_that_everybody_reads(stage: Stage) -> None:
    number = await stage.claimed()
    taken = await arrives(stage, sensitive=True)
    with pytest.raises(UserError, match="candidate_restricted"):
        await stage.do(EVAN, "add_candidate", candidate=taken.candidate, into=number)


async def test_the_manager_on_duty_is_asked_again_and_then_the_support_lead(stage: Stage) -> None:
    await arrives(stage)  # 11:00 in Athens; open until 17:00
    stage.later(hours=4)
    await stage.sweep()
    assert await dms(stage) == {EMMA: ["candidate:waits"]}
    stage.later(hours=18)  # 09:00 on the next day: two hours of the next four are gone
    await stage.sweep()
    assert LEAH not in await dms(stage)
    stage.later(hours=2)
    await stage.sweep()
    assert (await dms(stage))[LEAH] == ["candidate:still_waits"]
    await stage.do(EMMA, "dismiss_candidate", candidate=(await only(stage)).id, reason="Done")
    stage.later(days=3)
    await stage.sweep()
    assert len((await dms(stage))[LEAH]) == 1


async def test_what_looks_like_sev1_is_asked_after_at_night_too(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 14, 1, 0, tzinfo=UTC)  # a Saturday night
    await arrives(stage, severity=Severity.SEV1)
    stage.later(minutes=30)
    await stage.sweep()
    assert await dms(stage) == {EMMA: ["candidate:waits"]}


async def _escalate(stage: Stage, candidate: int | None, who: str = EMMA) -> None:
    fields = {"account": "acme", "customer": "Acme", "stake": "Down", "trigger": "technical"}
    await stage.do(who, "open_case", candidate=candidate, severity=1, **fields)
