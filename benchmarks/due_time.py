"""Due instants: ours against a loop over days and against ``businesstimedelta``, in one run.

    python -m benchmarks.due_time

Agreement is checked first, on random starts and budgets; only then is anything timed. The library
is not among the requirements: where it is missing, its column is left out and the run says so.
To see it: a virtual environment with ``businesstimedelta``, ``holidays`` and ``tzdata``.
"""

import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from bot.rules.calendars.calendar import Calendar

ZONE = ZoneInfo("Europe/Athens")
OPENS, CLOSES = wall_time(9), wall_time(17)
HOLIDAYS = holidays.country_holidays("GR")
CHECKED = 300  # random cases on which all must agree
BUDGETS = {"8 h": 8, "80 h": 80, "160 h": 160, "a year": 2000, "ten years": 20_000}  # open hours
REPEAT_FOR = 0.4  # seconds a measurement
SEED = 20260210

Due = Callable[[datetime, timedelta], datetime]

OURS = Calendar.from_spec(
    {
        "tz": ZONE.key,
        "weekly_hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "country": "GR",
    }
)


def naive(start: datetime, budget: timedelta) -> datetime:
    """One day after another until the budget is used up."""
    day = start.astimezone(ZONE).date()
    while True:
        if day.weekday() < 5 and day not in HOLIDAYS:
            opens = datetime.combine(day, OPENS, ZONE).astimezone(UTC)
            closes = datetime.combine(day, CLOSES, ZONE).astimezone(UTC)
            begin = max(start, opens)
            if begin < closes:
                if budget <= closes - begin:
                    return begin + budget
                budget -= closes - begin
        day += timedelta(days=1)


def library() -> Due | None:
    """The public library's answer, or None where it is missing; it wants pytz zones."""
    try:
        businesstimedelta: Any = import_module("businesstimedelta")
        zone = import_module("pytz").timezone(ZONE.key)
    except ImportError:
        return None
    work = businesstimedelta.WorkDayRule(
        start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone
    )
    closed = businesstimedelta.HolidayRule(HOLIDAYS, tz=zone)
    rules = businesstimedelta.Rules([work, closed])

    def due(start: datetime, budget: timedelta) -> datetime:
        delta = businesstimedelta.BusinessTimeDelta(rules, timedelta=budget)
        end: datetime = start.astimezone(zone) + delta
        return end.astimezone(UTC)

    return due


def cases() -> list[tuple[datetime, timedelta]]:
    """Random starts of 2026 with budgets from a minute to 200 hours."""
    dice = random.Random(SEED)
    year = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        (
            year + timedelta(minutes=dice.randrange(360 * 1440)),
            timedelta(minutes=dice.randrange(1, 12_000)),
        )
        for _ in range(CHECKED)
    ]


def differences(other: Due) -> list[tuple[datetime, timedelta, datetime, datetime]]:
    """The cases in which another answer is not ours."""
    found = []
    for start, budget in cases():
        ours, theirs = OURS.add(start, budget), other(start, budget)
        if ours != theirs:
            found.append((start, budget, ours, theirs))
    return found


def seconds(due: Due, budget: timedelta) -> float:
    """The mean time of one answer, the tables warm."""
    start = datetime(2026, 2, 10, 7, 30, tzinfo=UTC)
    due(start, budget)
    rounds, begun = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < REPEAT_FOR:
        due(start, budget)
        rounds += 1
    return elapsed / rounds


def main() -> int:
    """Check that all agree, then print times and ratios."""
    others: dict[str, Due] = {"day loop": naive}
    public = library()
    if public is None:
        _say("businesstimedelta is not installed; its column is left out")
    else:
        others["businesstimedelta"] = public
    for name, other in others.items():
        wrong = differences(other)
        _say(f"{name}: {CHECKED - len(wrong)} of {CHECKED} due instants agree with ours")
        for start, budget, ours, theirs in wrong[:3]:
            _say(f"  {start} + {budget}: ours {ours}, {name} {theirs}")
    if differences(naive):
        return 1
    begun = time.perf_counter()
    Calendar.from_spec({**OURS.spec(), "tz": "Europe/Sofia"}).add(
        datetime(2026, 2, 10, tzinfo=UTC), timedelta(hours=20_000)
    )
    _say(f"ours, cold, ten years of tables built: {(time.perf_counter() - begun) * 1e3:.1f} ms")
    _say(f"{'budget':>10} {'ours':>10}" + "".join(f"{name:>30}" for name in others))
    for label, hours in BUDGETS.items():
        budget = timedelta(hours=hours)
        base = seconds(OURS.add, budget)
        columns = [seconds(other, budget) for other in others.values()]
        shown = "".join(f"{t * 1e6:>16.1f} us {t / base:>8.0f} x" for t in columns)
        _say(f"{label:>10} {base * 1e6:>7.1f} us{shown}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
