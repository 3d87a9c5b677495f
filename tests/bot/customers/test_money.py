"""Money: who may be asked for it, what a yes allows, and what goes out with it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bot.cases.executives import AskExecutive
from bot.customers import money
from bot.errors import UserError
from bot.rules.words import AskMeaning, Role
from storage.models import Ask, BreachTalk, SentMessage
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, EXTRA, ROLES, TINA, Stage

FINN = "UFINN"  # finance approver


@pytest.fixture
def paying(stage: Stage) -> Stage:
    """A stage with a finance approver."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.FINANCE_APPROVER: (FINN,)})
    return stage


async def offer(stage: Stage, number: int, text: str, who: str = ANNA) -> str:
    """Why a message is refused; empty when it went out."""
    try:
        await stage.update(number, who, text=f"{text} I write again at 14:00.")
    except UserError as refused:
        return refused.key
    return ""


async def ask(stage: Stage, number: int, user: str, amount: str, **fields: Any) -> None:
    """Ask for money, as EMMA."""
    given = {"question": "May we?", "meaning": "offer", "amount": amount, "currency": "EUR"}
    await stage.do(EMMA, "ask_executive", number, user=user, **{**given, **fields})


async def approve(stage: Stage, number: int, user: str) -> None:
    """Say yes to the newest question."""
    row = (await stage.rows(Ask))[-1]
    await stage.do(user, "answer_ask", number, ask=row.id, approve=True)


@pytest.mark.parametrize("who", [BILL, TINA, ANNA])
async def test_a_colleague_cannot_be_asked_for_money(paying: Stage, who: str) -> None:
    number = await paying.claimed()
    with pytest.raises(UserError, match="not_a_decider") as caught:
        await ask(paying, number, who, "10")
    assert caught.value.facts["people"] == [FINN, EXEC, EXTRA, DORA]
    await paying.do(EMMA, "assign", number, role="executive_owner", user=who)
    with pytest.raises(UserError, match="not_a_decider"):
        await ask(paying, number, who, "10")


async def test_with_nobody_named_nobody_can_be_asked_for_money(stage: Stage) -> None:
    stage.policy = replace(stage.policy, roles={Role.ESCALATION_MANAGER: (EMMA,)})
    number = await stage.claimed()
    with pytest.raises(UserError, match="no_deciders"):
        await ask(stage, number, EXEC, "10")


async def test_a_decision_within_the_deciders_own_limit(paying: Stage) -> None:
    number = await paying.claimed()
    with pytest.raises(UserError, match="beyond_their_limit"):
        await ask(paying, number, DORA, "10001")
    with pytest.raises(UserError, match="beyond_their_limit"):
        await ask(paying, number, DORA, "10", currency="USD")
    await ask(paying, number, DORA, "10000")
    await ask(paying, number, FINN, "50000")
    paying.policy = replace(paying.policy, roles={**ROLES, Role.DIRECTOR: ()})
    with pytest.raises(UserError, match="not_a_decider"):  # no longer named when they answer
        await paying.do(DORA, "answer_ask", number, ask=1, approve=True)


async def test_a_question_of_words_is_no_approval_of_money(paying: Stage) -> None:
    number = await paying.claimed()
    for question in ("Shall we refuse the refund?", "10 EUR voucher?"):
        await paying.do(
            EMMA, "ask_executive", number, user=EXEC, question=question, meaning="decision"
        )
        await approve(paying, number, EXEC)
    assert await offer(paying, number, "We will refund you 50,000 EUR.") == "tone_concession"
    assert await offer(paying, number, "We will refund you 500 EUR.") == "tone_concession"


async def test_an_old_question_without_an_amount_approves_nothing(paying: Stage) -> None:
    number = await paying.claimed()
    old = {"case_number": number, "asked_of": EXEC, "asked_by": EMMA, "asked_at": paying.now}
    await paying.add(Ask(question="May we refund 500 EUR?", answer="approve", **old))
    assert await offer(paying, number, "We will refund you 500 EUR.") == "tone_concession"


async def test_an_approval_covers_amount_and_currency_in_all(paying: Stage) -> None:
    number = await paying.claimed()
    await ask(paying, number, FINN, "500")
    assert await offer(paying, number, "We will refund you 500 EUR.") == "tone_concession"
    await approve(paying, number, FINN)
    assert await offer(paying, number, "We will refund you 501 EUR.") == "tone_concession"
    assert await offer(paying, number, "We will refund you 500 USD.") == "tone_concession"
    assert await offer(paying, number, "We will refund the month of March.") == "tone_concession"
    assert await offer(paying, number, "We will refund you 300 EUR.") == ""
    assert await offer(paying, number, "We will refund you 300 EUR.") == "tone_concession"
    assert await offer(paying, number, "We will refund you 200 EUR.") == ""
    assert len(await paying.rows(SentMessage)) == 2


async def test_a_declined_question_allows_nothing(paying: Stage) -> None:
    number = await paying.claimed()
    await ask(paying, number, FINN, "500")
    await paying.do(FINN, "answer_ask", number, ask=1, approve=False)
    assert await offer(paying, number, "We will refund you 500 EUR.") == "tone_concession"


@pytest.mark.parametrize(("who", "limit"), [(ANNA, 100), (EMMA, 1000), (DORA, 10000)])
async def test_within_ones_own_limit_nothing_is_stopped(
    paying: Stage, who: str, limit: int
) -> None:
    number = await paying.claimed()
    assert await offer(paying, number, f"We credit you {limit + 1} EUR.", who) == "tone_concession"
    assert await offer(paying, number, f"Σας πιστώνουμε {limit} ευρώ.", who) == ""
    assert await offer(paying, number, "We credit you 1 EUR.", who) == "tone_concession"


async def test_a_role_of_ones_own_making_has_no_limit(paying: Stage) -> None:
    number = await paying.opened(who=TINA)  # who escalates is an agent of the case, by herself
    assert await offer(paying, number, "We credit you 80 EUR.", TINA) == "tone_concession"
    await paying.do(EMMA, "assign", number, role="agent", user=BILL)
    await paying.do(EMMA, "assign", number, role="agent", user=TINA)
    assert await offer(paying, number, "We credit you 80 EUR.", TINA) == ""


async def test_what_was_offered_on_the_telephone_counts(paying: Stage) -> None:
    number = await paying.claimed()
    talk = BreachTalk(
        case_number=number, caller=EMMA, opened_at=paying.now, talked_at=paying.now, way="call",
        offered="950 EUR credit",
    )  # fmt: skip
    await paying.add(talk)
    assert await offer(paying, number, "We credit you 80 EUR.", EMMA) == "tone_concession"
    assert await offer(paying, number, "We credit you 50 EUR.", EMMA) == ""


async def test_above_the_policys_mark_two_must_have_approved(paying: Stage) -> None:
    number = await paying.claimed()
    await ask(paying, number, FINN, "50000")
    await approve(paying, number, FINN)
    assert await offer(paying, number, "We will refund you 50,000 EUR.") == "tone_concession"
    await ask(paying, number, EXEC, "50000")
    await approve(paying, number, EXEC)
    assert await offer(paying, number, "We will refund you 50,000 EUR.") == ""


async def test_the_brief_for_the_caller_says_what_the_guard_applies(paying: Stage) -> None:
    number = await paying.investigating()
    paying.later(minutes=61)  # the update was promised for in an hour
    await paying.sweep()
    said = [s for s in await paying.said(number) if s.text == "notice:breach_brief"]
    assert [s.extra["own_limit"] for s in said] == [1000]
    async with paying.database.read() as session:
        case = await paying.case(number)
        allowed = await money.money_allowance(session, paying.policy, case, case.owner)
    assert allowed.left("EUR") == Decimal(1000)


async def test_the_brief_says_what_is_left(paying: Stage) -> None:
    number = await paying.investigating()
    await offer(paying, number, "We credit you 400 EUR.", EMMA)
    paying.later(minutes=61)  # the update was promised for in an hour
    await paying.sweep()
    said = [s for s in await paying.said(number) if s.text == "notice:breach_brief"]
    assert [s.extra["own_limit"] for s in said] == [600]


def test_a_question_about_money_says_what_a_yes_allows() -> None:
    given: dict[str, Any] = {"case": 1, "user": EXEC, "question": "10 EUR voucher?"}
    with pytest.raises(ValueError, match="meaning"):
        AskExecutive.model_validate(given)
    with pytest.raises(ValueError, match="amount"):
        AskExecutive.model_validate({**given, "meaning": "offer"})
    said = AskExecutive.model_validate({**given, "meaning": "offer", "amount": "1.200,50"})
    assert (said.meaning, said.amount, said.currency) == (
        AskMeaning.OFFER, Decimal("1200.50"), "EUR",
    )  # fmt: skip
    for wrong in ("0", "-5", "five", "99999999999"):
        with pytest.raises(ValueError, match="amount"):
            AskExecutive.model_validate({**given, "meaning": "offer", "amount": wrong})
