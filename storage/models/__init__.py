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
)
from storage.models.people import Account, Person
from storage.models.problems import (
    Affected,
    Broadcast,
    PointsPost,
    PointsReader,
    Problem,
    ProblemEvent,
    Receipt,
    TalkingPoints,
)
from storage.models.work import Inbox, Outbox

__all__ = [
    "Account",
    "ActionItem",
    "Affected",
    "Ask",
    "Asking",
    "BreachTalk",
    "Broadcast",
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
    "PointsPost",
    "PointsReader",
    "PolicyVersion",
    "Problem",
    "ProblemEvent",
    "Receipt",
    "Secret",
    "SentMessage",
    "Sighting",
    "TalkingPoints",
    "TimelineEvent",
]
