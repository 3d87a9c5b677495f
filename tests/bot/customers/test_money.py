"""Money: what goes out within one's own limit, and what the caller's brief says of it.

What is approved, and how it is bound to messages: ``tests/bot/concessions``.
"""

from dataclasses import replace

import pytest

from bot.customers import money
from bot.errors import UserError
from bot.rules.words import Role
from tests.bot.stage import ANNA, BILL, EMMA, ROLES, TINA, Stage


@pytest.fixture
def paying(stage: Stage) -> Stage:
    """A stage with a finance approver."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.FINANCE_APPROVER: ("UFINN",)})
    return stage


async def offer(stage: Stage, number: int, text: str, who: str = ANNA) -> str:
    """Why a message is refused; empty when it went out."""
    try:
        await stage.update(number, who, text=f"{text} I write again at 14:00.")
    except UserError as refused:
        return refused.key
    return ""


async def test_a_role_of_ones_own_making_has_no_limit(paying: Stage) -> None:
    number = await paying.opened(who=TINA)  # who escalates is an agent of the case, by herself
    assert await offer(paying, number, "We credit you 80 EUR.", TINA) == "tone_concession"
    await paying.do(EMMA, "assign", number, role="agent", user=BILL)
    await paying.do(EMMA, "assign", number, role="agent", user=TINA)
    assert await offer(paying, number, "We credit you 80 EUR.", TINA) == ""


async def test_the_brief_for_the_caller_says_what_the_guard_applies(paying: Stage) -> None:
    number = await paying.investigating()
    paying.later(minutes=61)  # the update was promised for in an hour
    await paying.sweep()
    said = [s for s in await paying.said(number) if s.text == "notice:breach_brief"]
    assert [s.extra["own_limit"] for s in said] == [1000]
    async with paying.database.read() as session:
        case = await paying.case(number)
        allowed = await money.money_allowance(session, paying.policy, case, case.owner, paying.now)
    assert allowed.own == 1000


async def test_the_brief_says_what_is_left(paying: Stage) -> None:
    number = await paying.investigating()
    await offer(paying, number, "We credit you 400 EUR.", EMMA)
    paying.later(minutes=61)  # the update was promised for in an hour
    await paying.sweep()
    said = [s for s in await paying.said(number) if s.text == "notice:breach_brief"]
    assert [s.extra["own_limit"] for s in said] == [600]
