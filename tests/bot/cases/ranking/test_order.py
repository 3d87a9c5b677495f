"""In which order cases are listed: by priority, then by what is due; and what moves them."""

from datetime import timedelta

import pytest
from sqlmodel import SQLModel

from bot.cases.queries import Reading
from bot.people.account_worth import revalue_accounts
from bot.rules.facts import CaseFilter
from storage.columns import NO_DUE
from storage.models import Account, Case
from tests.bot.placed import misplaced
from tests.bot.stage import ANNA, EMMA, T0, Stage

URGENT, HIGH, NORMAL, NONE = 0, 1, 2, 4


async def order(stage: Stage, wanted: CaseFilter | None = None, who: str = EMMA) -> list[int]:
    reading = Reading(stage.process())
    return [case.number for case in (await reading.page(who, wanted or CaseFilter())).cases]


async def rank_of(stage: Stage, number: int) -> int:
    return (await stage.case(number)).rank


async def test_lists_and_home_have_the_higher_priority_first_whatever_the_severity(
    stage: Stage,
) -> None:
    two = await stage.opened(severity=2)
    three = await stage.opened(severity=3)
    await stage.do(ANNA, "set_urgency", three, urgency="now", deadline=T0 + timedelta(hours=20))
    assert await order(stage) == [three, two]
    assert await order(stage, CaseFilter(mine=True), ANNA) == [three, two]
    assert [c.number for c in (await Reading(stage.process()).home(ANNA)).mine] == [three, two]


async def test_of_one_priority_what_is_due_next_comes_first_and_what_is_resolved_last(
    stage: Stage,
) -> None:
    done = await stage.resolved()
    first, second = await stage.investigating(), await stage.investigating()
    await stage.update(first, next_update_at=stage.now + timedelta(minutes=40))
    await stage.update(second, next_update_at=stage.now + timedelta(minutes=20))
    assert await order(stage) == [second, first, done]
    assert await rank_of(stage, done) == NONE


async def test_a_deadline_that_comes_near_moves_the_case_by_itself_and_back(stage: Stage) -> None:
    number = await stage.opened(severity=3)
    deadline = T0 + timedelta(days=10)
    await stage.do(ANNA, "set_urgency", number, urgency="soon", deadline=deadline)
    found = [await rank_of(stage, number)]
    for before in (timedelta(days=3), timedelta(days=1), timedelta()):
        await stage.in_channel(number)
        await stage.said(number)
        stage.now = deadline - before
        await stage.sweep()
        found.append(await rank_of(stage, number))
        assert "card" in {each.kind for each in await stage.said(number)}
    assert found == [NORMAL, HIGH, URGENT, NORMAL]


async def test_what_becomes_known_of_the_account_moves_its_cases(stage: Stage) -> None:
    number, other = await stage.opened(severity=3), await stage.opened(account="", severity=3)
    await stage.change_account("acme", renewal=(T0 + timedelta(days=30)).date())
    await stage.sweep()
    assert [await rank_of(stage, each) for each in (number, other)] == [HIGH, NORMAL]
    await stage.change_account("acme", renewal=None, arr=500_000)
    async with stage.database.write() as session:
        await revalue_accounts(session, stage.policy)
    await stage.sweep()
    assert await rank_of(stage, number) == HIGH
    await stage.change_account("acme", valued=False)
    await stage.sweep()
    assert await rank_of(stage, number) == NORMAL


async def test_a_case_of_another_customer_has_the_place_of_that_one(stage: Stage) -> None:
    await stage.add(Account(key="big", name="Big", folded="big", arr=900_000, valued=True))
    number = await stage.opened(severity=3, account="big")
    assert await rank_of(stage, number) == HIGH


async def test_the_order_holds_over_the_pages(stage: Stage) -> None:
    numbers = [await stage.opened(severity=2 + n % 3) for n in range(23)]
    reading = Reading(stage.process())
    pages = [await reading.page(ANNA, CaseFilter(), page) for page in (1, 2)]
    listed = [case.number for page in pages for case in page.cases]
    stored = [await stage.case(number) for number in numbers]
    assert listed == [c.number for c in sorted(stored, key=_place)]


def _place(case: Case) -> tuple[object, ...]:
    return case.rank, case.next_due, case.number


async def test_what_nothing_is_due_on_any_more_comes_last(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(EMMA, "dismiss", number, reason="Not one.")
    case = await stage.case(number)
    assert (case.rank, case.rank_at, case.next_due) == (NONE, None, NO_DUE)


@pytest.mark.parametrize("wrong", [{"rank": 3}, {"next_due": T0}])
async def test_a_case_in_the_wrong_place_is_found(stage: Stage, wrong: dict[str, object]) -> None:
    number = await stage.investigating()
    case = await stage.case(number)
    right = {name: getattr(case, name) for name in wrong}
    await _change(stage, number, wrong)
    assert set(await misplaced(stage)) == {number}
    await _change(stage, number, right)
    assert await misplaced(stage) == {}


async def _change(stage: Stage, number: int, values: dict[str, object]) -> None:
    async with stage.database.write() as session:
        case: SQLModel = await session.get_one(Case, number)
        session.add(case.sqlmodel_update(values))
