"""Every table, a module a family."""

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
    Fired,
    PolicyVersion,
    Sighting,
)
from storage.models.customers import (
    Asking,
    BreachTalk,
    CustomerLink,
    Draft,
    Mail,
    MessageTemplate,
    Secret,
    SentMessage,
    TicketReply,
)
from storage.models.people import Account, Person
from storage.models.work import Inbox, Outbox

__all__ = [
    "Account",
    "ActionItem",
    "Ask",
    "Asking",
    "BreachTalk",
    "CalendarSpec",
    "Case",
    "CaseRole",
    "Clock",
    "ClockEvent",
    "Confirmation",
    "CustomerLink",
    "Digest",
    "Draft",
    "Fired",
    "Handover",
    "Inbox",
    "Mail",
    "MessageTemplate",
    "Outbox",
    "Person",
    "PolicyVersion",
    "Secret",
    "SentMessage",
    "Sighting",
    "TicketReply",
    "TimelineEvent",
]
