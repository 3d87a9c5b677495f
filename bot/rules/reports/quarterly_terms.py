"""The policy's table ``[quarterly_review]``: when a quarter is looked back on, and by whom."""

import re
from dataclasses import dataclass
from datetime import time

from bot.rules.policy.reader import Table, WrongValueError, list_of, one_of, whole_number
from bot.rules.words import Role

KEYS = ("day", "roles", "meets_after_days", "at", "minutes")
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class QuarterlyReviewPolicy:
    """When the review of a quarter is prepared, who is invited, and when it takes place.

    It is prepared in the morning of the ``day`` of the next quarter, counted from 1, and takes
    place ``meets_after`` days later, never on a weekend, ``at`` that time in the organisation's
    zone, for so many ``minutes``. Invited is everyone whom the policy names for one of ``roles``.

    What was planned by an earlier policy stays: the day of a quarter is set when its row is made,
    which is before the quarter ends. Who is invited, and when the meeting is, is read on that day.
    """

    day: int = 5
    roles: tuple[Role, ...] = (
        Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD, Role.DIRECTOR, Role.EXECUTIVE_OWNER,
    )  # fmt: skip
    meets_after: int = 7
    at: time = time(10)
    minutes: int = 60


USUAL_REVIEW = QuarterlyReviewPolicy()


def _hour(raw: object) -> time:
    """A time of day as ``10:00``. Raises WrongValueError."""
    if not isinstance(raw, str) or not HOUR.fullmatch(raw):
        raise WrongValueError(f"{raw!r} is not a time of day", "HH:MM")
    return time.fromisoformat(raw)


def read_quarterly_review(top: Table) -> QuarterlyReviewPolicy:
    """The table; a policy from before there was one has the defaults."""
    table, usual = top.table("quarterly_review", KEYS), USUAL_REVIEW
    return QuarterlyReviewPolicy(
        day=table.value("day", whole_number(1, 28), usual.day),
        roles=table.value("roles", list_of(one_of(Role)), usual.roles),
        meets_after=table.value("meets_after_days", whole_number(0, 60), usual.meets_after),
        at=table.value("at", _hour, usual.at),
        minutes=table.value("minutes", whole_number(15, 480), usual.minutes),
    )
