"""For how long the texts of a case are kept, and what stands in their place afterwards. Pure."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.rules.compliance.columns import Holds
from bot.rules.policy.reader import Table, whole_number

MARK = "[…]"  # in place of words that were there; the same in every language, and in migration 0760
# Keys of the records' JSON that hold no words of people: figures and sentences go by them. What a
# key that is not named here holds as text is forgotten.
FACT_KEYS = frozenset({
    "accept", "approve", "at", "by", "clock", "code", "cycle", "desk", "drift", "due",
    "duplicate", "events", "expected", "expected_on", "facilitator", "kind", "new",
    "next_update_at", "old", "owner", "party", "policy", "prevention", "priority", "problem",
    "received", "resolution_type", "result", "role", "root_cause", "route", "severity", "since",
    "spoken", "standing", "state", "status", "trigger", "turn", "type", "until", "urgency",
    "user", "way",
})  # fmt: skip


class Period(StrEnum):
    """Which texts go together: its value stands in the records, as ``forget_words``."""

    FILES = "files"
    SURVEY = "survey"
    WORDS = "words"


# What goes with which period; with the case's own words goes all that may not have gone before.
GOES: Mapping[Period, frozenset[Holds]] = {
    Period.FILES: frozenset({Holds.FILES}),
    Period.SURVEY: frozenset({Holds.SURVEY}),
    Period.WORDS: frozenset({Holds.CONTACT, Holds.WORDS, Holds.LINKS, Holds.FILES, Holds.SURVEY}),
}
SURVEYED = ("answered_pulse", "answered_survey")  # entries of the record that quote a survey
KEYS: Mapping[Period, tuple[str, tuple[int, int]]] = {
    Period.FILES: ("attachment_days", (1, 36500)),
    Period.SURVEY: ("survey_months", (1, 1200)),
    Period.WORDS: ("case_months", (1, 1200)),
}


@dataclass(frozen=True, slots=True)
class Retention:
    """How long texts are kept after a case has ended; None: for good, which is the default."""

    case_months: int | None = None
    attachment_days: int | None = None
    survey_months: int | None = None

    def keep(self, period: Period) -> int | None:
        """The policy's number for a period, in its own unit."""
        value: int | None = getattr(self, KEYS[period][0])
        return value

    def before(self, period: Period, now: datetime) -> datetime | None:
        """What ended before that instant goes now; None: nothing does."""
        keep = self.keep(period)
        if keep is None:
            return None
        return now - timedelta(days=keep) if period is Period.FILES else months_before(now, keep)


KEEP_ALL = Retention()


def read_retention(top: Table) -> Retention:
    """What the policy says under ``[retention]``; each key that it lacks keeps for good."""
    table = top.table("retention", [key for key, _ in KEYS.values()])
    found = {
        key: table.value(key, whole_number(*limits), limits[0])
        for key, limits in KEYS.values()
        if key in table
    }
    return Retention(**found)


def months_before(at: datetime, months: int) -> datetime:
    """The same day of an earlier month at the same time, or that month's last day."""
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    if years < 1:
        return datetime.min.replace(tzinfo=at.tzinfo)
    day = min(at.day, calendar.monthrange(years, month + 1)[1])
    return at.replace(year=years, month=month + 1, day=day)


def forget(value: Any, holds: Holds = Holds.WORDS) -> Any:
    """What is left of a value: numbers, None and the shape stay, and text becomes the mark.

    Of a mapping the text under ``FACT_KEYS`` stays, and every key. Contacts and links leave
    nothing, since an address must stay one or be empty.
    """
    match value:
        case str():
            return "" if holds in (Holds.CONTACT, Holds.LINKS) or not value else MARK
        case Mapping():
            return {
                key: part if key in FACT_KEYS and isinstance(part, str) else forget(part, holds)
                for key, part in value.items()
            }
        case list() | tuple():
            return [forget(part, holds) for part in value]
    return value


def forget_inside(value: Any, key: str) -> Any:
    """The mapping without what is below one key; anything else as it is."""
    if isinstance(value, Mapping) and value.get(key):
        return {**value, key: type(value[key])()}
    return value
