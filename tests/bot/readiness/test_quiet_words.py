"""A quiet word: who gets it, who wants none, and how soon it is forgotten that it was given."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col, update

from bot.engine.actors import SYSTEM
from bot.errors import UserError
from bot.readiness.quiet_words import is_talked_in, quiet_key
from bot.rules.tone.terms import Courtesy
from storage.models import Case, TimelineEvent, TipReader
from tests.bot.stage import ANNA, BILL, EMMA, Stage


async def test_it_is_told_and_leaves_no_other_trace(stage: Stage) -> None:
    await stage.claimed()
    before = len(await stage.rows(TimelineEvent))
    assert await stage.do(SYSTEM, "quiet_word", user=ANNA) == {"text": "tip:courtesy", "extra": {}}
    assert len(await stage.rows(TimelineEvent)) == before
    assert await stage.rows(TipReader) == []


async def test_who_turns_them_off_gets_none_until_they_turn_them_on(stage: Stage) -> None:
    await stage.do(ANNA, "choose_tips", kind="courtesy", on=False)
    assert await stage.do(SYSTEM, "quiet_word", user=ANNA) is None
    assert await stage.do(SYSTEM, "quiet_word", user=BILL)
    await stage.do(ANNA, "choose_tips", kind="courtesy", on=True)
    assert await stage.do(SYSTEM, "quiet_word", user=ANNA)
    (row,) = await stage.rows(TipReader)
    assert (row.forms_off, row.weekly_off, row.next_at) == (False, False, None)


async def test_a_policy_that_turns_them_off_holds_for_what_was_stored_before(stage: Stage) -> None:
    stage.policy = replace(stage.policy, courtesy=Courtesy(blame=False))
    assert await stage.do(SYSTEM, "quiet_word", user=ANNA) is None


@pytest.mark.parametrize("who", [ANNA, EMMA])
async def test_no_person_can_have_it_said_to_another(stage: Stage, who: str) -> None:
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(who, "quiet_word", user=BILL)


async def test_posts_are_read_in_channels_of_cases_and_not_of_drills(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number, "C1")
    process = stage.process()
    assert [await is_talked_in(process, each) for each in ("C1", "C2")] == [True, False]
    async with process.database.write() as session:
        played = update(Case).where(col(Case.number) == number).values(drill=True)
        await session.exec(played)
    assert not await is_talked_in(process, "C1")


def test_its_key_is_that_of_a_person_and_a_day() -> None:
    monday, tuesday = date(2026, 2, 9), date(2026, 2, 10)
    keys = {quiet_key(who, day) for who in (ANNA, BILL) for day in (monday, tuesday, tuesday)}
    assert len(keys) == 4
    assert not [key for key in keys if ANNA in key or "2026" in key]
