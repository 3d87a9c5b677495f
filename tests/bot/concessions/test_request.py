"""Asking for a concession: who may, who is asked, what is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from bot.concessions.request import RequestConcession
from bot.rules.states import ApprovalState, ConcessionState
from bot.rules.words import Role
from storage.models import Account, Concession, ConcessionApproval, TimelineEvent
from tests.bot.concessions.conftest import FAY, FINN, Granting
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EVAN, EXEC, EXTRA, LAWYER, ROLES, TINA

S = ConcessionState


async def asked(granting: Granting, number: int) -> list[str]:
    """Who was asked since the last look."""
    said = await granting.stage.said(number)
    return [each.to for each in said if each.text == "notice:concession_asked"]


@pytest.mark.parametrize(
    ("who", "amount"), [(ANNA, "100 EUR"), (EMMA, "1000 EUR"), (DORA, "10000 EUR"), (FINN, "1 EUR")]
)
async def test_within_ones_own_limit_it_is_approved_by_itself_and_recorded(
    granting: Granting, who: str, amount: str
) -> None:
    number = await granting.stage.claimed()
    if who == FINN:
        await granting.stage.do(EMMA, "assign", number, role="csm", user=FINN)
    row = await granting.ask(number, amount, who)
    assert (row.state, row.alone, row.author) == (S.APPROVED, True, who)
    assert await granting.stage.rows(ConcessionApproval) == []
    assert (await granting.stage.last(number)).verb == "give_concession"


@pytest.mark.parametrize(
    ("who", "amount", "people"),
    [
        (ANNA, "101 EUR", [EMMA, EVAN]),
        (ANNA, "1001 EUR", [DORA]),
        (EMMA, "1000.01 EUR", [DORA]),
        (DORA, "10001 EUR", [FINN, FAY, EXEC, EXTRA]),
        (ANNA, "10001 EUR", [FINN, FAY, EXEC, EXTRA]),
        (ANNA, "1,000 USD", [EMMA, EVAN]),
    ],
)
async def test_the_nearest_whose_limit_it_is_within_are_asked(
    granting: Granting, who: str, amount: str, people: list[str]
) -> None:
    number = await granting.stage.claimed()
    await granting.stage.said(number)
    row = await granting.ask(number, amount, who)
    assert row.state is S.WAITING
    assert await asked(granting, number) == people


async def test_what_the_account_has_had_counts_and_ends_after_twelve_months(
    granting: Granting,
) -> None:
    stage = granting.stage
    number = await stage.claimed()
    first = await granting.ask(number, "60 EUR")
    assert first.state is S.APPROVED
    second = await granting.ask(number, "41 EUR")
    assert second.state is S.WAITING
    other = await stage.claimed(contact_name="Second case")  # of the same account
    assert (await granting.ask(other, "41 EUR")).state is S.WAITING
    assert (await granting.ask(other, "40 EUR")).state is S.APPROVED
    stage.later(days=366)
    assert (await granting.ask(other, "100 EUR")).state is S.APPROVED


async def test_the_larger_of_an_amount_and_a_share_of_the_monthly_fee(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    key = (await stage.rows(Account))[0].key
    await stage.change_account(key, arr=6_000_000, currency="EUR")  # 500,000 a month
    assert (await granting.ask(number, "10000 EUR", DORA)).state is S.APPROVED
    await stage.said(number)
    row = await granting.ask(number, "20000 EUR")
    assert row.state is S.WAITING
    assert set(await asked(granting, number)) >= {DORA, FINN}  # two must approve so much
    approved = await granting.answer(row, DORA)
    assert approved.state is S.WAITING


async def test_in_a_legal_case_nobody_gives_alone_and_legal_agrees(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    await stage.do(EMMA, "assign", number, role="csm", user=FINN)
    await stage.said(number)
    row = await granting.ask(number, "50 EUR", EMMA)
    assert row.state is S.WAITING
    seats = await stage.rows(ConcessionApproval)
    assert [seat.seat for seat in seats] == ["money", "legal"]
    row = await granting.answer(row, FINN)
    assert row.state is S.WAITING
    row = await granting.answer(row, LAWYER)
    assert (row.state, row.legal) == (S.APPROVED, True)


async def test_a_change_is_another_one_and_voids_the_approval(granting: Granting) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number)
    row = await granting.answer(row, EMMA)
    assert row.state is S.APPROVED
    new = await granting.ask(number, "600 EUR", replaces=row.id)
    assert ((await granting.row(row.id)).state, new.state) == (S.VOID, S.WAITING)
    assert await granting.offer(number, "We will refund you 500 EUR.") == "expired"
    refused = await granting.refused(granting.ask(number, "700 EUR", replaces=row.id))
    assert refused.key == "concession_over"


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("0 EUR", "money_zero"), ("-5 EUR", "money_negative"), ("5%", "money_share"),
        ("500", "money_currency"), ("a lot", "money"), ("9999999999 EUR", "money_large"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_at_its_field(typed: str, error: str) -> None:
    given = {"case": 1, "reason": "outage", "why": "x"}
    with pytest.raises(ValidationError) as caught:
        RequestConcession.model_validate({**given, "amount": typed})
    assert [each["type"] for each in caught.value.errors()] == [error]
    assert RequestConcession.model_validate({**given, "amount": "€1.000,50"}).amount == (
        "1000.50 EUR"
    )


async def test_a_currency_without_a_rate_is_refused_by_name(granting: Granting) -> None:
    number = await granting.stage.claimed()
    refused = await granting.refused(granting.ask(number, "500 XYZ"))
    assert (refused.key, refused.facts["currency"]) == ("no_rate", "XYZ")
    assert "USD" in str(refused.facts["known"])
    assert await granting.stage.rows(Concession) == []


async def test_a_day_that_has_passed_is_refused(granting: Granting) -> None:
    number = await granting.stage.claimed()
    refused = await granting.refused(granting.ask(number, until="2026-02-09"))
    assert refused.key == "expires_in_past"
    row = await granting.ask(number, until="2026-02-10")  # today, to its end in Athens
    assert row.expires_at.isoformat() == "2026-02-10T22:00:00+00:00"


async def test_with_nobody_else_who_may_nothing_is_asked(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    stage.policy = replace(stage.policy, roles={**ROLES, Role.EXECUTIVE_OWNER: (EXEC,)})
    assert (await granting.refused(granting.ask(number, "20000 EUR"))).key == (
        "no_concession_approver"
    )
    assert await stage.rows(Concession) == []
    only = {Role.ESCALATION_MANAGER: (EMMA,), Role.AGENT: (ANNA,)}
    stage.policy = replace(stage.policy, roles=only)
    assert (await granting.refused(granting.ask(number, "1001 EUR", EMMA))).key == (
        "no_concession_approver"
    )


async def test_who_escalated_has_no_leave_to_grant(granting: Granting) -> None:
    number = await granting.stage.opened(who=TINA)
    refused = await granting.refused(granting.ask(number, "10 EUR", "USTRANGER"))
    assert refused.key == "not_your_role"
    row = await granting.ask(number, "10 EUR", BILL)
    assert Decimal(row.worth) == 10


async def test_no_figure_stands_in_the_record_or_the_channel(granting: Granting) -> None:
    stage = granting.stage
    number = await stage.claimed()
    await stage.said(number)
    row = await granting.answer(await granting.ask(number, "777 EUR"), EMMA)
    await stage.do(
        ANNA, "promise_concession", number, concession=row.id, how="We said 777 EUR by phone"
    )
    await stage.do(FINN, "fulfil_concession", number, concession=row.id, evidence="777 EUR booked")
    posts = [s for s in await stage.said(number) if s.kind != "dm"]
    events = await stage.rows(TimelineEvent, case_number=number)
    kept = [(e.before, e.after, e.why) for e in events] + [s.extra for s in posts]
    assert "777" not in repr(kept)
    assert [e.verb for e in events][-4:] == [
        "request_concession", "answer_concession", "promise_concession", "fulfil_concession",
    ]  # fmt: skip
    assert {seat.state for seat in await stage.rows(ConcessionApproval)} == {ApprovalState.APPROVED}
