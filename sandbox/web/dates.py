"""Instants in the reader's words: Slack's date tokens, clock times, day dividers.

Tokens as in Slack's reference of `<!date^unix^{token}…|fallback>`.
"""

import re
from datetime import UTC, datetime, timedelta

from sandbox.web.reader import Reader

_TOKEN = re.compile(r"\{(\w+)\}")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "el": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου"
    " Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
}
_DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "el": "Δευτέρα Τρίτη Τετάρτη Πέμπτη Παρασκευή Σάββατο Κυριακή",
}
_NEAR = {
    "en": {-1: "Yesterday", 0: "Today", 1: "Tomorrow"},
    "el": {-1: "Χθες", 0: "Σήμερα", 1: "Αύριο"},
}
_UNITS = {
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes")),
    "el": (("ημέρα", "ημέρες"), ("ώρα", "ώρες"), ("λεπτό", "λεπτά")),
}
_AGO = {
    "en": ("{} ago", "in {}", "just now"),
    "el": ("πριν από {}", "σε {}", "μόλις τώρα"),
}


def _words(table: dict[str, str], reader: Reader) -> list[str]:
    return table.get(reader.language, table["en"]).split()


def local(instant: datetime, reader: Reader) -> datetime:
    """The instant on the reader's wall clock."""
    return instant.astimezone(reader.zone)


def from_ts(ts: str) -> datetime:
    """The instant of a Slack `ts` ("1700000000.000100"), aware UTC."""
    return datetime.fromtimestamp(float(ts), UTC)


def clock_time(instant: datetime, reader: Reader, *, seconds: bool = False) -> str:
    """ "2:05 PM" for the United States and India, "14:05" elsewhere."""
    when = local(instant, reader)
    tail = f":{when:%S}" if seconds else ""
    if reader.locale in {"en-US", "en-IN"}:
        return f"{when.hour % 12 or 12}:{when:%M}{tail} {'PM' if when.hour >= 12 else 'AM'}"
    return f"{when:%H:%M}{tail}"


def _ordinal(day: int) -> str:
    if 10 < day % 100 < 14:
        return f"{day}th"
    return f"{day}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th') }"


def _date(when: datetime, reader: Reader) -> str:
    month = _words(_MONTHS, reader)[when.month - 1]
    if reader.language == "en":
        return f"{month} {_ordinal(when.day)}, {when.year}"
    return f"{when.day} {month} {when.year}"


def _date_short(when: datetime, reader: Reader) -> str:
    month = _words(_MONTHS, reader)[when.month - 1][:3]
    if reader.language == "en":
        return f"{month} {when.day}, {when.year}"
    return f"{when.day} {month} {when.year}"


def _date_long(when: datetime, reader: Reader) -> str:
    return f"{_words(_DAYS, reader)[when.weekday()]}, {_date(when, reader)}"


def _date_num(when: datetime, _reader: Reader) -> str:
    return f"{when:%Y-%m-%d}"


_DATES = {
    "date": _date,
    "date_short": _date_short,
    "date_long": _date_long,
    "date_num": _date_num,
}


def near_day(when: datetime, reader: Reader) -> str | None:
    """Yesterday, Today or Tomorrow on the reader's calendar; None for any other day."""
    days = (when.date() - local(reader.now, reader).date()).days
    return _NEAR.get(reader.language, _NEAR["en"]).get(days)


def ago(instant: datetime, reader: Reader) -> str:
    """The distance to workspace time in its largest unit: "3 hours ago", "in 1 day"."""
    gap = reader.now - instant
    past, future, now = _AGO.get(reader.language, _AGO["en"])
    units = _UNITS.get(reader.language, _UNITS["en"])
    sizes = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1))
    for (one, many), size in zip(units, sizes, strict=True):
        count = abs(gap) // size
        if count:
            phrase = f"{count} {one if count == 1 else many}"
            return (past if gap > timedelta(0) else future).format(phrase)
    return now


def _token(name: str, instant: datetime, reader: Reader, *, first: bool) -> str | None:
    when = local(instant, reader)
    if name in {"time", "time_secs"}:
        return clock_time(instant, reader, seconds=name == "time_secs")
    if name == "ago":
        return ago(instant, reader)
    plain = _DATES.get(name.removesuffix("_pretty"))
    if plain is None:
        return None
    near = near_day(when, reader) if name.endswith("_pretty") else None
    if near is None:
        return plain(when, reader)
    return near if first else near.lower()


def format_date(instant: datetime, pattern: str, reader: Reader) -> str | None:
    """Fill the tokens of a Slack date pattern; None when it holds a token nobody knows."""
    unknown = False

    def fill(match: re.Match[str]) -> str:
        nonlocal unknown
        word = _token(match[1], instant, reader, first=match.start() == 0)
        unknown = unknown or word is None
        return word or ""

    text = _TOKEN.sub(fill, pattern)
    return None if unknown else text


def full(instant: datetime, reader: Reader) -> str:
    """The whole instant for a tooltip: "Wednesday, February 18th, 2026 at 14:05"."""
    return f"{_date_long(local(instant, reader), reader)}, {clock_time(instant, reader)}"


def day_label(instant: datetime, reader: Reader) -> str:
    """The words of a day divider: "Today", or "Wednesday, February 18th, 2026"."""
    when = local(instant, reader)
    return near_day(when, reader) or _date_long(when, reader)
