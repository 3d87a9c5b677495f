"""The shifts of the days to come, as a reader's calendar has them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from bot.rules.duty.rota import Rota, Watch
from bot.rules.local_time import known_zone

DAYS = 14


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time within one day in which the same people are on duty.

    ``away`` are those of its shifts who would be, were they there. Of ``watch`` the end is not set.
    """

    begins: datetime
    ends: datetime
    watch: Watch
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyDay:
    """A calendar day with its stretches in order; they leave no time of it out."""

    day: date
    stretches: tuple[Stretch, ...]


def day_end(day: date, zone: str) -> datetime:
    """When a calendar day ends in a zone, whatever its clocks do; UTC."""
    return datetime.combine(day + timedelta(days=1), time(), known_zone(zone)).astimezone(UTC)


def plan_days(rota: Rota, now: datetime, zone: str, days: int = DAYS) -> list[DutyDay]:
    """The shifts from now until the end of so many days, today among them, day by day."""
    today = now.astimezone(known_zone(zone)).date()
    found = []
    begins = now
    for number in range(days):
        ends = day_end(today + timedelta(days=number), zone)
        found.append(DutyDay(today + timedelta(days=number), tuple(_join(rota, begins, ends))))
        begins = ends
    return found


def _join(rota: Rota, begins: datetime, ends: datetime) -> Iterator[Stretch]:
    """Yield the stretches of a time; those that follow one another with the same people as one."""
    last: Stretch | None = None
    for start, stop in rota.cut_time(begins, ends):
        watch = replace(rota.watch_at(start), until=None)
        new = Stretch(start, stop, watch, rota.away_at(start))
        if last is not None and (last.watch, last.away) == (new.watch, new.away):
            last = replace(last, ends=stop)
            continue
        if last is not None:
            yield last
        last = new
    if last is not None:
        yield last
