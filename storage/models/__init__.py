"""Every table, a module for each family; importing this package defines them all.

- ``compliance``: what was forgotten by rule, who read, was refused or took something out.
- ``cases``: the case with its roles, record, confirmations, handovers, actions and questions.
- ``clocks``: what happened to a case's clocks, what is computed from it, digests and mornings.
- ``messages``, ``mail``, ``tickets``: what passes between us and a customer, by its way.
- ``accounts``: what became of customers' business after a case, and at a renewal.
- ``approvals``: drafts and words that another person decides on.
- ``customer_requests``: how customers ask for an escalation themselves: by mail, by the form.
- ``executives``: the executive flag, executives' talks with customers.
- ``feedback``: customers' pages, surveys, and calls after a breach.
- ``focus``: the technical lead's focus, what it keeps back, questions to the lead.
- ``intake``: what arrived and may be a case, what was reported more than once or merged.
- ``known_issues``: minor faults that customers wait for, bugs in the developers' tracker.
- ``learning``: solved cases as they are found again, playbooks by which people work, role cards.
- ``people``: accounts, Slack users, who is away, schedules, what one may set off an hour.
- ``problems``: a problem of many customers, its broadcasts and its talking points.
- ``reviews``: public reviews, who owes a reply, how they were changed.
- ``sponsorship``: the executive sponsorship programme, its memberships and touches.
- ``work``: the inbox and the outbox, what was shown, what was done from a terminal, the chain
  over the records.

Rows of a case are changed only under the lock on its row (``storage.in_hand``), rows of a problem
under the lock on the problem's. Instants are aware UTC (``storage.types.Instant``). People are
Slack user ids, or ``system`` for what the app does by itself. A change of a table needs a
migration; ``storage.schema.schema_differences`` tells where one is missing.
"""

from storage.models.accounts.executives import ExecutiveContact, Flagging
from storage.models.accounts.meetings import CalendarEntry, Meeting, Postmortem
from storage.models.accounts.outcomes import Outcome
from storage.models.accounts.sponsorship import (
    SponsorBrief,
    Sponsorship,
    SponsorshipSignature,
    SponsorshipText,
    SponsorTouch,
)
from storage.models.approvals import (
    Concession,
    ConcessionApproval,
    Draft,
    LegalRoom,
    MessageTemplate,
    UndoneFulfilment,
)
from storage.models.cases import (
    ActionItem,
    Ask,
    Case,
    CaseRole,
    Confirmation,
    Handover,
    TimelineEvent,
)
from storage.models.clocks import (
    CalendarSpec,
    Clock,
    ClockEvent,
    Digest,
    EndedClocks,
    Fired,
    MorningNotice,
    PolicyVersion,
    Sighting,
)
from storage.models.compliance.access import AccessEvent
from storage.models.compliance.access_review import AccessReview
from storage.models.compliance.forgotten import Forgotten
from storage.models.connect import ConnectLink, ConnectMessage, ConnectThread
from storage.models.customer_requests import FormLink, FormRequest, StrangersPost
from storage.models.feedback import Asking, BreachTalk, CaseDecision, Contest, CustomerLink, Secret
from storage.models.focus.helpers import Helper
from storage.models.focus.period import FocusNotice, FocusPeriod, LeadQuestion
from storage.models.intake import Candidate, CaseMerge, CaseReport, Signal
from storage.models.known_issues import KnownIssue, TrackedBug
from storage.models.learning.drills import Drill, DrillDone
from storage.models.learning.lists import LeadList
from storage.models.learning.outreach import Outreach, OutreachAccount
from storage.models.learning.playbooks import AppliedPlaybook, OwnPlaybook
from storage.models.learning.quarters import QuarterDecision, QuarterlyReview
from storage.models.learning.readiness import RoleCard, TipReader
from storage.models.learning.solved import SolvedWord, WorkedThen
from storage.models.mail import Mail
from storage.models.messages import EditedPost, SentMessage
from storage.models.people import (
    Absence,
    Account,
    Allowance,
    DutySource,
    Person,
    ReadMark,
    ShiftEnd,
)
from storage.models.problems import (
    Affected,
    Broadcast,
    BroadcastRecipient,
    PointsPost,
    PointsReader,
    Problem,
    ProblemEvent,
    TalkingPoints,
)
from storage.models.reviews import Review, ReviewEdit
from storage.models.tickets import KnownTicket, TicketReply
from storage.models.work import (
    AuditEvent,
    AuditSalt,
    Inbox,
    Outbox,
    SeenRequest,
    SetupChoice,
    TerminalAction,
)

__all__ = [
    "Absence",
    "AccessEvent",
    "AccessReview",
    "Account",
    "ActionItem",
    "Affected",
    "Allowance",
    "AppliedPlaybook",
    "Ask",
    "Asking",
    "AuditEvent",
    "AuditSalt",
    "BreachTalk",
    "Broadcast",
    "BroadcastRecipient",
    "CalendarEntry",
    "CalendarSpec",
    "Candidate",
    "Case",
    "CaseDecision",
    "CaseMerge",
    "CaseReport",
    "CaseRole",
    "Clock",
    "ClockEvent",
    "Concession",
    "ConcessionApproval",
    "Confirmation",
    "ConnectLink",
    "ConnectMessage",
    "ConnectThread",
    "Contest",
    "CustomerLink",
    "Digest",
    "Draft",
    "Drill",
    "DrillDone",
    "DutySource",
    "EditedPost",
    "EndedClocks",
    "ExecutiveContact",
    "Fired",
    "Flagging",
    "FocusNotice",
    "FocusPeriod",
    "Forgotten",
    "FormLink",
    "FormRequest",
    "Handover",
    "Helper",
    "Inbox",
    "KnownIssue",
    "KnownTicket",
    "LeadList",
    "LeadQuestion",
    "LegalRoom",
    "Mail",
    "Meeting",
    "MessageTemplate",
    "MorningNotice",
    "Outbox",
    "Outcome",
    "Outreach",
    "OutreachAccount",
    "OwnPlaybook",
    "Person",
    "PointsPost",
    "PointsReader",
    "PolicyVersion",
    "Postmortem",
    "Problem",
    "ProblemEvent",
    "QuarterDecision",
    "QuarterlyReview",
    "ReadMark",
    "Review",
    "ReviewEdit",
    "RoleCard",
    "Secret",
    "SeenRequest",
    "SentMessage",
    "SetupChoice",
    "ShiftEnd",
    "Sighting",
    "Signal",
    "SolvedWord",
    "SponsorBrief",
    "SponsorTouch",
    "Sponsorship",
    "SponsorshipSignature",
    "SponsorshipText",
    "StrangersPost",
    "TalkingPoints",
    "TerminalAction",
    "TicketReply",
    "TimelineEvent",
    "TipReader",
    "TrackedBug",
    "UndoneFulfilment",
    "WorkedThen",
]
