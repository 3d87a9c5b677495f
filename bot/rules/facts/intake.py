"""What is known of a candidate: what arrived, from where, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.rules.facts.people import AccountFacts
from bot.rules.intake import Reason
from bot.rules.states import CandidateState
from bot.rules.words import Language, Priority, Severity, Trigger

WAITING_MAX = 100  # up to which those that wait are counted


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """One thing that arrived, as ``bot.rules.intake.Arrival`` says of its fields."""

    source: str
    text: str
    happened_at: datetime
    received_at: datetime
    link: str = ""
    rating: str = ""
    reported_by: str | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UndoneFacts:
    """A decision that was taken back: who made it and when, and who took it back."""

    state: CandidateState
    by: str
    at: datetime
    undone_by: str
    undone_at: datetime
    told: str = ""


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """A candidate with its newest signals, the newest first.

    ``count`` is how many there are. ``live`` are the numbers of the customer's live cases that are
    not restricted, the oldest first. ``told`` is what its sources were told. ``owner`` is who was
    on duty when it came. ``issue`` is the number of the known issue as which it was logged.
    ``undone`` is the decision before this one, where it was taken back; ``may_undo``: the one that
    stands can still be.
    """

    id: int
    customer: str
    account: AccountFacts | None
    contact_name: str
    contact_email: str
    contact_phone: str
    language: Language
    stake: str
    severity: Severity
    trigger: Trigger
    reasons: tuple[Reason, ...]
    sensitive: bool
    state: CandidateState
    count: int
    signals: tuple[SignalFacts, ...]
    happened_at: datetime
    received_at: datetime
    owner: str | None = None
    live: tuple[int, ...] = ()
    decided_by: str | None = None
    decided_at: datetime | None = None
    why: str = ""
    told: str = ""
    case_number: int | None = None
    issue: int | None = None
    undone: UndoneFacts | None = None
    may_undo: bool = False

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"CAN-{self.id}"


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """A candidate as a list shows it; ``count`` is how many reports it has."""

    id: int
    customer: str
    stake: str
    severity: Severity
    priority: Priority
    reasons: tuple[Reason, ...]
    sensitive: bool
    state: CandidateState
    count: int
    received_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    case_number: int | None = None

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"CAN-{self.id}"


@dataclass(frozen=True, slots=True)
class CandidatePageFacts:
    """One page of a list of candidates, pages counted from 1; ``more``: there is a page after it.

    ``waiting`` is how many wait in all, at most ``WAITING_MAX``, and 0 where it was not counted.
    """

    found: tuple[CandidateLine, ...] = ()
    page: int = 1
    more: bool = False
    waiting: int = 0
