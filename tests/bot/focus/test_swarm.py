"""Help by skill: who is asked, in which order, who joins, that each is thanked once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.rules.duty import Shift
from bot.rules.focus.facts import HelpState
from bot.rules.policy.routing import Route
from storage.models import Absence, Helper, Person
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LEAH, STRANGER, TINA, TOM, Stage

SKILL = "Database"


@pytest.fixture
def swarming(stage: Stage) -> Stage:
    """The stage, where four people know databases."""
    people = (BILL, TOM, LEAH, STRANGER)
    stage.policy = replace(stage.policy, skills={SKILL: Route(SKILL, SKILL, people)})
    return stage


async def asked(stage: Stage, number: int) -> list[str]:
    """Who was asked to help since it was last looked."""
    return [each.to for each in await stage.said(number) if each.text == "notice:swarm_asked"]


async def helper(stage: Stage, user: str) -> Helper:
    return next(row for row in await stage.rows(Helper) if row.user_id == user)


async def answer(stage: Stage, number: int, user: str, accept: bool) -> None:
    row = await helper(stage, user)
    await stage.do(user, "answer_swarm", number, helper=row.id, accept=accept)


async def begun(stage: Stage, **fields: object) -> int:
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.said(number)
    given = {"skill": "database", "question": "Why is the index not used?"}
    await stage.do(ANNA, "swarm", number, **{**given, **fields})
    return number


async def test_three_are_asked_and_a_no_asks_the_next(swarming: Stage) -> None:
    number = await begun(swarming)
    assert await asked(swarming, number) == [BILL, TOM, LEAH]
    await answer(swarming, number, TOM, False)
    assert await asked(swarming, number) == [STRANGER]
    await answer(swarming, number, LEAH, False)
    assert await asked(swarming, number) == []


async def test_who_joins_comes_into_the_channel_and_the_owner_stays(swarming: Stage) -> None:
    number = await begun(swarming, count=1)
    await swarming.said(number)
    await answer(swarming, number, BILL, True)
    said = await swarming.said(number)
    assert [e.row.payload["users"] for e in said if e.kind == "invite"] == [[BILL]]
    assert "notice:swarm_joined" in [e.text for e in said if e.kind == "post"]
    case = await swarming.case(number)
    assert (case.owner, case.helpers) == (EMMA, {BILL: SKILL})
    for who in (BILL, TOM):
        with pytest.raises(UserError, match=r"swarm_answered|not_asked_to_help"):
            await swarming.do(
                who, "answer_swarm", number, helper=(await helper(swarming, BILL)).id, accept=True
            )


async def test_nobody_is_asked_who_is_away_or_has_left_or_is_on_it(swarming: Stage) -> None:
    now = swarming.now
    await swarming.add(
        Absence(user_id=BILL, begins=now, ends=now + timedelta(days=2), note="", noted_by=BILL,
                noted_at=now),
        Person(user_id=TOM, name="Tom", standing="deactivated", fetched_at=now),
        Person(user_id=STRANGER, name="Guest", standing="guest", fetched_at=now),
    )  # fmt: skip
    number = await begun(swarming)
    assert await asked(swarming, number) == [LEAH]
    with pytest.raises(UserError, match="nobody_to_swarm"):
        await swarming.do(EMMA, "swarm", number, skill=SKILL)


async def test_those_on_duty_are_asked_first(swarming: Stage) -> None:
    shift = Shift(name="day", calendar="always", people=(LEAH,), backup=())
    swarming.policy = replace(swarming.policy, shifts=(shift,))
    number = await begun(swarming, count=2)
    assert await asked(swarming, number) == [LEAH, BILL]


async def test_when_all_say_no_the_asker_hears_once(swarming: Stage) -> None:
    number = await begun(swarming, count=4)
    await swarming.said(number)
    for user in (BILL, TOM, LEAH, STRANGER):
        await answer(swarming, number, user, False)
    texts = [(e.to, e.text) for e in await swarming.said(number) if "nobody" in e.text]
    assert texts == [(ANNA, "notice:swarm_nobody")]


async def nobody_left(stage: Stage, number: int) -> list[tuple[str, int]]:
    """Who was told that no one is left to help, and how many may still answer."""
    said = await stage.said(number)
    return [(e.to, e.extra["count"]) for e in said if e.text == "notice:swarm_nobody"]


async def test_silence_asks_the_next_and_what_was_asked_stays_open(swarming: Stage) -> None:
    number = await begun(swarming, count=1)
    assert await asked(swarming, number) == [BILL]
    swarming.later(minutes=14)
    await swarming.sweep()
    assert await asked(swarming, number) == []
    swarming.later(minutes=1)
    await swarming.sweep()
    said = await swarming.said(number)
    assert [(e.to, e.extra["by"]) for e in said if e.text == "notice:swarm_asked"] == [(TOM, ANNA)]
    redrawn = [e.row.payload for e in said if e.kind == "pages"]
    silent = await helper(swarming, BILL)
    assert [(p["texts"], p["about"], p["another"]) for p in redrawn] == [
        (["notice:swarm_asked"], {"helper": silent.id}, True)
    ]
    assert silent.state is HelpState.SILENT
    assert (await swarming.last(number)).verb == "swarm_silent"
    await answer(swarming, number, BILL, True)
    assert (await swarming.case(number)).helpers == {BILL: SKILL}
    swarming.later(minutes=15)
    await swarming.sweep()  # Tom is silent too: help is wanted of the next, as after a no
    assert await asked(swarming, number) == [LEAH]


async def test_a_no_after_a_silence_asks_nobody_more(swarming: Stage) -> None:
    number = await begun(swarming, count=1)
    swarming.later(minutes=15)
    await swarming.sweep()
    assert await asked(swarming, number) == [BILL, TOM]
    await answer(swarming, number, BILL, False)
    assert await asked(swarming, number) == []


async def test_when_all_are_silent_the_asker_hears_once(swarming: Stage) -> None:
    number = await begun(swarming, count=4)
    await answer(swarming, number, TOM, False)
    swarming.later(minutes=15)
    await swarming.sweep()
    assert await nobody_left(swarming, number) == [(ANNA, 3)]
    for user in (BILL, LEAH):
        await answer(swarming, number, user, False)
    swarming.later(days=1)
    await swarming.sweep()
    assert await nobody_left(swarming, number) == []


async def test_who_may_still_answer_in_time_is_waited_for(swarming: Stage) -> None:
    number = await begun(swarming, count=3)
    swarming.later(minutes=15)
    await swarming.sweep()  # the fourth is asked, and no one is left for the two others
    assert await nobody_left(swarming, number) == []
    await answer(swarming, number, STRANGER, False)
    assert await nobody_left(swarming, number) == [(ANNA, 3)]


async def test_while_one_helps_the_silence_of_others_is_not_told(swarming: Stage) -> None:
    number = await begun(swarming, count=4)
    await answer(swarming, number, BILL, True)
    swarming.later(minutes=15)
    await swarming.sweep()
    assert await nobody_left(swarming, number) == []


async def test_the_time_to_answer_is_the_policys(swarming: Stage) -> None:
    paging = replace(swarming.policy.paging, unseen_after=timedelta(minutes=40))
    swarming.policy = replace(swarming.policy, paging=paging)
    number = await begun(swarming, count=1)
    swarming.later(minutes=39)
    await swarming.sweep()
    assert await asked(swarming, number) == [BILL]
    swarming.later(minutes=1)
    await swarming.sweep()
    assert await asked(swarming, number) == [TOM]


async def test_nothing_is_asked_any_more_of_a_case_that_is_over_or_restricted(
    swarming: Stage,
) -> None:
    over, restricted = await begun(swarming, count=1), await begun(swarming, count=1)
    await swarming.do(EMMA, "close", over, code="duplicate", root_cause="configuration",
                      duplicate_of=(await swarming.claimed()))  # fmt: skip
    await swarming.do(EMMA, "executive_flag", restricted, trigger="legal", reason="A lawyer wrote")
    for number in (over, restricted):
        await swarming.said(number)
    swarming.later(hours=1)
    await swarming.sweep()
    rows = await swarming.rows(Helper)
    assert [row.user_id for row in rows] == [BILL, BILL]
    assert {row.next_at for row in rows} == {None}


async def test_who_has_left_again_does_not_stand_in_the_way_of_that(swarming: Stage) -> None:
    number = await begun(swarming, count=4)
    await answer(swarming, number, BILL, True)
    await swarming.do(BILL, "leave_swarm", number)
    await swarming.said(number)
    for user in (TOM, LEAH, STRANGER):
        await answer(swarming, number, user, False)
    texts = [(e.to, e.text) for e in await swarming.said(number) if "nobody" in e.text]
    assert texts == [(ANNA, "notice:swarm_nobody")]


async def test_who_wants_the_help_is_not_asked_for_it(swarming: Stage) -> None:
    number = await swarming.claimed()
    await swarming.in_channel(number)
    await swarming.do(TOM, "swarm", number, skill=SKILL, count=1)
    assert await asked(swarming, number) == [BILL]
    await answer(swarming, number, BILL, False)
    assert await asked(swarming, number) == [LEAH]


async def test_each_helper_is_thanked_once_with_what_came_of_it(swarming: Stage) -> None:
    number = await begun(swarming, count=2)
    await answer(swarming, number, BILL, True)
    await answer(swarming, number, TOM, True)
    left = await swarming.do(BILL, "leave_swarm", number)
    assert left is not None
    assert left["text"] == "notice:swarm_thanks"
    assert (await swarming.case(number)).helpers == {TOM: SKILL}
    await swarming.said(number)
    await swarming.do(EMMA, "close", number, code="duplicate", root_cause="configuration",
                      duplicate_of=(await swarming.claimed()))  # fmt: skip
    thanked = [e.to for e in await swarming.said(number) if e.text == "notice:swarm_thanks"]
    assert thanked == [TOM]
    assert (await swarming.case(number)).helpers == {}
    with pytest.raises(UserError, match="no_helper"):
        await swarming.do(BILL, "leave_swarm", number)


async def test_an_answer_after_the_end_is_told_so(swarming: Stage) -> None:
    number = await begun(swarming)
    await swarming.do(EMMA, "close", number, code="duplicate", root_cause="configuration",
                      duplicate_of=(await swarming.claimed()))  # fmt: skip
    with pytest.raises(UserError, match="swarm_over"):
        await answer(swarming, number, BILL, True)
    assert (await helper(swarming, BILL)).state is HelpState.ASKED


async def test_a_restricted_case_asks_nobody_and_keeps_no_helper(swarming: Stage) -> None:
    number = await begun(swarming, count=1)
    await answer(swarming, number, BILL, True)
    await swarming.do(EMMA, "executive_flag", number, trigger="legal", reason="A lawyer wrote")
    assert (await swarming.case(number)).helpers == {}
    with pytest.raises(UserError, match="swarm_restricted"):
        await swarming.do(EMMA, "swarm", number, skill=SKILL)


async def test_what_the_policy_does_not_name_is_said(swarming: Stage) -> None:
    number = await swarming.claimed()
    with pytest.raises(UserError, match="unknown_skill"):
        await swarming.do(EVAN, "swarm", number, skill="Astrology")
    swarming.policy = replace(swarming.policy, skills={})
    with pytest.raises(UserError, match="no_skills"):
        await swarming.do(TINA, "swarm", number, skill=SKILL)
