"""What one reader is shown of many cases: a reminder, a digest, App Home, a list."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.rules.facts.case import CaseFacts
from bot.rules.facts.steps import AskFacts


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Why somebody is reminded: a clock, what it reached, and when it is or was due.

    ``threshold`` is ``warn:50``, ``warn:75``, ``warn:90``, ``breach`` or ``ladder:N``;
    ``missed`` counts thresholds folded into this one after downtime; ``acts`` is false for a
    reader who should know of it while somebody else acts.
    """

    clock: str
    threshold: str
    due: datetime
    cycle: int = 1
    missed: int = 0
    acts: bool = True


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What one executive should know this morning; empty lists are left out."""

    executive: str
    local_day: date
    asks: tuple[AskFacts, ...] = ()
    at_risk: tuple[CaseFacts, ...] = ()
    breaches: tuple[CaseFacts, ...] = ()
    wins: tuple[CaseFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What somebody's App Home shows; ``mine`` and ``breaching`` sorted by what is due next."""

    mine: tuple[CaseFacts, ...] = ()
    breaching: tuple[CaseFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    open_count: int = 0


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; ``customer`` is part of a name."""

    mine: bool = False
    breaching: bool = False
    customer: str = ""
    open_only: bool = True
