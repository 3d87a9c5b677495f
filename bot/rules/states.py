"""The states that rows of the store pass through, as enums. Their values are what is stored."""

from enum import StrEnum


class InboxState(StrEnum):
    """The state of an accepted request."""

    PENDING = "pending"
    DONE = "done"


class OutboxState(StrEnum):
    """The state of a queued effect."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"  # by Slack or the receiving system, for good
    DROPPED = "dropped"  # given up by a person, or because it must no longer be shown
