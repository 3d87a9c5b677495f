"""The rota: shifts are calendars with people, so holidays, nights and clock changes are theirs.

Several shifts may be open at once, and follow one another around the world. Whoever is away is
replaced by their deputy, where that one is there. Without any shift everybody who may be on duty is
on duty around the clock.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from bot.rules.calendars.calendar import Calendar

INSTANT = timedelta(microseconds=1)
AHEAD = timedelta(days=14)  # for which gaps are shown


@dataclass(frozen=True, slots=True)
class Stint:
    """That a person is on call from ``begins`` until before ``ends``, by a pager's schedule."""

    user: str
    begins: datetime
    ends: datetime

    def covers(self, at: datetime) -> bool:
        """Whether the person is on call at that instant."""
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty while ``calendar``, a name of the policy, is open; ``backup`` comes next.

    ``people`` and ``backup`` are there all the time, ``stints`` and ``backup_stints`` in turn.
    """

    name: str
    calendar: str
    people: tuple[str, ...]
    backup: tuple[str, ...] = ()
    stints: tuple[Stint, ...] = ()
    backup_stints: tuple[Stint, ...] = ()

    def people_at(self, at: datetime) -> tuple[str, ...]:
        """Who is on duty at an instant at which the calendar is open."""
        return _with_stints(self.people, self.stints, at)

    def backup_at(self, at: datetime) -> tuple[str, ...]:
        """The backup at such an instant."""
        return _with_stints(self.backup, self.backup_stints, at)

    def changes(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """Yield when a stint begins or ends between two instants, these left out; in no order."""
        for stint in (*self.stints, *self.backup_stints):
            yield from (at for at in (stint.begins, stint.ends) if after < at < before)

    def only(self, users: Container[str]) -> "Shift":
        """The shift without all others than ``users``."""

        def keep(stints: Iterable[Stint]) -> tuple[Stint, ...]:
            return tuple(stint for stint in stints if stint.user in users)

        return replace(
            self,
            people=tuple(user for user in self.people if user in users),
            backup=tuple(user for user in self.backup if user in users),
            stints=keep(self.stints),
            backup_stints=keep(self.backup_stints),
        )


def _with_stints(
    people: tuple[str, ...], stints: tuple[Stint, ...], at: datetime
) -> tuple[str, ...]:
    """The people, then those whose stint covers the instant; each once."""
    if not stints:
        return people
    return tuple(dict.fromkeys((*people, *(each.user for each in stints if each.covers(at)))))


def staff_shifts(
    shifts: Iterable[Shift],
    holders: Callable[[str], Iterable[str]],
    stints: Callable[[str], Iterable[Stint]] = lambda _: (),
) -> tuple[Shift, ...]:
    """The shifts with each name in them replaced by its ``holders``; one may be left empty.

    ``stints`` are those of a name that is a schedule, which has no holders here.
    """

    def users(names: Iterable[str]) -> tuple[str, ...]:
        """The holders of all these names in order, each once."""
        return tuple(dict.fromkeys(user for each in names for user in holders(each)))

    def turns(names: Iterable[str]) -> tuple[Stint, ...]:
        """The stints of all these names."""
        return tuple(stint for each in names for stint in stints(each))

    return tuple(
        replace(
            shift, people=users(shift.people), backup=users(shift.backup),
            stints=turns(shift.people), backup_stints=turns(shift.backup),
        )
        for shift in shifts
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Absence:
    """That a person is away from ``begins`` until before ``ends``; ``deputy`` may be empty."""

    user: str
    begins: datetime
    ends: datetime
    deputy: str = ""

    def covers(self, at: datetime) -> bool:
        """Whether the person is away at that instant."""
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is on duty at an instant, and who is the backup; the first named first.

    ``shifts`` are the names of the open shifts, ``until`` is when the first of them ends.
    """

    people: tuple[str, ...]
    backup: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which no one is on duty; ``away`` are those who would be, were they there."""

    begins: datetime
    ends: datetime
    away: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rota:
    """The shifts with their calendars, those on duty without shifts, and who is away when.

    ``everybody`` are those who are on duty while there are no shifts.
    """

    shifts: Sequence[Shift]
    calendars: Mapping[str, Calendar]
    everybody: Sequence[str]
    absences: Sequence[Absence] = ()

    def watch_at(self, at: datetime) -> Watch:
        """Who is on duty at an instant."""
        if not self.shifts:
            return Watch(self.stand_in(self.everybody, at))
        stretches = {
            shift: self.calendars[shift.calendar].windows(at, at + INSTANT) for shift in self.shifts
        }
        opened = [shift for shift, found in stretches.items() if found]
        return Watch(
            self.stand_in([user for shift in opened for user in shift.people_at(at)], at),
            self.stand_in([user for shift in opened for user in shift.backup_at(at)], at),
            tuple(shift.name for shift in opened),
            min((self._end_of(shift, at) for shift in opened), default=None),
        )

    def _end_of(self, shift: Shift, at: datetime) -> datetime:
        """When the shift that is open closes, or the next stint of it begins or ends.

        A week later at the most.
        """
        calendar = self.calendars[shift.calendar]
        closes = calendar.windows(at, at + timedelta(days=7))[0][1]
        return min(shift.changes(at, closes), default=closes)

    def stand_in(self, users: Iterable[str], at: datetime) -> tuple[str, ...]:
        """Those who are there, an absent one's deputy in their place; each once.

        A deputy who is away too is no deputy.
        """
        away = {each.user: each.deputy for each in self.absences if each.covers(at)}
        found = (away.get(user, user) for user in users)
        return tuple(dict.fromkeys(user for user in found if user and user not in away))

    def find_gaps(self, begins: datetime, ends: datetime) -> list[Gap]:
        """When no one is on duty in that time, in order; touching gaps are one."""
        gaps: list[Gap] = []
        for start, stop in self.cut_time(begins, ends):
            if self.watch_at(start).people:
                continue
            away = self.away_at(start)
            if gaps and gaps[-1].ends == start and gaps[-1].away == away:
                gaps[-1] = Gap(gaps[-1].begins, stop, away)
            else:
                gaps.append(Gap(start, stop, away))
        return gaps

    def away_at(self, at: datetime) -> tuple[str, ...]:
        """Those of the open shifts who are away; without shifts, of everybody."""
        away = {each.user for each in self.absences if each.covers(at)}
        named = list(self.everybody)
        if self.shifts:
            named = [
                user
                for shift in self.shifts
                if self.calendars[shift.calendar].windows(at, at + INSTANT)
                for user in shift.people_at(at)
            ]
        return tuple(dict.fromkeys(user for user in named if user in away))

    def cut_time(self, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The time cut where a shift opens or closes and where an absence begins or ends."""
        cuts = {begins, ends}
        for shift in self.shifts:
            for opens, closes in self.calendars[shift.calendar].windows(begins, ends):
                cuts |= {opens, closes}
            cuts |= {*shift.changes(begins, ends)}
        for absence in self.absences:
            cuts |= {at for at in (absence.begins, absence.ends) if begins < at < ends}
        yield from pairwise(sorted(cuts))
