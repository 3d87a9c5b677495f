"""What waits for a decision: who sees it, in which order, and how a decision is taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.intake.candidates import find_place
from bot.intake.queries import IntakeReading
from bot.rules.facts import CandidateFacts
from bot.rules.intake import Contact
from bot.rules.states import CandidateState
from bot.rules.words import Language, Role, Severity
from messages.intake.candidate import candidate_message
from storage.models import Account, Affected, Candidate
from tests.bot.intake.test_signals import arrives, dms, only
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LAWYER, LEAH, STRANGER, T0, TINA, Stage

EN = Language.ENGLISH


def reading(stage: Stage) -> IntakeReading:
    return IntakeReading(stage.process())


async def shown(stage: Stage, viewer: str, number: int | None) -> CandidateFacts:
    assert number is not None
    return await reading(stage).candidate(viewer, number)


async def dismissed(stage: Stage, **given: object) -> int:
    taken = await arrives(stage, **given)  # type: ignore[arg-type]
    assert taken.candidate is not None
    await stage.do(EMMA, "dismiss_candidate", candidate=taken.candidate, reason="No", told="noted")
    return taken.candidate


async def test_what_waits_is_listed_the_oldest_first_a_page_at_a_time(stage: Stage) -> None:
    for number in range(12):
        await arrives(stage, str(number), account="", customer=f"Customer {number}")
        stage.later(minutes=1)
    first = await reading(stage).triage(LEAH)
    last = await reading(stage).triage(LEAH, 2)
    assert [line.customer for line in first.found] == [f"Customer {n}" for n in range(10)]
    assert (first.waiting, first.more) == (12, True)
    assert ([line.customer for line in last.found], last.more) == (
        ["Customer 10", "Customer 11"], False,
    )  # fmt: skip


async def test_what_is_graver_or_of_a_valued_account_is_listed_first(stage: Stage) -> None:
    await stage.add(Account(key="big", name="Big", folded="big", valued=True))
    await stage.add(*(_candidate(customer=n, severity=s, account_key=k) for n, s, k in GRAVE))
    found = (await reading(stage).triage(LEAH)).found
    assert [line.customer for line in found] == ["down", "big", "slow", "odd"]
    assert [line.priority.value for line in found] == ["urgent", "high", "high", "low"]


GRAVE = (("odd", 4, None), ("big", 3, "big"), ("slow", 2, None), ("down", 1, None))


def _candidate(**given: object) -> Candidate:
    usual = {"language": "en", "trigger": "technical", "happened_at": T0, "received_at": T0}
    return Candidate(**usual, **given)


async def test_what_was_decided_is_on_no_list_but_that_of_who_reported_it(stage: Stage) -> None:
    number = await dismissed(stage, reported_by=BILL)
    assert (await reading(stage).triage(LEAH)).found == ()
    (mine,) = (await reading(stage).triage(BILL, mine=True)).found
    assert (mine.id, mine.state, mine.decided_by) == (number, CandidateState.DISMISSED, EMMA)
    assert (await reading(stage).triage(ANNA, mine=True)).found == ()


@pytest.mark.parametrize(
    ("who", "sees"),
    [(EMMA, True), (LAWYER, True), (BILL, True), (LEAH, False), (EVAN, False), (STRANGER, False)],
)
async def test_a_restricted_one_is_listed_for_those_on_it_only(
    stage: Stage, who: str, *, sees: bool
) -> None:
    await arrives(stage, sensitive=True, reported_by=BILL)
    found = await reading(stage).triage(who)
    assert bool(found.found) is sees
    assert found.waiting == int(sees)


async def test_app_home_asks_only_those_who_decide(stage: Stage) -> None:
    await arrives(stage)
    found = await reading(stage).to_decide(EMMA)
    assert found is not None
    assert [line.customer for line in found.found] == ["Acme Hellas"]
    assert await reading(stage).to_decide(TINA) is None
    secret = await reading(stage).to_decide(LAWYER)
    assert secret is not None


async def test_legal_is_told_of_a_restricted_one_and_of_no_other(stage: Stage) -> None:
    await arrives(stage)
    await arrives(stage, "2", sensitive=True)
    await arrives(stage, "3", sensitive=True)
    assert (await dms(stage)) == {LAWYER: ["candidate:restricted"]}


async def test_one_that_becomes_restricted_leaves_the_channel(stage: Stage) -> None:
    await arrives(stage, thread="t")
    policy = replace(stage.policy, triage=replace(stage.policy.triage, channel="C0TRIAGE"))
    assert find_place(policy, await only(stage)) == ("C0TRIAGE", False)
    await arrives(stage, "2", thread="t", sensitive=True)
    assert find_place(policy, await only(stage)) == (EMMA, True)
    assert (await dms(stage))[LAWYER] == ["candidate:restricted"]


async def test_with_no_manager_a_restricted_one_is_the_support_leads_to_decide(
    stage: Stage,
) -> None:
    roles = {role: who for role, who in stage.policy.roles.items() if role is not MANAGER}
    stage.policy = replace(stage.policy, roles=roles)
    taken = await arrives(stage, sensitive=True)
    assert (await only(stage)).owner == LEAH
    await stage.do(LEAH, "dismiss_candidate", candidate=taken.candidate, reason="No threat at all")


MANAGER = Role.ESCALATION_MANAGER


async def test_with_no_manager_the_support_lead_is_reminded_first(stage: Stage) -> None:
    roles = {role: who for role, who in stage.policy.roles.items() if role is not MANAGER}
    stage.policy = replace(stage.policy, roles=roles)
    await arrives(stage)
    stage.later(hours=4)
    await stage.sweep()
    assert await dms(stage) == {LEAH: ["candidate:waits"]}


async def test_after_days_of_downtime_there_is_one_reminder(stage: Stage) -> None:
    await arrives(stage)
    stage.later(days=9)
    await stage.sweep()
    await stage.sweep()
    assert await dms(stage) == {EMMA: ["candidate:waits"]}


async def test_a_graver_signal_never_puts_the_reminder_off(stage: Stage) -> None:
    await arrives(stage)
    due = (await only(stage)).ask_at
    assert due is not None
    stage.now = due - timedelta(minutes=5)
    await arrives(stage, "2", severity=Severity.SEV1)
    assert (await only(stage)).ask_at == due


async def test_a_decision_is_taken_back_and_has_waited_all_the_while(stage: Stage) -> None:
    number = await dismissed(stage, reported_by=BILL)
    stage.later(hours=23)
    await stage.do(EVAN, "undo_decision", candidate=f"CAN-{number}")
    candidate = await only(stage)
    assert (candidate.state, candidate.decided_by) == (CandidateState.WAITING, None)
    assert (candidate.received_at, candidate.ask_at) == (T0, stage.now)
    assert (await dms(stage))[BILL] == ["candidate:dismissed", "candidate:undone"]
    facts = await shown(stage, LEAH, number)
    assert facts.undone is not None
    assert (facts.undone.by, facts.undone.undone_by) == (EMMA, EVAN)
    assert "took that back" in str(candidate_message(facts, EN))
    assert "ask:open_case" in str(candidate_message(facts, EN))


async def test_after_a_day_a_decision_stands(stage: Stage) -> None:
    number = await dismissed(stage)
    assert (await shown(stage, LEAH, number)).may_undo
    stage.later(hours=25)
    assert not (await shown(stage, LEAH, number)).may_undo
    with pytest.raises(UserError, match="decided_long_ago"):
        await stage.do(EMMA, "undo_decision", candidate=number)


@pytest.mark.parametrize("who", [ANNA, TINA, STRANGER])
async def test_only_managers_take_a_decision_back(stage: Stage, who: str) -> None:
    number = await dismissed(stage)
    with pytest.raises(UserError):
        await stage.do(who, "undo_decision", candidate=number)
    assert (await only(stage)).state is CandidateState.DISMISSED


async def test_what_waits_or_is_a_case_has_no_decision_to_take_back(stage: Stage) -> None:
    taken = await arrives(stage)
    with pytest.raises(UserError, match="no_decision"):
        await stage.do(EMMA, "undo_decision", candidate=taken.candidate)


async def test_an_answer_is_promised_by_a_time_in_the_customers_words(stage: Stage) -> None:
    taken = await arrives(stage, account="", customer="Acme Ltd")
    given = {"candidate": taken.candidate, "reason": "A question", "told": "support_by"}
    with pytest.raises(UserError, match="answer_by_needed"):
        await stage.do(EMMA, "dismiss_candidate", **given)
    await stage.do(EMMA, "dismiss_candidate", **given, answer_by=T0 + timedelta(hours=3))
    (row,) = await stage.rows(Candidate)
    assert "14:00" in row.told
    assert "{when}" not in row.told


async def test_a_minor_one_is_logged_and_its_customer_waits_for_the_fix(stage: Stage) -> None:
    taken = await arrives(stage, reported_by=BILL, contact=Contact("Ada", "ada@acme.example"))
    given = {"candidate": taken.candidate, "title": "Receipts print twice"}
    await stage.do(EMMA, "log_candidate", **given)
    (waiter,) = await stage.rows(Affected)
    candidate = await only(stage)
    assert (candidate.state, candidate.issue) == (CandidateState.LOGGED, waiter.problem)
    assert (waiter.customer, waiter.contact_email) == ("Acme Hellas", "ada@acme.example")
    assert waiter.evidence == "The till is down again"
    assert (await dms(stage))[BILL] == ["candidate:logged"]
    assert "KI-1" in str(candidate_message(await shown(stage, LEAH, candidate.id), EN))


async def test_what_was_logged_is_taken_back_with_its_place_on_the_list(stage: Stage) -> None:
    taken = await arrives(stage)
    await stage.do(EMMA, "log_candidate", candidate=taken.candidate, title="Receipts print twice")
    await stage.do(EMMA, "undo_decision", candidate=taken.candidate)
    (waiter,) = await stage.rows(Affected)
    assert waiter.removed_at == stage.now
    assert (await only(stage)).issue is None


async def test_a_renamed_account_is_taken_off_the_list_as_well(stage: Stage) -> None:
    taken = await arrives(stage)
    await stage.change_account("acme", name="Acme Hellas", folded="acme hellas")
    await stage.do(EMMA, "log_candidate", candidate=taken.candidate, title="Receipts print twice")
    (waiter,) = await stage.rows(Affected)
    assert (waiter.customer, waiter.removed_at) == ("Acme Hellas", None)
    await stage.do(EMMA, "undo_decision", candidate=taken.candidate)
    (waiter,) = await stage.rows(Affected)
    assert waiter.removed_at == stage.now


async def test_who_waited_before_still_waits_when_it_is_taken_back(stage: Stage) -> None:
    first = await arrives(stage)
    await stage.do(EMMA, "log_candidate", candidate=first.candidate, title="Receipts print twice")
    second = await arrives(stage, "2")
    await stage.do(EMMA, "log_candidate", candidate=second.candidate, issue=1)
    await stage.do(EMMA, "undo_decision", candidate=second.candidate)
    (waiter,) = await stage.rows(Affected)
    assert waiter.removed_at is None


async def test_neither_what_is_restricted_nor_an_unknown_customer_is_logged(stage: Stage) -> None:
    secret = await arrives(stage, sensitive=True)
    with pytest.raises(UserError, match="restricted_log"):
        await stage.do(EMMA, "log_candidate", candidate=secret.candidate, title="x")
    unknown = await arrives(stage, "2", account="")
    with pytest.raises(UserError, match="customer_needed"):
        await stage.do(EMMA, "log_candidate", candidate=unknown.candidate, title="x")
    given = {"candidate": unknown.candidate, "title": "x", "customer": "Quill Post"}
    await stage.do(EMMA, "log_candidate", **given)
    (waiter,) = await stage.rows(Affected)
    assert waiter.customer == "Quill Post"
