"""A week of shifts, and the night of a clock change: who is called at each point."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.rules.policy.load import Policy, policy_from_spec
from bot.rules.words import Role
from cli.workspace.local import demo_policy
from sandbox.state import Message
from tests.bot.paging.schedule_double import PAGERDUTY, ScheduleDouble
from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, SUPPORT, Office, office, texts_of

ATHENS = ZoneInfo("Europe/Athens")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
CALENDARS = {
    "athens": {"tz": "Europe/Athens",
               "weekly_hours": {day: [["09:00", "17:00"]] for day in WORKDAYS}},
    "night": {"tz": "Europe/Athens",
              "weekly_hours": {day: [["22:00", "06:00"]] for day in (*WORKDAYS, "sat", "sun")}},
    "day": {"tz": "Europe/Athens",
            "weekly_hours": {day: [["06:00", "22:00"]] for day in (*WORKDAYS, "sat", "sun")}},
    "new_york": {"tz": "America/New_York",
                 "weekly_hours": {day: [["10:00", "18:00"]] for day in WORKDAYS}},
}  # fmt: skip
NIKOS_THERE = "nikos.pappas@northwind.example"


def with_shifts(*shifts: dict[str, object]) -> Policy:
    """The local workspace's policy with a rota."""
    usual = demo_policy()
    calendars = {**usual.spec["calendars"], **CALENDARS}
    spec = {**usual.spec, "calendars": calendars, "duty": {"shifts": [*shifts]}}
    found = policy_from_spec(spec)
    managers = {Role.ESCALATION_MANAGER: found.roles[Role.ESCALATION_MANAGER]}
    return replace(
        usual, spec=found.spec, calendars=found.calendars, shifts=found.shifts,
        roles={**usual.roles, **managers},
    )  # fmt: skip


def athens(day: int, hour: int, minute: int = 0, month: int = 2) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=ATHENS)


async def until(desk: Office, at: datetime) -> None:
    """Let time pass until then."""
    await desk.pass_time(at - desk.ws.now())


async def owner_of_new(desk: Office, customer: str) -> tuple[int, str | None]:
    """A case is opened; its number, and who was called to lead it."""
    number = await desk.escalate(MAYA, customer=customer)
    return number, (await desk.case(number)).owner


async def dismissed(desk: Office, number: int) -> None:
    """The case is over, so that nothing else is said of it."""
    await desk.wants(KATE, "dismiss", {"case": number, "reason": "No escalation"})
    await desk.here.settle()


def last_with(desk: Office, who: str, button: str) -> Message:
    """The newest message to somebody that has this button."""
    found = [
        m for m in desk.dms(who) if any(t.startswith(button) for t in texts_of(m.blocks or []))
    ]
    return max(found, key=lambda message: message.ts)


async def test_a_week_follows_the_sun_through_a_swap_an_absence_and_a_hole(tmp_path: Path) -> None:
    double = ScheduleDouble([(NIKOS_THERE, athens(1, 0), athens(28, 0))])
    policy = with_shifts(
        {"name": "Athens", "calendar": "athens", "people": [ELENI], "backup": [KATE]},
        {"name": "New York", "calendar": "new_york", "people": [PAGERDUTY]},
    )
    async with (
        double.running() as url,
        office(tmp_path, http=False, begins=athens(8, 10), policy=policy,
               pagerduty_api_token=double.settings(url)["pagerduty_api_token"],
               pagerduty_api_url=url) as desk,
    ):  # fmt: skip
        await asyncio.wait_for(double.heard.wait(), 20)  # the process looks by itself
        await desk.here.settle()
        assert desk.here.services.policy.vacancies == ()

        # Monday: Athens leads, hands over at the end of the shift, New York goes on.
        kept, owner = await owner_of_new(desk, "Blue Harbour")
        assert owner == ELENI
        await until(desk, athens(8, 16, 35))
        asked = last_with(desk, ELENI, "ask:hand_over_shift")
        assert f"ESC-{kept}" in asked.text
        await desk.press(ELENI, asked, "ask:hand_over_shift")
        assert await desk.fill(ELENI, **{f"to_{kept}": NIKOS}, note="They call at six") == {}
        offered = last_with(desk, NIKOS, f"do:answer_handover#{kept}")
        assert "They call at six" in str(offered.blocks)
        await desk.press_exactly(NIKOS, offered, f"do:answer_handover#{kept}")
        assert (await desk.case(kept)).owner == NIKOS
        await until(desk, athens(8, 19))
        evening, owner = await owner_of_new(desk, "Delphi")
        assert owner == NIKOS
        await dismissed(desk, evening)

        # Tuesday, two at night: a hole. The lead has it, and administrators hear of the hole.
        await dismissed(desk, kept)
        await until(desk, athens(9, 2))
        night, owner = await owner_of_new(desk, "Delphi")
        assert owner == KATE
        assert any("no one of the rota was there" in m.text for m in desk.dms(KATE))
        await dismissed(desk, night)

        # Wednesday: who is on shift is away, then with a deputy; Thursday they are back.
        await until(desk, athens(10, 9, 30))
        away = {"until": athens(10, 12).isoformat()}
        await desk.wants(ELENI, "away", away)
        await desk.here.settle()
        noon, owner = await owner_of_new(desk, "Delphi")
        assert owner == KATE  # the backup
        await dismissed(desk, noon)
        await desk.wants(ELENI, "away", {"until": athens(11, 8).isoformat(), "deputy": NIKOS})
        await desk.here.settle()
        after, owner = await owner_of_new(desk, "Delphi")
        assert owner == NIKOS  # the deputy, before the backup
        await dismissed(desk, after)
        await desk.command(MAYA, "duty", SUPPORT)
        await desk.press(MAYA, desk.answers(MAYA)[-1], "show:duty_days")
        blocks = desk.answers(MAYA)[-1].blocks or []
        days = [each["text"]["text"] for each in blocks if each["type"] == "section"]
        (today,) = [t for t in days if "10 Feb" in t]
        (saturday,) = [t for t in days if "13 Feb" in t]
        assert f"Athens: <@{NIKOS}>" in today
        assert f"away: <@{ELENI}>" in today
        assert saturday.splitlines()[1:] == [
            f"00:00–01:00 New York: <@{NIKOS}>",
            "⚠️ 01:00–24:00 *nobody is on duty*",
        ]
        await until(desk, athens(11, 10))
        back, owner = await owner_of_new(desk, "Delphi")
        assert owner == ELENI
        await dismissed(desk, back)

        # Thursday evening: the pager does not answer, and the rota stands as it was known.
        double.fault = "down"
        await until(desk, athens(11, 20))
        await desk.here.services.roster.look()
        await desk.here.settle()
        silent, owner = await owner_of_new(desk, "Delphi")
        assert owner == NIKOS
        await desk.command(MAYA, "duty", SUPPORT)
        assert "PagerDuty, schedule PI7DH85: no answer." in str(desk.answers(MAYA)[-1].blocks)
        await dismissed(desk, silent)


async def test_in_the_night_of_a_clock_change_silence_is_counted_in_real_minutes(
    tmp_path: Path,
) -> None:
    policy = with_shifts(
        {"name": "Night", "calendar": "night", "people": [ELENI], "backup": [NIKOS]},
        {"name": "Day", "calendar": "day", "people": [KATE]},
    )
    begins = athens(28, 2, 50, month=3)  # ten minutes before three, which is four that night
    async with office(tmp_path, http=False, begins=begins, policy=policy) as desk:
        number = await desk.stage("new", severity=1)
        assert (await desk.case(number)).owner == ELENI
        await desk.pass_time(timedelta(minutes=6))
        assert f"ESC-{number}" in last_with(desk, NIKOS, "do:claim").text
        await desk.pass_time(timedelta(minutes=10))
        assert desk.ws.now().astimezone(ATHENS).hour == 4
        called = last_with(desk, KATE, "do:claim")
        await desk.press(KATE, called, "do:claim")
        assert (await desk.case(number)).owner == KATE
        await desk.wants(KATE, "assign", {
            "case": number, "role": Role.ESCALATION_MANAGER.value, "user": ELENI,
        })  # fmt: skip
        await desk.here.settle()
        await until(desk, athens(28, 5, 31, month=3))  # half an hour before six, by the new time
        asked = last_with(desk, ELENI, "ask:hand_over_shift")
        six = int(athens(28, 6, month=3).timestamp())
        assert f"<!date^{six}^" in str(asked.blocks)
