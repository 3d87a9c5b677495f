"""The programme's figures, against a second computation that shares no code with the first."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.sponsorship.metrics import (
    FEW,
    Figure,
    Member,
    ProgrammeFigures,
    RenewalRecord,
    count_programme,
)
from bot.rules.sponsorship.quarters import Adherence

TODAY = date(2027, 6, 15)
DAYS = st.dates(date(2025, 1, 1), TODAY)
KEYS = st.sampled_from("abcdefgh")
AMOUNTS = st.none() | st.integers(1, 10**6).map(Decimal)


@st.composite
def members(draw: Any) -> Member:
    """A membership with what its account had before and since."""
    began = draw(DAYS)
    ended = draw(st.none() | st.integers(1, 500).map(lambda days: began + timedelta(days=days)))
    scores = draw(st.lists(st.tuples(DAYS, st.integers(1, 5)), max_size=6))
    cases = draw(st.lists(DAYS, max_size=6))
    return Member(draw(KEYS), began, ended, tuple(cases), tuple(scores))


RENEWALS = st.builds(RenewalRecord, KEYS, DAYS, st.sampled_from(OutcomeResult), AMOUNTS, AMOUNTS)


def same(figure: Figure | None, values: list[Fraction], value: Fraction | None = None) -> bool:
    """Whether a figure is the mean of these values, or ``value``, told of enough of them only."""
    assert figure is not None
    if figure.n != len(values) or (figure.value is None) != (len(values) < FEW):
        return False
    if figure.value is None:
        return True
    wanted = value if value is not None else sum(values, Fraction()) / len(values)
    return abs(Fraction(figure.value) - wanted) < Fraction(1, 10**9)


@given(st.lists(members(), max_size=14), st.lists(RENEWALS, max_size=20))
def test_every_figure_is_what_a_plain_count_gives(
    found: list[Member], renewals: list[RenewalRecord]
) -> None:
    told = count_programme(found, renewals, Adherence(3, 7), TODAY)
    until = [min(m.ended or TODAY, TODAY) for m in found]
    inside = [
        r for r in renewals
        if [1 for m, end in zip(found, until, strict=True)
            if m.account == r.account and m.began <= r.day and r.day <= end]
    ]  # fmt: skip
    stayed = [Fraction(0 if r.result == "lost" else 100) for r in inside]
    assert same(told.retention, stayed)
    worth = [(r.before, r.after) for r in inside if r.before is not None and r.after is not None]
    total = sum(Fraction(b) for b, _ in worth)
    growth = 100 * (sum(Fraction(a) for _, a in worth) / total - 1) if total else None
    assert same(told.expansion, [Fraction()] * len(worth), growth)
    lengths = []
    for m, end in zip(found, until, strict=True):
        span = relativedelta(end, m.began)
        lengths.append(span.years * 12 + span.months)
    middle = sorted(lengths)
    half = len(middle) // 2
    median = Fraction(middle[half] + middle[~half], 2) if middle else None
    assert same(told.tenure, [Fraction()] * len(found), median)
    assert told.adherence.n == 7
    assert round(float(told.adherence.value or 0), 6) == round(300 / 7, 6)
    before, since = [], []
    for m, end in zip(found, until, strict=True):
        if m.began + relativedelta(months=3) > end:
            continue
        stop = min(end, m.began + relativedelta(months=12))
        length = stop.toordinal() - m.began.toordinal()
        offsets = [day.toordinal() - m.began.toordinal() for day in m.cases]
        before.append(Fraction(365 * len([o for o in offsets if -length <= o <= -1]), length))
        since.append(Fraction(365 * len([o for o in offsets if 0 <= o <= length - 1]), length))
    assert same(told.before, before)
    assert same(told.since, since)
    now = [Fraction(s) for m, e in zip(found, until, strict=True) for d, s in m.scores
           if m.began <= d <= e]  # fmt: skip
    then = [Fraction(s) for m in found for d, s in m.scores
            if m.began - relativedelta(months=12) <= d < m.began]  # fmt: skip
    assert same(told.satisfaction, now)
    assert same(told.satisfied_before, then)


def test_of_four_nothing_is_told_and_of_five_it_is() -> None:
    def of(count: int) -> ProgrammeFigures:
        found = [Member(str(n), date(2026, 1, 1)) for n in range(count)]
        renewals = [
            RenewalRecord(str(n), date(2026, 6, 1), OutcomeResult.SAVED, Decimal(10), Decimal(12))
            for n in range(count)
        ]
        return count_programme(found, renewals, Adherence(count, count), TODAY)

    four, five = of(4), of(5)
    assert (four.retention, four.expansion) == (Figure(None, 4), Figure(None, 4))
    assert (four.tenure.value, four.adherence.value, four.since.value) == (None, None, None)
    assert (five.retention.value, five.expansion) == (100, Figure(Decimal(20), 5))
    assert (five.tenure.value, five.adherence.value) == (17, 100)


def test_a_renewal_of_an_account_that_had_left_is_not_the_programmes() -> None:
    found = [Member("a", date(2026, 1, 1), date(2026, 3, 1))]
    late = RenewalRecord("a", date(2026, 3, 2), OutcomeResult.LOST)
    assert count_programme(found, [late], Adherence(), TODAY).retention.n == 0
