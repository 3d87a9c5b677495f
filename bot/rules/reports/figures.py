"""A report: every figure of a period, beside that of the period before. Pure.

Cases that were merged into another or dismissed are in no figure. Restricted cases are in the
counts of what came, of the way that cases went and of what is open, and in nothing else: no rate,
reason, time, account or amount tells of one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.rules.learning.outreach import Prevented, count_prevented
from bot.rules.local_time import local_day
from bot.rules.reports.customers import (
    BEFORE,
    Actions,
    Concessions,
    Money,
    Satisfaction,
    count_actions,
    count_causes,
    count_repeats,
    count_satisfaction,
    rank_counts,
    sum_concessions,
    sum_money,
)
from bot.rules.reports.handling import (
    SOON_AGAIN,
    Backlog,
    ClockRate,
    Rate,
    Times,
    count_backlog,
    measure_times,
    rate_again,
    rate_cards,
    rate_clocks,
    rate_drills,
    rate_late_discovery,
    rate_reopened,
    rate_updates,
)
from bot.rules.reports.periods import Period, PeriodKind, months_of, period_before
from bot.rules.reports.process import (
    PauseFigures,
    StatusFigure,
    count_pauses,
    measure_statuses,
)
from bot.rules.reports.records import CaseRecord, Records
from bot.rules.sponsorship.quarters import Adherence, add_months, count_adherence
from bot.rules.words import ClockKind, RootCause, Severity, Trigger

TREND = 12  # months of the trend, up to the period's last


@dataclass(frozen=True, slots=True)
class SeverityCount:
    """Cases of a severity: in the period, in the one before, and for a hundred customers.

    ``per_100`` is None where no customer is known.
    """

    severity: Severity
    count: int
    before: int
    per_100: Decimal | None


@dataclass(frozen=True, slots=True)
class Way:
    """How far the cases got that came in the period: each number is part of the one before.

    ``answered`` had a first answer in their customer's words, ``solved`` are resolved or beyond.
    """

    received: int
    acknowledged: int
    answered: int
    solved: int
    closed: int


@dataclass(frozen=True, slots=True)
class Handling:
    """How cases were handled in a period."""

    clocks: tuple[ClockRate, ...]
    times: tuple[Times, ...]
    updates: Rate
    reopened: Rate
    again: Rate
    late_discovery: Rate


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a period.

    Attributes:
        trend: For each of the last ``TREND`` months the cases by severity, from SEV1 on.
        heat: For each month of the period, or of the trend where that is one month, the rate of
            what was broken by clock.
        causes: With how many solved cases have none on record.
        repeats: Accounts that escalated more than once, by name.
        money: None for who may not read revenue; ``concessions`` likewise.
        restricted: Cases of the period that are in no rate.
        elsewhere: Cases that were merged or dismissed, and are in no figure.
        policies: Days of the period on which another policy came into force.
        statuses: Each status of the lifecycle, in its order.
        customer: Of whom it is; empty for all.

    """

    period: Period
    made_at: datetime
    volume: tuple[SeverityCount, ...]
    trend: tuple[tuple[Period, tuple[int, ...]], ...]
    triggers: tuple[tuple[Trigger, int], ...]
    way: Way
    handling: Handling
    before: Handling
    heat: tuple[tuple[Period, tuple[ClockRate, ...]], ...]
    backlog: Backlog
    satisfaction: Satisfaction
    satisfied_before: Satisfaction
    causes: tuple[tuple[RootCause, int], ...]
    unknown_causes: int
    repeats: tuple[tuple[str, int], ...]
    money: Money | None
    concessions: Concessions | None
    actions: Actions
    touches: Adherence
    cards: Rate
    drills: Rate
    prevented: Prevented
    restricted: int
    elsewhere: int
    policies: tuple[date, ...]
    statuses: tuple[StatusFigure, ...]
    pauses: PauseFigures
    customer: str = ""

    @property
    def received(self) -> int:
        """How many cases came in the period."""
        return sum(each.count for each in self.volume)

    @property
    def received_before(self) -> int:
        """How many came in the period before."""
        return sum(each.before for each in self.volume)


def begin_of_records(period: Period) -> datetime:
    """From when records are needed: for the trend, for the period before, and to compare with."""
    earlier = period_before(period)
    return min(trend_months(period)[0].begins, earlier.begins) - max(BEFORE, SOON_AGAIN)


def end_of_records(period: Period) -> datetime:
    """Until when cases are needed: those that tell that a customer came again."""
    return period.ends + SOON_AGAIN


def trend_months(period: Period) -> list[Period]:
    """The months of the trend, of which the last is the period's."""
    first = add_months(period.last.replace(day=1), 1 - TREND)
    return list(months_of(Period(PeriodKind.DAYS, first, period.last, period.zone)))


def build_report(
    records: Records, period: Period, now: datetime, *, money: bool, customer: str = ""
) -> Report:
    """Count everything; ``money`` says whether amounts are told.

    The store's clock says ``now``; what lies after it is in no figure.
    """
    counted = [case for case in records.cases if case.counts]
    told = [case for case in counted if not case.restricted]
    earlier, at = period_before(period), period.until(now)
    causes, unknown = count_causes(told, period)
    ours = [case for case in counted if period.holds(case.received_at)]
    answers = [each for each in records.answers if each.case in {case.number for case in told}]
    touched = [each for each in records.touches if period.holds(each[0])]
    return Report(
        period=period,
        made_at=now,
        volume=_volume(counted, period, earlier, records.customers),
        trend=tuple((month, _by_severity(counted, month)) for month in trend_months(period)),
        triggers=tuple(rank_counts(case.trigger for case in ours if not case.restricted)),
        way=_way(ours),
        handling=_handling(told, period, now),
        before=_handling(told, earlier, now),
        heat=_heat(told, period, now),
        backlog=count_backlog(counted, at),
        satisfaction=count_satisfaction(answers, period),
        satisfied_before=count_satisfaction(answers, earlier),
        causes=tuple(causes),
        unknown_causes=unknown,
        repeats=tuple((records.names.get(k, k), n) for k, n in count_repeats(told, period)),
        money=sum_money(told, records.outcomes, period, at) if money else None,
        concessions=sum_concessions(records.concessions, period) if money else None,
        actions=count_actions(records.actions, period, local_day(now, period.zone)),
        touches=count_adherence(touched, now),
        cards=rate_cards(records.cards, period),
        drills=rate_drills(records.drilled, records.people, period),
        prevented=count_prevented(records.tellings, now),
        restricted=sum(case.restricted for case in ours),
        elsewhere=sum(not c.counts and period.holds(c.received_at) for c in records.cases),
        policies=tuple(
            sorted({local_day(at, period.zone) for at in records.policies if period.holds(at)})
        ),
        statuses=measure_statuses(told, records.now, period),
        pauses=count_pauses(told, period),
        customer=customer,
    )


def _volume(
    cases: Sequence[CaseRecord], period: Period, earlier: Period, accounts: int
) -> tuple[SeverityCount, ...]:
    """What came, by severity as it is now."""
    now, before = _by_severity(cases, period), _by_severity(cases, earlier)
    return tuple(
        SeverityCount(each, new, old, Decimal(100 * new) / accounts if accounts else None)
        for each, new, old in zip(Severity, now, before, strict=True)
    )


def _by_severity(cases: Sequence[CaseRecord], period: Period) -> tuple[int, ...]:
    """How many cases came in a period, from SEV1 on."""
    found = Counter(case.severity for case in cases if period.holds(case.received_at))
    return tuple(found[each] for each in Severity)


def _way(cases: Sequence[CaseRecord]) -> Way:
    """How far cases got; one that got further went through what lies before.

    A case that was solved without a step in between is counted in that step too.
    """
    closed = sum(case.closed_at is not None for case in cases)
    solved = sum(case.resolved_at is not None or case.closed_at is not None for case in cases)
    answered = sum(_got(case, ClockKind.FIRST_RESPONSE) for case in cases)
    acknowledged = sum(
        _got(case, ClockKind.ACKNOWLEDGE) or _got(case, ClockKind.FIRST_RESPONSE) for case in cases
    )
    return Way(len(cases), acknowledged, answered, solved, closed)


def _got(case: CaseRecord, clock: ClockKind) -> bool:
    """Whether the clock was met, or the case got further."""
    if case.resolved_at is not None or case.closed_at is not None:
        return True
    return any(c.clock is clock and c.met_at is not None for c in case.clocks.cycles)


def _handling(cases: Sequence[CaseRecord], period: Period, now: datetime) -> Handling:
    """How cases were handled in a period, also in the one that is compared with."""
    return Handling(
        tuple(rate_clocks(cases, period, now)),
        tuple(measure_times(cases, period)),
        rate_updates(cases, period, now),
        rate_reopened(cases, period, now),
        rate_again(cases, period, now),
        rate_late_discovery(cases, period),
    )


def _heat(
    cases: Sequence[CaseRecord], period: Period, now: datetime
) -> tuple[tuple[Period, tuple[ClockRate, ...]], ...]:
    """The rates by clock and month; a period of a month has those of the trend beside it."""
    short = period.last - period.first <= timedelta(days=31)
    months = trend_months(period) if short else list(months_of(period))
    return tuple((m, tuple(rate_clocks(cases, m, now))) for m in months if m.begins < now)
