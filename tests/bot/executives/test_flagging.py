"""The executive flag: a director has it within two hours, an executive calls within a day."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Absence, ClockEvent, Flagging
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, EXTRA, LAWYER, ROLES, T0, Stage

HAVE, CALL = "executive_acknowledge", "executive_call"


async def flag(stage: Stage, number: int, trigger: str = "threat_to_cancel") -> None:
    await stage.do(ANNA, "executive_flag", number, trigger=trigger, reason="They look around")


async def flagged(stage: Stage, at: datetime = T0, **fields: Any) -> int:
    number = await stage.claimed(**fields)
    await stage.in_channel(number)
    stage.now = at
    await flag(stage, number)
    return number


async def due(stage: Stage, number: int, clock: str) -> datetime | None:
    found = await stage.clock(number, clock)
    assert found is not None
    return found.due


async def talk(stage: Stage, number: int, who: str = DORA, **fields: Any) -> None:
    given = {"contact": "Maria", "said": "She stays if it works by Friday"}
    await stage.do(who, "log_contact", number, **{**given, **fields})


async def away(stage: Stage, user: str, deputy: str | None = None) -> None:
    await stage.add(
        Absence(
            user_id=user, begins=stage.now, ends=stage.now + timedelta(days=9), deputy=deputy,
            note="", noted_by=user, noted_at=stage.now,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "have", "call"),
    [
        # a Tuesday at noon; the business day after it ends at 17:00 in Athens
        (datetime(2026, 2, 10, 10, tzinfo=UTC), (10, 12), datetime(2026, 2, 11, 15, tzinfo=UTC)),
        # a Saturday: Monday is the day on which it counts as received
        (datetime(2026, 2, 14, 10, tzinfo=UTC), (14, 12), datetime(2026, 2, 17, 15, tzinfo=UTC)),
        # the night in which summer time begins, 02:30 in Athens: two hours that passed
        (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), (29, 2), datetime(2026, 3, 31, 14, tzinfo=UTC)),
    ],
    ids=["weekday", "weekend", "summer-time"],
)
async def test_both_clocks_are_due_by_the_right_hours(
    stage: Stage, at: datetime, have: tuple[int, int], call: datetime
) -> None:
    number = await flagged(stage, at)
    first = await due(stage, number, HAVE)
    assert first == at + timedelta(hours=2)
    assert (first.day, first.hour) == have
    assert await due(stage, number, CALL) == call


async def test_a_second_flag_starts_nothing_twice(stage: Stage) -> None:
    number = await flagged(stage)
    stage.later(hours=1)
    await flag(stage, number, "legal")
    starts = await stage.rows(ClockEvent, case_number=number, kind="start")
    assert [e.clock for e in starts].count(HAVE) == 1
    assert [e.clock for e in starts].count(CALL) == 1
    assert len(await stage.rows(Flagging, case_number=number)) == 1


async def test_a_case_opened_for_a_threat_is_flagged_from_the_start(stage: Stage) -> None:
    number = await stage.opened(trigger="threat_to_cancel")
    assert {HAVE, CALL} <= await stage.running(number)
    assert (await stage.heard(number))[DORA] == ["flag_asked"]


async def test_a_director_who_has_it_ends_the_first_clock_alone(stage: Stage) -> None:
    number = await flagged(stage)
    stage.later(minutes=30)
    await stage.said(number)
    await stage.do(DORA, "have_flag", number)
    assert HAVE not in await stage.running(number)
    assert CALL in await stage.running(number)
    assert (await stage.heard(number))["post"] == ["flag_had"]
    with pytest.raises(UserError, match="flag_had_already"):
        await stage.do(EXEC, "have_flag", number)


async def test_only_those_asked_and_executives_take_it(stage: Stage) -> None:
    number = await flagged(stage)
    for who in (BILL, EMMA):
        with pytest.raises(UserError, match="not_asked_to_have"):
            await stage.do(who, "have_flag", number)


async def test_where_nobody_answers_the_next_is_asked(stage: Stage) -> None:
    number = await flagged(stage)
    asked = []
    await stage.said(number)
    for _ in range(4):
        stage.now = (await stage.rows(Flagging))[0].next_at or stage.now + timedelta(hours=1)
        await stage.sweep()
        said = [s for s in await stage.said(number) if s.text in ASKING]
        asked += [(s.to, s.text.removeprefix("notice:")) for s in said]
    assert asked == [(EXEC, "flag_asked"), (EXTRA, "flag_asked"), (EMMA, "flag_unheard")]


ASKING = {"notice:flag_asked", "notice:flag_unheard"}


async def test_one_who_is_away_is_not_asked_and_their_deputy_is(stage: Stage) -> None:
    await away(stage, DORA, BILL)
    number = await flagged(stage)
    heard = await stage.heard(number)
    assert heard.get(BILL) == ["flag_asked"]
    assert DORA not in heard
    await stage.do(BILL, "have_flag", number)
    assert HAVE not in await stage.running(number)


async def test_of_a_restricted_case_only_those_on_it_are_asked(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await flag(stage, number, "legal")
    asked = [s.to for s in await stage.said(number) if s.text == "notice:flag_asked"]
    assert asked == [EXEC]


async def test_a_director_who_raises_the_flag_has_it(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.do(DORA, "executive_flag", number, trigger="extraordinary", reason="x")
    assert HAVE not in await stage.running(number)
    assert (await stage.rows(Flagging))[0].had_by == DORA


async def test_without_directors_and_executives_the_owner_hears_of_it(stage: Stage) -> None:
    people = {r: u for r, u in ROLES.items() if r not in (Role.DIRECTOR, Role.EXECUTIVE_OWNER)}
    stage.policy = replace(stage.policy, roles=people)
    number = await flagged(stage)
    assert {HAVE, CALL} <= await stage.running(number)
    stage.later(hours=2)
    await stage.sweep()
    assert "flag_unheard" in (await stage.heard(number))[EMMA]


async def test_a_withdrawn_flag_ends_both_and_a_new_one_starts_both(stage: Stage) -> None:
    number = await flagged(stage)
    await stage.do(EMMA, "withdraw", number, what="flag", reason="They did not mean it")
    assert not {HAVE, CALL} & await stage.running(number)
    row = (await stage.rows(Flagging))[0]
    assert (row.ended_at, row.next_at) == (stage.now, None)
    with pytest.raises(UserError, match="no_flag_to_have"):
        await stage.do(DORA, "have_flag", number)
    stage.later(days=1)
    await flag(stage, number)
    assert {HAVE, CALL} <= await stage.running(number)
    assert await due(stage, number, HAVE) == stage.now + timedelta(hours=2)


async def test_a_case_that_is_over_asks_nobody_more(stage: Stage) -> None:
    number = await stage.opened(trigger="threat_to_cancel")
    await stage.do(EMMA, "dismiss", number, reason="A test")
    await stage.said(number)
    stage.later(days=3)
    await stage.sweep()
    assert not {s.text for s in await stage.said(number)} & ASKING


async def test_the_call_is_reminded_of_before_it_is_due_and_on_each_day_it_is_late(
    stage: Stage,
) -> None:
    number = await flagged(stage)
    await stage.do(DORA, "have_flag", number)
    await stage.said(number)
    call = await due(stage, number, CALL)
    assert call is not None
    heard = []
    for at in (call - timedelta(hours=2), call, call + timedelta(days=1)):
        stage.now = at
        await stage.sweep()
        heard.append([s.text for s in await stage.said(number) if s.to == DORA])
    soon, late = "notice:executive_call_soon", "notice:executive_call_late"
    assert heard == [[soon], [late], [late]]


async def test_only_a_logged_call_of_an_executive_meets_the_second_clock(stage: Stage) -> None:
    number = await flagged(stage)
    stage.later(hours=1)
    await talk(stage, number, way="message")
    assert CALL in await stage.running(number)
    await talk(stage, number, at=T0 - timedelta(days=1))  # before the flag
    assert CALL in await stage.running(number)
    with pytest.raises(UserError, match="not_an_executive"):
        await talk(stage, number, EMMA)
    await talk(stage, number, ANNA, executive=DORA)
    assert not {HAVE, CALL} & await stage.running(number)
    row = (await stage.rows(Flagging))[0]
    assert (row.had_by, row.ended_at) == (DORA, stage.now)


async def test_the_lawyer_of_a_legal_case_sees_no_call_to_make(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await flag(stage, number, "legal")
    with pytest.raises(UserError, match="not_asked_to_have"):
        await stage.do(LAWYER, "have_flag", number)
