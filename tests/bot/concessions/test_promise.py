"""What was approved is promised by the message that says it, and fulfilled with evidence."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.core.reactions import MessageFailed, react
from bot.rules.states import ConcessionState, MessageState
from storage.models import (
    Ask,
    BreachTalk,
    Case,
    Concession,
    SentMessage,
    TimelineEvent,
    UndoneFulfilment,
)
from tests.bot.concessions.conftest import FINN, Granting
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, Stage

S = ConcessionState


async def approved(
    granting: Granting, number: int, amount: str = "500 EUR", **f: Any
) -> Concession:
    """A concession that was approved, and not promised yet."""
    return await granting.answer(await granting.ask(number, amount, **f), DORA)


async def test_the_message_that_says_it_promises_it(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await approved(granting, number)
    assert await granting.offer(number, "We will refund you 500 EUR.") == ""
    row = await granting.row(row.id)
    (message,) = await granting.stage.rows(SentMessage)
    assert (row.state, row.message, row.promised_by) == (S.PROMISED, message.id, ANNA)
    assert message.evidence["concessions"] == [row.id]
    # Ten business days after Tuesday, the tenth of February: Monday, the 23rd, is a holiday.
    assert row.fulfil_by is not None
    assert row.fulfil_by.date().isoformat() == "2026-02-25"


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("We will refund you 501 EUR.", "amount"),
        ("We will refund you 499 EUR.", "amount"),
        ("We will refund you 500 USD.", "amount"),
        ("We will refund you five hundred and one euros.", "amount"),
        ("We give you a discount of 500 EUR.", "kind"),
        ("We will refund you 500 EUR and another 500 EUR.", "twice"),
        ("We will refund the month of March.", "unnamed"),
        ("We take 5% off your invoice.", "unnamed"),
        ("Θα σας επιστρέψουμε πεντακόσια ένα ευρώ.", "amount"),
        ("Σας κάνουμε έκπτωση 500 ευρώ.", "kind"),
    ],
)
async def test_anything_else_is_stopped_with_the_part_that_is_not_covered(
    granting: Granting, text: str, gap: str
) -> None:
    number = await granting.stage.claimed()
    await approved(granting, number)
    assert await granting.offer(number, text) == gap
    assert await granting.offer(number, "Θα σας επιστρέψουμε 500 ευρώ.") == ""


async def test_another_case_and_another_customer_are_not_covered(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    await approved(granting, number)
    other = await stage.claimed(contact_name="Another matter")
    assert await granting.offer(other, "We will refund you 500 EUR.") == "elsewhere"


async def test_after_its_time_it_is_stopped_and_void(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await approved(granting, number, until="2026-02-12")
    granting.stage.later(days=3)
    assert await granting.offer(number, "We will refund you 500 EUR.") == "expired"
    refused = await granting.refused(
        granting.stage.do(ANNA, "promise_concession", number, concession=row.id, how="By phone")
    )
    assert refused.key == "concession_late"


async def test_what_was_promised_may_be_said_again_and_is_not_granted_again(
    granting: Granting,
) -> None:
    number = await granting.stage.claimed()
    await approved(granting, number)
    for _ in range(2):
        assert await granting.offer(number, "We will refund you 500 EUR.") == ""
    assert len(await granting.stage.rows(Concession)) == 1
    assert await granting.offer(number, "We will refund you 100 EUR.") == "nothing"


async def test_as_much_again_needs_an_approval_of_its_own(granting: Granting) -> None:
    number = await granting.stage.claimed()
    await approved(granting, number)
    assert await granting.offer(number, "We will refund you 500 EUR.") == ""
    for text in ("We will refund you another 500 EUR.", "Θα σας επιστρέψουμε άλλα 500 ευρώ."):
        assert await granting.offer(number, text) == "again"
    stopped = granting.stage.update(number, ANNA, text="You get another 500 EUR. I write at 14:00.")
    told = (await granting.refused(stopped)).facts
    assert told["promised"] == granting.stage.now.isoformat()
    second = await approved(granting, number)
    assert await granting.offer(number, "We will refund you another 500 EUR.") == ""
    assert (await granting.row(second.id)).state is S.PROMISED
    assert await granting.offer(number, "We will refund you another 500 EUR.") == "again"


async def test_as_much_again_may_be_within_the_writers_own_limit(granting: Granting) -> None:
    number = await granting.stage.claimed()
    await granting.offer(number, "We credit you 50 EUR.")
    assert await granting.offer(number, "We credit you another 50 EUR.") == ""
    assert len(await granting.stage.rows(Concession)) == 2
    assert await granting.offer(number, "We credit you another 50 EUR.") == "again"


@pytest.mark.parametrize(("who", "limit"), [(ANNA, 100), (EMMA, 1000), (DORA, 10000)])
async def test_within_ones_own_limit_nothing_is_stopped_and_it_is_recorded(
    granting: Granting, who: str, limit: int
) -> None:
    number = await granting.stage.claimed()
    assert await granting.offer(number, f"We credit you {limit + 1} EUR.", who) == "nothing"
    assert await granting.offer(number, f"Σας πιστώνουμε {limit} ευρώ.", who) == ""
    (row,) = await granting.stage.rows(Concession)
    assert (row.alone, row.state, Decimal(row.amount)) == (True, S.PROMISED, limit)
    assert await granting.offer(number, "We credit you 1 EUR.", who) == "nothing"


async def test_a_message_that_does_not_arrive_promises_nothing(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await approved(granting, number)
    await granting.offer(number, "We will refund you 500 EUR.")
    async with stage.database.write() as session:
        work = stage.work(session)
        case: Case = await work.case(number)
        message = await session.get(SentMessage, 1)
        assert message is not None
        message.state = MessageState.BOUNCED
        await react(work, MessageFailed(case, message, None, "no such user"))
    row = await granting.row(row.id)
    assert (row.state, row.message, row.fulfil_by) == (S.APPROVED, None, None)
    assert await granting.offer(number, "We will refund you 500 EUR.") == ""


async def test_a_yes_of_an_executive_opens_the_composer_to_no_money(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    for question in ("Shall we refuse the refund?", "10 EUR voucher?", "May we refund 500 EUR?"):
        await stage.do(EMMA, "ask_executive", number, user=EXEC, question=question)
        ask = (await stage.rows(Ask))[-1]
        await stage.do(EXEC, "answer_ask", number, ask=ask.id, approve=True)
    assert await granting.offer(number, "We will refund you 500 EUR.") == "nothing"
    assert await granting.offer(number, "We will refund you 250,000 EUR.") == "nothing"


async def test_an_offer_that_was_agreed_to_before_is_said_to_have_ended(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    old = {
        "case_number": number, "asked_of": EXEC, "asked_by": EMMA, "asked_at": stage.now,
        "meaning": "offer", "currency": "EUR", "question": "May we?",
    }  # fmt: skip
    await stage.add(Ask(amount="500", answer="approve", answered_at=stage.now, **old))
    assert await granting.offer(number, "We will refund you 500 EUR.") == "decision"
    await stage.add(Ask(amount="600", **old))
    refused = await granting.refused(stage.do(EXEC, "answer_ask", number, ask=2, approve=True))
    assert refused.key == "ask_for_concession"
    await stage.do(EXEC, "answer_ask", number, ask=2, approve=False)
    refused = await granting.refused(
        stage.do(EMMA, "ask_executive", number, user=EXEC, question="10?", meaning="offer")
    )
    assert refused.key == "ask_for_concession"


async def test_a_case_that_became_legal_stops_what_legal_did_not_agree_to(
    granting: Granting,
) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await approved(granting, number)
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    assert await granting.offer(number, "We will refund you 500 EUR.", EMMA) == "legal"
    refused = await granting.refused(
        stage.do(EMMA, "promise_concession", number, concession=row.id, how="By phone")
    )
    assert refused.key == "concession_needs_legal"


async def test_what_was_offered_on_the_telephone_counts_and_is_bound(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await approved(granting, number)
    talk = BreachTalk(case_number=number, caller=EMMA, opened_at=stage.now)
    await stage.add(talk)
    said = {"talk": 1, "way": "call", "outcome": "Calm", "offered": "500 EUR credit"}
    await stage.do(EMMA, "breach_talk", number, **said)
    row = await granting.row(row.id)
    assert (row.state, row.talk) == (S.PROMISED, 1)
    await stage.add(
        BreachTalk(
            case_number=number, caller=EMMA, opened_at=stage.now, talked_at=stage.now, way="call",
            offered="450 EUR credit",
        )
    )  # fmt: skip
    assert await granting.offer(number, "We credit you 60 EUR.", EMMA) == "nothing"  # 500 + 450
    assert await granting.offer(number, "We credit you 50 EUR.", EMMA) == ""


async def test_a_person_records_promise_and_fulfilment(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await approved(granting, number)
    do, about = stage.do, {"concession": row.id}
    early = granting.refused(do(ANNA, "fulfil_concession", number, evidence="x", **about))
    assert (await early).key == "concession_over"
    await do(ANNA, "promise_concession", number, how="On the telephone", **about)
    assert (await granting.row(row.id)).promised_how == "On the telephone"
    again = granting.refused(do(ANNA, "promise_concession", number, how="Again", **about))
    assert (await again).key == "concession_over"
    stage.later(days=2)
    future = (stage.now + timedelta(days=1)).isoformat()
    wrong = granting.refused(
        do(FINN, "fulfil_concession", number, evidence="x", at=future, **about)
    )
    assert (await wrong).key == "not_yet_happened"
    await do(FINN, "fulfil_concession", number, evidence="Credit note 4711", **about)
    row = await granting.row(row.id)
    assert (row.state, row.fulfilled_by, row.evidence, row.fulfilled_at) == (
        S.FULFILLED, FINN, "Credit note 4711", stage.now,
    )  # fmt: skip
    twice = granting.refused(do(FINN, "fulfil_concession", number, evidence="x", **about))
    assert (await twice).key == "concession_over"


async def fulfilled(granting: Granting, number: int) -> Concession:
    """A concession that Finn recorded as fulfilled, ten minutes after its promise."""
    row = await approved(granting, number)
    await granting.offer(number, "We will refund you 500 EUR.")
    granting.stage.later(minutes=10)
    about = {"concession": row.id, "evidence": "Credit note 4711"}
    await granting.stage.do(FINN, "fulfil_concession", number, **about)
    return await granting.row(row.id)


async def test_a_fulfilment_recorded_by_mistake_is_undone_and_both_are_kept(
    granting: Granting,
) -> None:
    stage = granting.stage
    number = await stage.claimed()
    before = await approved(granting, number)
    wrong = {"concession": before.id, "why": "x"}
    early = granting.refused(stage.do(FINN, "unfulfil_concession", number, **wrong))
    assert (await early).key == "not_fulfilled"
    await stage.do(ANNA, "withdraw_concession", number, concession=before.id, reason="x")
    row = await fulfilled(granting, number)
    due = row.fulfil_by
    await stage.said(number)
    await stage.do(FINN, "unfulfil_concession", number, concession=row.id, why="Another customer's")
    row = await granting.row(row.id)
    assert (row.state, row.fulfil_by, row.fulfilled_by, row.evidence) == (S.PROMISED, due, None, "")
    assert row.next_at is not None
    assert stage.now < row.next_at < due
    (undone,) = await stage.rows(UndoneFulfilment)
    assert (undone.fulfilled_by, undone.evidence) == (FINN, "Credit note 4711")
    assert (undone.undone_by, undone.why) == (FINN, "Another customer's")
    told = [e.to for e in await stage.said(number) if e.text == "notice:concession_unfulfilled"]
    assert ANNA in told
    notes = [each.verb for each in await stage.rows(TimelineEvent) if "fulfil" in each.verb]
    assert notes == ["fulfil_concession", "unfulfil_concession"]
    await stage.do(FINN, "fulfil_concession", number, concession=row.id, evidence="Note 4712")
    assert (await granting.row(row.id)).state is S.FULFILLED


async def test_only_those_concerned_undo_a_fulfilment_and_not_for_ever(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await fulfilled(granting, number)
    about = {"concession": row.id, "why": "x"}
    foreign = granting.refused(stage.do(BILL, "unfulfil_concession", number, **about))
    assert (await foreign).key == "not_your_role"
    stage.later(days=31)
    late = granting.refused(stage.do(EMMA, "unfulfil_concession", number, **about))
    assert (await late).key == "fulfilled_long_ago"
    stage.later(days=-1)
    await stage.do(EMMA, "unfulfil_concession", number, **about)
    row = await granting.row(row.id)
    assert row.fulfil_by is not None
    assert row.fulfil_by < stage.now  # late by now, and said again on the next business day
    assert row.next_at is not None
    assert stage.now < row.next_at <= stage.now + timedelta(days=4)


async def test_what_was_undone_was_not_promised_where_its_message_did_not_arrive(
    granting: Granting,
) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await fulfilled(granting, number)
    async with stage.database.write() as session:
        message = await session.get(SentMessage, row.message)
        assert message is not None
        message.state = MessageState.BOUNCED
        session.add(message)
    await stage.do(ANNA, "unfulfil_concession", number, concession=row.id, why="It bounced")
    row = await granting.row(row.id)
    assert (row.state, row.message, row.next_at) == (S.APPROVED, None, row.expires_at)


async def test_withdrawing_and_voiding(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await approved(granting, number)
    about = {"concession": row.id, "reason": "They declined it"}
    foreign = granting.refused(stage.do(BILL, "withdraw_concession", number, **about))
    assert (await foreign).key == "not_your_role"
    await stage.do(ANNA, "withdraw_concession", number, **about)
    assert (await granting.row(row.id)).state is S.WITHDRAWN
    row = await approved(granting, number)
    about["concession"] = row.id
    await granting.offer(number, "We will refund you 500 EUR.")
    promised = granting.refused(stage.do(ANNA, "withdraw_concession", number, **about))
    assert (await promised).key == "concession_promised"
    agent = granting.refused(stage.do(ANNA, "void_concession", number, **about))
    assert (await agent).key == "not_your_role"
    await stage.do(EMMA, "void_concession", number, **about)
    assert (await granting.row(row.id)).state is S.VOID
    assert await granting.offer(number, "We will refund you 500 EUR.") == "expired"


async def test_what_another_case_has_is_not_found_here(granting: Granting) -> None:
    stage: Stage = granting.stage
    number, other = await stage.claimed(), await stage.claimed(contact_name="Other")
    row = await approved(granting, number)
    for verb, more in (
        ("withdraw_concession", {"reason": "x"}), ("void_concession", {"reason": "x"}),
        ("promise_concession", {"how": "x"}), ("fulfil_concession", {"evidence": "x"}),
        ("unfulfil_concession", {"why": "x"}),
    ):  # fmt: skip
        refused = await granting.refused(stage.do(EMMA, verb, other, concession=row.id, **more))
        assert refused.key == "no_such_concession"
    assert stage.now == datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
