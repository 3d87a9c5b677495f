"""A shift ends: its owner is asked, the next one takes over, else the lead decides."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.duty.shift_ends import plan_shift_ends
from bot.errors import UserError
from bot.rules.calendars.calendar import Calendar
from bot.rules.duty import Shift
from storage.models import Handover, Outbox, ShiftEnd
from tests.bot.stage import ANNA, BILL, CARL, DORA, EMMA, EVAN, LEAH, Stage

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES = timedelta(minutes=1)


def calendar(opens: str, closes: str, *days: str) -> Calendar:
    hours = {day: [[opens, closes]] for day in days or WEEK}
    return Calendar.from_spec({"tz": "Europe/Athens", "weekly_hours": hours})


CALENDARS = {
    "day": calendar("09:00", "17:00", *WEEK[:5]),
    "evening": calendar("17:00", "22:00"),
    "night": calendar("22:00", "09:00"),
    "weekend": calendar("09:00", "17:00", "sat", "sun"),
}
SHIFTS = (
    Shift("day", "day", (EMMA,)),
    Shift("evening", "evening", (EVAN,)),
    Shift("night", "night", (CARL,)),
    Shift("weekend", "weekend", (BILL,)),
)


@pytest.fixture
async def rota(stage: Stage) -> Stage:
    """Four shifts around the clock, planned."""
    known = {**stage.policy.calendars, **CALENDARS}
    stage.policy = replace(stage.policy, shifts=SHIFTS, calendars=known)
    await plan_shift_ends(stage.process())
    return stage


async def dms(stage: Stage) -> list[tuple[str, str, Mapping[str, Any]]]:
    """What was said of shifts: to whom, which words, its facts."""
    rows = await stage.rows(Outbox, kind="dm")
    said = [(r.payload["user"], r.payload["text"], r.payload["extra"]) for r in rows]
    return [each for each in said if each[1].startswith("shift:")]


async def at(stage: Stage, hour: int, minute: int = 0, day: int = 10) -> None:
    """Go on to a time of day in Athens, with all that falls due on the way."""
    goal = datetime(2026, 2, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)
    while stage.now < goal:
        stage.now = min(goal, stage.now + timedelta(minutes=15))
        await stage.sweep()


async def test_half_an_hour_before_one_message_asks_about_all_cases(rota: Stage) -> None:
    first, second = await rota.opened(), await rota.opened(severity=1)
    await at(rota, 16, 29)
    assert await dms(rota) == []
    await at(rota, 16, 30)
    ((user, text, said),) = await dms(rota)
    assert (user, text, said["user"]) == (EMMA, "shift:ends", EVAN)
    assert [row["case"] for row in said["cases"]] == [second, first]
    assert said["until"] == datetime(2026, 2, 10, 15, tzinfo=UTC).isoformat()
    await at(rota, 16, 50)
    assert len(await dms(rota)) == 1


async def test_the_summary_says_what_stands_is_due_promised_and_waited_for(rota: Stage) -> None:
    number = await rota.investigating()
    await rota.do(EMMA, "ask_executive", number, user=DORA, question="May we?")
    await rota.do(EMMA, "hold", number, reason="waiting_third_party", note="The bank",
                  until=rota.now + timedelta(days=1))  # fmt: skip
    await at(rota, 16, 30)
    (row,) = (await dms(rota))[0][2]["cases"]
    assert (row["status"], row["customer"], bool(row["promised"])) == (
        "investigating",
        "Acme Hellas",
        True,
    )
    assert row["clock"]
    assert [(each["what"], each.get("user", "")) for each in row["waits"]] == [
        ("hold", ""), ("ask", DORA),
    ]  # fmt: skip
    assert "The bank" not in str(row)


async def test_each_taker_gets_one_message_and_takes_all_or_some(rota: Stage) -> None:
    cases = [await rota.opened() for _ in range(4)]
    await at(rota, 16, 31)
    to = {cases[0]: EVAN, cases[1]: EVAN, cases[2]: LEAH, cases[3]: EMMA}
    answer = await rota.do(EMMA, "hand_over_shift", to=to, note="Acme is fragile")
    assert answer["extra"] == {
        "given": {EVAN: cases[:2], LEAH: [cases[2]]}, "kept": [cases[3]], "left": 0,
    }  # fmt: skip
    offered = [each for each in await dms(rota) if each[1] == "shift:offered"]
    assert [(user, [row["case"] for row in said["cases"]]) for user, _, said in offered] == [
        (EVAN, cases[:2]), (LEAH, [cases[2]]),
    ]  # fmt: skip
    assert offered[0][2]["note"] == "Acme is fragile"
    assert {(await rota.case(n)).owner for n in cases} == {EMMA}

    ids = [row["handover"] for row in offered[0][2]["cases"]]
    taken = await rota.do(EVAN, "accept_offers", offers=ids)
    assert taken["extra"] == {"numbers": cases[:2], "left": 0}
    single = offered[1][2]["cases"][0]["handover"]
    await rota.do(LEAH, "answer_handover", cases[2], handover=single, accept=False, reason="Ill")
    assert [(await rota.case(n)).owner for n in cases] == [EVAN, EVAN, EMMA, EMMA]
    assert [(u, s["numbers"]) for u, t, s in await dms(rota) if t == "shift:taken"] == [
        (EMMA, cases[:2])
    ]
    with pytest.raises(UserError, match="no_offer_waits"):
        await rota.do(EVAN, "accept_offers", offers=ids)


async def test_what_nobody_accepts_the_lead_decides_half_an_hour_after(rota: Stage) -> None:
    cases = [await rota.opened() for _ in range(3)]
    await at(rota, 16, 31)
    await rota.do(EMMA, "hand_over_shift", to={cases[0]: EVAN, cases[2]: EMMA})
    await at(rota, 17, 29)
    assert "shift:undecided" not in [text for _, text, _ in await dms(rota)]
    await at(rota, 17, 30)
    ((user, _, said),) = [each for each in await dms(rota) if each[1] == "shift:undecided"]
    assert (user, said["owner"], said["user"]) == (LEAH, EMMA, EVAN)
    assert [row["case"] for row in said["cases"]] == cases[:2]

    with pytest.raises(UserError, match="not_your_role"):
        await rota.do(ANNA, "settle_shift", owner=EMMA, to=EVAN, cases=cases[:2])
    await rota.do(LEAH, "settle_shift", owner=EMMA, to=EVAN, cases=cases[:2])
    assert [(await rota.case(n)).owner for n in cases] == [EVAN, EVAN, EMMA]
    assert {row.state for row in await rota.rows(Handover)} == {"refused"}
    assert (EMMA, "shift:settled") in [(u, t) for u, t, _ in await dms(rota)]
    with pytest.raises(UserError, match="nothing_to_decide"):
        await rota.do(LEAH, "settle_shift", owner=EMMA, to=EVAN, cases=cases[:2])


async def test_the_lead_may_leave_them_where_they_are(rota: Stage) -> None:
    number = await rota.opened()
    await at(rota, 17, 30)
    await rota.do(LEAH, "settle_shift", owner=EMMA, to=EMMA, cases=[number])
    assert (await rota.case(number)).owner == EMMA
    assert (await rota.last(number)).verb == "shift_kept"


async def test_nobody_is_asked_without_a_case_nor_about_what_has_ended(rota: Stage) -> None:
    number = await rota.opened()
    await rota.do(EMMA, "dismiss", number, reason="A question")
    await at(rota, 18)
    assert await dms(rota) == []


async def test_a_restricted_case_is_not_told_to_the_lead(rota: Stage) -> None:
    number = await rota.opened(sensitive=True)
    await at(rota, 17, 30)
    said = [(user, text) for user, text, _ in await dms(rota)]
    assert said == [(EMMA, "shift:ends"), (EMMA, "shift:still_yours")]
    assert "Acme" not in str(await dms(rota))
    with pytest.raises(UserError, match="nothing_to_decide"):
        await rota.do(LEAH, "settle_shift", owner=EMMA, to=EVAN, cases=[number])


async def test_cases_of_others_cannot_be_handed_over(rota: Stage) -> None:
    number = await rota.opened()
    for wrong in (number, 99):
        with pytest.raises(UserError, match="nothing_to_hand_over"):
            await rota.do(BILL, "hand_over_shift", to={wrong: EVAN})
    await rota.do(EMMA, "hand_over_shift", to={number: EVAN})
    (offer,) = await rota.rows(Handover)
    with pytest.raises(UserError, match="no_offer_waits"):
        await rota.do(BILL, "accept_offers", offers=[offer.id])


async def test_a_week_of_shifts_asks_each_owner_once_at_each_end(rota: Stage) -> None:
    """One case goes from shift to shift, through nights and a weekend."""
    number = await rota.opened()
    asked: list[tuple[str, str]] = []
    goal = rota.now + timedelta(days=7)
    while rota.now < goal:
        rota.later(minutes=30)
        await rota.sweep()
        if new := [e for e in await dms(rota) if e[1] == "shift:ends"][len(asked) :]:
            ((user, _, said),) = new
            asked.append((user, said["user"]))
            await rota.do(user, "hand_over_shift", to={number: said["user"]})
            offer = (await rota.rows(Handover))[-1]
            await rota.do(said["user"], "accept_offers", offers=[offer.id])
    owners = [user for user, _ in asked]
    days = [EMMA, EVAN, CARL]
    assert owners == [*days * 4, BILL, EVAN, CARL, BILL, EVAN, CARL, *days][: len(owners)]
    assert len(owners) >= 20
    assert "shift:undecided" not in [text for _, text, _ in await dms(rota)]


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 6), (10, 25, 7)])
async def test_the_night_of_a_clock_change_ends_when_clocks_say(
    rota: Stage, month: int, day: int, hours: int
) -> None:
    """Nine in Athens is six by UTC after the clocks went ahead, seven after they went back."""
    rota.now = datetime(2026, month, day - 1, 21, tzinfo=UTC)
    await plan_shift_ends(rota.process())
    await rota.opened()
    assert (await rota.case(1)).owner == CARL
    ends = datetime(2026, month, day, hours, tzinfo=UTC)
    rota.now = ends - 31 * MINUTES
    await rota.sweep()
    assert await dms(rota) == []
    rota.now = ends - 30 * MINUTES
    await rota.sweep()
    assert [(u, s["until"], s["user"]) for u, _, s in await dms(rota)] == [
        (CARL, ends.isoformat(), BILL)
    ]


async def test_an_absence_that_is_noted_changes_whom_the_cases_go_to(rota: Stage) -> None:
    await rota.opened()
    await rota.do(EVAN, "away", until=rota.now + timedelta(days=2), deputy=LEAH)
    await at(rota, 16, 30)
    assert (await dms(rota))[-1][2]["user"] == LEAH


async def test_planning_again_asks_nobody_twice(rota: Stage) -> None:
    await rota.opened()
    await at(rota, 16, 30)
    await plan_shift_ends(rota.process())
    await at(rota, 16, 55)
    assert len(await dms(rota)) == 1
    rota.policy = replace(rota.policy, shifts=())
    await plan_shift_ends(rota.process())
    assert {row.ask_at for row in await rota.rows(ShiftEnd)} == {None}


async def test_who_goes_now_is_asked_by_the_answer_and_the_lead_hears_later(rota: Stage) -> None:
    number = await rota.opened()
    await rota.do(EMMA, "away", until=rota.now + timedelta(days=2), deputy=EVAN)
    await rota.sweep()
    assert await dms(rota) == []
    rota.later(minutes=30)
    await rota.sweep()
    ((user, text, said),) = await dms(rota)
    assert (user, text, said["owner"], said["user"]) == (LEAH, "shift:undecided", EMMA, EVAN)
    assert [row["case"] for row in said["cases"]] == [number]


async def test_who_will_go_is_asked_before_and_not_where_they_come_back(rota: Stage) -> None:
    await rota.opened()
    later = {"begins": rota.now + timedelta(hours=2), "until": rota.now + timedelta(days=2)}
    await rota.do(EMMA, "away", **later)
    await at(rota, 12, 30)
    assert [(user, text) for user, text, _ in await dms(rota)] == [(EMMA, "shift:ends")]


async def test_an_absence_that_was_dropped_asks_nobody(rota: Stage) -> None:
    await rota.opened()
    later = {"begins": rota.now + timedelta(hours=2), "until": rota.now + timedelta(days=2)}
    await rota.do(EMMA, "away", **later)
    await rota.do(EMMA, "back")
    await at(rota, 13)
    assert await dms(rota) == []
