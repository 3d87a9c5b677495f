"""How cases were handled, in figures: promises by clock, times, updates, what came back. Pure.

A rate of fewer than ``FEW`` is not told, and times of fewer neither. Middles are medians, as one
case that took a month says nothing of the others; the ninetieth percentile lies between two ranks
in proportion.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.rules.reports.periods import Period
from bot.rules.reports.records import OVER, CaseRecord, CycleRecord, net_of_waiting
from bot.rules.words import ClockKind

FEW = 5
SOON_REOPENED = timedelta(days=14)
SOON_AGAIN = timedelta(days=90)
P90 = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of ``n``; ``percent`` is None for fewer than ``FEW``, which say too little."""

    part: int
    n: int

    @property
    def percent(self) -> Decimal | None:
        """The share, exact; None where there are too few."""
        return Decimal(100 * self.part) / self.n if self.n >= FEW else None


def rate_cards(cards: Iterable[tuple[datetime, datetime | None]], period: Period) -> Rate:
    """Of the role cards given in the period how many were understood before it ended.

    Each is when a person was given a role's card last, and when they understood it last. One that
    was understood before it was given again is not, until they say so once more.
    """
    given = [(told, read) for told, read in cards if period.holds(told)]
    return Rate(
        sum(read is not None and told <= read < period.ends for told, read in given), len(given)
    )


def rate_drills(
    done: Iterable[tuple[str, datetime]], people: Collection[str], period: Period
) -> Rate:
    """Of the people who have a role how many did a drill in the period, each counted once.

    ``done`` are people, and when a drill was over that counts for them.
    """
    drilled = {user for user, at in done if period.holds(at)}
    return Rate(len(drilled & set(people)), len(set(people)))


@dataclass(frozen=True, slots=True)
class ClockRate:
    """How much of what a clock owed came too late; ``rate`` counts what was broken."""

    clock: ClockKind
    rate: Rate


class Span(StrEnum):
    """What is measured from when a case was received."""

    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    RESOLVE_NET = "resolve_net"  # without what was spent waiting for others


ENDS = {
    Span.ACKNOWLEDGE: ClockKind.ACKNOWLEDGE,
    Span.RESPOND: ClockKind.FIRST_RESPONSE,
    Span.MITIGATE: ClockKind.WORKAROUND,
}


@dataclass(frozen=True, slots=True)
class Times:
    """The middle and the ninetieth percentile of so many times; None for fewer than ``FEW``."""

    span: Span
    n: int
    median: timedelta | None = None
    p90: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """Cases that are open at an instant, by age: below each of ``AGES``, and older.

    ``median`` is None without any.
    """

    counts: tuple[int, ...]
    median: timedelta | None

    @property
    def total(self) -> int:
        """How many are open."""
        return sum(self.counts)


AGES = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))


def rate_clocks(cases: Iterable[CaseRecord], period: Period, now: datetime) -> list[ClockRate]:
    """For each clock that owed something in the period how much was broken, in the clocks' order.

    What was broken counts when it was due, also while it is still owed; what was kept when it was
    done. What is not due yet is in neither.
    """
    found: dict[ClockKind, list[bool]] = {}
    for cycle in _decided(cases, period, now):
        found.setdefault(cycle.clock, []).append(cycle.broken)
    return [
        ClockRate(clock, Rate(sum(found[clock]), len(found[clock])))
        for clock in ClockKind
        if clock in found
    ]


def rate_updates(cases: Iterable[CaseRecord], period: Period, now: datetime) -> Rate:
    """Of the updates that customers should have had in the period, those they had in time.

    ``part`` counts what was kept, unlike the rates of ``rate_clocks``.
    """
    due = [c for c in _decided(cases, period, now) if c.clock is ClockKind.NEXT_UPDATE]
    return Rate(sum(not c.broken for c in due), len(due))


def _decided(cases: Iterable[CaseRecord], period: Period, now: datetime) -> list[CycleRecord]:
    """The cycles that were kept or broken in the period, up to now.

    One that was done while its clock waited, so without being due, was kept.
    """
    return [
        cycle
        for case in cases
        for cycle in case.clocks.cycles
        if (at := cycle.decided_at) is not None and period.holds(at) and at <= now
    ]


def measure_times(cases: Sequence[CaseRecord], period: Period) -> list[Times]:
    """How long it took to acknowledgement, answer, workaround and solution, in that order.

    What ended in the period counts, whenever it began. A solution that was taken back by a
    reopening is none.
    """
    return [_times(span, cases, period) for span in Span]


def _times(span: Span, cases: Sequence[CaseRecord], period: Period) -> Times:
    """One of them; the first cycle counts where a clock has several.

    Only the time without waiting looks at what the resolution clock waited for.
    """
    found = []
    for case in cases:
        end = _first_met(case, ENDS[span]) if span in ENDS else case.resolved_at
        if end is None or not period.holds(end):
            continue
        waited = case.clocks.waited if span is Span.RESOLVE_NET else ()
        found.append(net_of_waiting(case.received_at, end, waited))
    if len(found) < FEW:
        return Times(span, len(found))
    return Times(span, len(found), quantile(found, Decimal("0.5")), quantile(found, P90))


def _first_met(case: CaseRecord, clock: ClockKind) -> datetime | None:
    """When a clock of the case was first met, late or not; None for never."""
    met = [c.met_at for c in case.clocks.cycles if c.clock is clock and c.met_at is not None]
    return min(met, default=None)


def quantile(times: Sequence[timedelta], share: Decimal) -> timedelta:
    """The value below which that share lies, in proportion between two ranks; of at least one."""
    ordered = sorted(times)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * float(place - low)


def rate_reopened(cases: Iterable[CaseRecord], period: Period, now: datetime) -> Rate:
    """Of the solutions of the period, those that did not hold for ``SOON_REOPENED``.

    A solution that was taken back is known by its reopening alone, so it counts in the period in
    which the case was reopened.
    """
    held = reopened = 0
    for case in cases:
        reopened += sum(1 for at in case.reopened if period.holds(at) and at <= now)
        held += case.status in OVER and period.holds(case.resolved_at)
    return Rate(reopened, held + reopened)


def rate_again(cases: Sequence[CaseRecord], period: Period, now: datetime) -> Rate:
    """Of the cases closed in the period, those whose customer escalated again in ``SOON_AGAIN``."""
    received: dict[str, list[datetime]] = {}
    for case in cases:
        received.setdefault(case.account, []).append(case.received_at)
    closed = [
        (case.account, case.closed_at)
        for case in cases
        if case.closed_at is not None and period.holds(case.closed_at)
    ]
    again = sum(
        any(end < at <= min(end + SOON_AGAIN, now) for at in received[account])
        for account, end in closed
    )
    return Rate(again, len(closed))


def count_backlog(cases: Iterable[CaseRecord], at: datetime) -> Backlog:
    """What was open at that instant, by how long it had been since receipt."""
    ages = [at - case.received_at for case in cases if case.is_open(at)]
    counts, left = [], sorted(ages)
    for limit in AGES:
        counts.append(sum(age < limit for age in left))
        left = [age for age in left if age >= limit]
    return Backlog((*counts, len(left)), quantile(ages, Decimal("0.5")) if ages else None)


def rate_late_discovery(cases: Sequence[CaseRecord], period: Period) -> Rate:
    """Of the cases of the period, those of which the customer had told us before one was raised."""
    ours = [case for case in cases if period.holds(case.received_at)]
    return Rate(sum(case.reported_at is not None for case in ours), len(ours))
