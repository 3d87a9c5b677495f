"""What the policy says of one help desk: rules, and what is written back there.

Everything is empty until it is set: then no ticket becomes a candidate, and nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.rules.words import HelpDesk, Severity

PROPERTIES = ("plan", "revenue")  # what is shown of a customer's properties, unless set


@dataclass(frozen=True, slots=True)
class Traits:
    """What a help desk has, in the words of its API.

    ``settable`` are the statuses that we may set: spam, a new ticket, and one that is closed for
    good are others' to decide. In those of ``open`` somebody there has to act. ``priorities`` and
    ``targets`` say whether its API tells them.
    """

    statuses: tuple[str, ...] = ()
    settable: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    priorities: bool = False
    targets: bool = False


TRAITS: Mapping[HelpDesk, Traits] = {
    HelpDesk.HELP_SCOUT: Traits(
        statuses=("active", "pending", "closed", "spam"),
        settable=("active", "pending", "closed"),
        open=("active",),
    ),
    HelpDesk.ZENDESK: Traits(
        statuses=("new", "open", "pending", "hold", "solved", "closed"),
        settable=("open", "pending", "hold", "solved"),
        open=("new", "open"),
        priorities=True,
        targets=True,
    ),
    HelpDesk.INTERCOM: Traits(
        statuses=("open", "snoozed", "closed"),
        settable=("open", "closed"),
        open=("open",),
        priorities=True,
    ),
}


def traits_of(desk: HelpDesk) -> Traits:
    """What the help desk has; nothing of one that stands in no row.

    Of that one no status is known, so the policy can name none for it.
    """
    return TRAITS.get(desk, Traits())


class Score(StrEnum):
    """How a customer rated an answer in the help desk; the values are words of the policy."""

    GREAT = "great"
    OKAY = "okay"
    BAD = "bad"


class Moment(StrEnum):
    """When something is written back into a ticket; the values are keys of the policy."""

    ESCALATED = "escalated"  # its candidate became a case
    ADDED = "added"  # its candidate was added to a case
    LOGGED = "logged"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class CandidateRule:
    """A ticket for which all that is named here holds is a candidate; something is named.

    ``mailbox`` is an id as text, ``status`` a word of the help desk's API. ``breach_within`` is how
    long before its target in the help desk ends, where that is told. ``severity`` is suggested, and
    does not count as something named: the policy's reader refuses a rule with nothing else.
    """

    tag: str = ""
    mailbox: str = ""
    status: str = ""
    priority: str = ""
    rating: Score | None = None
    breach_within: timedelta | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class HelpDeskTerms:
    """What holds for one help desk.

    ``notes`` are the moments at which an internal note is left, ``tags`` and ``statuses`` what is
    set then, in the help desk's words; a moment that is in none of them leaves the ticket alone.
    ``properties`` are names of the customer's properties that a candidate shows.
    """

    candidates: tuple[CandidateRule, ...] = ()
    notes: frozenset[Moment] = frozenset()
    tags: Mapping[Moment, str] = field(default_factory=dict)
    statuses: Mapping[Moment, str] = field(default_factory=dict)
    properties: tuple[str, ...] = PROPERTIES

    @property
    def breach_within(self) -> timedelta | None:
        """How long before a target ends a ticket is looked at again; None: not for that.

        It is the longest of all rules.
        """
        return max((r.breach_within for r in self.candidates if r.breach_within), default=None)

    @property
    def own_tags(self) -> frozenset[str]:
        """The tags that we set, which are never a reason themselves, folded for comparing."""
        return frozenset(tag.casefold() for tag in self.tags.values())
