"""Paging: silence and a no move on to the next person, and a person who has it ends it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import effects
from bot.core.access import read_pages
from bot.errors import UserError
from bot.rules.policy.model import MatrixEvent
from bot.rules.states import PageAnswer, Turn
from bot.rules.words import Notice, Role
from tests.bot.stage import ANNA, BILL, CARL, DORA, EMMA, EVAN, LEAH, TINA, Stage

LOUD = {"severity": 1}


async def pages(stage: Stage, number: int) -> list[tuple[str, Turn, PageAnswer]]:
    case = await stage.case(number)
    return [(page.user, page.turn, page.answer) for page in read_pages(case.paged)
            if page.turn is not Turn.KNOWS]  # fmt: skip


async def paged(stage: Stage, number: int) -> list[str]:
    """Who was sent a further page since last asked."""
    return [each.to for each in await stage.said(number) if each.text == "notice:paged"]


async def away(stage: Stage, *people: str, **given: Any) -> None:
    for who in people:
        await stage.do(who, "away", until=stage.now + timedelta(days=1), **given)


async def test_silence_at_sev1_moves_on_after_five_minutes_then_to_the_lead(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    assert await pages(stage, number) == [(EMMA, Turn.FIRST, PageAnswer.WAITS)]
    await stage.said(number)
    stage.later(minutes=4)
    await stage.sweep()
    assert await paged(stage, number) == []
    stage.later(minutes=1)
    await stage.sweep()
    assert await paged(stage, number) == [EVAN]
    stage.later(minutes=10)
    await stage.sweep()
    assert [user for user, *_ in await pages(stage, number)] == [EMMA, EVAN, LEAH]
    assert (await stage.case(number)).page_at is None


async def test_who_is_told_that_it_is_late_is_not_paged_beside_it(stage: Stage) -> None:
    told = {(MatrixEvent.BREACH, None): {Role.SUPPORT_LEAD: Notice.DM}}
    stage.policy = replace(stage.policy, matrix={**stage.policy.matrix, **told})
    number = await stage.opened(**LOUD)
    stage.later(minutes=5)
    await stage.sweep()
    await stage.said(number)
    stage.later(minutes=10)
    await stage.sweep()
    heard = await stage.heard(number)
    assert [user for user, *_ in await pages(stage, number)][-1] == LEAH
    assert "reminder" in heard[LEAH]
    assert "paged" not in heard[LEAH]


async def test_a_claim_ends_the_pages_and_has_them_drawn_anew(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    stage.later(minutes=5)
    await stage.sweep()
    await stage.said(number)
    await stage.do(EVAN, "claim", number)
    (redrawn,) = [each.row for each in await stage.said(number) if each.kind == "pages"]
    assert redrawn.payload == {"by": EVAN, "at": stage.now.isoformat()}
    assert (await pages(stage, number))[1] == (EVAN, Turn.DUTY, PageAnswer.TOOK)
    stage.later(minutes=10)
    await stage.sweep()
    assert await paged(stage, number) == []


async def test_who_cannot_is_left_alone_and_the_next_owns_it(stage: Stage) -> None:
    number = await stage.opened()
    await stage.said(number)
    await stage.do(EMMA, "decline_page", number, reason="On a plane")
    said = {each.to: each for each in await stage.said(number) if each.text}
    assert said[EVAN].extra["remark"] == "On a plane"
    assert said["post"].text == "notice:page_moved"
    assert (await stage.case(number)).owner == EVAN
    with pytest.raises(UserError, match="declined_already"):
        await stage.do(EMMA, "decline_page", number)
    entry = await stage.last(number)
    assert (entry.verb, entry.after, entry.why) == ("decline_page", {"user": EVAN}, "On a plane")


@pytest.mark.parametrize("reason", ["On a plane", ""])
async def test_the_next_reads_the_reason_even_if_they_know_that_it_is_late(
    stage: Stage, reason: str
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        work = stage.work(session)
        await effects.queue_dm(work, EVAN, "reminder", await work.case(number), {})
    await stage.said(number)
    await stage.do(EMMA, "decline_page", number, reason=reason)
    heard = [each for each in await stage.said(number) if each.text == "notice:paged"]
    assert [each.extra["remark"] for each in heard] == ([reason] if reason else [])


async def test_only_sev1_moves_on_by_itself(stage: Stage) -> None:
    number = await stage.opened()
    await stage.said(number)
    stage.later(minutes=20)
    await stage.sweep()
    assert await paged(stage, number) == []


async def test_one_who_says_no_late_does_not_call_a_third(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    stage.later(minutes=5)
    await stage.sweep()
    await stage.said(number)
    await stage.do(EMMA, "decline_page", number)
    assert await paged(stage, number) == []
    assert (await stage.case(number)).owner == EVAN


async def test_a_lead_who_said_no_is_passed_over(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    await stage.do(LEAH, "decline_page", number)
    await away(stage, EVAN)
    stage.later(minutes=5)
    await stage.sweep()
    assert [user for user, *_ in await pages(stage, number)][-1] == DORA


async def test_where_all_are_away_the_channel_and_the_administrators_hear_it(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    await away(stage, EVAN, LEAH, DORA)
    await stage.said(number)
    stage.later(minutes=5)
    await stage.sweep()
    heard = await stage.heard(number)
    assert "nobody_left" in heard["post"]
    assert "nobody_left" in heard[LEAH]  # who looks after the app here
    assert (await stage.case(number)).page_at is None


async def test_a_case_that_finds_everybody_away_says_so_at_once(stage: Stage) -> None:
    await away(stage, EMMA, EVAN, LEAH, DORA)
    number = await stage.opened()
    assert "nobody_left" in (await stage.heard(number))["post"]
    assert await pages(stage, number) == []


async def test_the_last_who_cannot_leaves_it_to_the_reporter(stage: Stage) -> None:
    await away(stage, EVAN, LEAH, DORA)
    number = await stage.opened()
    await stage.do(EMMA, "decline_page", number)
    assert (await stage.case(number)).owner == ANNA
    assert "nobody_left" in (await stage.heard(number))["post"]


async def test_a_deputy_who_is_paged_may_take_it_and_others_may_not(stage: Stage) -> None:
    await away(stage, EVAN, deputy=CARL)
    number = await stage.opened(**LOUD, sensitive=True)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(CARL, "claim", number)
    stage.later(minutes=5)
    await stage.sweep()
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(TINA if "technical_lead" not in await stage.roles(number) else BILL,
                       "claim", number)  # fmt: skip
    await stage.do(CARL, "claim", number)
    assert (await stage.case(number)).owner == CARL


async def test_who_raises_it_for_themselves_is_not_paged(stage: Stage) -> None:
    number = await stage.opened(EMMA, **LOUD)
    assert await pages(stage, number) == []


async def test_a_case_that_becomes_sev1_moves_on_from_then(stage: Stage) -> None:
    number = await stage.opened()
    stage.later(minutes=10)
    await stage.do(ANNA, "severity", number, severity=1, reason="It spreads")
    assert (await stage.case(number)).page_at == stage.now + timedelta(minutes=5)
    await stage.do(EMMA, "severity", number, severity=2, reason="It does not")
    assert (await stage.case(number)).page_at is None


async def test_what_is_dismissed_pages_no_one(stage: Stage) -> None:
    number = await stage.opened(**LOUD)
    await stage.do(EVAN, "dismiss", number, reason="A test")
    assert (await stage.case(number)).page_at is None
    assert "pages" in {each.kind for each in await stage.said(number)}


async def test_a_page_that_others_answer_cannot_be_declined_any_more(stage: Stage) -> None:
    number = await stage.claimed(**LOUD)
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EVAN, "decline_page", number)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(ANNA, "decline_page", await stage.opened())
