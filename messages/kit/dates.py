"""Instants and days written out for people who do not read them in Slack.

Inside Slack ``<!date^…>`` shows each reader their own time; a customer's mail and a Markdown file
need the zone in words. Instants are aware; a zone name that does not exist counts as UTC, which the
text then says.
"""

from datetime import date, datetime, timedelta
from typing import Literal, cast

from babel.dates import format_date, get_timezone_location
from babel.units import format_unit

from bot.rules.local_time import known_zone
from bot.rules.words import Language
from messages.kit.texts import cldr_locale, plural, t

YEAR_FROM = 180  # days between a letter and a day in it from which its year is written


def _offset(local: datetime) -> str:
    """Write the offset from UTC as ``UTC+2`` or ``UTC+5:30``."""
    offset = local.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = abs(int(offset.total_seconds() // 60))
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(minutes, 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def zone_name(zone: str, language: Language) -> str:
    """Name an IANA zone as people do: an idiom of the language, else its city; "" for UTC."""
    if "/" not in zone or zone.startswith("Etc/"):
        return ""
    named = language.data.zones.get(zone)
    if named is None:
        city = get_timezone_location(zone, locale=cldr_locale(language), return_city=True)
        named = t(language, "date.zone_of", city=city)
    return named


def format_day(on: date, language: Language) -> str:
    """Write a day with its weekday; in Greek with its article, so that it follows «έως» as well."""
    written = format_date(on, language.data.dates.long, cldr_locale(language))
    return t(language, f"date.weekday.{on.isoweekday()}", date=written)


def short_day(on: date, language: Language) -> str:
    """Write a day within a year that is understood: ``Tue 10 Feb``."""
    return format_date(on, language.data.dates.short, cldr_locale(language))


def full_day(on: date, language: Language) -> str:
    """Write a calendar day for lists: ``23 Nov 2026``."""
    return format_date(on, language.data.dates.medium, cldr_locale(language))


def short_weekday(number: int, language: Language) -> str:
    """Return the short name of a weekday, Monday being 0."""
    return str(cldr_locale(language).days["format"]["abbreviated"][number])


def format_moment(instant: datetime, language: Language, zone: str) -> str:
    """Write an aware instant on the wall clock of an IANA zone, with the zone in words.

    English follows "at" or "by": ``16:00 Athens time (UTC+2) on Tuesday 10 February 2026``. Greek
    carries its articles: ``την Τρίτη 10 Φεβρουαρίου 2026 στις 16:00 (ώρα Ελλάδας, UTC+2)``.
    """
    place = known_zone(zone)
    local, offset = instant.astimezone(place), _offset(instant.astimezone(place))
    name = zone_name(place.key, language)
    where = t(language, "date.zone", name=name, offset=offset) if name else (
        t(language, "date.offset", offset=offset))  # fmt: skip
    facts = {"time": f"{local:%H:%M}", "zone": where, "day": format_day(local.date(), language)}
    return plural(language, "date.moment", local.hour, **facts)


def format_letter_day(on: date, language: Language, today: date) -> str:
    """Write a day inside a letter: ``Tue 10 Feb``, ``την Τρίτη 10/2``.

    A day that is half a year away or more is written out with its year.
    """
    if abs((on - today).days) >= YEAR_FROM:
        return format_day(on, language)
    pattern = language.data.dates.letter or language.data.dates.short
    written = format_date(on, pattern, cldr_locale(language))
    return t(language, f"date.weekday.{on.isoweekday()}", date=written)


def format_letter_moment(
    instant: datetime, language: Language, zone: str, now: datetime, *, zoned: bool = False
) -> str:
    """Write an aware instant inside a letter: ``Tue 10 Feb, 16:00``.

    ``zone`` is the customer's IANA zone, which stands behind it with ``zoned``: a letter says it
    once, where it promises something.
    """
    place = known_zone(zone)
    local = instant.astimezone(place)
    day = format_letter_day(local.date(), language, now.astimezone(place).date())
    said = plural(language, "date.brief", local.hour, day=day, time=f"{local:%H:%M}")
    if not zoned:
        return said
    name = zone_name(place.key, language) or _offset(local)
    return t(language, "date.with_zone", moment=said, zone=name)


def format_stamp(instant: datetime, language: Language, zone: str = "UTC") -> str:
    """Write an instant for lists: ``10 Feb 2026, 14:00``, without the zone."""
    local = instant.astimezone(known_zone(zone))
    return f"{full_day(local.date(), language)}, {local:%H:%M}"


def in_unit(count: int, unit: str, language: Language, width: str = "") -> str:
    """Write a count of an ``hour``, ``minute`` or ``second``: ``2 h``, ``2 ώρες``.

    ``width`` is CLDR's; by default the language's own, with its exceptions.
    """
    own: str = getattr(language.data.units, unit)
    if own and not width:
        return own.format(count)
    chosen = cast('Literal["long", "short", "narrow"]', width or language.data.units.width)
    return format_unit(count, f"duration-{unit}", chosen, locale=cldr_locale(language)) or str(
        count
    )


def format_rough_duration(span: timedelta, language: Language) -> str:
    """Write a span as a person would say it: to 5 minutes, from 3 hours on to the hour, then days.

    At least 5 minutes.
    """
    minutes = span.total_seconds() / 60
    if minutes >= 2 * 24 * 60:
        days = round(minutes / (24 * 60))
        return str(format_unit(days, "duration-day", "long", locale=cldr_locale(language)))
    step = 60 if minutes >= 3 * 60 else 5
    return format_duration(timedelta(minutes=max(round(minutes / step) * step, 5)), language)


def format_duration(span: timedelta, language: Language) -> str:
    """Write a span in words, to the minute: ``1 hour 30 minutes``, ``1 ώρα και 30 λεπτά``."""
    hours, minutes = divmod(max(round(span.total_seconds() / 60), 0), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    said = [in_unit(count, unit, language, "long") for count, unit in parts if count]
    return t(language, "span.and").join(said) or in_unit(0, "minute", language, "long")
