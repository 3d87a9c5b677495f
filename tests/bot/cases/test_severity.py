"""Raising and lowering the severity: who may, which clocks follow, who hears."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.rules.calendars.calendar import Calendar
from storage.models import Clock
from tests.bot.stage import (
    ALEX,
    ANNA,
    BILL,
    CARL,
    EMMA,
    EVAN,
    EXEC,
    EXTRA,
    LEAH,
    T0,
    TINA,
    Stage,
)


async def change(stage: Stage, number: int, who: str, severity: int) -> None:
    await stage.do(who, "severity", number, severity=severity, reason="They lose orders")


async def test_anyone_on_the_team_may_raise_it(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await change(stage, number, ANNA, 1)
    assert (await stage.case(number)).severity == 1
    entry = await stage.last(number)
    assert (entry.verb, entry.before["severity"], entry.after["severity"]) == ("severity", 2, 1)
    assert entry.why == "They lose orders"
    post = next(s for s in await stage.said(number) if s.kind == "post")
    assert post.text == "notice:severity_changed"
    assert post.extra == {"before": 2, "reason": "They lose orders", "by": ANNA}


@pytest.mark.parametrize("who", [ANNA, BILL, TINA, CARL])
async def test_only_managers_lower_it(stage: Stage, who: str) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_your_role"):
        await change(stage, number, who, 3)
    await change(stage, number, EMMA, 3)
    assert (await stage.case(number)).severity == 3


async def test_the_same_severity_is_no_change(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="severity_same"):
        await change(stage, number, EMMA, 2)


async def test_a_resolved_case_keeps_its_severity(stage: Stage) -> None:
    number = await stage.resolved()
    with pytest.raises(UserError, match="wrong_status"):
        await change(stage, number, EMMA, 1)


async def test_the_running_clocks_take_the_new_targets(stage: Stage) -> None:
    number = await stage.opened()
    before = await stage.clock(number, "first_response")
    await change(stage, number, ANNA, 1)
    after = await stage.clock(number, "first_response")
    assert before is not None
    assert after is not None
    assert (before.due, after.due) == (T0 + timedelta(hours=1), T0 + timedelta(minutes=30))


async def test_a_clock_that_only_the_new_severity_has_begins_with_it(stage: Stage) -> None:
    number = await stage.investigating(severity=4)
    assert not {"check_in", "workaround"} & await stage.running(number)
    await change(stage, number, ANNA, 3)
    assert {"check_in", "workaround"} <= await stage.running(number)


async def test_raising_introduces_the_case_to_those_who_have_not_heard_so_loudly(
    stage: Stage,
) -> None:
    number = await stage.claimed()  # at SEV2: EMMA paged; TINA, CARL, ALEX, LEAH told
    await stage.in_channel(number)
    await change(stage, number, ANNA, 1)
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    assert {(s.to, s.text, s.extra["notice"]) for s in said} == {
        (TINA, "notice:opened", "page"),
        (LEAH, "notice:opened", "page"),
        (EXEC, "notice:executive_alert", "dm"),
        (EXTRA, "notice:executive_alert", "dm"),
        (EMMA, "notice:severity_changed", "dm"),
        (CARL, "notice:severity_changed", "dm"),
        (ALEX, "notice:severity_changed", "dm"),
    }
    assert len(said) == 7  # one message a person


async def test_raising_brings_in_the_roles_it_calls_for(stage: Stage) -> None:
    number = await stage.claimed(severity=3)
    await stage.in_channel(number)
    await change(stage, number, ANNA, 1)
    roles = await stage.roles(number)
    assert (roles["technical_lead"], roles["executive_owner"]) == (TINA, EXEC)
    invite = next(s for s in await stage.said(number) if s.kind == "invite")
    assert set(invite.row.payload["users"]) == {ANNA, EMMA, TINA, CARL, ALEX, LEAH}


async def test_that_it_is_less_grave_is_said_in_the_channel_and_to_the_owner(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await change(stage, number, EVAN, 3)
    assert await stage.heard(number) == {who: ["severity_changed"] for who in ("post", EMMA)}


async def test_going_up_and_down_again_introduces_nobody_twice(stage: Stage) -> None:
    number = await stage.claimed(severity=3)
    for severity in (1, 3):
        await change(stage, number, EVAN, severity)
    await stage.said(number)
    await change(stage, number, EVAN, 1)
    said = {name for names in (await stage.heard(number)).values() for name in names}
    assert said == {"severity_changed"}


async def test_an_accounts_own_hours_count_where_hours_count_at_all(stage: Stage) -> None:
    night = {"tz": "Europe/Athens", "weekly_hours": {"tue": [["22:00", "24:00"]]}}
    calendars = {**stage.policy.calendars, "night": Calendar.from_spec(night)}
    stage.policy = replace(stage.policy, calendars=calendars)
    await stage.change_account("acme", calendar="night")
    number = await stage.opened(severity=2)
    due = {c.name: c.due for c in await stage.rows(Clock, case_number=number)}
    assert due["acknowledge"] == T0 + timedelta(minutes=30)  # around the clock at SEV2
    assert due["workaround"] == T0.replace(hour=22) + timedelta(weeks=3)  # 8 h, two a week


async def test_the_channels_topic_follows_the_severity_and_nothing_else(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await stage.said(number)
    await stage.update(number)
    assert "topic" not in {s.kind for s in await stage.said(number)}
    await change(stage, number, EMMA, 3)
    assert [s.kind for s in await stage.said(number)].count("topic") == 1
