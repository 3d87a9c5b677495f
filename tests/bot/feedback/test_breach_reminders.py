"""The call after a missed promise: its time, its reminders, and whose it is."""

from datetime import timedelta

import pytest

from storage.models import BreachTalk
from tests.bot.feedback.test_breach_calls import broken, call
from tests.bot.stage import EMMA, EVAN, LEAH, Stage

SOON, LATE, BRIEF = "breach_call_soon", "breach_call_late", "breach_brief"


async def owed(stage: Stage) -> BreachTalk:
    return (await stage.rows(BreachTalk))[0]


async def told(stage: Stage, number: int) -> list[tuple[str, str]]:
    names = {f"notice:{name}": name for name in (SOON, LATE, BRIEF)}
    return [(s.to, names[s.text]) for s in await stage.said(number) if s.text in names]


@pytest.mark.parametrize(("severity", "hours"), [(1, 1), (2, 4)])
async def test_it_is_due_by_the_severity(stage: Stage, severity: int, hours: int) -> None:
    await stage.claimed(severity=severity)
    stage.later(hours=3)
    await stage.sweep()
    assert (await owed(stage)).call_by == stage.now + timedelta(hours=hours)


async def test_the_owner_is_reminded_before_it_is_due_and_the_lead_too_once_it_is_late(
    stage: Stage,
) -> None:
    number = await broken(stage)
    await stage.said(number)
    heard = []
    for _ in range(3):
        at = (await owed(stage)).next_at
        assert at is not None
        stage.now = at
        await stage.sweep()
        heard.append(await told(stage, number))
    assert heard == [[(EMMA, SOON)], [(EMMA, LATE), (LEAH, LATE)], [(EMMA, LATE), (LEAH, LATE)]]


async def test_it_goes_with_the_case_to_its_new_owner(stage: Stage) -> None:
    number = await broken(stage)
    await stage.said(number)
    await stage.do(LEAH, "assign", number, role="escalation_manager", user=EVAN)
    await stage.sweep()
    assert (EVAN, BRIEF) in await told(stage, number)
    row = await owed(stage)
    assert row.caller == EVAN
    assert row.next_at == row.call_by


async def test_a_recorded_call_ends_it_and_one_that_reached_nobody_does_not(stage: Stage) -> None:
    number = await broken(stage)
    await call(stage, number, way="not_reached")
    assert (await owed(stage)).next_at is not None
    await call(stage, number)
    assert (await owed(stage)).next_at is None
    await stage.said(number)
    stage.later(hours=1)
    await stage.sweep()
    assert not {name for _, name in await told(stage, number)} & {SOON, LATE}
