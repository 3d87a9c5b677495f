"""Known issues: who waits, what became of them, and that each waiting customer is told once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.cases.restrict import restrict_case
from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.known_issues.issue import IssueDraft
from bot.known_issues.queries import KnownIssueReading
from bot.known_issues.waiters import WaitingCustomer, log_known_issue_waiter
from bot.rules.problems.known_issues import IssueFacts
from bot.rules.states import KnownIssueState, ProblemState, RecipientState
from bot.rules.words import Language, Role
from cli.files import records
from storage.models import (
    Affected,
    Broadcast,
    BroadcastRecipient,
    KnownIssue,
    Mail,
    Outbox,
    Problem,
    ProblemEvent,
    TimelineEvent,
)
from tests.bot.problems.test_problem import accounts
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, ROLES, STRANGER, TINA, Stage

COCO = "UCOCO"  # comms approver
EN = "{greeting}\n\nWhat {customer} reported works since this morning.\n\nAnna"
EL = "{greeting}\n\nαυτό που ανέφερε η {customer} λειτουργεί από σήμερα το πρωί.\n\nΆννα"
TODAY = date(2026, 2, 10)
LATER = date(2026, 3, 2)


@pytest.fixture
def waiting(stage: Stage) -> Stage:
    """A stage with somebody who approves messages."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.COMMS_APPROVER: (COCO,)})
    return stage


async def logged(stage: Stage, **fields: Any) -> int:
    """A known issue of which Boreal and Δέλτα wait."""
    await accounts(stage)
    given = {"title": "Export drops a column", "bug": "PAY-77", "expected_on": date(2026, 2, 20)}
    await stage.do(ANNA, "add_issue", **{**given, **fields})
    for key, name in (("boreal", "Boreal"), ("delta", "Delta")):
        await stage.do(
            BILL, "add_waiter", problem=1, account=key, customer=name, said="They miss it"
        )
    return 1


async def issue(stage: Stage, number: int = 1) -> IssueFacts:
    """The known issue as its readers see it."""
    return await KnownIssueReading(stage.process()).issue(number)


async def listed(stage: Stage) -> list[IssueFacts]:
    return list(await KnownIssueReading(stage.process()).listed())


async def propose(stage: Stage, who: str = ANNA, **texts: str) -> Answer | None:
    """Write to those who wait."""
    given = {"text_en": EN, "text_el": EL, **texts}
    return await stage.do(who, "propose_broadcast", problem=1, **given)


async def approve(stage: Stage, who: str = COCO) -> Answer | None:
    row = (await stage.rows(Broadcast))[-1]
    given = {"broadcast": row.id, "digest": row.digest, "approve": True}
    return await stage.do(who, "answer_broadcast", problem=1, **given)


async def send(stage: Stage, who: str = EMMA) -> Answer | None:
    row = (await stage.rows(Broadcast))[-1]
    return await stage.do(who, "send_broadcast", problem=1, broadcast=row.id)


async def tell(stage: Stage) -> None:
    """Propose, approve and send a notice to all who have none."""
    await propose(stage)
    await approve(stage)
    await send(stage)


async def refusal(awaited: Any) -> str:
    with pytest.raises(UserError) as caught:
        await awaited
    return caught.value.key


async def record(stage: Stage) -> list[str]:
    return [each.verb for each in await stage.rows(ProblemEvent)]


async def test_a_known_issue_has_neither_channel_nor_card_nor_clock(waiting: Stage) -> None:
    await logged(waiting)
    (row,) = await waiting.rows(Problem)
    assert row.state is ProblemState.KNOWN
    assert (row.next_update_at, row.next_fire_at, row.channel_id) == (None, None, None)
    assert await waiting.rows(Outbox) == []
    found = await issue(waiting)
    assert (found.reference, found.bug, found.owner) == ("KI-1", "PAY-77", ANNA)
    assert [each.customer for each in found.waiters] == ["Boreal Bank", "Δέλτα Τρόφιμα"]
    assert await record(waiting) == ["add_issue", "add_waiter", "add_waiter"]


async def test_each_who_waits_is_told_once_of_what_shipped(waiting: Stage) -> None:
    await logged(waiting)
    answer = await waiting.do(TINA, "ship_issue", problem=1, outcome="4.2")
    assert answer is not None
    assert (answer["text"], answer["extra"]["count"]) == ("problem:ship_issue", 2)
    await tell(waiting)
    lines = await waiting.rows(BroadcastRecipient)
    assert "What Boreal Bank reported" in lines[0].text
    assert "ανέφερε η Δέλτα Τρόφιμα" in lines[1].text
    assert (await issue(waiting)).untold == 0
    assert await refusal(propose(waiting)) == "nobody_affected"
    assert await refusal(send(waiting)) == "not_approved"
    # Whoever comes later is told of it too, and nobody twice.
    await waiting.do(BILL, "add_waiter", problem=1, customer="Late Ltd", said="They ask")
    await tell(waiting)
    (third,) = (await waiting.rows(BroadcastRecipient))[2:]
    assert "What Late Ltd reported" in third.text


async def test_a_notice_is_approved_by_another_and_promises_nothing(waiting: Stage) -> None:
    await logged(waiting)
    assert await refusal(propose(waiting)) == "nothing_to_tell"
    await waiting.do(TINA, "ship_issue", problem=1)
    assert await refusal(propose(waiting, STRANGER)) == "not_your_role"
    await propose(waiting)
    assert await refusal(send(waiting)) == "not_approved"
    assert await refusal(approve(waiting, STRANGER)) == "not_your_role"
    waiting.policy = replace(waiting.policy, roles={**ROLES, Role.COMMS_APPROVER: (ANNA, COCO)})
    assert await refusal(approve(waiting, ANNA)) == "own_broadcast"
    await approve(waiting)
    (asked,) = [r for r in await waiting.rows(Outbox) if "asked" in r.payload.get("text", "")]
    assert "next_update_at" not in asked.payload["extra"]
    await send(waiting)
    (row,) = await waiting.rows(Problem)
    assert (row.promised, row.next_update_at, row.next_fire_at) == (False, None, None)


async def test_a_slip_voids_what_waited_and_each_is_told_anew(waiting: Stage) -> None:
    await logged(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await tell(waiting)
    assert await refusal(waiting.do(TINA, "undo_issue", problem=1)) == "issue_told"
    await waiting.do(TINA, "slip_issue", problem=1, expected_on=LATER, outcome="It came back")
    found = await issue(waiting)
    assert (found.state, found.expected_on, found.untold) == (KnownIssueState.SLIPPED, LATER, 2)
    await propose(waiting)
    await approve(waiting)
    await waiting.do(TINA, "slip_issue", problem=1, expected_on=LATER + timedelta(days=1))
    assert await refusal(send(waiting)) == "not_approved"
    assert (await record(waiting)).count("void_notice") == 1
    await tell(waiting)
    assert len(await waiting.rows(BroadcastRecipient, state=RecipientState.QUEUED)) == 4


async def test_a_step_is_taken_back_as_long_as_nobody_was_told(waiting: Stage) -> None:
    await logged(waiting)
    assert await refusal(waiting.do(ANNA, "undo_issue", problem=1)) == "nothing_to_undo"
    await waiting.do(TINA, "slip_issue", problem=1, expected_on=LATER)
    await tell(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await propose(waiting)
    await waiting.do(ANNA, "undo_issue", problem=1)
    found = await issue(waiting)
    assert (found.state, found.expected_on, found.untold) == (KnownIssueState.SLIPPED, LATER, 0)
    assert await refusal(approve(waiting)) == "broadcast_void"
    assert await refusal(waiting.do(ANNA, "undo_issue", problem=1)) == "nothing_to_undo"
    (row,) = await waiting.rows(KnownIssue)
    assert row.remind_at is not None


async def test_one_press_makes_it_a_problem_of_those_who_wait(waiting: Stage) -> None:
    await logged(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await tell(waiting)
    await waiting.do(EMMA, "issue_to_problem", problem=1)
    (row,) = await waiting.rows(Problem)
    assert (row.state, row.severity, row.owner) == (ProblemState.OPEN, 2, EMMA)
    assert row.next_fire_at is not None
    kinds = [each.kind for each in await waiting.rows(Outbox)]
    assert "problem_channel" in kinds
    assert len([each for each in await waiting.rows(Affected) if each.removed_at is None]) == 2
    assert await refusal(waiting.do(ANNA, "ship_issue", problem=1)) == "issue_is_problem"
    assert await refusal(waiting.do(EMMA, "issue_to_problem", problem=1)) == "issue_is_problem"
    assert await listed(waiting) == []
    # Of the problem they have not heard yet.
    promise = waiting.now + timedelta(hours=3)
    await waiting.do(
        ANNA, "propose_broadcast", problem=1, audience="untold", text_en=EN, text_el=EL,
        next_update_at=promise,
    )  # fmt: skip
    assert len(await waiting.rows(BroadcastRecipient, state=RecipientState.PLANNED)) == 2


async def test_a_known_issue_is_no_problem_for_what_is_about_problems(waiting: Stage) -> None:
    await logged(waiting)
    given = {"title": "x", "known": "y", "severity": 2, "owner": ANNA}
    assert await refusal(waiting.do(EMMA, "edit_problem", problem=1, **given)) == "no_such_problem"
    case = await waiting.investigating()
    assert await refusal(waiting.do(EMMA, "link_case", case, problem=1)) == "no_such_problem"
    await waiting.do(EMMA, "open_problem", case, title="Down", known="All", severity=1)
    assert await refusal(waiting.do(ANNA, "ship_issue", problem=2)) == "no_such_issue"


async def test_the_owner_is_asked_once_the_day_has_passed_and_weekly(waiting: Stage) -> None:
    await logged(waiting, expected_on=TODAY, owner=BILL)
    await waiting.sweep()
    assert await waiting.rows(Outbox) == []
    waiting.later(days=1)
    await waiting.sweep()
    await waiting.sweep()
    (asked,) = await waiting.rows(Outbox)
    assert (asked.payload["user"], asked.payload["text"]) == (BILL, "problem:issue_due")
    assert (await issue(waiting)).overdue
    waiting.later(days=7)
    await waiting.sweep()
    assert len(await waiting.rows(Outbox)) == 2
    await waiting.do(BILL, "ship_issue", problem=1)
    waiting.later(days=30)
    await waiting.sweep()
    assert len(await waiting.rows(Outbox)) == 2


async def test_the_list_has_the_next_day_first_and_what_ended_last(waiting: Stage) -> None:
    await logged(waiting, title="Soon")
    await waiting.do(ANNA, "add_issue", title="Undated")
    await waiting.do(ANNA, "add_issue", title="Sooner", expected_on=TODAY)
    await waiting.do(ANNA, "add_issue", title="Done")
    await waiting.do(ANNA, "ship_issue", problem=4)
    found = await listed(waiting)
    assert [each.title for each in found] == ["Sooner", "Soon", "Undated", "Done"]
    assert [each.waiting for each in found] == [0, 2, 0, 0]
    waiting.later(days=31)
    assert [each.title for each in await listed(waiting)] == ["Sooner", "Soon", "Undated"]
    own = await KnownIssueReading(waiting.process()).owned_by(ANNA)
    assert [each.title for each in own] == ["Sooner", "Soon", "Undated"]


async def test_who_waits_is_reached_as_was_said_and_corrected_by_saying_it_anew(
    waiting: Stage,
) -> None:
    await logged(waiting)
    given = {"problem": 1, "account": "boreal", "customer": "Boreal", "said": "Again"}
    await waiting.do(ANNA, "add_waiter", **given, contact_name="Ivy", language="el")
    boreal = (await issue(waiting)).waiters[0]
    # Their address is not that of the account's contact, who is another person.
    assert (boreal.contact, boreal.email, boreal.language) == ("Ivy", "", Language.GREEK)
    url = "https://tickets.example/7"
    await waiting.do(
        ANNA, "add_waiter", **given, contact_email="ivy@boreal.example", ticket_url=url
    )
    boreal = (await issue(waiting)).waiters[0]
    assert (boreal.contact, boreal.email, boreal.ticket) == ("", "ivy@boreal.example", url)
    assert (await issue(waiting)).waiting == 2


async def test_a_customer_is_taken_off_and_gets_no_notice(waiting: Stage) -> None:
    await logged(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await propose(waiting)
    await approve(waiting)
    line = (await issue(waiting)).waiters[0]
    given = {"problem": 1, "affected": line.id, "reason": "They do not use it"}
    assert await refusal(waiting.do(STRANGER, "remove_waiter", **given)) == "not_your_role"
    await waiting.do(ANNA, "remove_waiter", **given)
    assert await refusal(waiting.do(ANNA, "remove_waiter", **given)) == "not_waiting"
    await send(waiting)
    states = {each.affected: each.state for each in await waiting.rows(BroadcastRecipient)}
    assert states[line.id] is RecipientState.LEFT


async def test_a_report_is_logged_to_a_new_known_issue_or_to_one_that_is_there(
    waiting: Stage,
) -> None:
    await accounts(waiting)
    who = WaitingCustomer("Boreal", "It hangs", account="boreal", source="https://x.example/1")
    async with waiting.database.write() as session:
        work = waiting.work(session, BILL)
        held, fresh = await log_known_issue_waiter(work, IssueDraft("It hangs"), who)
        assert (held.number, fresh) == (1, True)
    async with waiting.database.write() as session:
        work = waiting.work(session, ANNA)
        again = replace(who, contact_name="Ivy", contact_email="ivy@boreal.example")
        _, fresh = await log_known_issue_waiter(work, 1, again)
        assert not fresh
        phoned = WaitingCustomer("Nova", "Same", source="phone", language=Language.GREEK)
        await log_known_issue_waiter(work, 1, phoned)
    found = await issue(waiting)
    assert found.owner == BILL
    boreal, nova = found.waiters
    assert (boreal.link, boreal.email) == ("https://x.example/1", "ivy@boreal.example")
    assert (nova.source, nova.language) == ("phone", Language.GREEK)


async def test_days_that_have_passed_are_refused(waiting: Stage) -> None:
    yesterday = TODAY - timedelta(days=1)
    adding = waiting.do(ANNA, "add_issue", title="x", expected_on=yesterday)
    assert await refusal(adding) == "due_in_past"
    await logged(waiting)
    slipping = waiting.do(ANNA, "slip_issue", problem=1, expected_on=yesterday)
    assert await refusal(slipping) == "due_in_past"
    same = waiting.do(ANNA, "slip_issue", problem=1, expected_on=date(2026, 2, 20))
    assert await refusal(same) == "same_day"


async def test_only_the_team_works_on_known_issues(waiting: Stage) -> None:
    await logged(waiting)
    assert await refusal(waiting.do(STRANGER, "add_issue", title="x")) == "not_your_role"
    for verb in ("ship_issue", "undo_issue", "issue_to_problem"):
        assert await refusal(waiting.do(STRANGER, verb, problem=1)) == "not_your_role"
    dropping = waiting.do(ANNA, "drop_issue", problem=1, outcome="By design")
    assert await refusal(dropping) == "not_your_role"
    await waiting.do(EVAN, "drop_issue", problem=1, outcome="By design")
    assert await refusal(waiting.do(EMMA, "ship_issue", problem=1)) == "issue_ended"
    assert await waiting.rows(Mail) == []


async def both(*awaited: Any) -> list[str]:
    """What came of requests made at the same moment: refusals by key, else an empty text."""
    found = await asyncio.gather(*awaited, return_exceptions=True)
    for each in found:
        assert not isinstance(each, Exception) or isinstance(each, UserError), each
    return sorted(each.key if isinstance(each, UserError) else "" for each in found)


async def test_at_the_same_moment_it_ships_once_and_a_customer_waits_once(waiting: Stage) -> None:
    await logged(waiting)
    given = {"problem": 1, "customer": "Nova", "said": "Same here"}
    adding = (waiting.do(who, "add_waiter", **given) for who in (ANNA, BILL))
    assert await both(*adding) == ["", ""]
    assert (await issue(waiting)).waiting == 3
    shipping = (waiting.do(who, "ship_issue", problem=1) for who in (ANNA, TINA))
    assert await both(*shipping) == ["", "issue_ended"]
    (row,) = await waiting.rows(Problem)
    assert row.step == 1


async def test_a_notice_sent_twice_at_once_goes_out_once_and_no_undo_slips_between(
    waiting: Stage,
) -> None:
    await logged(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await propose(waiting)
    await approve(waiting)
    assert await both(send(waiting), send(waiting, EVAN)) == ["", "not_approved"]
    asked = [r for r in await waiting.rows(Outbox) if r.payload.get("text") == "problem:by_hand"]
    assert len(asked) == 2
    assert await refusal(waiting.do(TINA, "undo_issue", problem=1)) == "issue_told"
    await waiting.do(TINA, "slip_issue", problem=1, expected_on=LATER)
    await propose(waiting)
    await approve(waiting)
    came = await both(send(waiting), waiting.do(TINA, "undo_issue", problem=1))
    assert came in (["", "issue_told"], ["", "broadcast_void"], ["", "not_approved"])


async def test_the_customer_of_a_legal_case_gets_no_notice_and_the_case_reads_it(
    waiting: Stage,
) -> None:
    await logged(waiting)
    case = await waiting.investigating(account="boreal", customer="Boreal Bank")
    await waiting.do(EMMA, "executive_flag", case, trigger="legal", reason="They sue")
    await waiting.said(case)
    await waiting.do(TINA, "ship_issue", problem=1)
    await tell(waiting)
    states = {each.affected: each.state for each in await waiting.rows(BroadcastRecipient)}
    assert list(states.values()) == [RecipientState.LEFT, RecipientState.QUEUED]
    (told,) = [each for each in await waiting.said(case) if each.text.endswith("withheld")]
    assert told.extra["issue"] is True
    assert "notice_withheld" in [e.verb for e in await waiting.rows(TimelineEvent)]


async def test_a_name_that_a_restricted_case_brought_is_read_by_no_one_any_more(
    waiting: Stage,
) -> None:
    await logged(waiting)
    case = await waiting.investigating(customer="Zephyr", account="", stake="Their own words")
    await waiting.do(
        ANNA, "add_waiter", problem=1, customer="Zephyr", said="Their own words", source="ESC-1"
    )
    async with waiting.database.write() as session:
        work = waiting.work(session, EMMA)
        await restrict_case(work, await work.case(case))
    found = await issue(waiting)
    assert "Zephyr" not in [each.customer for each in found.waiters]
    assert "Zephyr" not in str(found.record)
    assert await waiting.rows(Outbox, kind="problem_card") == []


async def test_everything_that_is_kept_of_it_is_exported(waiting: Stage) -> None:
    await logged(waiting)
    found = await records.problem_record(waiting.database, 1)
    assert found is not None
    assert found["known_issue"][0]["bug"] == "PAY-77"
    assert len(found["affected"]) == 2


@pytest.mark.parametrize("slips", [True, False])
async def test_a_notice_that_failed_is_repeated_only_while_it_is_true(
    waiting: Stage, slips: bool
) -> None:
    await logged(waiting)
    await waiting.do(TINA, "ship_issue", problem=1)
    await tell(waiting)
    async with waiting.database.write() as session:
        line = await session.get(BroadcastRecipient, 1)
        assert line is not None
        line.state, line.route = RecipientState.FAILED, "mail"
        session.add(line)
    assert (await issue(waiting)).untold == 0  # it is sent again, not written anew
    again = {"problem": 1, "broadcast": 1}
    if slips:
        await waiting.do(TINA, "slip_issue", problem=1, expected_on=LATER)
        assert await refusal(waiting.do(EMMA, "retry_receipts", **again)) == "notice_outdated"
    else:
        await waiting.do(EMMA, "retry_receipts", **again)
        assert (await waiting.rows(BroadcastRecipient))[0].state is RecipientState.QUEUED
