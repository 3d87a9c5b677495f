"""Whose outcome is asked for, of whom, when, and what follows where no answer comes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, delete, update

from bot.outcomes.plan import plan_all_renewals
from bot.rules.policy.outcomes import Outcomes
from storage.models import CaseRole, Outcome, Person
from tests.bot.outcomes.conftest import Business
from tests.bot.stage import ALEX, CARL, EMMA, EVAN, LEAH, T0
from tests.postmortems import REVIEWED


async def test_a_grave_case_is_asked_about_after_ninety_days_at_ten(business: Business) -> None:
    number = await business.closed()
    row = (await business.rows())[0]
    assert (row.case_number, row.account_key) == (number, "acme")
    assert row.due_at == datetime(2026, 5, 11, 7, 0, tzinfo=UTC)  # summer time by then
    assert await business.asked(days=89) == []
    assert await business.asked(days=1) == [("asked", ALEX)]


@pytest.mark.parametrize(
    ("fields", "executive", "asked"),
    [({"severity": 1}, False, 1), ({"severity": 3}, False, 0), ({"severity": 3}, True, 1)],
)
async def test_the_policy_says_which_cases(
    business: Business, fields: dict[str, int], executive: bool, asked: int
) -> None:
    stage = business.stage
    number = await stage.reviewed(**fields)
    if executive:
        await stage.do(EMMA, "executive_flag", number, trigger="threat_to_cancel", reason="x")
    if fields["severity"] == 1:
        await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    who = LEAH if fields["severity"] == 1 else EMMA
    await stage.do(
        who, "close", number, code="fixed", root_cause="capacity", waived="x", no_action="x"
    )
    assert len(await business.rows()) == asked


async def test_another_policy_asks_about_no_case(business: Business) -> None:
    stage = business.stage
    stage.policy = replace(stage.policy, outcomes=Outcomes(frozenset(), executive_flag=False))
    await business.closed()
    assert await business.rows() == []


async def test_one_reminder_then_a_manager_then_silence(business: Business) -> None:
    await business.closed()
    assert await business.asked(days=91) == [("asked", ALEX)]
    assert await business.asked(days=6) == []
    assert await business.asked(days=1) == [("reminded", ALEX)]
    assert await business.asked(days=7) == [("passed_on", EMMA)]
    assert await business.asked(days=60) == []
    assert (await business.rows())[0].asked_of == EMMA


async def test_who_is_asked_is_the_next_who_is_left(business: Business) -> None:
    await business.closed()
    stage = business.stage
    gone = [
        Person(user_id=user, name=user, standing="deactivated", fetched_at=T0)
        for user in (ALEX, CARL)
    ]
    await stage.add(gone[0])
    assert await business.asked(days=91) == [("asked", CARL)]
    await stage.add(gone[1])
    assert await business.asked(days=7) == [("asked", EMMA)]
    assert await business.asked(days=7) == [("reminded", EMMA)]
    assert await business.asked(days=7) == [("passed_on", EVAN)]


async def test_a_restricted_case_is_asked_about_only_within_it(business: Business) -> None:
    number = await business.closed()
    stage = business.stage
    await stage.do(EMMA, "reopen", number, reason="They sue")
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="They sue")
    async with stage.database.write() as session:
        await session.exec(delete(CaseRole).where(col(CaseRole.user_id).in_((ALEX, CARL))))
        await session.exec(update(Outcome).values(next_at=stage.now))
    assert await business.asked() == [("asked", EMMA)]


async def test_a_case_that_goes_on_is_not_asked_about(business: Business) -> None:
    number = await business.closed()
    await business.stage.do(EMMA, "reopen", number, reason="It is back")
    assert await business.asked(days=91) == []
    assert len(await business.rows()) == 1


async def planned(business: Business, **account: object) -> list[date | None]:
    """The renewals that are planned once the accounts file says this."""
    stage = business.stage
    await stage.change_account("acme", **account)
    async with stage.database.write() as session:
        await plan_all_renewals(session, stage.policy, stage.now)
    return [row.renewal for row in await business.rows() if row.renewal]


async def test_a_renewal_is_asked_about_at_its_day_and_once(business: Business) -> None:
    assert await planned(business, renewal=date(2026, 6, 30)) == [date(2026, 6, 30)]
    assert await planned(business) == [date(2026, 6, 30)]
    assert await business.asked(days=139) == []
    assert await business.asked(days=1) == [("asked", ALEX)]
    assert await planned(business, renewal=date(2027, 6, 30)) == [
        date(2026, 6, 30), date(2027, 6, 30),
    ]  # fmt: skip


async def test_a_renewal_that_is_put_off_moves_and_one_that_took_place_stays(
    business: Business,
) -> None:
    await planned(business, renewal=date(2026, 6, 30))
    assert await planned(business, renewal=date(2026, 7, 31)) == [date(2026, 7, 31)]
    both = [date(2026, 7, 31), date(2027, 7, 31)]
    assert await planned(business, renewal=date(2027, 7, 31)) == both


async def test_an_account_without_such_a_case_and_sponsor_is_not_asked_about(
    business: Business,
) -> None:
    assert await planned(business, renewal=date(2026, 6, 30), sponsor=None) == []
    number = await business.closed()
    assert number
    renewals = [row.renewal for row in await business.rows()]
    assert renewals == [None, date(2026, 6, 30)]


async def test_a_renewal_of_an_account_that_is_gone_goes_to_a_manager(business: Business) -> None:
    await business.stage.add(
        Outcome(
            account_key="gone", customer="Gone Ltd", renewal=date(2026, 3, 1), due_at=T0,
            next_at=T0 + timedelta(hours=1),
        )
    )  # fmt: skip
    assert await business.asked(hours=2) == [("asked", EMMA)]
