"""What time brings: reminders of decisions, expiry, and promises that are late."""

from typing import Any

from bot.rules.states import ConcessionState
from storage.models import Concession
from tests.bot.concessions.conftest import FAY, FINN, Granting
from tests.bot.stage import ANNA, DORA, EMMA, EVAN, EXEC, EXTRA

S = ConcessionState


async def swept(granting: Granting, number: int, **span: float) -> list[tuple[str, str]]:
    """Who hears what about concessions when so much time has passed."""
    await granting.stage.said(number)
    granting.stage.later(**span)
    await granting.stage.sweep()
    said = await granting.stage.said(number)
    return [
        (s.text.removeprefix("notice:concession_"), s.to)
        for s in said
        if s.text.startswith("notice:concession_")
    ]


async def promised(granting: Granting, number: int, **fields: Any) -> Concession:
    """One that the customer was told of."""
    row = await granting.answer(await granting.ask(number, **fields), EMMA)
    await granting.offer(number, "We will refund you 500 EUR.")
    return await granting.row(row.id)


async def test_all_who_may_decide_are_reminded_each_business_day(granting: Granting) -> None:
    number = await granting.stage.claimed()
    await granting.ask(number)
    people = {FINN, FAY, EXEC, EXTRA, DORA, EMMA, EVAN}
    assert await swept(granting, number, hours=23) == []
    assert {to for _, to in await swept(granting, number, hours=2)} == people
    assert len(await swept(granting, number, days=1, hours=8)) == len(people)


async def test_what_was_not_decided_in_time_expires(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, until="2026-02-10")
    assert await swept(granting, number, days=1) == [("expired", ANNA)]
    assert (await granting.row(row.id)).state is S.EXPIRED
    assert await swept(granting, number, days=30) == []


async def test_what_was_not_promised_in_time_is_void(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.answer(await granting.ask(number), EMMA)
    assert await swept(granting, number, days=29) == []
    assert await swept(granting, number, days=2) == [("expired", ANNA)]
    assert (await granting.row(row.id)).state is S.EXPIRED
    assert (await granting.stage.last(number)).verb == "expire_concession"


async def test_a_late_fulfilment_is_told_to_finance_and_the_manager(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await promised(granting, number)
    assert await swept(granting, number, days=9) == []
    assert await swept(granting, number, days=3, hours=12) == [("due", ANNA)]
    late = [("overdue", who) for who in (FINN, FAY, EMMA, ANNA)]
    assert await swept(granting, number, days=3) == late
    assert await swept(granting, number, days=8) == late
    await granting.stage.do(
        FINN, "fulfil_concession", number, concession=row.id, evidence="Credit note 4711"
    )
    assert await swept(granting, number, days=30) == []


async def test_a_case_that_ended_changes_nothing_about_what_is_owed(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await promised(granting, number)
    await stage.do(EMMA, "close", number, code="duplicate", duplicate_of=await stage.claimed())
    texts = [text for text, _ in await swept(granting, number, days=16)]
    assert "overdue" in texts
    await stage.do(ANNA, "fulfil_concession", number, concession=row.id, evidence="Booked")
    assert (await granting.row(row.id)).state is S.FULFILLED


async def test_of_a_restricted_case_nobody_beside_it_hears(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed(sensitive=True)
    await stage.do(EMMA, "assign", number, role="executive_owner", user=FINN)
    row = await granting.ask(number, "500 EUR")
    assert {to for _, to in await swept(granting, number, hours=25)} == {FINN, EMMA}
    await granting.answer(row, FINN)
    await granting.offer(number, "We will refund you 500 EUR.")
    heard = {to for _, to in await swept(granting, number, days=16)}
    assert FAY not in heard
    assert EMMA in heard
