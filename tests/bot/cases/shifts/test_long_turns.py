"""Over twelve hours on a SEV1 a role should pass on: its holder and their manager are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, update

from bot.rules.policy.managers import Managers
from bot.rules.tone.terms import Courtesy
from storage.models import Case, CaseRole
from tests.bot.stage import DORA, EMMA, EVAN, LEAH, TOM, Stage

ASKED, ABOVE = "notice:long_turn", "notice:long_turn_above"
EM = "escalation_manager"


async def owned(stage: Stage, **fields: object) -> int:
    """A SEV1 that EMMA owns; its technical lead counts for nothing here."""
    number = await stage.claimed(**{"severity": 1, **fields})
    process = stage.process()
    async with process.database.write() as session:
        lead = col(CaseRole.role) == "technical_lead"
        await session.exec(update(CaseRole).where(lead).values(look_at=None))
    return number


async def heard(stage: Stage, number: int) -> list[tuple[str, str]]:
    """Who was told what of a long turn since one last looked, in order."""
    said = await stage.said(number)
    return [(each.to, each.text) for each in said if each.text in (ASKED, ABOVE)]


async def after(stage: Stage, number: int, **span: float) -> list[tuple[str, str]]:
    """What is said once that time has passed, by two sweeps."""
    stage.later(**span)
    await stage.sweep()
    await stage.sweep()
    return await heard(stage, number)


async def test_the_owner_is_asked_twice_at_most_and_the_manager_hears_once(stage: Stage) -> None:
    number = await owned(stage)
    assert await after(stage, number, hours=11, minutes=59) == []
    assert await after(stage, number, minutes=1) == [(EMMA, ASKED), (LEAH, ABOVE)]
    assert await after(stage, number, hours=3, minutes=59) == []
    assert await after(stage, number, minutes=1) == [(EMMA, ASKED)]
    assert await after(stage, number, hours=48) == []


async def test_the_words_name_role_and_hours(stage: Stage) -> None:
    number = await owned(stage)
    stage.later(hours=12)
    await stage.sweep()
    (said,) = [each for each in await stage.said(number) if each.text == ASKED]
    told = {name: said.extra[name] for name in ("user", "role", "hours")}
    assert told == {"user": EMMA, "role": EM, "hours": 12}


async def test_the_policy_says_how_long_and_who_the_manager_is(stage: Stage) -> None:
    managers = Managers({EMMA: DORA}, {})
    terms = Courtesy(hand_over_after=timedelta(hours=6))
    stage.policy = replace(stage.policy, courtesy=terms, managers=managers)
    number = await owned(stage)
    assert await after(stage, number, hours=6) == [(EMMA, ASKED), (DORA, ABOVE)]


async def test_a_technical_lead_is_asked_likewise(stage: Stage) -> None:
    number = await stage.claimed(severity=1)
    await stage.do(EMMA, "assign", number, role="technical_lead", user=TOM)
    stage.later(hours=1)
    await stage.do(EMMA, "assign", number, role=EM, user=EVAN)
    assert await after(stage, number, hours=11) == [(TOM, ASKED), (LEAH, ABOVE)]
    assert (EVAN, ASKED) in await after(stage, number, hours=1)


async def test_who_has_both_roles_is_asked_once(stage: Stage) -> None:
    number = await stage.claimed(severity=1)
    await stage.do(EMMA, "assign", number, role="technical_lead", user=EMMA)
    assert await after(stage, number, hours=12) == [(EMMA, ASKED), (LEAH, ABOVE)]


async def test_a_new_owner_begins_anew_and_the_former_one_hears_nothing(stage: Stage) -> None:
    number = await owned(stage)
    stage.later(hours=11)
    await stage.do(EMMA, "assign", number, role=EM, user=EVAN)
    assert await after(stage, number, hours=11) == []
    assert await after(stage, number, hours=1) == [(EVAN, ASKED), (LEAH, ABOVE)]


async def test_what_is_offered_already_is_not_asked_for(stage: Stage) -> None:
    number = await owned(stage)
    stage.later(hours=11, minutes=50)
    offer = {"role": EM, "user": EVAN, "summary": "Call them at nine"}
    await stage.do(EMMA, "hand_over", number, **offer)
    assert await after(stage, number, minutes=10) == []


@pytest.mark.parametrize("severity", [2, 3])
async def test_a_milder_case_asks_nobody(stage: Stage, severity: int) -> None:
    number = await owned(stage, severity=severity)
    assert await after(stage, number, hours=30) == []


async def test_it_ends_when_the_severity_falls_and_begins_when_it_rises(stage: Stage) -> None:
    number = await owned(stage)
    stage.later(hours=6)
    await stage.do(EMMA, "severity", number, severity=2, reason="A way around it")
    assert await after(stage, number, hours=20) == []
    await stage.do(EMMA, "severity", number, severity=1, reason="It is back")
    assert await after(stage, number, hours=11, minutes=59) == []
    assert (EMMA, ASKED) in await after(stage, number, minutes=1)


async def test_it_ends_with_the_case(stage: Stage) -> None:
    number = await owned(stage)
    await stage.do(EMMA, "dismiss", number, reason="Not an escalation")
    assert await after(stage, number, hours=13) == []
    assert {row.look_at for row in await stage.rows(CaseRole)} == {None}


async def test_a_drill_asks_nobody(stage: Stage) -> None:
    number = await owned(stage)
    process = stage.process()
    async with process.database.write() as session:
        played = update(Case).where(col(Case.number) == number).values(drill=True)
        await session.exec(played)
    assert await after(stage, number, hours=13) == []


async def test_of_a_restricted_case_no_manager_hears(stage: Stage) -> None:
    number = await owned(stage, sensitive=True)
    assert await after(stage, number, hours=12) == [(EMMA, ASKED)]


async def test_on_hold_nobody_is_asked_until_it_ends(stage: Stage) -> None:
    number = await owned(stage)
    stage.later(hours=11)
    wanted = {"reason": "waiting_customer", "until": stage.now + timedelta(hours=20)}
    await stage.do(EMMA, "hold", number, **wanted)
    assert await after(stage, number, hours=10) == []
    assert (EMMA, ASKED) in await after(stage, number, hours=11)
