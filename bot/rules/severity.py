"""How grave a case is, and in which order it is worked on.

Of the severity there is a first idea from a few plain questions; a person decides. The more is lost
and the less the customer can do meanwhile, the higher. What the account is worth is not asked: it
raises the priority, which is computed and changes no severity.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

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
ORDER = tuple(Priority)  # the most pressing first


@dataclass(frozen=True, slots=True)
class Ranked:
    """A priority with what it rests on: ``severity``, then what moved it, in the order of asking.

    The reasons are ``now``, ``later``, ``value``, ``renewal`` and ``deadline``.
    """

    priority: Priority
    reasons: tuple[str, ...]


def urgency_of(case: CaseFacts) -> Urgency:
    """The urgency that a person set, else what the severity suggests: of a SEV1 by the hour."""
    return case.urgency or (Urgency.NOW if case.severity is Severity.SEV1 else Urgency.SOON)


def rank_case(case: CaseFacts) -> Ranked:
    """The case's priority at ``case.now``.

    It begins with the severity. Harm that grows by the hour moves it up by one, harm that does not
    grow down by one; a valued account or a renewal that is near up by one, together once; so does
    the customer's own deadline, and one within a day goes before all else.
    """
    urgency, worth, deadline = urgency_of(case), _worth(case), _left(case)
    moved = {Urgency.NOW: -1, Urgency.LATER: 1}.get(urgency, 0)
    reasons = ["severity", *([urgency.value] if moved else []), *worth]
    place = case.severity - 1 + moved - bool(worth)
    if deadline is not None and deadline <= NEAR:
        reasons.append("deadline")
        place = 0 if deadline <= CLOSE else place - 1
    return Ranked(ORDER[min(max(place, 0), len(ORDER) - 1)], tuple(reasons))


def _worth(case: CaseFacts) -> list[str]:
    """Why the account counts: what it is worth, and that its renewal is near."""
    account = case.account
    if account is None:
        return []
    until = (account.renewal - case.now.date()) if account.renewal else None
    found = ["value"] if account.valued else []
    return [*found, *(["renewal"] if until is not None and timedelta() <= until <= RENEWS else [])]


def _left(case: CaseFacts) -> timedelta | None:
    """How long until the customer's own deadline; None where there is none or it has passed."""
    ahead = case.deadline is not None and case.deadline > case.now
    return case.deadline - case.now if ahead and case.deadline else None
