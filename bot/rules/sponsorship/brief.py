"""The quarterly brief of a sponsored account: what it tells, and what the sponsor does next. Pure.

A brief is for one reader. Of restricted cases that they are not on it has a count and nothing else:
no promise, no answer, no question of theirs is in any of its figures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.facts.sponsorship import TouchFacts
from bot.rules.sponsorship.quarters import QUARTER, Adherence, add_months, end_of_day
from bot.rules.sponsorship.words import NextStep
from bot.rules.states import SponsorshipState
from bot.rules.words import ClockKind, Severity, Status

FEW = 5  # answers; of fewer each is shown, as their mean would say more than there is
UNHAPPY = 2  # of 5, at most
RENEWAL_NEAR = timedelta(days=120)
GRAVE = Severity.SEV2  # an open case at least as grave is asked about before one speaks


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a membership: its first day and its last, and the instants between.

    ``begins`` belongs to it and ``ends`` to the next; both are aware, in the organisation's zone.
    """

    first: date
    last: date
    begins: datetime
    ends: datetime

    def holds(self, instant: datetime | None) -> bool:
        """Whether something took place in it."""
        return instant is not None and self.begins <= instant < self.ends


@dataclass(frozen=True, slots=True)
class BriefCase:
    """A case that was open in the quarter, or was raised in it.

    ``stake`` is what the customer has at stake, as it was written. ``closed``: nothing more is done
    for the customer, as it is resolved, in review or closed.
    """

    reference: str
    stake: str
    severity: Severity
    status: Status
    executive: bool
    received_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """Something that the customer should have had by ``due``; ``kept_at`` is when they had it.

    None for what they still wait for, or never had. ``clock`` says what it was.
    """

    reference: str
    clock: ClockKind
    due: datetime
    kept_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """A decision that was asked of an executive and waits; ``mine``: of the reader."""

    reference: str
    question: str
    asked_of: str
    answer_by: datetime | None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class OpenCommitment:
    """What the customer was promised and is not done; ``late``: its day has passed.

    It is a commitment to a customer who threatened to cancel, or what was promised in a contact.
    """

    reference: str
    title: str
    owner: str
    due: date
    late: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """The next renewal's day, and what became of the last one that was recorded.

    ``day`` is as the accounts file has it, so it may have passed; None where it names none.
    """

    day: date | None = None
    result: OutcomeResult | None = None
    recorded_on: date | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What a reader may know of an account's quarter.

    People are named. ``restricted`` counts cases of which the reader knows nothing else. ``kept``
    and ``broken`` are promises that fell due in the quarter; ``commitments_kept`` those of
    executives that were done in it. ``scores`` are the customer's answers, 1 to 5, the newest last.
    ``arr`` is yearly revenue in whole units of ``currency``, None where it is not known or not for
    the reader, which ``money`` tells apart. ``missed`` are contacts that fell due in the quarter
    and were not made in time. ``for_sponsor``: the reader is the account's sponsor or deputy.
    """

    customer: str
    quarter: Quarter
    made_at: datetime
    reader: str
    state: SponsorshipState
    sponsor: str = ""
    deputy: str = ""
    began_on: date | None = None
    review_on: date | None = None
    ends_on: date | None = None
    cases: tuple[BriefCase, ...] = ()
    restricted: int = 0
    kept: int = 0
    broken: tuple[BrokenPromise, ...] = ()
    commitments_kept: int = 0
    commitments: tuple[OpenCommitment, ...] = ()
    scores: tuple[int, ...] = ()
    arr: int | None = None
    currency: str = ""
    money: bool = False
    renewal: Renewal = field(default_factory=Renewal)
    asks: tuple[OpenAsk, ...] = ()
    touches: tuple[TouchFacts, ...] = ()
    missed: tuple[TouchFacts, ...] = ()
    owed: TouchFacts | None = None
    adherence: Adherence = field(default_factory=Adherence)
    unread: bool = False
    end_proposed: bool = False
    for_sponsor: bool = False

    @property
    def today(self) -> date:
        """The day on which it was made, as that of the quarter's zone."""
        return self.made_at.astimezone(self.quarter.begins.tzinfo).date()


def quarter_at(began: date, instant: datetime, zone: ZoneInfo) -> tuple[Quarter, int]:
    """The quarter of a membership in which an instant falls, and its number from 1.

    An instant before the membership began falls in the first. Each is from the day after the one
    before ends; the first begins with the day on which the sponsor accepted.
    """
    number = 1
    while end_of_day(add_months(began, QUARTER * number), zone) <= instant:
        number += 1
    return build_quarter(began, number, zone), number


def build_quarter(began: date, number: int, zone: ZoneInfo) -> Quarter:
    """The quarter with this number, from 1; instants are in ``zone``."""
    last = add_months(began, QUARTER * number)
    before = add_months(began, QUARTER * (number - 1))
    first = began if number == 1 else before + timedelta(days=1)
    begins = end_of_day(first - timedelta(days=1), zone)
    return Quarter(first, last, begins.astimezone(zone), end_of_day(last, zone).astimezone(zone))


def list_next_steps(brief: Brief) -> tuple[NextStep, ...]:
    """What the sponsor does next, the most pressing first; never empty.

    Only of what the reader may know, as everything in a brief is.
    """
    found = tuple(_steps(brief))
    return found or (NextStep.STAY,)


def _steps(brief: Brief) -> Iterator[NextStep]:
    """Each step for which there is a reason, in the order of ``NextStep``.

    A contact that is late and one that is due are never both asked for.
    """
    open_grave = [each for each in brief.cases if not each.closed and each.severity <= GRAVE]
    near = brief.renewal.day is not None and (
        timedelta() <= brief.renewal.day - brief.today <= RENEWAL_NEAR
    )
    reasons: Sequence[tuple[bool, NextStep]] = (
        (any(each.mine for each in brief.asks), NextStep.ANSWER),
        (brief.owed is not None and brief.owed.late, NextStep.CALL_LATE),
        (bool(open_grave), NextStep.CASES),
        (bool(brief.broken), NextStep.BROKEN),
        (any(score <= UNHAPPY for score in brief.scores), NextStep.UNHAPPY),
        (any(each.late for each in brief.commitments), NextStep.COMMITMENTS),
        (near, NextStep.RENEWAL),
        (brief.end_proposed, NextStep.DECIDE),
        (brief.unread, NextStep.READ),
        (brief.owed is not None and not brief.owed.late, NextStep.CALL),
    )
    yield from (step for reason, step in reasons if reason)


def mean_score(scores: Sequence[int]) -> float | None:
    """The mean of the answers to one decimal; None of fewer than ``FEW``.

    Answers are 1 to 5, of 5 the best.
    """
    return round(sum(scores) / len(scores), 1) if len(scores) >= FEW else None
