"""A case raised by mistake is taken back by who raised it, for minutes; siblings are named."""

import pytest

from bot.core import snapshot
from bot.errors import UserError
from bot.rules.words import Language
from messages.cases.card import case_card
from tests.bot.stage import ANNA, BILL, EMMA, Stage


async def test_who_raised_a_case_takes_it_back_within_minutes(stage: Stage) -> None:
    number = await stage.opened()
    stage.later(minutes=9)
    await stage.do(ANNA, "dismiss", number, reason="The wrong customer")
    assert (await stage.case(number)).status == "dismissed"
    assert await stage.running(number) == set()


async def test_after_that_it_is_for_a_manager(stage: Stage) -> None:
    number = await stage.opened()
    stage.later(minutes=11)
    with pytest.raises(UserError, match="dismiss_too_late"):
        await stage.do(ANNA, "dismiss", number, reason="The wrong customer")
    await stage.do(EMMA, "dismiss", number, reason="The wrong customer")


async def test_a_claimed_case_is_not_taken_back(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="dismiss_too_late"):
        await stage.do(ANNA, "dismiss", number, reason="The wrong customer")


async def test_only_its_own_reporter_takes_a_case_back(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(BILL, "dismiss", number, reason="Not mine")


async def test_the_card_names_the_customers_other_open_case_unless_it_is_restricted(
    stage: Stage,
) -> None:
    first = await stage.claimed()
    await stage.in_channel(first, "C7")
    await stage.opened(sensitive=True)
    number = await stage.opened()
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    assert facts is not None
    assert [each.number for each in facts.siblings] == [first]
    card = str(case_card(facts, Language.ENGLISH).blocks)
    assert f"<@{EMMA}>: <#C7>" in card
