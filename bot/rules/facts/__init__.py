"""What is known of a case when something is said about it.

``bot`` fills these from the store (bot/core/snapshot.py), ``messages`` renders them; neither needs
the other's types. All instants are aware UTC; people are Slack user ids unless the field says
otherwise. Empty text means that nothing was given. Values are frozen: a later fact is a new value.
"""

from bot.rules.facts.case import CaseFacts, TimelineFacts
from bot.rules.facts.concessions import (
    ConcessionFacts,
    ConcessionPage,
    ConcessionView,
    UndoneFulfilmentFacts,
)
from bot.rules.facts.executives import CallFacts, ContactFacts, FlaggingFacts, OwedFacts
from bot.rules.facts.intake import (
    WAITING_MAX,
    CandidateFacts,
    CandidateLine,
    CandidatePageFacts,
    SignalFacts,
    UndoneFacts,
)
from bot.rules.facts.messages import (
    Composed,
    DraftFacts,
    LetterFacts,
    MailFacts,
    PromiseFacts,
    SentFacts,
    TemplateFacts,
)
from bot.rules.facts.people import AccountFacts, PersonFacts, UnreachedFacts
from bot.rules.facts.steps import (
    ActionFacts,
    ActionLine,
    ActionPage,
    AskFacts,
    ClockFacts,
    ConfirmationFacts,
    ContestFacts,
    DecisionFacts,
    DriftFacts,
    HandoverFacts,
    HoldFacts,
    OpinionFacts,
    PageFacts,
    RoundFacts,
    SiblingFacts,
    StandingFacts,
)
from bot.rules.facts.told import ToldFacts
from bot.rules.facts.views import (
    CaseFilter,
    CasePageFacts,
    DigestFacts,
    DutyDaysFacts,
    DutyFacts,
    HomeFacts,
    LeavingFacts,
    ReminderFacts,
    SourceFacts,
    TrendFacts,
)

__all__ = [
    "WAITING_MAX",
    "AccountFacts",
    "ActionFacts",
    "ActionLine",
    "ActionPage",
    "AskFacts",
    "CallFacts",
    "CandidateFacts",
    "CandidateLine",
    "CandidatePageFacts",
    "CaseFacts",
    "CaseFilter",
    "CasePageFacts",
    "ClockFacts",
    "Composed",
    "ConcessionFacts",
    "ConcessionPage",
    "ConcessionView",
    "ConfirmationFacts",
    "ContactFacts",
    "ContestFacts",
    "DecisionFacts",
    "DigestFacts",
    "DraftFacts",
    "DriftFacts",
    "DutyDaysFacts",
    "DutyFacts",
    "FlaggingFacts",
    "HandoverFacts",
    "HoldFacts",
    "HomeFacts",
    "LeavingFacts",
    "LetterFacts",
    "MailFacts",
    "OpinionFacts",
    "OwedFacts",
    "PageFacts",
    "PersonFacts",
    "PromiseFacts",
    "ReminderFacts",
    "RoundFacts",
    "SentFacts",
    "SiblingFacts",
    "SignalFacts",
    "SourceFacts",
    "StandingFacts",
    "TemplateFacts",
    "TimelineFacts",
    "ToldFacts",
    "TrendFacts",
    "UndoneFacts",
    "UndoneFulfilmentFacts",
    "UnreachedFacts",
]
