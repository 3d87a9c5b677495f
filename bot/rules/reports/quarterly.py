"""The quarterly review: which quarter, when it is prepared and takes place, what it must say. Pure.

It is the meeting in which those who lead look back on a quarter; a postmortem is of one case, and a
review alone is what a customer writes on a public site.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.rules.local_time import known_zone, local_day
from bot.rules.reports.periods import Period, period_before, quarter_of
from bot.rules.reports.quarterly_terms import QuarterlyReviewPolicy
from bot.rules.states import Prevention

WORDS_LEAST = 3  # of a part: one that only says "none" has fewer
LATE = timedelta(days=14)  # after its day a quarter of which there is no row is not looked back on
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class QuarterDecisionFacts:
    """What was decided: ``done_at`` None while it is open; ``quarter`` is that of its review.

    Attributes:
        decision: What will be different, as it was written.
        owner: The user id of who sees to it.
        due: A calendar day without a zone.
        done_by: Who said that it is done; empty while nobody has.
        evidence: By what it can be seen that it is done; empty while nobody has said so.
        reported_at: When it was said; with ``done_at`` None it waits for another to look.
        verifier: Who is asked to look, or has; empty where there is none.
        remark: What was missing when it was given back; empty where it was not.

    """

    id: int
    quarter: str
    decision: str
    owner: str
    due: date
    done_at: datetime | None = None
    done_by: str = ""
    evidence: str = ""
    reported_at: datetime | None = None
    verifier: str = ""
    remark: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is said to be done and another has not looked yet."""
        return self.reported_at is not None and self.done_at is None


@dataclass(frozen=True, slots=True)
class QuarterlyReviewFacts:
    """A quarterly review as it stands.

    Attributes:
        period: The quarter that it looks back on.
        meets_at: When it takes place; None before it was prepared.
        invited: User ids; of these ``yes`` come and ``no`` do not, the others have not answered.
        findings: What the business could do, by part; a part without a text is not there.
        held_at: When it was said to be held; None while it is not.
        decisions: Its own, the earliest first.
        open_before: Those of earlier reviews that are not done, those that wait for a look first.

    """

    id: int
    period: Period
    meets_at: datetime | None
    minutes: int
    invited: tuple[str, ...] = ()
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    findings: Mapping[Prevention, str] = field(default_factory=dict)
    held_at: datetime | None = None
    held_by: str = ""
    decisions: tuple[QuarterDecisionFacts, ...] = ()
    open_before: tuple[QuarterDecisionFacts, ...] = ()
    changed_at: datetime | None = None

    @property
    def missing(self) -> tuple[Prevention, ...]:
        """The parts that say neither what could be done nor why nothing."""
        return missing_parts(self.findings)


def missing_parts(findings: Mapping[Prevention, str]) -> tuple[Prevention, ...]:
    """The parts, in their order, of which less than ``WORDS_LEAST`` words are written.

    So each has what could be done, or a reason why nothing; a bare "none" is neither.
    """
    return tuple(p for p in Prevention if len(findings.get(p, "").split()) < WORDS_LEAST)


def to_plan(today: date, zone: str, policy: QuarterlyReviewPolicy) -> tuple[Period, ...]:
    """The quarters of which a row should stand: the one that goes on, and the last one.

    The last one only until ``LATE`` after its day, so that an organisation that begins with the app
    in the middle of a quarter is not asked about one of which it knows nothing.
    """
    present = quarter_of(today, zone)
    last = period_before(present)
    late = prepared_on(last, policy) + LATE < today
    return (present,) if late else (last, present)


def prepared_on(quarter: Period, policy: QuarterlyReviewPolicy) -> date:
    """The day on which the review of a quarter is prepared: early in the next one."""
    return quarter.last + timedelta(days=policy.day)


def meets_at(now: datetime, zone: str, policy: QuarterlyReviewPolicy) -> datetime:
    """When a review that is prepared now takes place, in UTC; a weekend moves it to Monday.

    A time that is not after ``now`` moves it to the next day that is no weekend.
    """
    day = local_day(now, zone) + timedelta(days=policy.meets_after)
    while True:
        if day.weekday() >= SATURDAY:
            day += timedelta(days=7 - day.weekday())
        found = datetime.combine(day, policy.at, known_zone(zone)).astimezone(UTC)
        if found > now:
            return found
        day += timedelta(days=1)
