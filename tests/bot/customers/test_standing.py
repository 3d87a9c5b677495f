"""What stands in the way: on the card, in the channel, told to the owner until it is over."""

from datetime import timedelta

from bot.core import snapshot
from bot.rules.words import Language
from messages.cases.card import case_card
from tests.bot.stage import EMMA, TINA, Stage


async def card_text(stage: Stage, number: int) -> str:
    """The card as it is drawn now."""
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    assert facts is not None
    return str(case_card(facts, Language.ENGLISH).blocks)


async def test_what_is_in_the_way_stands_on_the_card_and_in_the_channel(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    day = (stage.now + timedelta(days=2)).date()
    await stage.do(
        TINA, "status", number, standing="blocked", remark="No access <yet>", expected=day
    )
    assert await stage.heard(number) == {"post": ["status_given"], EMMA: ["status_given"]}
    card = await card_text(stage, number)
    assert "Blocked" in card
    assert "No access &lt;yet&gt;" in card
    assert "12 Feb 2026" in card


async def test_the_owner_hears_when_it_is_over(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.in_channel(number)
    await stage.do(TINA, "status", number, standing="need_help", remark="A database expert")
    await stage.said(number)
    await stage.do(TINA, "status", number, standing="on_track")
    assert await stage.heard(number) == {"post": ["status_given"], EMMA: ["status_given"]}
    assert "A database expert" not in await card_text(stage, number)
    await stage.do(TINA, "status", number, standing="on_track")
    assert await stage.heard(number) == {}


async def test_a_button_of_an_earlier_version_is_taken_without_a_word(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(TINA, "status", number, standing="eta_moved")
    assert (await stage.case(number)).standing is not None
