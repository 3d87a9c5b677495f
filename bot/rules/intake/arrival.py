"""What a source brought: a mail, a review, a call, a colleague's remark."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.rules.words import Language, Severity, Trigger


class Reason(StrEnum):
    """Why what arrived may be an escalation. The values are stored and keys of texts."""

    ASKED = "asked"  # the customer asks for it, or a colleague for them
    THREAT = "threat"  # to leave, to cancel, to tell others
    LEGAL_THREAT = "legal_threat"
    BAD_RATING = "bad_rating"
    BAD_SURVEY = "bad_survey"
    BAD_PULSE = "bad_pulse"
    THIRD_CONTACT = "third_contact"  # of the same customer within seven days
    REOPENED = "reopened"  # what was solved is not
    NEAR_BREACH = "near_breach"  # a deadline of the help desk is about to pass
    TAGGED = "tagged"  # by a rule of the policy about tags, boxes and states of a help desk
    PRIORITY = "priority"  # as the source has it
    EDITED = "edited"  # a review that its author changed
    AGAIN = "again"  # came once more after it was decided that it is none


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is to be answered, as far as the source knows.

    Nothing is checked of ``email`` and ``phone``: they are as the source wrote them, "" for none.
    """

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a source brought, before anything of it is stored.

    Attributes:
        source: Which way in: ``phone``, ``mail``, ``form``, or the name of a webhook.
        key: Unique in that source: what comes again under it changes nothing.
        text: The words of the customer or the reporter, with whatever secrets stand in them.
        happened_at: When it was written or said, in UTC.
        account: An account's key, only where the source knows it surely.
        customer: The customer's name as the source has it.
        thread: The ticket, conversation, thread or review that it is part of: of one source and
            thread there is one candidate, or one case.
        link: Where a colleague can read it.
        rating: As the source has it: ``2/5``, ``Bad``.
        language: The customer's, where the source knows it.
        severity: What the source suggests, as ``trigger``.
        reasons: Why it may matter, as far as the source knows; threats in ``text`` and what is
            known of the customer are added when it is taken in. May be empty.
        sensitive: Only named people may know of it.
        reported_by: The Slack user who reported it; empty where no colleague did.
        details: Further facts to show, by name: ``plan``, ``revenue``, ``location``, ``files``.

    """

    source: str
    key: str
    text: str
    happened_at: datetime
    account: str = ""
    customer: str = ""
    contact: Contact = Contact()
    thread: str = ""
    link: str = ""
    rating: str = ""
    language: Language | None = None
    severity: Severity | None = None
    trigger: Trigger | None = None
    reasons: tuple[Reason, ...] = ()
    sensitive: bool = False
    reported_by: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
