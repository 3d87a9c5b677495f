"""The field's own words, as enums; the glossary in docs/glossary.md explains each.

Values are what is stored and what people type; they never change once released. Their names for
people are in the languages' files, so a new member needs a text in each language. States of rows
are in states.py.
"""

from enum import IntEnum, StrEnum

from bot.rules.languages import SOURCE, LanguageData, find_languages
from bot.rules.names import fold_name


class Severity(IntEnum):
    """Harm to the customer, ours to judge: 1 business stopped … 4 minor.

    The lower number is the graver one, so ``severity <= Severity.SEV2`` is SEV1 and SEV2.
    """

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3
    SEV4 = 4

    @property
    def label(self) -> str:
        """``SEV1`` … ``SEV4``, as people say it."""
        return f"SEV{self.value}"


class Urgency(StrEnum):
    """How fast the harm to the customer grows."""

    NOW = "now"  # by the hour
    SOON = "soon"  # by the day
    LATER = "later"  # it does not grow for the time being


class Priority(StrEnum):
    """In which order cases are worked on; made of severity, urgency and account, never chosen."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Status(StrEnum):
    """The status of a case in its lifecycle (lifecycle.py holds the transitions).

    ``DISMISSED`` and ``MERGED`` are ends without return; ``CLOSED`` can be reopened for a while.
    """

    CANDIDATE = "candidate"
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    INVESTIGATING = "investigating"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REVIEW = "review"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"


class ClockKind(StrEnum):
    """What a clock measures; docs/clocks.md has a row for each, bot/rules/sla its arithmetic.

    A clock's name is its kind, with a number where a case may have several: ``handoff:12``.
    """

    ACKNOWLEDGE = "acknowledge"
    FIRST_RESPONSE = "first_response"
    NEXT_REPLY = "next_reply"
    NEXT_UPDATE = "next_update"
    CHECK_IN = "check_in"
    WORKAROUND = "workaround"
    RESOLUTION = "resolution"
    HANDOFF = "handoff"
    CUSTOMER_CONFIRMATION = "customer_confirmation"
    POSTMORTEM_HELD = "postmortem_held"
    EXECUTIVE_ACKNOWLEDGE = "executive_acknowledge"
    EXECUTIVE_CALL = "executive_call"


class Role(StrEnum):
    """What a person is on a case, or in the organisation.

    On a case one person holds a role; in the policy any number do. What each may do:
    permissions.py.
    """

    REPORTER = "reporter"
    AGENT = "agent"
    ESCALATION_MANAGER = "escalation_manager"
    TECHNICAL_LEAD = "technical_lead"
    CSM = "csm"
    ACCOUNT_EXECUTIVE = "account_executive"
    SUPPORT_LEAD = "support_lead"
    COMMS_APPROVER = "comms_approver"
    EXECUTIVE_OWNER = "executive_owner"
    SPONSOR = "sponsor"
    DIRECTOR = "director"
    FINANCE_APPROVER = "finance_approver"
    LEGAL = "legal"
    FACILITATOR = "facilitator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Standing(StrEnum):
    """What a person is to our workspace; only members act, read and hold roles."""

    MEMBER = "member"
    GUEST = "guest"
    OUTSIDER = "outsider"  # of another workspace, in a channel shared by Slack Connect
    BOT = "bot"
    DEACTIVATED = "deactivated"
    UNKNOWN = "unknown"  # Slack knows no person under this id


class Trigger(StrEnum):
    """Why a case was escalated. Those in ``EXECUTIVE_TRIGGERS`` call for executives."""

    TECHNICAL = "technical"
    HANDLED_WRONGLY = "handled_wrongly"
    TOO_SLOW = "too_slow"
    UNHEARD = "unheard"
    NO_REPLY = "no_reply"
    THREAT_TO_CANCEL = "threat_to_cancel"
    LEGAL = "legal"
    EXTRAORDINARY = "extraordinary"


EXECUTIVE_TRIGGERS = frozenset({Trigger.THREAT_TO_CANCEL, Trigger.LEGAL, Trigger.EXTRAORDINARY})


class HoldReason(StrEnum):
    """The only reasons for which a clock may wait, as its ``pause_on`` says; never engineering."""

    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    CUSTOMER_REQUESTED = "customer_requested"
    SCHEDULED_CHANGE = "scheduled_change"


# Reasons that the customer's own message ends: we waited for their answer, or at their wish.
WAITS_FOR_CUSTOMER = frozenset({HoldReason.WAITING_CUSTOMER, HoldReason.CUSTOMER_REQUESTED})


class ResolutionType(StrEnum):
    """What ended the customer's trouble."""

    FIX = "fix"
    WORKAROUND = "workaround"


class ClosureCode(StrEnum):
    """How a case ended; given when it is closed, and taken back by a reopening."""

    FIXED = "fixed"
    WORKAROUND_ACCEPTED = "workaround_accepted"
    EXPLAINED = "explained"
    CONCESSION_ONLY = "concession_only"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    CHURNED = "churned"
    NO_RESPONSE = "no_response"


class RootCause(StrEnum):
    """The category under which the cause is learned from."""

    PRODUCT_DEFECT = "product_defect"
    CAPACITY = "capacity"
    CHANGE = "change"
    THIRD_PARTY = "third_party"
    CONFIGURATION = "configuration"
    DOCUMENTATION = "documentation"
    EXPECTATION_GAP = "expectation_gap"
    PROCESS = "process"
    COMMUNICATION = "communication"
    BILLING = "billing"
    SECURITY = "security"


class ActionType(StrEnum):
    """What kind of work an action item is."""

    TRAINING = "training"
    DOCUMENTATION = "documentation"
    PRODUCT = "product"
    PROCESS = "process"
    OWED = "owed"  # what an executive said in a talk that we owe
    COMMITMENT = "commitment"  # dated, to a customer who threatens to cancel


class AskMeaning(StrEnum):
    """What it means when an executive who was asked for a decision approves."""

    DECISION = "decision"  # yes to the question; it allows no money
    OFFER = "offer"  # of before concessions: it was one of money, and allows none any more


class ConcessionKind(StrEnum):
    """What a customer is granted; each is worth an amount of money."""

    GOODWILL = "goodwill"
    SERVICE_CREDIT = "service_credit"  # owed by contract
    DISCOUNT = "discount"
    FREE_TIME = "free_time"
    OTHER = "other"


class ConcessionReason(StrEnum):
    """Why a customer is granted something."""

    MISSED_PROMISE = "missed_promise"
    OUTAGE = "outage"
    DATA_LOSS = "data_loss"
    BILLING_ERROR = "billing_error"
    HANDLING = "handling"  # how we dealt with it
    RELATIONSHIP = "relationship"
    OTHER = "other"


class MessageKind(StrEnum):
    """The kinds of customer messages for which there are approved words in each language.

    Which of them fits a case at a moment is in letters.py.
    """

    ACKNOWLEDGEMENT = "acknowledgement"
    UPDATE = "update"
    WORKAROUND = "workaround"
    RESOLUTION = "resolution"
    APOLOGY = "apology"
    HOLDING = "holding"  # what is known while the cause is not
    SECURITY = "security"  # what a finding about data or security means for the customer
    LEGAL_HOLDING = "legal_holding"  # in a legal case: that it arrived, and when we answer
    NEW_CONTACT = "new_contact"
    SEVERITY_CHANGED = "severity_changed"
    ON_HOLD = "on_hold"
    WAITING = "waiting"  # for something from the customer
    LAST_REMINDER = "last_reminder"  # before the case is closed without an answer
    REOPENED = "reopened"
    CORRECTION = "correction"  # of our word that it is solved
    CLOSED = "closed"
    MEETING = "meeting"  # what the review found, and an invitation to go through it
    WHAT_CHANGED = "what_changed"  # because of what the customer told us afterwards
    EXECUTIVE = "executive"  # the first word of an executive
    GOODWILL = "goodwill"  # what was approved as an offer
    REVIEW_REPLY = "review_reply"  # in public, so without anything of the case
    NOT_ESCALATION = "not_escalation"
    AFFECTED = "affected"  # this and the next two go to many
    NOT_AFFECTED = "not_affected"
    OVER = "over"
    ISSUE_SHIPPED = "issue_shipped"  # this and the next two go to those who wait for a known issue
    ISSUE_SLIPPED = "issue_slipped"
    ISSUE_DROPPED = "issue_dropped"
    PRECAUTION = "precaution"  # to those who may meet what others had


class Withdrawable(StrEnum):
    """What can be taken back on a case; an offer of a role is named with its id behind a colon."""

    FLAG = "flag"  # for executives, with the legal threat where there is one
    RESTRICTION = "restriction"
    HANDOVER = "handover"
    RESOLUTION = "resolution"
    ASK = "ask"  # a decision asked of an executive, with its id


class Language(StrEnum):
    """The languages that people read: a folder each, found when the program starts.

    Members beside English are made from ``language.toml``: ``Language("el")`` is ``GREEK``.
    """

    _ignore_ = "each members"  # used only while it is made
    ENGLISH = SOURCE
    members = vars()
    for each in find_languages().values():
        if each.code != SOURCE:
            members[each.member] = each.code

    @property
    def data(self) -> LanguageData:
        """What its ``language.toml`` says."""
        return find_languages()[self.value]

    @property
    def chain(self) -> "tuple[Language, ...]":
        """The languages in which a text is looked for, in order and without repetition.

        The language itself, its fallback, then English, in which every text exists.
        """
        codes = (self.value, self.data.fallback, SOURCE)
        return tuple(Language(code) for code in dict.fromkeys(codes))

    @classmethod
    def named(cls, typed: str) -> "Language | None":
        """The language that a person typed: its code, its name in itself or English, a locale.

        Case and accents do not matter; ``el``, ``Greek``, its own name and ``el-GR`` are the same.
        None for others.
        """
        word = fold_name(typed)
        for each in cls:
            known = (each.value, each.data.name, each.data.english_name, *each.data.spellings)
            if word in {fold_name(name) for name in known}:
                return each
        code, mark, _ = word.replace("_", "-").partition("-")
        return cls.named(code) if mark else None


AS_IN_SLACK = "slack"  # a person's choice of no language of their own


class Drift(StrEnum):
    """How Slack no longer shows what the store says of a case.

    The first six mean that the channel is lost (``LOST`` in drift.py).
    """

    ARCHIVED = "archived"  # the channel was closed
    DELETED = "deleted"  # there is no such channel any more
    REMOVED = "removed"  # the app was taken out of it
    UNSEEN = "unseen"  # a private channel that cannot be seen: one of the three above
    SHARED = "shared"  # another organisation reads the channel, so nothing is said there
    GUEST = "guest"  # a guest of the workspace reads the channel, so nothing is said there
    RENAMED = "renamed"
    TOPIC = "topic"
    CARD = "card"  # the card was deleted
    PIN = "pin"  # the card was unpinned
    NO_CHANNEL = "no_channel"  # Slack does not let the app make one
    MEMBER = "member"  # a person whom the case needs is not in the channel


class ConnectState(StrEnum):
    """The state of the link between a customer and the channel that they share with us."""

    CHECKING = "checking"  # Slack is being asked whether it works
    WORKING = "working"
    HELD = "held"  # something is wrong, and nothing goes through until a person links it again


class ConnectFault(StrEnum):
    """Why nothing goes through a customer's channel."""

    NOT_FOUND = "not_found"  # no such channel, or a private one that the app is not in
    NOT_IN_CHANNEL = "not_in_channel"
    ARCHIVED = "archived"
    NOT_SHARED = "not_shared"  # no other organisation reads it
    PENDING = "pending"  # the other organisation has not accepted yet
    OTHER_TEAM = "other_team"  # an organisation came in that no person of ours has confirmed
    OURS = "ours"  # a channel of a case, a problem, or where agents work
    NO_ACCOUNT = "no_account"  # the customer is not among the accounts any more
    OTHER_CUSTOMER = "other_customer"  # the case is another customer's than the channel


class HelpDesk(StrEnum):
    """The help desks in which we can answer; each is a route by which a message goes out.

    Their settings and calls are in messages/clients; a case is linked to at most one.
    """

    HELP_SCOUT = "helpscout"
    ZENDESK = "zendesk"
    INTERCOM = "intercom"


class BugTracker(StrEnum):
    """The bug trackers of developers that can be looked into; one at most is set up."""

    JIRA = "jira"


class Notice(StrEnum):
    """How loudly a role hears of something, loudest first; NONE cancels a row for all."""

    PAGE = "page"
    DM = "dm"
    DIGEST = "digest"
    NONE = "none"
