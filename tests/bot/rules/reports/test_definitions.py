"""The definitions, each at its edge: what counts when, and what is too little to be told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.reports.customers import count_actions, count_repeats, count_satisfaction, sum_money
from bot.rules.reports.figures import build_report
from bot.rules.reports.handling import (
    Rate,
    Span,
    count_backlog,
    measure_times,
    quantile,
    rate_again,
    rate_clocks,
    rate_updates,
)
from bot.rules.reports.periods import Period, PeriodKind
from bot.rules.reports.records import (
    ActionRecord,
    AnswerRecord,
    CaseClocks,
    CaseRecord,
    CycleRecord,
    OutcomeRecord,
    Records,
    net_of_waiting,
)
from bot.rules.words import ClockKind, Severity, Status, Trigger

PERIOD = Period(PeriodKind.QUARTER, date(2026, 7, 1), date(2026, 9, 30), "UTC")
BEGIN, END = PERIOD.begins, PERIOD.ends
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def case(number: int = 1, **fields: Any) -> CaseRecord:
    """A case that came on the second day of the period."""
    given = {
        "account": "a", "severity": Severity.SEV2, "status": Status.CLOSED,
        "trigger": Trigger.TECHNICAL, "received_at": BEGIN + DAY,
    }  # fmt: skip
    return CaseRecord(number=number, **{**given, **fields})


def cycle(due: datetime | None, met: datetime | None, broken: bool) -> CycleRecord:
    """A cycle of updates."""
    return CycleRecord(ClockKind.NEXT_UPDATE, BEGIN, due, met, broken)


def updates(*cycles: CycleRecord, now: datetime = NOW) -> tuple[int, int]:
    """Kept and due of a case with these cycles."""
    rate = rate_updates([case(clocks=CaseClocks(cycles))], PERIOD, now)
    return rate.part, rate.n


def test_kept_counts_when_it_was_done_and_broken_when_it_was_due() -> None:
    assert updates(cycle(END + HOUR, END - HOUR, broken=False)) == (1, 1)
    assert updates(cycle(END - HOUR, END + HOUR, broken=True)) == (0, 1)
    assert updates(cycle(BEGIN - HOUR, BEGIN + HOUR, broken=True)) == (0, 0)
    assert updates(cycle(None, BEGIN + HOUR, broken=False)) == (1, 1)  # while the clock waited
    assert updates(cycle(END - HOUR, None, broken=True)) == (0, 1)
    assert updates(cycle(END - HOUR, None, broken=True), now=END - 2 * HOUR) == (0, 0)


def test_a_rate_of_fewer_than_five_is_not_told() -> None:
    assert Rate(1, 4).percent is None
    assert Rate(1, 5).percent == 20
    few = [case(number, clocks=CaseClocks((cycle(END - HOUR, None, broken=True),)))
           for number in range(4)]  # fmt: skip
    (found,) = rate_clocks(few, PERIOD, NOW)
    assert (found.rate.part, found.rate.n, found.rate.percent) == (4, 4, None)


def test_waiting_counts_only_between_receipt_and_solution() -> None:
    waited = ((BEGIN - DAY, BEGIN + HOUR), (END - HOUR, None))
    assert net_of_waiting(BEGIN, END, waited) == END - BEGIN - 2 * HOUR
    assert net_of_waiting(BEGIN, END, ((END, END + DAY),)) == END - BEGIN


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_a_quantile_lies_between_its_ranks(minutes: list[int]) -> None:
    times = [timedelta(minutes=each) for each in minutes]
    assert quantile(times, Decimal(0)) == min(times)
    assert quantile(times, Decimal(1)) == max(times)
    middle, ninety = quantile(times, Decimal("0.5")), quantile(times, Decimal("0.9"))
    assert min(times) <= middle <= ninety <= max(times)


def test_a_solution_counts_in_the_period_in_which_it_came() -> None:
    solved = [case(n, resolved_at=BEGIN + (n + 2) * DAY) for n in range(5)]
    solved += [case(9, resolved_at=END), case(10, resolved_at=BEGIN - HOUR)]
    found = {each.span: each for each in measure_times(solved, PERIOD)}
    assert found[Span.RESOLVE].n == 5
    assert found[Span.RESOLVE].median == 3 * DAY
    assert found[Span.RESPOND].median is None


def test_a_customer_came_again_within_ninety_days_of_the_close() -> None:
    closed = case(1, closed_at=BEGIN + 5 * DAY)
    for after, again in ((90 * DAY, 1), (90 * DAY + HOUR, 0), (-HOUR, 0)):
        second = case(2, received_at=BEGIN + 5 * DAY + after)
        assert rate_again([closed, second], PERIOD, NOW).part == again
    other = case(2, account="b", received_at=BEGIN + 6 * DAY)
    assert rate_again([closed, other], PERIOD, NOW) == Rate(0, 1)


def test_the_backlog_is_what_was_open_at_that_instant() -> None:
    cases = [
        case(1, received_at=END - HOUR), case(2, received_at=END - 31 * DAY),
        case(3, received_at=END - 2 * DAY, resolved_at=END + HOUR),
        case(4, received_at=END - 2 * DAY, resolved_at=END - HOUR),
        case(5, received_at=END + HOUR), case(6, status=Status.MERGED),
    ]  # fmt: skip
    assert count_backlog(cases, END).counts == (1, 1, 0, 0, 0, 1)


def test_answers_are_compared_with_the_same_customer_s_of_ninety_days_before() -> None:
    def answer(case_: int, account: str, at: datetime, score: int) -> AnswerRecord:
        return AnswerRecord(case_, account, "survey", at, at, score)

    answers = [
        answer(1, "a", BEGIN - 89 * DAY, 2), answer(2, "a", BEGIN - 88 * DAY, 4),
        answer(3, "b", BEGIN - HOUR, 1),
    ]  # fmt: skip
    answers += [answer(10 + n, "a", BEGIN + n * HOUR, 5) for n in range(5)]
    found = count_satisfaction(answers, PERIOD)
    assert (found.mean.value, found.mean.n) == (5, 5)
    first = Decimal(5) - Decimal(3)
    assert found.delta.value is not None
    assert found.delta.n == 5
    assert Decimal(0) < found.delta.value < first


def test_a_due_day_is_in_time_and_one_ahead_counts_once_it_is_done() -> None:
    due = date(2026, 8, 10)
    items = [
        ActionRecord(due, due), ActionRecord(due, date(2026, 8, 11)), ActionRecord(due, None),
        ActionRecord(date(2026, 9, 30), None), ActionRecord(date(2026, 10, 1), None),
    ]  # fmt: skip
    found = count_actions(items, PERIOD, date(2026, 8, 20))
    assert (found.in_time.part, found.in_time.n, found.overdue) == (1, 3, 1)
    found = count_actions(items, PERIOD, date(2026, 12, 1))
    assert (found.in_time.part, found.in_time.n, found.overdue) == (1, 4, 2)


def test_what_stayed_and_what_went() -> None:
    def outcome(result: OutcomeResult, before: int | None, after: int | None) -> OutcomeRecord:
        amounts = [None if each is None else Decimal(each) for each in (before, after)]
        return OutcomeRecord("a", BEGIN, result, *amounts)

    outcomes = [
        outcome(OutcomeResult.SAVED, 100, None), outcome(OutcomeResult.REDUCED, 100, 70),
        outcome(OutcomeResult.LOST, 50, None), outcome(OutcomeResult.UNCHANGED, 900, 900),
        outcome(OutcomeResult.LOST, None, None), outcome(OutcomeResult.REDUCED, 10, None),
    ]  # fmt: skip
    found = sum_money([], outcomes, PERIOD, END)
    assert (found.saved, found.lost, found.outcomes) == (170, 80, 6)


def test_only_accounts_with_more_than_one_case_are_named() -> None:
    cases = [case(1), case(2), case(3, account="b"), case(4, account="b", received_at=END)]
    assert count_repeats(cases, PERIOD) == [("a", 2)]


def test_a_restricted_case_is_a_count_and_nothing_else() -> None:
    """The report with and without it differs in counts alone."""
    open_cases = [case(n, status=Status.INVESTIGATING) for n in range(6)]
    broken = CaseClocks((cycle(END - HOUR, None, broken=True),))
    secret = case(
        99, account="secret", restricted=True, status=Status.CLOSED, resolved_at=END - HOUR,
        closed_at=END - HOUR, reopened=(END - 2 * HOUR,), reported_at=BEGIN, clocks=broken,
        arr=Decimal(10**9), executive=True, severity=Severity.SEV1,
    )  # fmt: skip
    second = replace(secret, number=98)
    answers = (AnswerRecord(99, "secret", "survey", BEGIN, BEGIN + HOUR, 1),)
    plain = build_report(Records(tuple(open_cases)), PERIOD, NOW, money=True)
    told = build_report(
        Records((*open_cases, secret, second), answers=answers), PERIOD, NOW, money=True
    )
    assert (told.received, told.restricted, told.way.closed) == (8, 2, 2)
    counts = {
        name: getattr(plain, name) for name in ("volume", "trend", "way", "backlog", "restricted")
    }
    assert replace(told, **counts) == plain


@pytest.mark.parametrize("status", [Status.MERGED, Status.DISMISSED])
def test_what_went_elsewhere_is_in_no_figure(status: Status) -> None:
    report = build_report(Records((case(status=status),)), PERIOD, NOW, money=False)
    assert (report.received, report.elsewhere, report.money) == (0, 1, None)
