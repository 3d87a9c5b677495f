"""Instants and days written out for people who do not read them in Slack.

Inside Slack ``<!date^…>`` shows each reader their own time; a customer's mail and a Markdown file
need the zone in words.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.rules.words import Language

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_GREEK_DAYS = (
    "τη Δευτέρα", "την Τρίτη", "την Τετάρτη", "την Πέμπτη", "την Παρασκευή", "το Σάββατο",
    "την Κυριακή",
)  # fmt: skip
_GREEK_MONTHS = (
    "Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου", "Ιουνίου", "Ιουλίου",
    "Αυγούστου", "Σεπτεμβρίου", "Οκτωβρίου", "Νοεμβρίου", "Δεκεμβρίου",
)  # fmt: skip
_GREEK_ZONES = {
    "Europe/Athens": "ώρα Ελλάδας",
    "Asia/Nicosia": "ώρα Κύπρου",
    "Europe/London": "ώρα Λονδίνου",
    "Europe/Berlin": "ώρα Βερολίνου",
    "Europe/Paris": "ώρα Παρισιού",
    "Europe/Rome": "ώρα Ρώμης",
    "America/New_York": "ώρα Νέας Υόρκης",
}


def known_zone(name: str) -> ZoneInfo:
    """The zone of this IANA name; UTC where there is none, which the text then says."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _offset(local: datetime) -> str:
    offset = local.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = abs(int(offset.total_seconds() // 60))
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(minutes, 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def _english_zone(local: datetime, zone: str) -> str:
    offset = _offset(local)
    if "/" not in zone or zone.startswith("Etc/"):
        return offset
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time ({offset})"


def _greek_zone(local: datetime, zone: str) -> str:
    named = _GREEK_ZONES.get(zone)
    return f"({named}, {_offset(local)})" if named else f"({_offset(local)})"


def day(on: date, language: Language) -> str:
    """A day with its weekday; in Greek with its article, so that it follows «έως» as well."""
    if language is Language.GREEK:
        return f"{_GREEK_DAYS[on.weekday()]} {on.day} {_GREEK_MONTHS[on.month - 1]} {on.year}"
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def moment(instant: datetime, language: Language, zone: str) -> str:
    """An aware instant on the wall clock of an IANA zone, with the zone in words.

    English follows "at" or "by": ``16:00 Athens time (UTC+2) on Tuesday 10 February 2026``.
    Greek carries its articles: ``την Τρίτη 10 Φεβρουαρίου 2026 στις 16:00 (ώρα Ελλάδας, UTC+2)``.
    """
    place = known_zone(zone)
    local, zone = instant.astimezone(place), place.key
    if language is Language.GREEK:
        at = "στη" if local.hour == 1 else "στις"
        return f"{day(local, language)} {at} {local:%H:%M} {_greek_zone(local, zone)}"
    return f"{local:%H:%M} {_english_zone(local, zone)} on {day(local, language)}"


def stamp(instant: datetime, zone: str = "UTC") -> str:
    """An instant for lists: ``2026-02-10 14:00``."""
    return f"{instant.astimezone(known_zone(zone)):%Y-%m-%d %H:%M}"


def duration(span: timedelta, language: Language) -> str:
    """A span in words, to the minute: ``1 hour 30 minutes``, ``1 ώρα και 30 λεπτά``."""
    greek = language is Language.GREEK
    hours, minutes = divmod(max(round(span.total_seconds() / 60), 0), 60)
    units = (("ώρα", "ώρες"), ("λεπτό", "λεπτά")) if greek else (
        ("hour", "hours"), ("minute", "minutes"))  # fmt: skip
    parts = [
        f"{count} {one if count == 1 else many}"
        for count, (one, many) in zip((hours, minutes), units, strict=True)
        if count
    ]
    return (" και " if greek else " ").join(parts) or f"0 {units[1][1]}"
