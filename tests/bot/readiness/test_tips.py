"""Tips: the first times of a form, then weekly, until they are turned off."""

from bot.readiness.tips import wants_tip
from bot.rules.learning.tips import WEEKLY_TIPS
from storage.models import Outbox, TipReader
from tests.bot.stage import ANNA, BILL, Stage


async def tips(stage: Stage, user: str) -> list[str]:
    """The weekly tips that were queued for a person, in order."""
    rows = await stage.rows(Outbox)
    found = [r.payload for r in rows if r.payload.get("text") == "tip:weekly"]
    return [each["extra"]["name"] for each in found if each["user"] == user]


async def test_a_form_opens_with_its_tip_three_times(stage: Stage) -> None:
    seen = []
    for _ in range(4):
        seen.append(await wants_tip(stage.process(), ANNA, "update"))
        await stage.do(ANNA, "seen_tip", form="update")
    assert seen == [True, True, True, False]
    assert await wants_tip(stage.process(), ANNA, "hold")  # each form by itself
    assert await wants_tip(stage.process(), BILL, "update")  # each person by themselves


async def test_weekly_tips_come_one_by_one_and_end(stage: Stage) -> None:
    await stage.do(ANNA, "seen_tip", form="update")
    stage.later(days=5)
    await stage.sweep()
    assert await tips(stage, ANNA) == []
    for _ in range(len(WEEKLY_TIPS) + 2):
        stage.later(days=8)
        await stage.sweep()
    assert await tips(stage, ANNA) == list(WEEKLY_TIPS)
    assert await tips(stage, BILL) == []


async def test_what_is_turned_off_stays_off_and_the_other_goes_on(stage: Stage) -> None:
    await stage.do(ANNA, "seen_tip", form="update")
    await stage.do(ANNA, "choose_tips", kind="weekly", on=False)
    await stage.do(ANNA, "seen_tip", form="hold")
    stage.later(days=30)
    await stage.sweep()
    assert await tips(stage, ANNA) == []
    assert await wants_tip(stage.process(), ANNA, "update")
    await stage.do(ANNA, "choose_tips", kind="forms", on=False)
    assert not await wants_tip(stage.process(), ANNA, "close")


async def test_who_turns_them_off_before_the_first_has_none(stage: Stage) -> None:
    await stage.do(BILL, "choose_tips", kind="weekly", on=False)
    (row,) = await stage.rows(TipReader)
    assert (row.weekly_off, row.next_at) == (True, None)


async def test_a_choice_about_forms_begins_no_weekly_tips_and_a_form_does(stage: Stage) -> None:
    await stage.do(ANNA, "choose_tips", kind="forms", on=False)
    stage.later(days=30)
    await stage.sweep()
    assert await tips(stage, ANNA) == []
    await stage.do(ANNA, "choose_tips", kind="forms", on=True)
    await stage.do(ANNA, "seen_tip", form="update")
    stage.later(days=8)
    await stage.sweep()
    assert await tips(stage, ANNA) == list(WEEKLY_TIPS[:1])


async def test_turned_on_again_they_go_on_where_they_ended(stage: Stage) -> None:
    await stage.do(ANNA, "seen_tip", form="update")
    stage.later(days=8)
    await stage.sweep()
    await stage.do(ANNA, "choose_tips", kind="weekly", on=False)
    await stage.do(ANNA, "choose_tips", kind="weekly", on=True)
    stage.later(days=8)
    await stage.sweep()
    assert await tips(stage, ANNA) == list(WEEKLY_TIPS[:2])
