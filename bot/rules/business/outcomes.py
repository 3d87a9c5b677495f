"""What became of a customer's business after an escalation, or at a renewal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OutcomeResult(StrEnum):
    """What became of the customer's business. The values are stored."""

    SAVED = "saved"  # it was at risk and stayed
    REDUCED = "reduced"
    LOST = "lost"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RevenueChange:
    """Yearly revenue in whole units of ``currency`` (ISO 4217); None for what is not known."""

    before: int | None = None
    after: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """An outcome as one viewer sees it: asked for, or recorded.

    ``reference`` (``ESC-7``) is of its case, empty for a renewal, of which ``renewal`` is the day.
    ``due_at`` is when it is asked for, ``asked_of`` who was asked last, empty while nobody was.
    ``revenue`` is None for those who may not read it. ``mine``: the viewer may record it.
    """

    id: int
    customer: str
    reference: str
    renewal: date | None
    due_at: datetime
    asked_of: str
    result: OutcomeResult | None
    revenue: RevenueChange | None
    note: str = ""
    recorded_by: str = ""
    recorded_at: datetime | None = None
    corrected: bool = False
    mine: bool = False


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """Some outcomes, those that are asked for first; ``more`` follow. ``customer``: whose."""

    found: tuple[OutcomeView, ...] = ()
    more: int = 0
    customer: str = ""


def complete_change(result: OutcomeResult, change: RevenueChange) -> RevenueChange:
    """What the result says by itself: a lost customer pays nothing, an unchanged one the same."""
    if change.after is not None:
        return change
    known: Mapping[OutcomeResult, int | None] = {
        OutcomeResult.LOST: 0,
        OutcomeResult.UNCHANGED: change.before,
    }
    return RevenueChange(change.before, known.get(result), change.currency)


def find_contradiction(result: OutcomeResult, change: RevenueChange) -> str:
    """Why the figures do not fit the result, a text under ``field.``; empty where they do."""
    before, after = change.before, change.after
    if after is None:
        return ""
    if result is OutcomeResult.LOST:
        return "outcome_lost" if after else ""
    if after == 0 and before != 0:
        return "outcome_zero"
    if before is None:
        return ""
    if result is OutcomeResult.REDUCED:
        return "outcome_reduced" if after >= before else ""
    if result is OutcomeResult.UNCHANGED:
        return "outcome_unchanged" if after != before else ""
    return "outcome_saved" if after < before else ""
