"""An independent picture of time: every minute of some weeks, asked one by one for its wall time.

It shares nothing with the engine but the zone files. A wall time is where it is first seen; one
that is never seen lies as far after the last wall time before the gap as its name says (RFC 5545).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

DAYS = 24  # in a picture
MARGIN = 3  # days around it in which windows may begin or end
MINUTE = timedelta(minutes=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# A zone, and a date in the middle of what is interesting there.
SCENES = [
    ("Europe/Athens", date(2026, 3, 29)),  # an hour forward at 03:00
    ("Europe/Athens", date(2026, 10, 25)),  # an hour back at 04:00
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour back
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour forward
    ("Asia/Kathmandu", date(2026, 6, 1)),  # +05:45, no change
    ("Asia/Kathmandu", date(1986, 1, 1)),  # a quarter of an hour forward at midnight
    ("Pacific/Apia", date(2011, 12, 30)),  # a date that never was
    ("Pacific/Apia", date(2011, 9, 24)),
    ("Asia/Beirut", date(2026, 3, 29)),  # forward at midnight
]


@lru_cache(maxsize=len(SCENES))
def walls(zone: str, middle: date) -> tuple[datetime, dict[datetime, int]]:
    """The first UTC minute of a scene, and for each wall time the minute that first shows it."""
    begin = datetime(middle.year, middle.month, middle.day, tzinfo=UTC) - timedelta(days=DAYS // 2)
    tz, seen = ZoneInfo(zone), {}
    for minute in range(-MARGIN * 1440, (DAYS + MARGIN) * 1440):
        wall = (begin + minute * MINUTE).astimezone(tz).replace(tzinfo=None)
        seen.setdefault(wall, minute)
    return begin, seen


class Picture:
    """The open minutes of one calendar over a scene."""

    def __init__(
        self,
        scene: tuple[str, date],
        weekly: Mapping[str, Sequence[Sequence[str]]],
        holidays: Sequence[date] = (),
        special: Mapping[date, Sequence[Sequence[str]]] | None = None,
    ) -> None:
        self.begin, self._seen = walls(*scene)
        self.open = bytearray(DAYS * 1440)
        first = self.begin.date() - timedelta(days=MARGIN - 1)
        for day in (first + timedelta(days=n) for n in range(DAYS + 2 * MARGIN - 2)):
            hours = weekly.get(WEEKDAYS[day.weekday()], ()) if day not in holidays else ()
            for opens, closes in (special or {}).get(day, hours):
                self._mark(day, opens, closes)
        self._before = list(accumulate(self.open, initial=0))

    @classmethod
    def union(cls, pictures: "Sequence[Picture]") -> "Picture":
        """Open where one of them is; they must show the same minutes."""
        joined = cls.__new__(cls)
        joined.begin, joined._seen = pictures[0].begin, {}
        shift = [(p.begin - joined.begin) // MINUTE for p in pictures]
        assert not any(shift)
        joined.open = bytearray(
            max(minute) for minute in zip(*(p.open for p in pictures), strict=True)
        )
        joined._before = list(accumulate(joined.open, initial=0))
        return joined

    def _mark(self, day: date, opens: str, closes: str) -> None:
        if not any(datetime.combine(day, time(hour)) in self._seen for hour in range(24)):
            return
        start = self._first_seen(day, opens)
        end = self._first_seen(day + timedelta(days=closes <= opens), closes)
        for minute in range(max(start, 0), min(end, len(self.open))):
            self.open[minute] = 1

    def _first_seen(self, day: date, text: str) -> int:
        hour, minute = map(int, text.split(":"))
        wall = datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute)
        late = 0
        while wall - late * MINUTE not in self._seen:
            late += 1
        return self._seen[wall - late * MINUTE] + late

    def between(self, start: int, end: int) -> int:
        """The open minutes from one minute to another."""
        return self._before[end] - self._before[start]

    def add(self, start: int, budget: int) -> int | None:
        """The minute at which so many open minutes are used up; None if the picture ends first."""
        if budget == 0:
            return start
        at = bisect_left(self._before, self._before[start] + budget)
        return at if at < len(self._before) else None

    def next_open(self, start: int) -> int | None:
        """The first open minute from here on."""
        at = bisect_right(self._before, self._before[start]) - 1
        return at if at < len(self.open) else None

    def at(self, minute: int) -> datetime:
        """The instant at which a minute begins."""
        return self.begin + minute * MINUTE
