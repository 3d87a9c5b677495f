"""An outcome is recorded once, by those who may, and corrected with a reason."""

from typing import Any

import pytest

from bot.errors import UserError
from bot.outcomes.queries import OutcomeReading
from bot.rules.business.outcomes import (
    OutcomeResult,
    RevenueChange,
    complete_change,
    find_contradiction,
)
from storage.models import Case, Outcome
from tests.bot.outcomes.conftest import Business
from tests.bot.stage import ALEX, ANNA, CARL, DORA, EMMA, EXEC, STRANGER

R = OutcomeResult


async def recorded(business: Business, who: str = ALEX, **fields: Any) -> Outcome:
    """Record the one outcome there is; answers its row."""
    row = (await business.rows())[0]
    given = {"result": "saved", "before": "410000 EUR", "after": "€420,000"}
    await business.stage.do(who, "record_outcome", outcome=row.id, **{**given, **fields})
    return (await business.rows())[0]


async def refused(business: Business, who: str = ALEX, **fields: Any) -> str:
    """Why it is not recorded."""
    with pytest.raises(UserError) as caught:
        await recorded(business, who, **fields)
    return caught.value.key


async def test_it_is_recorded_once_and_asked_no_more(business: Business) -> None:
    number = await business.closed()
    row = await recorded(business)
    assert (row.result, row.before, row.after, row.currency) == ("saved", 410000, 420000, "EUR")
    last = await business.stage.last(number)
    assert (last.verb, last.after) == ("record_outcome", {"result": "saved"})
    assert "410000" not in str(last.model_dump())
    assert await business.asked(days=200) == []
    assert await refused(business, CARL) == "outcome_recorded"


async def test_a_correction_keeps_what_was_recorded_and_why(business: Business) -> None:
    number = await business.closed()
    row = await recorded(business)
    await business.stage.do(
        CARL, "correct_outcome", outcome=row.id, result="lost", before="410000", after="",
        why="They left in June",
    )  # fmt: skip
    row = (await business.rows())[0]
    assert (row.result, row.after, row.recorded_by) == ("lost", 0, CARL)
    past = row.corrections["rows"]
    assert [(p["result"], p["after"], p["by"], p["why"]) for p in past] == [
        ("saved", 420000, ALEX, "They left in June")
    ]
    assert (await business.stage.last(number)).why == "They left in June"


async def test_only_the_accounts_people_the_asked_and_managers_record(business: Business) -> None:
    await business.closed()
    for who in (STRANGER, ANNA, EXEC):
        assert await refused(business, who) == "not_your_outcome"
    assert (await recorded(business, DORA)).recorded_by == DORA


async def test_a_restricted_case_has_no_outcome_for_those_who_are_not_on_it(
    business: Business,
) -> None:
    number = await business.closed()
    await business.stage.do(EMMA, "reopen", number, reason="They sue")
    await business.stage.do(EMMA, "executive_flag", number, trigger="legal", reason="x")
    assert await refused(business, DORA) in ("no_such_outcome", "not_your_outcome")
    reading = OutcomeReading(business.stage.process())
    assert (await reading.listed(STRANGER)).found == ()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"result": "lost", "after": "5 EUR"}, "outcome_lost"),
        ({"result": "reduced", "after": "410000"}, "outcome_reduced"),
        ({"result": "unchanged", "after": "1"}, "outcome_unchanged"),
        ({"result": "saved", "after": "1 EUR"}, "outcome_saved"),
        ({"result": "reduced", "after": "0"}, "outcome_zero"),
        ({"result": "saved", "after": "$500000"}, "outcome_currencies"),
    ],
)
async def test_figures_that_do_not_fit_the_result_are_refused(
    business: Business, fields: dict[str, str], why: str
) -> None:
    await business.closed()
    assert await refused(business, **fields) == why
    assert (await business.rows())[0].recorded_at is None


def test_what_a_result_says_by_itself_is_filled_in() -> None:
    before = RevenueChange(100, None, "EUR")
    assert complete_change(R.LOST, before).after == 0
    assert complete_change(R.UNCHANGED, before).after == 100
    assert complete_change(R.SAVED, before).after is None
    assert find_contradiction(R.SAVED, before) == ""
    assert find_contradiction(R.SAVED, RevenueChange(None, 0, "EUR")) == "outcome_zero"


async def test_amounts_are_for_those_who_may_read_revenue(business: Business) -> None:
    stage = business.stage
    await stage.change_account("acme", arr=410000)
    await business.closed()
    reading = OutcomeReading(stage.process())
    before = (await reading.listed(ALEX)).found[0]
    assert before.revenue == RevenueChange(410000, None, "EUR")
    await recorded(business)
    for who, sees in ((ALEX, True), (CARL, True), (DORA, True), (EXEC, True)):
        found = (await reading.listed(who)).found
        assert [bool(each.revenue) for each in found] == [sees], who
    assert (await reading.listed(ANNA)).found == ()
    assert (await reading.listed(DORA, "acme")).customer == "acme"
    assert (await reading.listed(DORA, "nobody")).found == ()


async def test_an_owner_without_the_role_sees_the_outcome_without_amounts(
    business: Business,
) -> None:
    number = await business.closed()
    async with business.stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.owner = ANNA
        session.add(case)
    reading = OutcomeReading(business.stage.process())
    found = (await reading.listed(ANNA)).found
    assert [(each.mine, each.revenue) for each in found] == [(False, None)]


async def test_home_has_what_was_asked_of_its_reader(business: Business) -> None:
    await business.closed()
    reading = OutcomeReading(business.stage.process())
    assert await reading.waiting_for(ALEX) == []
    await business.asked(days=91)
    assert [each.mine for each in await reading.waiting_for(ALEX)] == [True]
    with pytest.raises(UserError):
        await reading.one(STRANGER, (await business.rows())[0].id)
