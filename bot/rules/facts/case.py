"""Everything that is known of one case, and one entry of its record.

The parts of a case are in the neighbours: ``messages`` (sent, drafts, templates), ``steps``
(clocks, holds, asks), ``people``; ``views`` is what one reader is shown of many cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.rules.bugs.state import BugFacts
from bot.rules.drift import EXPOSED
from bot.rules.facts.concessions import ConcessionFacts
from bot.rules.facts.executives import CallFacts, ContactFacts, FlaggingFacts
from bot.rules.facts.messages import LetterFacts, SentFacts
from bot.rules.facts.people import AccountFacts, UnreachedFacts
from bot.rules.facts.steps import (
    ActionFacts,
    AskFacts,
    ClockFacts,
    ConfirmationFacts,
    ContestFacts,
    DriftFacts,
    HandoverFacts,
    HoldFacts,
    OpinionFacts,
    PageFacts,
    SiblingFacts,
    StandingFacts,
)
from bot.rules.facts.told import ToldFacts
from bot.rules.focus.facts import FocusFacts
from bot.rules.sla import State
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
    Urgency,
)

# Clocks of which the customer knows nothing.
AMONG_US = frozenset({"check_in", "executive_acknowledge", "executive_call"})


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything that may be said about one case, as of ``now``.

    How much of it is filled depends on the query: for lists only roles and clocks are, with the
    clocks as they were last stored; for a single row not even those. Empty collections then mean
    "not asked".

    Attributes:
        stake: What the customer stands to lose; in their own words where ``stake_quoted``.
        received_at: When the case was raised; clocks of receipt count from here.
        reported_at: When the customer's own report came; None where that is not known to differ.
        language: The customer's, in which they are written to.
        urgency: How fast the harm grows, as a person set it; None: as the severity suggests.
        deadline: When the customer needs it at the latest, by their own word.
        component: The component of the product, as the policy names it; empty for none.
        contests: What the customer said against our ranking and was not answered yet.
        bug: The bug that it waits for; None while it is linked to none.
        source_link: The Slack message that the case was raised from.
        card_ts: Slack's timestamp of the card in the case's channel; None while there is none.
        roles: One holder for each role; a role that is not held is missing.
        clocks: Those that were started, finished ones too.
        sent: Messages that went out, oldest first; drafts and refused ones are not among them.
        handovers: Offers that wait for an answer.
        flagging: Who was asked to take the executive flag, and who has it; None without a flag.
        contacts: Executives' talks with the customer, oldest first.
        call: The call to the customer that a missed promise asks for; None while none is owed.
        drift: How Slack differs from the store, as it was last found.
        letter: What the customer is told of the resolution once the technical lead confirms it.
        private_channel: Only those invited can see the channel, restricted or no longer so.
        pages: Who was paged to take the case, or to know of it, and what they answered.
        told: Which stakeholders were told of the case, and whether they have seen it.
        problem: The number of the problem that the case is linked to.
        drill: It is only played; those who play it are on it.
        siblings: Other open cases of the same customer, oldest first; restricted ones are not
            among them. Only where one case is read by itself.
        duplicate_of: The number of the case that goes on in its place.
        merged_into: The number of the case in which it goes on; None unless it is merged.
        reports: How often it was reported, the first time included.
        helpers: Who helps with which skill, by user id.
        focus: That its technical lead is in focus; None without a focus.
        phrases: Phrases of playbooks in what the customer wrote later.
        last_report_at: When it was last reported again; None while it was reported once.
        shared: The customer has a status page that can be opened now.
        postmortem_at: When the meeting was held.
        version: Grows with each change; a card of an older version is out of date.
    """

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
    stake_quoted: bool = False
    phrases: tuple[str, ...] = ()
    reported_at: datetime | None = None
    urgency: Urgency | None = None
    deadline: datetime | None = None
    component: str = ""
    contests: tuple[ContestFacts, ...] = ()
    sensitive: bool = False
    drill: bool = False
    legal: bool = False
    legal_told: bool = False
    legal_filed: bool = False
    legal_hold_at: datetime | None = None
    forgotten_at: datetime | None = None  # since when its texts are deleted by rule
    executive: bool = False
    executive_reason: str = ""
    ticket_url: str = ""
    helpdesk: HelpDesk | None = None  # where its ticket is, when it is linked to one
    source_link: str = ""
    bug: BugFacts | None = None
    contact_name: str = ""
    contact_email: str = ""
    second_name: str = ""
    second_email: str = ""
    channel_id: str | None = None
    channel_name: str | None = None
    card_ts: str | None = None
    hold: HoldFacts | None = None
    standing: StandingFacts | None = None
    letter: LetterFacts | None = None
    private_channel: bool = False
    roles: Mapping[Role, str] = field(default_factory=dict)
    clocks: tuple[ClockFacts, ...] = ()
    sent: tuple[SentFacts, ...] = ()
    confirmations: tuple[ConfirmationFacts, ...] = ()
    handovers: tuple[HandoverFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    concessions: tuple[ConcessionFacts, ...] = ()
    flagging: FlaggingFacts | None = None
    contacts: tuple[ContactFacts, ...] = ()
    call: CallFacts | None = None
    opinions: tuple[OpinionFacts, ...] = ()
    drift: tuple[DriftFacts, ...] = ()
    unreached: tuple[UnreachedFacts, ...] = ()
    pages: tuple[PageFacts, ...] = ()
    told: tuple[ToldFacts, ...] = ()
    focus: FocusFacts | None = None
    helpers: Mapping[str, str] = field(default_factory=dict)
    problem: int | None = None
    siblings: tuple[SiblingFacts, ...] = ()
    duplicate_of: int | None = None
    merged_into: int | None = None
    reports: int = 1
    last_report_at: datetime | None = None
    shared: bool = False
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
    def exposed(self) -> bool:
        """True where others than our own people were found to read its channel."""
        return any(each.what in EXPOSED for each in self.drift)

    @property
    def reference(self) -> str:
        """The case's name among people: ``ESC-7``."""
        return f"ESC-{self.number}"

    @property
    def breached(self) -> bool:
        """True while the customer waits past a due instant.

        What only colleagues wait for does not count.
        """
        return any(
            c.state == State.BREACHED and not c.ended and c.kind not in AMONG_US
            for c in self.clocks
        )

    def clock(self, kind: str) -> ClockFacts | None:
        """The first clock of this kind, in its present cycle; None when it was never started."""
        return next((c for c in self.clocks if c.kind == kind), None)


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """One entry of the append-only record.

    ``before`` and ``after`` carry what ``UnitOfWork.note`` was given for the ``verb``: JSON values,
    by the names of the verb's own fields. ``why`` is what a person wrote; ``source`` is command,
    button, form, event, cli or clock.
    """

    id: int
    at: datetime
    actor: str
    verb: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    source: str = ""
