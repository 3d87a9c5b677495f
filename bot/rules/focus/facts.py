"""What is known of a technical lead's focus when something is said about the case."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FocusEnd(StrEnum):
    """Why a focus is over; kept in ``FocusPeriod.ended``."""

    OVER = "over"  # its time has come
    STOPPED = "stopped"  # somebody ended it sooner
    LEAD = "lead"  # another person is technical lead now, or nobody, or whoever owns the case
    CASE = "case"  # the case is resolved, closed or gone


class HelpState(StrEnum):
    """What a person who was asked to help has said; kept in ``Helper.state``."""

    ASKED = "asked"
    SILENT = "silent"  # no answer in time: the next was asked, and they may still join
    JOINED = "joined"
    DECLINED = "declined"


class About(StrEnum):
    """What a question to the technical lead is about; the card knows all but the last."""

    STATUS = "status"
    NEXT_UPDATE = "next_update"
    WORKAROUND = "workaround"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FocusFacts:
    """A focus that runs: its lead, until when, and what it has kept back and let through so far.

    ``name`` is how the lead is called where they are not to be mentioned.
    """

    lead: str
    name: str
    since: datetime
    until: datetime
    kept: int = 0
    questions: int = 0
    interruptions: int = 0
