"""The states that rows of the store pass through, as enums. Their values are what is stored.

A value never changes once released; which steps are possible is decided by the use cases. The
lifecycle of a case is not here but in lifecycle.py, the states of its clocks in sla/model.py.
"""

from enum import StrEnum


class InboxState(StrEnum):
    """The state of an accepted request. A failed one stays PENDING and is tried again later."""

    PENDING = "pending"
    DONE = "done"


class OutboxState(StrEnum):
    """The state of a queued effect.

    A row stays PENDING while it is delivered and while it is tried again; the other three are
    final, except that a refused row may be queued again.
    """

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"  # by Slack or the receiving system, for good
    DROPPED = "dropped"  # given up by a person, or because it must no longer be shown


class ApprovalState(StrEnum):
    """The state of what one person proposes and another person decides on.

    ``WAITING`` and ``PROPOSED`` mean the same: messages store the one, words and talking points
    the other. Only ``EXPIRED`` is never stored for words: it is judged by the day.
    """

    WAITING = "waiting"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"  # with a remark, or since a newer proposal took its place
    VOID = "void"  # changed or proposed anew after it was asked for
    SENT = "sent"  # what was approved has been used, once
    WITHDRAWN = "withdrawn"  # in use until a person ended it
    EXPIRED = "expired"  # in use until its time ended it


class ConcessionState(StrEnum):
    """What became of something that a customer is to be granted."""

    WAITING = "waiting"  # for those who may approve it
    APPROVED = "approved"  # and not promised to the customer yet
    PROMISED = "promised"  # the customer was told
    FULFILLED = "fulfilled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # taken back before the customer was told
    VOID = "void"  # changed after it was asked for, or no longer owed
    EXPIRED = "expired"  # not decided, or not promised, in time


class SponsorshipState(StrEnum):
    """Where an account stands in the executive sponsorship programme."""

    WAITING = "waiting"  # on the waiting list of its sponsor, who has no place free
    SEEKING = "seeking"  # no sponsor: a person has to name one
    OFFERED = "offered"  # to its sponsor, who has not answered
    ACTIVE = "active"
    ENDED = "ended"  # after it was active
    WITHDRAWN = "withdrawn"  # before it was


class MessageState(StrEnum):
    """The state of a customer message: one of ours by mail or in a ticket, or one of theirs."""

    QUEUED = "queued"
    HANDED = "handed"  # given to the mail server, whose answer is not known
    SENT = "sent"  # taken by the mail server or the help desk, or recorded by its author
    REFUSED = "refused"
    BOUNCED = "bounced"  # taken, and came back
    RECEIVED = "received"  # from the customer
    QUARANTINED = "quarantined"  # perhaps not from the customer; a person decides
    RELEASED = "released"  # from the customer, a person says
    DROPPED = "dropped"  # not from the customer, a person says
    AUTOMATIC = "automatic"  # an autoreply or a report
    UNMATCHED = "unmatched"  # about no case that we know
    COLLEAGUE = "colleague"  # written in the ticket, or the customer's channel, by a colleague
    DELETED = "deleted"  # taken back by its author; its words are forgotten


class RecipientState(StrEnum):
    """The state of one customer's line of a broadcast."""

    PLANNED = "planned"
    QUEUED = "queued"  # on its way, or waiting for a person to send it
    DELIVERED = "delivered"
    FAILED = "failed"
    LEFT = "left"  # not sent: no longer affected, or not to be told


class HandoverState(StrEnum):
    """The state of a role that one person offers to another."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # by the person; without a reason: taken back, or that person left


class ProblemState(StrEnum):
    """The state of a problem; a resolved one is not opened again."""

    KNOWN = "known"  # a known issue, which is no problem yet: it has no channel and no clock
    OPEN = "open"
    RESOLVED = "resolved"


class CandidateState(StrEnum):
    """What became of something that arrived and may be an escalation."""

    WAITING = "waiting"  # for a person to decide
    ESCALATED = "escalated"  # it is a case
    ADDED = "added"  # to a case that was there
    LOGGED = "logged"  # minor: kept, and answered in time
    DISMISSED = "dismissed"  # no escalation, for a reason


class KnownIssueState(StrEnum):
    """What became of a known issue; what customers are told by is its newest step."""

    OPEN = "open"
    SLIPPED = "slipped"  # to a later day, so customers go on waiting
    SHIPPED = "shipped"
    DROPPED = "dropped"  # will not be fixed
    PROBLEM = "problem"  # became one, under the same number


class DecisionOutcome(StrEnum):
    """How a decision on a case came out."""

    WORKED = "worked"
    PARTLY = "partly"
    FAILED = "failed"
    REVERSED = "reversed"  # before it could show


class Prevention(StrEnum):
    """By what a postmortem prevents that it happens again."""

    PRODUCT = "product"
    TRAINING = "training"
    PROCESS = "process"
    DOCUMENTATION = "documentation"


class PostmortemStep(StrEnum):
    """What is done with a postmortem's findings when its form is sent."""

    SAVED = "saved"  # to go on later
    REVIEWED = "reviewed"


class Trend(StrEnum):
    """Where a case is going, since the reader was last told."""

    NEW = "new"  # opened since
    WORSE = "worse"
    BETTER = "better"
    SAME = "same"


class TrendReason(StrEnum):
    """What moved a case last."""

    RAISED = "raised"  # its severity
    LOWERED = "lowered"
    BREACH = "breach"
    REOPENED = "reopened"
    FLAGGED = "flagged"
    WORKAROUND = "workaround"


class LegalRoomState(StrEnum):
    """How the private channel for Legal stands, of a case that has one."""

    WANTED = "wanted"  # until Slack has made it
    OPEN = "open"
    LOST = "lost"  # Slack does not make it, shows it no more, or to another organisation
    ENDED = "ended"  # archived with the case


class ChannelState(StrEnum):
    """Whether a case has its channel in Slack."""

    WANTED = "wanted"  # until Slack has made it
    OPEN = "open"


IN_PROGRAMME = (
    SponsorshipState.WAITING, SponsorshipState.SEEKING, SponsorshipState.OFFERED,
    SponsorshipState.ACTIVE,
)  # fmt: skip
UNDECIDED = frozenset({ApprovalState.WAITING, ApprovalState.PROPOSED})
LIVING = (ApprovalState.WAITING, ApprovalState.APPROVED)  # may still lead to what is asked for
# Of concessions: those that a customer has, or may be given; the account's months count them.
GRANTED = (ConcessionState.APPROVED, ConcessionState.PROMISED, ConcessionState.FULFILLED)
TOLD = (ConcessionState.PROMISED, ConcessionState.FULFILLED)  # the customer was
UNSETTLED = (ConcessionState.WAITING, ConcessionState.APPROVED, ConcessionState.PROMISED)


class Turn(StrEnum):
    """Why it was this person who was paged; kept in ``Case.paged``."""

    FIRST = "first"  # leads what is new: who was on duty, or stood in
    BACKUP = "backup"
    DUTY = "duty"  # another of those on duty
    LEAD = "lead"  # support lead, then director
    KNOWS = "knows"  # is only to know of it


class PageAnswer(StrEnum):
    """What the person who was paged answered; kept in ``Case.paged``."""

    WAITS = ""
    SILENT = "silent"  # not in time, so that another was paged
    TOOK = "took"
    CANNOT = "cannot"
    SEEN = "seen"
