"""Everything that is known of one case, and one entry of its record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.rules.facts.messages import SentFacts
from bot.rules.facts.people import AccountFacts, UnreachedFacts
from bot.rules.facts.steps import (
    ActionFacts,
    AskFacts,
    ClockFacts,
    ConfirmationFacts,
    DriftFacts,
    HandoverFacts,
    HoldFacts,
    OpinionFacts,
)
from bot.rules.words import (
    ClosureCode,
    HelpDesk,
    Language,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything that may be said about one case, as of ``now``."""

    number: int
    customer: str
    stake: str
    trigger: Trigger
    severity: Severity
    status: Status
    now: datetime
    received_at: datetime
    reporter: str
    owner: str
    language: Language
    account: AccountFacts | None = None
    sensitive: bool = False
    legal: bool = False
    executive: bool = False
    executive_reason: str = ""
    ticket_url: str = ""
    helpdesk: HelpDesk | None = None  # where its ticket is, when it is linked to one
    source_link: str = ""
    contact_name: str = ""
    contact_email: str = ""
    channel_id: str | None = None
    channel_name: str | None = None
    card_ts: str | None = None
    hold: HoldFacts | None = None
    roles: Mapping[Role, str] = field(default_factory=dict)
    clocks: tuple[ClockFacts, ...] = ()
    sent: tuple[SentFacts, ...] = ()
    confirmations: tuple[ConfirmationFacts, ...] = ()
    handovers: tuple[HandoverFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    opinions: tuple[OpinionFacts, ...] = ()
    drift: tuple[DriftFacts, ...] = ()
    unreached: tuple[UnreachedFacts, ...] = ()
    problem: int | None = None
    resolution_type: ResolutionType | None = None
    resolution_note: str = ""
    workaround_note: str = ""
    closure_code: ClosureCode | None = None
    root_cause: RootCause | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    postmortem_at: datetime | None = None
    version: int = 0

    @property
    def reference(self) -> str:
        """The case's name among people: ``ESC-7``."""
        return f"ESC-{self.number}"

    @property
    def breached(self) -> bool:
        """True while the customer waits past a due instant; a check-in is between us."""
        return any(
            c.state == "breached" and not c.ended and c.kind != "check_in" for c in self.clocks
        )

    def clock(self, kind: str) -> ClockFacts | None:
        """The clock of this kind, the newest cycle; None when there is none."""
        return next((c for c in self.clocks if c.kind == kind), None)


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """One entry of the append-only record."""

    id: int
    at: datetime
    actor: str
    verb: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    source: str = ""
