"""What it was for customers, and for the business: answers, accounts, causes, money. Pure.

Amounts are in euro. Who may read them is decided where the report is asked for.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.reports.handling import Rate
from bot.rules.reports.periods import Period, months_of
from bot.rules.reports.records import (
    OVER,
    ActionRecord,
    AnswerRecord,
    CaseRecord,
    ConcessionRecord,
    OutcomeRecord,
)
from bot.rules.sponsorship.metrics import Figure, mean_of
from bot.rules.words import RootCause, Severity

SURVEY, PULSE = "survey", "pulse"
Word = TypeVar("Word", bound=Enum)

BEFORE = timedelta(days=90)  # of an account's earlier answers that one is compared with
LISTED = 10  # accounts that escalated most


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What customers answered to the survey after a case.

    ``delta`` is the mean difference to the account's own mean of the ``BEFORE`` days before the
    answer, of those accounts that had answered then. ``response`` counts answers of questions.
    ``pulses`` has for each month of the period the mean answer while cases went on.
    """

    mean: Figure
    delta: Figure
    response: Rate
    pulses: tuple[tuple[Period, Figure], ...]


@dataclass(frozen=True, slots=True)
class Money:
    """Yearly revenue of accounts, in euro, with how many they are.

    ``at_risk`` is that of accounts with an open case of SEV1, SEV2 or executives at the end;
    ``unknown`` of these have none on record. ``saved`` is what stayed of what was at risk,
    ``lost`` what went.
    """

    at_risk: Decimal
    accounts: int
    unknown: int
    saved: Decimal
    lost: Decimal
    outcomes: int


@dataclass(frozen=True, slots=True)
class Concessions:
    """What was promised to customers in the period, in euro; ``fulfilled`` of these are done."""

    count: int
    worth: Decimal
    fulfilled: int


@dataclass(frozen=True, slots=True)
class Actions:
    """Action items due in the period: how many were done in time, and how many are late and open.

    ``overdue`` is as of the period's end, or of now while it goes on.
    """

    in_time: Rate
    overdue: int


def count_satisfaction(answers: Sequence[AnswerRecord], period: Period) -> Satisfaction:
    """The answers of the period; a question counts when it was asked, an answer when it came."""
    surveys = [each for each in answers if each.kind == SURVEY]
    scored = [each for each in surveys if _score_in(each, period) is not None]
    known: dict[str, list[AnswerRecord]] = {}
    for each in surveys:
        known.setdefault(each.account, []).append(each)
    deltas = [d for each in scored if (d := _delta(each, known[each.account])) is not None]
    asked = [each for each in surveys if period.holds(each.asked_at)]
    pulses = [each for each in answers if each.kind == PULSE]
    return Satisfaction(
        mean_of([Decimal(each.score or 0) for each in scored]),
        mean_of(deltas),
        Rate(sum(each.answered_at is not None for each in asked), len(asked)),
        tuple((month, _mean_in(pulses, month, period)) for month in months_of(period)),
    )


def _score_in(answer: AnswerRecord, period: Period) -> int | None:
    """The score of an answer that came in the period; None for others, and for no answer."""
    return answer.score if period.holds(answer.answered_at) else None


def _mean_in(answers: Sequence[AnswerRecord], month: Period, period: Period) -> Figure:
    """The mean of a month, as far as it lies in the period."""
    within = [each for each in answers if period.holds(each.answered_at)]
    scores = [score for each in within if (score := _score_in(each, month)) is not None]
    return mean_of([Decimal(score) for score in scores])


def _delta(answer: AnswerRecord, of_account: Sequence[AnswerRecord]) -> Decimal | None:
    """An answer compared with its account's earlier ones; None where it had none in that time."""
    at = answer.answered_at
    if at is None or answer.score is None:
        return None
    earlier = [
        each.score
        for each in of_account
        if each.score is not None
        and each.answered_at is not None and at - BEFORE <= each.answered_at < at
    ]  # fmt: skip
    return Decimal(answer.score) - Decimal(sum(earlier)) / len(earlier) if earlier else None


def rank_counts(words: Iterable[Word]) -> list[tuple[Word, int]]:
    """How often each word stands there, the most frequent first; equals in their enum's order."""
    found = Counter(words)
    order = [each for kind in {type(word) for word in found} for each in kind]
    return sorted(found.items(), key=lambda pair: (-pair[1], order.index(pair[0])))


def count_causes(
    cases: Iterable[CaseRecord], period: Period
) -> tuple[list[tuple[RootCause, int]], int]:
    """The root causes of what was solved in the period, the most frequent first, and the unknown.

    Equals stand in the order of ``RootCause``.
    """
    solved = [c for c in cases if c.status in OVER and period.holds(c.resolved_at)]
    listed = rank_counts(c.root_cause for c in solved if c.root_cause is not None)
    return listed, sum(c.root_cause is None for c in solved)


def count_repeats(cases: Iterable[CaseRecord], period: Period) -> list[tuple[str, int]]:
    """The accounts that escalated more than once in the period, the most often first."""
    found = Counter(case.account for case in cases if period.holds(case.received_at))
    often = [(account, count) for account, count in found.items() if count > 1]
    return sorted(often, key=lambda pair: (-pair[1], pair[0]))[:LISTED]


def sum_money(
    cases: Iterable[CaseRecord], outcomes: Sequence[OutcomeRecord], period: Period, at: datetime
) -> Money:
    """What was at risk at an instant, and what became of it in the period."""
    graver = {
        case.account: case.arr
        for case in cases
        if case.is_open(at) and (case.severity <= Severity.SEV2 or case.executive)
    }
    within = [each for each in outcomes if period.holds(each.at)]
    saved = [_kept(each) for each in within]
    lost = [_gone(each) for each in within]
    return Money(
        sum((arr for arr in graver.values() if arr is not None), Decimal()),
        len(graver),
        sum(arr is None for arr in graver.values()),
        sum(saved, Decimal()),
        sum(lost, Decimal()),
        len(within),
    )


def _kept(outcome: OutcomeRecord) -> Decimal:
    """What stayed of revenue that was at risk; 0 where that is not known."""
    if outcome.result not in (OutcomeResult.SAVED, OutcomeResult.REDUCED):
        return Decimal()
    kept = outcome.after
    if kept is None and outcome.result is OutcomeResult.SAVED:
        kept = outcome.before
    return kept or Decimal()


def _gone(outcome: OutcomeRecord) -> Decimal:
    """What went; 0 where that is not known, or where it grew."""
    if outcome.result not in (OutcomeResult.LOST, OutcomeResult.REDUCED) or outcome.before is None:
        return Decimal()
    after = outcome.after
    if after is None and outcome.result is OutcomeResult.REDUCED:
        return Decimal()
    return max(Decimal(), outcome.before - (after or Decimal()))


def sum_concessions(concessions: Iterable[ConcessionRecord], period: Period) -> Concessions:
    """What was promised in the period."""
    ours = [each for each in concessions if period.holds(each.promised_at)]
    done = sum(each.fulfilled_at is not None for each in ours)
    return Concessions(len(ours), sum((each.worth for each in ours), Decimal()), done)


def count_actions(actions: Iterable[ActionRecord], period: Period, today: date) -> Actions:
    """The action items of a period; the due day itself is in time.

    One that is due today or later counts only once it was done.
    """
    ours = [each for each in actions if period.first <= each.due <= period.last]
    due = [each for each in ours if each.done is not None or each.due < today]
    until = min(period.last, today)
    return Actions(
        Rate(sum(each.done is not None and each.done <= each.due for each in due), len(due)),
        sum((each.done is None or each.done > until) and each.due < today for each in ours),
    )
