"""What customers are granted, as it is known of a case."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind, ConcessionReason


@dataclass(frozen=True, slots=True)
class ConcessionFacts:
    """A concession in brief: ``amount`` of ``currency`` (ISO 4217), promised until ``ends``.

    ``promised_at`` is when the customer was told.
    """

    id: int
    kind: ConcessionKind
    amount: Decimal
    currency: str
    state: ConcessionState
    ends: datetime
    promised_at: datetime | None = None

    def is_promisable(self, now: datetime) -> bool:
        """True while the customer may be told of it for the first time."""
        return self.state is ConcessionState.APPROVED and now < self.ends


@dataclass(frozen=True, slots=True)
class UndoneFulfilmentFacts:
    """A fulfilment that ``recorder`` recorded by mistake, and that ``by`` undid; user ids."""

    recorder: str
    evidence: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class ConcessionView:
    """A concession as those who need to know see it.

    ``brief`` is it in short; ``digest`` is of what a decision is on. ``had`` and ``fee``, such as
    ``500 EUR``, are what the account had beside it in ``months``, and its monthly fee, where it
    waits for a decision. ``mine``: the viewer may decide on it. ``late``: it was to be fulfilled.
    ``undone`` is the newest fulfilment of it that was undone.
    """

    brief: ConcessionFacts
    case_number: int
    customer: str
    reason: ConcessionReason
    why: str
    author: str
    digest: str
    fulfil_by: datetime | None = None
    fulfilled_at: datetime | None = None
    ended_at: datetime | None = None
    had: str = ""
    fee: str = ""
    months: int = 0
    mine: bool = False
    late: bool = False
    undone: UndoneFulfilmentFacts | None = None


@dataclass(frozen=True, slots=True)
class ConcessionPage:
    """Some concessions, those that are open first; ``more`` follow. ``customer``: whose, if one.

    ``uncounted``: more than ``more`` follow; how many was not counted.
    """

    found: tuple[ConcessionView, ...] = ()
    more: int = 0
    customer: str = ""
    uncounted: bool = False
