"""A meeting as its calendar file tells of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """What a calendar does with an entry (RFC 5546); the values are those of METHOD."""

    PUBLISH = "PUBLISH"  # a file: whoever opens it adds it
    REQUEST = "REQUEST"  # an invitation, and each change of it
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person by name and email address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """A meeting of a case, or what one person owes a customer, of which ``reference`` may be empty.

    ``uid`` stays for good and ``sequence`` grows with each change, by which calendars know that
    they have the entry already. ``zone`` is an IANA name. ``customer`` is empty for a restricted
    case, of which no name leaves Slack. ``organizer`` and ``attendees`` are people whose address is
    known; ``link`` leads to the case's channel, empty without one. ``due`` is by when a person owes
    what stands in their own calendar alone; None for a meeting of several.
    """

    uid: str
    sequence: int
    kind: str
    begins: datetime
    minutes: int
    zone: str
    place: str
    reference: str
    customer: str
    changed_at: datetime
    cancelled: bool = False
    link: str = ""
    organizer: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    due: datetime | None = None
