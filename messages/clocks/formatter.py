"""Values in the words of a language and the local times of a zone: instants, amounts, hours.

Everything is plain text for explanations and pictures, where Slack draws no dates.
``messages/kit/dates.py`` writes times for customers, ``messages/kit/mrkdwn.py`` for Slack.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.rules.calendars.calendar import Calendar
from bot.rules.calendars.open_hours import ALL_DAY, ALWAYS, DAY_MINUTES, Office, Spans
from bot.rules.sla import Target
from bot.rules.words import ClockKind, HoldReason, Language
from messages.kit.dates import in_unit, short_day, short_weekday, zone_name
from messages.kit.template_context import lower_first
from messages.kit.texts import cldr_locale, label, plural, t

WINDOWS_SHOWN = 4  # of a stretch; a longer list is no longer read


class Teller:
    """Turns values into words of one language, with local times of one zone.

    ``zone`` is an IANA name; an unknown one raises zoneinfo.ZoneInfoNotFoundError. Times of
    ``year`` are written without it; None writes every year.
    """

    def __init__(self, language: Language, zone: str, year: int | None = None) -> None:
        self.language, self.zone, self.year = language, zone, year
        self._tz = ZoneInfo(zone)

    def say(self, phrase: str, **facts: object) -> str:
        """Fill in a text under ``explain`` (clocks.toml). Raises MissingTextError as ``t`` does."""
        return t(self.language, f"explain.{phrase}", **facts)

    def when(self, instant: datetime | None) -> str:
        """Write ``Tue 10 Feb 17:00`` in local time, with its year unless that is understood.

        Seconds are shown only where there are any. None is written as the word for now.
        """
        if instant is None:
            return self.say("now")
        local = instant.astimezone(self._tz)
        year = "" if local.year == self.year else f" {local.year}"
        return f"{self.day(local.date())}{year} {_wall(local)}"

    def day(self, day: date) -> str:
        """Write ``Tue 10 Feb``."""
        return short_day(day, self.language)

    def amount(self, length: timedelta) -> str:
        """Write ``2 h 30 min``; hours are not folded into days, which open time does not have.

        Rounded to the second; parts that are 0 are left out, and nothing at all is ``0 min``.
        """
        seconds = round(length.total_seconds())
        counts = {"hour": seconds // 3600, "minute": seconds // 60 % 60, "second": seconds % 60}
        named = [in_unit(n, unit, self.language) for unit, n in counts.items() if n]
        return " ".join(named) or in_unit(0, "minute", self.language)

    def target(self, target: Target | None) -> str:
        """Write ``8 h`` or ``5 business days``; a dash for a clock without a target."""
        if target is None:
            return "—"
        if target.minutes is not None:
            return self.amount(timedelta(minutes=target.minutes))
        if target.business_days is not None:
            return plural(self.language, "explain.target.business_days", target.business_days)
        return plural(self.language, "explain.target.calendar_days", target.calendar_days or 0)

    def clock(self, name: str) -> str:
        """Name the clock as people say it; ``handoff:3`` is "Handover 3".

        A name that the app does not know is shown with spaces for its underscores.
        """
        kind, _, number = name.partition(":")
        known = kind in set(ClockKind)
        spoken = (
            label(self.language, ClockKind(kind)) if known else kind.replace("_", " ").capitalize()
        )
        return f"{spoken} {number}".strip()

    def reasons(self, reasons: Iterable[str]) -> str:
        """Say why a clock waits; a reason that is no ``HoldReason`` is shown as it is."""
        known = set(HoldReason)
        return ", ".join(
            lower_first(label(self.language, HoldReason(reason)), self.language)
            if reason in known
            else reason
            for reason in reasons
        )

    def hours(self, calendar: Calendar) -> str:
        """Write ``Mon-Fri 09:00-17:00 (Europe/Athens), public holidays of GR``; a union joins them.

        Hours are local to the office, not to the reader.
        """
        if calendar.never_closes:
            return self.say("always")
        said = map(self._office, calendar.offices)
        return reduce(lambda first, second: self.say("both", first=first, second=second), said)

    def windows(self, calendar: Calendar, start: datetime, end: datetime) -> str:
        """List the open stretches between two instants; the middle of a long list is only counted.

        Four at most are shown, in the reader's zone: ``Tue 10 Feb 09:00-17:00``.
        """
        found = calendar.windows(start, end)
        if len(found) > WINDOWS_SHOWN:
            left_out = self.say("more", count=len(found) - WINDOWS_SHOWN + 1)
            shown = [*map(self._window, found[: WINDOWS_SHOWN - 2]), f"… {left_out} …"]
            return ", ".join([*shown, self._window(found[-1])])
        return ", ".join(map(self._window, found))

    def holidays(self, calendar: Calendar, start: datetime, end: datetime) -> str:
        """List the holidays and special days between two instants, with their names where known."""
        found = calendar.holidays(start, end, self.language.value)
        return ", ".join(f"{self.day(h.day)}{f' {h.name}' if h.name else ''}" for h in found)

    def _window(self, window: tuple[datetime, datetime]) -> str:
        """Write one stretch; one that ends at midnight ends at 24:00 of its own day."""
        opens, closes = (edge.astimezone(self._tz) for edge in window)
        same_day = (closes - timedelta(microseconds=1)).date() == opens.date()
        last = _wall(closes) if same_day else f"{self.day(closes.date())} {_wall(closes)}"
        if same_day and closes.date() != opens.date():
            last = "24:00"
        return f"{self.day(opens.date())} {_wall(opens)}-{last}"

    def _office(self, office: Office) -> str:
        """Write an office's week, its zone, and the country of its public holidays, if any.

        Days in a row with the same hours are joined, closed days left out.
        """
        week = groupby(enumerate(office.weekly), key=lambda entry: entry[1])
        runs = [([day for day, _ in days], spans) for spans, days in week if spans]
        hours = "; ".join(f"{self._days(days)} {_spans(spans)}" for days, spans in runs)
        if office.weekly == ALWAYS:
            hours = self.say("always")
        return f"{hours} ({self.zone_said(office.zone)}){self._law(office.country or '')}"

    def zone_said(self, zone: str) -> str:
        """Name a zone as people do; one without a city by its own name."""
        return zone_name(zone, self.language) or zone

    def _law(self, country: str) -> str:
        """Name the country whose public holidays count: ISO 3166, or a part of it (``GB-ENG``)."""
        if not country:
            return ""
        names = cldr_locale(self.language).territories
        named = str(names.get(country.partition("-")[0], country))
        return f", {self.say('holidays.of', country=named)}"

    def _days(self, days: list[int]) -> str:
        first, last = (short_weekday(day, self.language) for day in (days[0], days[-1]))
        return first if len(days) == 1 else f"{first}-{last}"


def _wall(local: datetime) -> str:
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def _spans(spans: Spans) -> str:
    """Write opening hours in minutes from midnight as ``09:00-13:00, 14:00-17:00``."""
    if spans == ALL_DAY:
        return "00:00-24:00"
    return ", ".join(f"{_minutes(opens)}-{_minutes(closes)}" for opens, closes in spans)


def _minutes(minutes: int) -> str:
    """Write minutes from midnight as a time; the end of a day is ``24:00``."""
    if minutes == DAY_MINUTES:
        return "24:00"
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"
