"""Deciding on a concession: never one's own, two above the mark, once, and as it was shown."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import UserError
from bot.rules.states import ConcessionState
from bot.rules.words import Role
from storage.models import Account, ConcessionApproval
from tests.bot.concessions.conftest import FAY, FINN, Granting
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EVAN, EXEC, LEAH, ROLES, STRANGER

S = ConcessionState


async def told(granting: Granting, number: int, notice: str) -> list[tuple[str, dict]]:
    """Who was told this since the last look, and what."""
    said = await granting.stage.said(number)
    return [(s.to, s.extra) for s in said if s.text == f"notice:{notice}"]


async def test_an_approver_decides_and_the_author_hears_it(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number)
    await granting.stage.said(number)
    row = await granting.answer(row, EMMA, remark="Fine")
    assert row.state is S.APPROVED
    ((who, extra),) = await told(granting, number, "concession_decided")
    assert (who, extra["approve"], extra["by"], extra["complete"]) == (ANNA, True, EMMA, True)
    assert extra["amount"] == "500 EUR"


@pytest.mark.parametrize("who", [BILL, LEAH, STRANGER])
async def test_a_colleague_cannot_approve_money(granting: Granting, who: str) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number)
    refused = await granting.refused(granting.answer(row, who))
    assert refused.key in ("not_your_role", "not_your_concession")
    await granting.stage.do(EMMA, "assign", number, role="executive_owner", user=who)
    refused = await granting.refused(granting.answer(row, who))
    assert refused.key == "not_your_concession"  # a role on the case is no power of the company


async def test_nobody_decides_on_their_own(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, "5000 EUR", EMMA)
    assert (await granting.refused(granting.answer(row, EMMA))).key == "own_concession"
    row = await granting.ask(number, "20000 EUR", DORA)
    assert (await granting.refused(granting.answer(row, DORA))).key == "own_concession"


async def test_above_ones_own_limit_the_refusal_says_who_may(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, "1001 EUR")
    refused = await granting.refused(granting.answer(row, EMMA))
    assert refused.key == "not_your_concession"
    assert refused.facts["people"] == [FINN, FAY, EXEC, "UEXTRA", DORA]


async def test_a_quarter_of_a_million_needs_two(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, "250,000 EUR")
    row = await granting.answer(row, FINN)
    assert row.state is S.WAITING
    assert await granting.offer(number, "We will refund you 250,000 EUR.") == "waiting"
    assert (await granting.refused(granting.answer(row, FINN))).key == "concession_answered"
    row = await granting.answer(row, EXEC)
    assert row.state is S.APPROVED
    assert await granting.offer(number, "We will refund you 250,000 EUR.") == ""


async def test_two_approvers_at_once_take_one_seat_each_or_the_second_is_told(
    granting: Granting,
) -> None:
    number = await granting.stage.claimed()
    one = await granting.ask(number)
    both = await asyncio.gather(
        granting.answer(one, EMMA), granting.answer(one, EVAN), return_exceptions=True
    )
    refused = [each for each in both if isinstance(each, UserError)]
    assert [each.key for each in refused] == ["concession_answered"]
    two = await granting.ask(number, "20000 EUR")
    await asyncio.gather(granting.answer(two, FINN), granting.answer(two, FAY))
    assert (await granting.row(two.id)).state is S.APPROVED
    seats = await granting.stage.rows(ConcessionApproval, concession=two.id)
    assert {seat.approver for seat in seats} == {FINN, FAY}


async def test_a_refusal_needs_a_remark_and_ends_it(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, "20000 EUR")
    assert (await granting.refused(granting.answer(row, FINN, approve=False))).key == (
        "return_needs_remark"
    )
    row = await granting.answer(row, FINN, approve=False, remark="Too much")
    assert (row.state, row.ended_why) == (S.REFUSED, "Too much")
    assert (await granting.refused(granting.answer(row, EXEC))).key == "concession_answered"
    assert await granting.offer(number, "We will refund you 20,000 EUR.") == "expired"


async def test_a_decision_is_of_what_was_shown(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number)
    refused = await granting.refused(granting.answer(row, EMMA, digest="0" * 16))
    assert refused.key == "concession_void"


async def test_after_its_time_nothing_is_approved(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, until="2026-02-11")
    granting.stage.later(days=3)
    assert (await granting.refused(granting.answer(row, EMMA))).key == "concession_late"
    row = await granting.answer(row, EMMA, approve=False, remark="Too late")
    assert row.state is S.REFUSED


async def test_what_is_within_ones_own_limit_nobody_decides_on(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number, "50 EUR")
    assert (await granting.refused(granting.answer(row, EMMA))).key == "concession_alone"
    assert (await granting.refused(granting.stage.do(
        EMMA, "answer_concession", number, concession=99, approve=True, digest="0"
    ))).key == "no_such_concession"  # fmt: skip


async def test_a_limit_is_judged_when_it_is_answered(granting: Granting) -> None:
    number = await granting.stage.claimed()
    first, second = await granting.ask(number, "600 EUR"), await granting.ask(number, "600 EUR")
    await granting.answer(first, EMMA)
    refused = await granting.refused(granting.answer(second, EVAN))
    assert refused.key == "not_your_concession"  # together above 1,000
    assert (await granting.answer(second, DORA)).state is S.APPROVED


async def test_what_came_to_need_two_meanwhile_waits_for_the_second(granting: Granting) -> None:
    number = await granting.stage.claimed()
    one, two = await granting.ask(number, "9000 EUR"), await granting.ask(number, "9000 EUR")
    await granting.answer(one, DORA)
    waiting = await granting.answer(two, FINN)
    assert waiting.state is S.WAITING
    assert (await granting.answer(waiting, FAY)).state is S.APPROVED


async def test_a_policy_that_names_them_no_more_takes_the_power_away(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await granting.ask(number, "5000 EUR")
    stage.policy = replace(stage.policy, roles={**ROLES, Role.DIRECTOR: ()})
    refused = await granting.refused(granting.answer(row, DORA))
    assert refused.key in ("not_your_role", "not_your_concession")


async def test_what_was_approved_for_another_account_is_void(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    row = await granting.ask(number)
    async with stage.database.write() as session:
        session.add(Account(key="other", name="Other", folded="other"))
        case = await session.get(type(await stage.case(number)), number, with_for_update=True)
        assert case is not None
        await session.flush()
        case.account_key = "other"
        session.add(case)
    refused = await granting.refused(granting.answer(row, EMMA))
    assert refused.key == "concession_void"
