"""Whether a person knows what their role asks: what is on record of it, and what is missing.

How long what they know counts, and how often a card is given, is the policy's ``[readiness]``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.rules.policy.reader import Table, whole_number
from bot.rules.words import Role

KEYS = ("card_again_after_days", "refresh_after_days", "drill_after_days")
DAYS = whole_number(1, 1825)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ReadinessTerms:
    """When the card of a role is given again, and when what a person knows of it is old.

    ``card_again``: a person who gets the role once more after that time gets its card with the
    message. ``refresh``: so long it counts that they understood the card, which is not given to
    them again meanwhile. ``drill``: so long a drill counts that they did.
    """

    card_again: timedelta = timedelta(days=90)
    refresh: timedelta = timedelta(days=180)
    drill: timedelta = timedelta(days=365)


USUAL_READINESS = ReadinessTerms()


def read_readiness(top: Table) -> ReadinessTerms:
    """The policy's table ``[readiness]``; a policy from before there was one has the defaults.

    Days are whole, 1 to 1825.
    """
    table, usual = top.table("readiness", KEYS), USUAL_READINESS
    again = table.value("card_again_after_days", DAYS, usual.card_again.days)
    refresh = table.value("refresh_after_days", DAYS, usual.refresh.days)
    drill = table.value("drill_after_days", DAYS, usual.drill.days)
    return ReadinessTerms(timedelta(days=again), timedelta(days=refresh), timedelta(days=drill))


class Readiness(StrEnum):
    """How a person stands in a role, the most pressing first."""

    UNCONFIRMED = "unconfirmed"  # was given the card with a case, and has not confirmed it since
    UNREAD = "unread"  # is named for the role, and never had its card
    OLD = "old"  # understood it so long ago that they should read it again
    READY = "ready"


@dataclass(frozen=True, slots=True)
class RoleReading:
    """One person in one role.

    ``told_at`` is when they were last given the card, ``read_at`` when they last said that they
    understood it; None for not at all.
    """

    user: str
    role: Role
    told_at: datetime | None = None
    read_at: datetime | None = None

    def standing(self, now: datetime, refresh: timedelta) -> Readiness:
        """How they stand ``now``, where what was read counts for ``refresh``."""
        if self.told_at is not None and (self.read_at is None or self.read_at < self.told_at):
            return Readiness.UNCONFIRMED
        if self.read_at is None:
            return Readiness.UNREAD
        return Readiness.OLD if self.read_at + refresh <= now else Readiness.READY


@dataclass(frozen=True, slots=True)
class ReadinessRow:
    """How a person stands in a role; ``since``: when the card was given, read, or got too old."""

    reading: RoleReading
    standing: Readiness
    since: datetime | None


@dataclass(frozen=True, slots=True)
class DrillRow:
    """When a person last did a drill, None for never; ``counts``: it is not too long ago."""

    user: str
    done_at: datetime | None
    counts: bool


@dataclass(frozen=True, slots=True)
class DrillsPage:
    """Who did a drill, those for whom none counts first, who never did one before the others.

    ``done`` of ``total`` people did one in the last ``days``; ``rows`` are the first of them.
    """

    rows: tuple[DrillRow, ...] = ()
    done: int = 0
    total: int = 0
    days: int = 0

    @property
    def missing(self) -> int:
        """How many people have no drill that counts."""
        return self.total - self.done


@dataclass(frozen=True, slots=True)
class ReadinessPage:
    """What is on record, the most pressing first; ``ready`` of ``total`` know what is asked.

    ``rows`` are the first of them. ``own``: it is of the viewer alone. ``user`` and ``role`` say of
    whom it is, where that was asked. ``drills`` are of the same people.
    """

    rows: tuple[ReadinessRow, ...]
    ready: int
    total: int
    own: bool
    user: str = ""
    role: Role | None = None
    drills: DrillsPage = DrillsPage()


def rank_drills(
    done: Mapping[str, datetime | None], now: datetime, terms: ReadinessTerms, shown: int
) -> DrillsPage:
    """Who did a drill and when, by user id; at most ``shown`` rows."""
    rows = [
        DrillRow(user, at, at is not None and now < at + terms.drill) for user, at in done.items()
    ]
    rows.sort(
        key=lambda row: (row.counts, row.done_at.isoformat() if row.done_at else "", row.user)
    )
    counted = sum(row.counts for row in rows)
    return DrillsPage(tuple(rows[:shown]), counted, len(rows), terms.drill.days)


def rank_readiness(
    readings: Iterable[RoleReading], now: datetime, refresh: timedelta
) -> Sequence[ReadinessRow]:
    """Everyone's standing, the most pressing first, then by role and person."""
    order = list(Readiness)
    rows = [_row(each, each.standing(now, refresh), refresh) for each in readings]
    return sorted(rows, key=lambda r: (order.index(r.standing), r.reading.role, r.reading.user))


def _row(reading: RoleReading, standing: Readiness, refresh: timedelta) -> ReadinessRow:
    since = reading.told_at if standing is Readiness.UNCONFIRMED else reading.read_at
    if standing is Readiness.OLD and since is not None:
        since += refresh
    return ReadinessRow(reading, standing, since)
