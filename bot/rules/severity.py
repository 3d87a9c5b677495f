"""How grave a case is, and in which order it is worked on.

Of the severity there is a first idea from a few plain questions; a person decides. The more is lost
and the less the customer can do meanwhile, the higher. What the account is worth is not asked: it
raises the priority, which is computed and changes no severity.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.rules.facts import CaseFacts
from bot.rules.words import Priority, Severity, Urgency

GRAVE = ("business_stopped", "data_security_legal")
WORSE = ("no_workaround", "many_users", "deadline_near")
SIGNS = (*GRAVE, *WORSE)  # in the order in which they are asked


def suggest_severity(signs: Collection[str]) -> Severity | None:
    """The severity that these signs speak for; None when none of ``SIGNS`` is among them.

    One grave sign is SEV1; two others together are SEV2, one alone is SEV3. SEV4 is never
    suggested. What is no member of ``SIGNS`` is left out.
    """
    if any(sign in signs for sign in GRAVE):
        return Severity.SEV1
    worse = sum(sign in signs for sign in WORSE)
    if not worse:
        return None
    return Severity.SEV2 if worse > 1 else Severity.SEV3


RENEWS = timedelta(days=90)  # before a renewal, from which it counts
CLOSE = timedelta(days=1)  # before the customer's own deadline, from which nothing goes first
NEAR = timedelta(days=3)  # before it, from which it counts
DAY = timedelta(days=1)
ORDER = tuple(Priority)  # the most pressing first


@dataclass(frozen=True, slots=True)
class Standing:
    """What a priority is made of; ``urgency`` None is as the severity suggests.

    ``valued`` and ``renewal`` are the account's, False and None where there is no account.
    """

    severity: Severity
    urgency: Urgency | None = None
    deadline: datetime | None = None
    valued: bool = False
    renewal: date | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A priority with what it rests on: ``severity``, then what moved it, in the order of asking.

    The reasons are ``now``, ``later``, ``value``, ``renewal`` and ``deadline``.
    """

    priority: Priority
    reasons: tuple[str, ...]


def urgency_of(case: CaseFacts) -> Urgency:
    """The urgency that a person set, else what the severity suggests: of a SEV1 by the hour."""
    return _urgency(case.urgency, case.severity)


def _urgency(chosen: Urgency | None, severity: Severity) -> Urgency:
    return chosen or (Urgency.NOW if severity is Severity.SEV1 else Urgency.SOON)


def rank_case(case: CaseFacts) -> Ranked:
    """The case's priority at ``case.now``, as ``rank`` has it."""
    account = case.account
    worth = (account.valued, account.renewal) if account else (False, None)
    return rank(Standing(case.severity, case.urgency, case.deadline, *worth), case.now)


def rank(what: Standing, now: datetime) -> Ranked:
    """The priority at ``now``.

    It begins with the severity. Harm that grows by the hour moves it up by one, harm that does not
    grow down by one; a valued account or a renewal that is near up by one, together once; so does
    the customer's own deadline, and one within a day goes before all else.
    """
    urgency, worth, left = _urgency(what.urgency, what.severity), _worth(what, now), None
    if what.deadline is not None and what.deadline > now:
        left = what.deadline - now
    moved = {Urgency.NOW: -1, Urgency.LATER: 1}.get(urgency, 0)
    reasons = ["severity", *([urgency.value] if moved else []), *worth]
    place = what.severity - 1 + moved - bool(worth)
    if left is not None and left <= NEAR:
        reasons.append("deadline")
        place = 0 if left <= CLOSE else place - 1
    return Ranked(ORDER[min(max(place, 0), len(ORDER) - 1)], tuple(reasons))


def _worth(what: Standing, now: datetime) -> list[str]:
    """Why the account counts: what it is worth, and that its renewal is near."""
    until = (what.renewal - now.date()) if what.renewal else None
    found = ["value"] if what.valued else []
    return [*found, *(["renewal"] if until is not None and timedelta() <= until <= RENEWS else [])]


def next_turn(what: Standing, now: datetime) -> datetime | None:
    """When the priority may next change by time alone, after ``now``; None: never."""
    turns = []
    if what.deadline is not None:
        turns += [what.deadline - NEAR, what.deadline - CLOSE, what.deadline]
    if what.renewal is not None:
        day = datetime.combine(what.renewal, time(), UTC)
        turns += [day - RENEWS, day + DAY]
    return min((turn for turn in turns if turn > now), default=None)
