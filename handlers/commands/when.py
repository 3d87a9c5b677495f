"""Times as people type them: ``until 5 Dec 18:00``, ``from tomorrow``, ``for 3 days``.

The words of every language are under ``when`` in commands.toml; a word of any of them may stand
beside those of another. What is read has neither clock nor zone: ``instants`` puts it at an
instant, by the clock of the person who typed it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cache

from handlers.commands import vocabulary

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMES = (
    *DAYS, *MONTHS, "until", "from", "for", "skip", "today", "tomorrow", "overmorrow", "next",
    "minutes", "hours", "days", "weeks", "noon", "midnight", "am", "pm",
)  # fmt: skip
SPAN_MAX = 9999
BY_CLOCK = ("minutes", "hours")  # spans after which the time of day is another
WORDS_MAX = 9  # that one time takes, the word before it too

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?\.?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_NUMBER = re.compile(r"(\d{1,4})(?:st|nd|rd|th|η|ης)?", re.IGNORECASE)
_LENGTH = re.compile(r"(\d{1,4})\s*([^\W\d]+)")
_GLUED = re.compile(r"(\d{1,2}(?:[:.]\d{2})?)([^\W\d]{2})")


@dataclass(frozen=True, slots=True)
class TypedTime:
    """What a time says; ``word`` is ``until``, ``from`` or ``for``.

    ``ahead`` counts days from today; ``month`` and ``day`` are a date, of ``year`` where one was
    typed; ``weekday`` counts from Monday, of the next week where ``following``; ``span`` is from
    now on, ``by_wall`` so that the time of day stays.
    """

    word: str
    ahead: int | None = None
    weekday: int | None = None
    following: bool = False
    day: tuple[int | None, int, int] | None = None  # year, month, day
    at: time | None = None
    span: timedelta | None = None
    by_wall: bool = False


@cache
def _words() -> dict[str, str]:
    """The words of all languages, folded, with their names in ``NAMES``; read once."""
    return dict(vocabulary.typed_words("when", NAMES))


def read_when(word: str, text: str) -> str | None:
    """The text, where it is a time that begins with ``word`` (``until`` or ``from``).

    ``for 3 days`` is a way to say until when. The word alone is taken too, so that what stands
    behind it can be named as not understood.
    """
    tokens = text.split()
    said = _words().get(vocabulary.fold_word(tokens[0])) if tokens else None
    if said == word and len(tokens) == 1:
        return text
    if said != word and not (word == "until" and said == "for" and len(tokens) > 1):
        return None
    return text if parse_time(text) is not None else None


def read_lasting(text: str) -> str | None:
    """A time that something lasts: ``until 15:30``, or a length alone, ``90m`` or ``2 hours``.

    A length is given back as ``for 90 m``, which is read as every other time is.
    """
    found = _LENGTH.fullmatch(text.strip())
    said = f"for {found[1]} {found[2]}" if found else text
    return read_when("until", said)


def read_for_person(text: str) -> str | None:
    """The user id in ``for <@U123|ada>``, in any language."""
    tokens = text.split()
    meant = [_words().get(vocabulary.fold_word(token)) for token in tokens]
    if meant[:1] != ["for"] or len(tokens) < 2 or set(meant[1:-1]) - {"skip"}:
        return None
    return vocabulary.read_user(tokens[-1])


def find_leftover(text: str) -> str:
    """The first words of a text that begins like a part of a time; empty for one that does not.

    What stands behind a time and looks like one was meant to belong to it.
    """
    tokens = text.split()
    for place, token in enumerate(tokens):
        meanings = list(_meanings(token))
        if not meanings:
            continue  # an article
        part = meanings[0] in NAMES or _CLOCK.fullmatch(meanings[0]) or _ISO.fullmatch(meanings[0])
        return " ".join(tokens[: place + 2]) if part else ""
    return ""


def parse_time(text: str) -> TypedTime | None:
    """What the text says, with its first word; None for what is no time."""
    word, *rest = list(_meanings(text)) or [""]
    found = _parse(rest)
    if (
        found is None
        or word not in ("until", "from", "for")
        or (word == "for") != (found.span is not None)
    ):
        return None
    return replace(found, word=word)


def _meanings(text: str) -> Iterator[str]:
    """Each word by its name in ``NAMES``, or as it is; articles and the like are left out."""
    for token in text.replace(",", " ").split():
        glued = _GLUED.fullmatch(token)
        parts = glued.groups() if glued and vocabulary.fold_word(glued[2]) in _words() else (token,)
        for part in parts:
            folded = vocabulary.fold_word(part.replace(".", "") if part[:1].isalpha() else part)
            meaning = _words().get(folded, part)
            if meaning != "skip":
                yield meaning


def _parse(words: Sequence[str]) -> TypedTime | None:
    """Read a day, a time of day, or both in either order; or a span."""
    if (span := _span(words)) is not None:
        return TypedTime("", span=span, by_wall=words[1] not in BY_CLOCK)
    for cut in range(len(words) + 1):
        for days, clock in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            day, at = _day(days), _clock(clock)
            if (day or not days) and (at or not clock) and (day or at):
                return replace(day or TypedTime(""), at=at)
    return None


def _span(words: Sequence[str]) -> timedelta | None:
    """A number, at most ``SPAN_MAX``, of minutes up to weeks; None for any other words."""
    if len(words) != 2 or words[1] not in (*BY_CLOCK, "days", "weeks") or not words[0].isdigit():
        return None
    return timedelta(**{words[1]: int(words[0])}) if int(words[0]) <= SPAN_MAX else None


def _day(words: Sequence[str]) -> TypedTime | None:
    """The day that these words name, None where they name none."""
    match list(words):
        case ["today" | "tomorrow" | "overmorrow" as name]:
            return TypedTime("", ahead=("today", "tomorrow", "overmorrow").index(name))
        case ["days", "after", "tomorrow"]:
            return TypedTime("", ahead=2)
        case [name] if name in DAYS:
            return TypedTime("", weekday=DAYS.index(name))
        case ["next", name] if name in DAYS:
            return TypedTime("", weekday=DAYS.index(name), following=True)
        case [name, *rest] if name in DAYS and rest:  # "Mon 5 Dec": the date says it
            dated = _day(rest)
            return dated if dated and dated.day else None
        case [one] if found := _ISO.fullmatch(one):
            return TypedTime("", day=(int(found[1]), int(found[2]), int(found[3])))
        case [one] if found := _DAY_FIRST.fullmatch(one):
            typed = int(found[3]) if found[3] else None
            return TypedTime("", day=(typed, int(found[2]), int(found[1])))
        case [_, _] | [_, _, _]:
            return _named_day(list(words))
    return None


def _named_day(words: list[str]) -> TypedTime | None:
    """A day and a month by its name, in either order; then a year of four digits, or none."""
    first, second, *years = words
    month, day = (first, second) if first in MONTHS else (second, first)
    found = _NUMBER.fullmatch(day)
    if month not in MONTHS or not found or any(not re.fullmatch(r"[0-9]{4}", y) for y in years):
        return None
    year = int(years[0]) if years else None
    return TypedTime("", day=(year, MONTHS.index(month) + 1, int(found[1])))


def _clock(words: Sequence[str]) -> time | None:
    """The time of day that these words name, with am and pm; None where they name none."""
    match list(words):
        case ["noon"]:
            return time(12)
        case ["midnight"]:
            return time(0)
        case [one] if found := _CLOCK.fullmatch(one):
            return _time(int(found[1]), int(found[2]))
        case [one, "am" | "pm" as half] if found := _CLOCK.fullmatch(one) or _NUMBER.fullmatch(one):
            minute = int(found[2]) if found.re is _CLOCK else 0
            hour = int(found[1])
            return _time(hour % 12 + (12 if half == "pm" else 0), minute) if hour <= 12 else None
    return None


def _time(hour: int, minute: int) -> time | None:
    """The time of day; None for an hour or a minute that no clock shows."""
    return time(hour, minute) if hour < 24 and minute < 60 else None
