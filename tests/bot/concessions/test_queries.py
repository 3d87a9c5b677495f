"""Who sees which concessions: figures are for those who need to know them."""

import pytest

from bot.concessions import queries
from bot.concessions.queries import LISTED, ConcessionReading
from bot.errors import UserError
from bot.rules.states import UNSETTLED
from bot.rules.words import Language
from messages.customers.concessions import concession_list
from storage.columns import OPEN_CONCESSION
from storage.models import Concession
from tests.bot.concessions.conftest import FINN, Granting
from tests.bot.stage import ANNA, BILL, DORA, EMMA, LEAH, STRANGER
from tests.statements import counted_statements


def reading(granting: Granting) -> ConcessionReading:
    """The queries, at this moment."""
    return ConcessionReading(granting.stage.process())


async def test_the_author_managers_and_finance_see_it_and_colleagues_do_not(
    granting: Granting,
) -> None:
    number = await granting.stage.claimed()
    row = await granting.ask(number)
    for who, sees in (
        (ANNA, True), (EMMA, True), (LEAH, True), (DORA, True), (FINN, True),
        (BILL, False), (STRANGER, False),
    ):  # fmt: skip
        page = await reading(granting).listed(who)
        assert bool(page.found) is sees, who
        for language in Language:
            shown = concession_list(page, language)
            assert ("500" in str(shown.blocks[1:])) is sees or not page.found
        if sees:
            assert (await reading(granting).one(number, who, row.id)).brief.id == row.id
        else:
            with pytest.raises(UserError, match="no_such_concession"):
                await reading(granting).one(number, who, row.id)


async def test_those_who_may_decide_are_told_what_the_account_has_had(granting: Granting) -> None:
    number = await granting.stage.claimed()
    await granting.ask(number, "100 EUR")
    await granting.ask(number, "500 EUR")
    (view,) = await reading(granting).waiting_for(EMMA)
    assert (view.mine, view.had, view.months) == (True, "100 EUR", 12)
    assert await reading(granting).waiting_for(ANNA) == []


async def test_ten_are_shown_however_many_there_are_and_reading_them_costs_the_same(
    granting: Granting,
) -> None:
    number = await granting.stage.claimed()
    costs = []
    for there in (LISTED + 2, 2 * LISTED):
        for _ in range(len(await granting.stage.rows(Concession)), there):
            await granting.ask(number, "500 EUR")
        with counted_statements(granting.stage.database) as seen:
            waiting = await reading(granting).waiting_for(EMMA)
            page = await reading(granting).listed(EMMA)
        assert [each.brief.id for each in waiting] == list(range(1, LISTED + 1))
        assert [each.brief.id for each in page.found] == list(range(1, LISTED + 1))
        assert page.more == there - LISTED
        costs.append(len(seen))
    assert costs[0] == costs[1]


async def test_of_very_many_it_is_said_that_there_are_more_than_were_counted(
    granting: Granting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED", LISTED + 1)
    number = await granting.stage.claimed()
    said = []
    for there in (LISTED + 1, LISTED + 2, LISTED + 3):
        for _ in range(len(await granting.stage.rows(Concession)), there):
            await granting.ask(number, "500 EUR")
        page = await reading(granting).listed(EMMA)
        said.append((len(page.found), page.more, page.uncounted))
    assert said == [(LISTED, 1, False), (LISTED, 1, True), (LISTED, 1, True)]
    assert "and more than 1 more" in str(concession_list(page, Language.ENGLISH).blocks)
    assert "και περισσότερες από 1 ακόμη" in str(concession_list(page, Language.GREEK).blocks)


def test_the_index_of_open_concessions_holds_those_that_are_not_settled() -> None:
    states = ", ".join(f"'{each}'" for each in UNSETTLED)
    assert str(OPEN_CONCESSION) == f"state IN ({states})"


async def test_what_others_must_decide_hides_nothing_of_what_waits_for_the_viewer(
    granting: Granting,
) -> None:
    number = await granting.stage.claimed()
    for _ in range(LISTED):
        await granting.ask(number, "40000 EUR")
    assert await reading(granting).waiting_for(EMMA) == []
    late = await granting.ask(number, "500 EUR")
    (view,) = await reading(granting).waiting_for(EMMA)
    assert view.brief.id == late.id


async def test_a_customer_is_found_by_a_part_of_the_name(granting: Granting) -> None:
    number = await granting.stage.claimed()
    await granting.ask(number)
    customer = (await granting.stage.case(number)).customer
    assert (await reading(granting).listed(EMMA, customer[:4].upper())).found
    nothing = await reading(granting).listed(EMMA, "nobody such")
    assert nothing.found == ()
    assert "nobody such" in concession_list(nothing, Language.ENGLISH).text


async def test_a_restricted_case_shows_nothing_to_those_who_are_not_on_it(
    granting: Granting,
) -> None:
    stage = granting.stage
    number = await stage.claimed(sensitive=True)
    await stage.do(EMMA, "assign", number, role="executive_owner", user=FINN)
    row = await granting.ask(number)
    assert (await reading(granting).listed(LEAH)).found == ()
    with pytest.raises(UserError, match="no_such_concession"):
        await reading(granting).one(number, LEAH, row.id)
    assert (await reading(granting).listed(FINN)).found
