"""What is known of executives' part in a case: who has the flag, who spoke with the customer."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class FlaggingFacts:
    """The executive flag as it stands: ``asked`` are those who were asked to take it, in order.

    ``had_by`` is the executive who has it, None until one has. ``trigger`` is a value of
    ``Trigger``. ``over``: nothing is owed from it any more, as the call was made.
    """

    trigger: str
    asked: tuple[str, ...] = ()
    had_by: str | None = None
    had_at: datetime | None = None
    over: bool = False


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A talk of an executive with the customer.

    ``way`` is call, meeting or message. ``owed`` is what we owe after it, which is the action item
    ``action``; ``next_on`` the day of the next contact, by the policy's zone. Texts are empty and
    the rest None where there is none.
    """

    id: int
    executive: str
    way: str
    contact: str
    at: datetime
    said: str
    logged_by: str
    owed: str = ""
    action: int | None = None
    next_on: date | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """The call that a missed promise asks for, by the case's owner; None for no due time."""

    id: int
    call_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwedFacts:
    """What one person owes a customer's case as an executive, or as its caller.

    ``what`` is have, call, contact or breach_call; ``row`` the id that its button carries.
    ``restricted``: the customer's name stays out; ``late``: it was due before it was asked for.
    """

    what: str
    case_number: int
    customer: str
    due: datetime | None
    restricted: bool = False
    row: int = 0
    late: bool = False
