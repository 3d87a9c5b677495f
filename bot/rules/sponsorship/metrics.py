"""What the sponsorship programme has brought, in figures: each with its n. Pure.

A rate of fewer than ``FEW`` is not told: it would say more about one customer than about the
programme. Nothing here is adjusted for anything else that changed meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.sponsorship.quarters import QUARTER, Adherence, add_months

FEW = 5
YEAR = 12  # months that are compared at most, before an account came in and since
KEPT = frozenset({OutcomeResult.SAVED, OutcomeResult.REDUCED, OutcomeResult.UNCHANGED})


@dataclass(frozen=True, slots=True)
class Member:
    """An account from when its sponsor accepted; ``ended`` is None while it goes on.

    ``cases`` are the days on which its executive cases were received, ``scores`` its answers to
    surveys with their days, 1 to 5.
    """

    account: str
    began: date
    ended: date | None = None
    cases: tuple[date, ...] = ()
    scores: tuple[tuple[date, int], ...] = ()

    def last_day(self, today: date) -> date:
        """Until when it counts: its end, or today while it goes on.

        An end that is entered ahead counts from when it is reached.
        """
        return min(self.ended, today) if self.ended else today


@dataclass(frozen=True, slots=True)
class RenewalRecord:
    """A renewal whose outcome was recorded; amounts in euro a year, None for not known."""

    account: str
    day: date
    result: OutcomeResult
    before: Decimal | None = None
    after: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and of how many it is; ``value`` is None where there are fewer than ``FEW``.

    ``n`` counts what the figure is made of: renewals, memberships, contacts or answers. It is told
    also where the value is not, so that one sees when there will be one.
    """

    value: Decimal | None
    n: int


@dataclass(frozen=True, slots=True)
class ProgrammeFigures:
    """The figures of the programme.

    ``retention``: percent of renewals within memberships at which the customer stayed.
    ``expansion``: by how many percent what these renewals bring differs from before; None for who
    may not read revenue.
    ``tenure``: the median of the memberships' months so far. ``adherence``: percent of contacts
    that were made in time. ``before`` and ``since``: executive cases an account and year, over as
    long before an account came in as it has been in, a year at most; of accounts that have been in
    for a quarter. ``satisfaction``: the mean answer since they came in, ``satisfied_before`` that
    of the year before.
    """

    retention: Figure
    expansion: Figure | None
    tenure: Figure
    adherence: Figure
    before: Figure
    since: Figure
    satisfaction: Figure
    satisfied_before: Figure


def count_programme(
    members: Sequence[Member],
    renewals: Iterable[RenewalRecord],
    adherence: Adherence,
    today: date,
) -> ProgrammeFigures:
    """Work out every figure; the day is that of the organisation's zone.

    ``renewals`` may have those of any account: only those within a membership count. ``adherence``
    is over all contacts that were due in the programme.
    """
    within = [each for each in renewals if _is_within(each, members, today)]
    valued = [(r.before, r.after) for r in within if r.before and r.after is not None]
    months = [_months(each.began, each.last_day(today)) for each in members]
    kept = [Decimal(100 * (each.result in KEPT)) for each in within]
    old = [each for each in members if add_months(each.began, QUARTER) <= each.last_day(today)]
    rates = [_case_rates(each, today) for each in old]
    early = [s for m in members for day, s in m.scores if _year_before(m) <= day < m.began]
    since = [s for m in members for day, s in m.scores if m.began <= day <= m.last_day(today)]
    return ProgrammeFigures(
        retention=mean_of(kept),
        expansion=_growth(valued),
        tenure=Figure(Decimal(median(months)), len(months))
        if len(months) >= FEW
        else Figure(None, len(months)),
        adherence=Figure(
            Decimal(100 * adherence.made) / adherence.due if adherence.due >= FEW else None,
            adherence.due,
        ),
        before=mean_of([first for first, _ in rates]),
        since=mean_of([second for _, second in rates]),
        satisfaction=mean_of([Decimal(each) for each in since]),
        satisfied_before=mean_of([Decimal(each) for each in early]),
    )


def mean_of(values: Sequence[Decimal]) -> Figure:
    """The mean of at least ``FEW`` values.

    Exact but for the division, so that the order in which rows were read changes nothing.
    """
    count = len(values)
    return Figure(sum(values, Decimal()) / count if count >= FEW else None, count)


def _growth(valued: Sequence[tuple[Decimal, Decimal]]) -> Figure:
    """By how many percent the sum of what is paid after differs from what was paid before.

    Pairs are amounts of one currency, the first of each above 0.
    """
    if len(valued) < FEW:
        return Figure(None, len(valued))
    before = sum((first for first, _ in valued), Decimal())
    after = sum((second for _, second in valued), Decimal())
    return Figure(100 * (after - before) / before, len(valued))


def _is_within(renewal: RenewalRecord, members: Sequence[Member], today: date) -> bool:
    """Whether a renewal took place while its account was in the programme.

    The first day and the last count. An account that came in twice counts for either time.
    """
    return any(
        each.account == renewal.account and each.began <= renewal.day <= each.last_day(today)
        for each in members
    )


def _case_rates(member: Member, today: date) -> tuple[Decimal, Decimal]:
    """Executive cases a year, over the same number of days before and since; a year at most.

    The day on which the account came in counts as since. The membership must have lasted a day.
    """
    end = min(member.last_day(today), add_months(member.began, YEAR))
    days = (end - member.began).days
    first = sum(1 for day in member.cases if 0 < (member.began - day).days <= days)
    second = sum(1 for day in member.cases if 0 <= (day - member.began).days < days)
    return Decimal(365 * first) / days, Decimal(365 * second) / days


def _year_before(member: Member) -> date:
    return add_months(member.began, -YEAR)


def _months(first: date, last: date) -> int:
    """Whole months between two days, the first not after the last.

    A month is over on the same day of the next, or on its last day where that is shorter.
    """
    count = 0
    while add_months(first, count + 1) <= last:
        count += 1
    return count
