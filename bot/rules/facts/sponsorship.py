"""Memberships of the sponsorship programme as they are read."""

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.rules.sponsorship.programme import Programme
from bot.rules.sponsorship.quarters import Adherence
from bot.rules.sponsorship.words import ExitGround, TouchKind
from bot.rules.states import SponsorshipState


@dataclass(frozen=True, slots=True)
class TouchFacts:
    """A sponsor's contact with an account: due, or made, or both.

    ``due_at`` None: beyond those that are due. ``late``: it was due and was not made in time.
    """

    id: int
    sponsor: str
    due_at: datetime | None
    done_at: datetime | None = None
    how: TouchKind | None = None
    note: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class SponsorshipFacts:
    """A membership, or a nomination, as its reader may see it.

    ``whole`` is False where the reader may not know why, by which score and with which consent, nor
    what the account is worth: then these are empty. ``arr`` is yearly revenue in whole units of
    ``currency``; ``money``: the reader may know it. ``mine``: the reader is its sponsor; ``asked``:
    an offer waits for their answer; ``leads``: they lead the programme.
    ``owed`` is the touch that is due next, or late. ``open_cases`` counts those that the reader may
    read. ``place`` is that on its sponsor's waiting list, from 1; 0: it is on none.
    """

    id: int
    account_key: str
    customer: str
    state: SponsorshipState
    sponsor: str = ""
    deputy: str = ""
    offered_to: str = ""
    began_at: datetime | None = None
    review_on: date | None = None
    ends_on: date | None = None
    read: bool = False
    ground: ExitGround | None = None
    owed: TouchFacts | None = None
    adherence: Adherence = field(default_factory=Adherence)
    place: int = 0
    mine: bool = False
    asked: bool = False
    leads: bool = False
    whole: bool = False
    reason: str = ""
    score: int = 0
    consent_by: str = ""
    consent_on: date | None = None
    case_number: int | None = None
    renewal: date | None = None
    arr: int | None = None
    currency: str = ""
    money: bool = False
    open_cases: int = 0


@dataclass(frozen=True, slots=True)
class SponsorshipPage:
    """The programme and what is in it: those that are active first, then offers, then who waits.

    ``more`` are not shown. ``customer``: part of the name of those wanted, empty for all.
    ``unread`` are sponsors who have not confirmed the brief of an account.
    """

    programme: Programme
    found: tuple[SponsorshipFacts, ...] = ()
    more: int = 0
    customer: str = ""
    unread: tuple[str, ...] = ()
