"""Being away: what is new goes elsewhere, and somebody hears of it."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from storage.models import Absence, Outbox
from tests.bot.stage import ANNA, CARL, DORA, EMMA, EVAN, LEAH, TINA, TOM, Stage


async def away(stage: Stage, who: str, **given: Any) -> Any:
    until = {"until": stage.now + timedelta(days=2), **given}
    return await stage.do(who, "away", **until)


async def heard(stage: Stage) -> list[tuple[str, str]]:
    rows = await stage.rows(Outbox, kind="dm")
    said = [(row.payload["user"], row.payload["text"]) for row in rows]
    return [each for each in said if each[1].startswith("duty:")]


async def test_who_is_away_gets_nothing_new_and_keeps_what_they_have(stage: Stage) -> None:
    first = await stage.opened()
    answer = await away(stage, EMMA)
    assert (answer["text"], answer["extra"]["cases"]) == ("duty:away_noted", [first])
    second = await stage.opened()
    third = await stage.opened()
    assert [(await stage.case(n)).owner for n in (first, second, third)] == [EMMA, EVAN, EVAN]


async def test_a_deputy_stands_in_and_is_told(stage: Stage) -> None:
    await away(stage, EMMA, deputy=CARL, note="Acme is fragile")
    assert await heard(stage) == [(CARL, "duty:away")]
    assert (await stage.case(await stage.opened())).owner == CARL


async def test_an_absence_begins_and_ends_when_it_says(stage: Stage) -> None:
    await away(stage, EMMA, begins=stage.now + timedelta(hours=1))
    assert (await stage.case(await stage.opened())).owner == EMMA
    await stage.do(EMMA, "dismiss", 1, reason="A test")
    stage.later(hours=1)
    assert (await stage.case(await stage.opened())).owner == EVAN
    await stage.do(EMMA, "back")
    assert (await stage.case(await stage.opened())).owner == EMMA


async def test_who_comes_back_sooner_keeps_what_is_planned(stage: Stage) -> None:
    await away(stage, EMMA)
    later = {"begins": stage.now + timedelta(days=30), "until": stage.now + timedelta(days=37)}
    await away(stage, EMMA, deputy=CARL, **later)
    await stage.do(EMMA, "back")
    ended, planned = await stage.rows(Absence)
    assert (ended.ends, planned.ends) == (stage.now, later["until"])
    await stage.do(EMMA, "back")
    assert (CARL, "duty:back") in await heard(stage)
    with pytest.raises(UserError, match="not_away"):
        await stage.do(EMMA, "back")


async def test_what_is_said_later_takes_the_place_of_what_it_overlaps(stage: Stage) -> None:
    await away(stage, EMMA, deputy=CARL)
    stage.later(hours=3)
    await away(stage, EMMA, deputy=EVAN)
    past, now = await stage.rows(Absence)
    assert (past.deputy, past.ends) == (CARL, stage.now)
    assert (now.deputy, now.begins) == (EVAN, stage.now)


async def test_the_weight_of_cases_decides_not_their_number(stage: Stage) -> None:
    await stage.opened(severity=1)  # Emma's
    small = [await stage.opened(severity=4) for _ in range(3)]
    assert {(await stage.case(n)).owner for n in small} == {EVAN}


async def test_where_all_are_away_the_lead_has_it_and_it_is_told_once(stage: Stage) -> None:
    await away(stage, EMMA)
    await away(stage, EVAN)
    cases = [await stage.opened() for _ in range(2)]
    assert {(await stage.case(n)).owner for n in cases} == {LEAH}
    assert await heard(stage) == [(LEAH, "duty:gap")]


async def test_where_nobody_at_all_is_there_it_stays_with_who_reports(stage: Stage) -> None:
    for who in (EMMA, EVAN, LEAH, DORA):
        await away(stage, who)
    assert (await stage.case(await stage.opened())).owner == ANNA


async def test_a_technical_lead_who_is_away_is_not_brought_in(stage: Stage) -> None:
    await away(stage, TINA)
    number = await stage.opened(severity=1)
    roles = (await stage.last(number)).after["roles"]
    assert roles["technical_lead"] == TOM


async def test_a_manager_says_it_for_who_is_ill_and_nobody_else_does(stage: Stage) -> None:
    secret, known = await stage.opened(sensitive=True), await stage.opened()
    await stage.do(LEAH, "assign", known, user=EMMA, role="escalation_manager")
    answer = await away(stage, LEAH, colleague=EMMA)
    assert answer["extra"]["yours"] is False
    assert (await stage.case(secret)).owner == EMMA
    assert answer["extra"]["cases"] == [known]
    assert await heard(stage) == [(EMMA, "duty:away")]
    with pytest.raises(UserError, match="absence_of_another"):
        await away(stage, ANNA, colleague=EVAN)
    with pytest.raises(UserError, match="absence_of_another"):
        await stage.do(ANNA, "back", colleague=EMMA)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"until": timedelta(0)}, "away_backwards"),
        ({"until": timedelta(days=400)}, "away_too_long"),
        ({"deputy": EMMA}, "own_deputy"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    stage: Stage, wrong: dict[str, Any], refusal: str
) -> None:
    given = {k: stage.now + v if isinstance(v, timedelta) else v for k, v in wrong.items()}
    with pytest.raises(UserError, match=refusal):
        await away(stage, EMMA, **given)
    assert await stage.rows(Absence) == []


async def test_who_is_not_away_cannot_come_back(stage: Stage) -> None:
    with pytest.raises(UserError, match="not_away"):
        await stage.do(EMMA, "back")


async def test_a_deputy_who_is_away_too_is_refused_with_when(stage: Stage) -> None:
    later = stage.now + timedelta(days=2)
    await stage.do(CARL, "away", until=stage.now + timedelta(days=1))
    with pytest.raises(UserError, match="deputy_away") as refused:
        await stage.do(EMMA, "away", until=later, deputy=CARL)
    assert refused.value.facts["user"] == CARL
    assert await stage.rows(Absence, user_id=EMMA) == []
    await stage.do(EMMA, "away", begins=stage.now + timedelta(days=1), until=later, deputy=CARL)
    assert len(await stage.rows(Absence, user_id=EMMA)) == 1
