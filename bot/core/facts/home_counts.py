"""What is counted of what waits for a person, so that App Home reads only what there is."""

from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import col, func, select

from bot.core.case_selection import count_issues, count_waiting_outcomes
from bot.core.facts.executives import count_owed
from bot.core.granted import count_waiting_concessions
from bot.rules.states import IN_PROGRAMME
from storage.models import ActionItem, Sponsorship


def count_for_home(viewer: str) -> tuple[Any, ...]:
    """Scalar queries, in the order of the last fields of ``HomeFacts``."""
    return (
        count_issues(viewer),
        count_waiting_concessions(),
        count_waiting_outcomes(viewer),
        count_owed(viewer),
        _count_sponsored(viewer),
        _count_actions(viewer),
    )


def _count_actions(viewer: str) -> Any:
    """Open action items that wait for them: to be done, to be taken over, to be looked at.

    What they said is done waits for another, and is not among them.
    """
    waits = col(ActionItem.reported_at).is_not(None)
    theirs = or_(
        and_(col(ActionItem.owner) == viewer, ~waits),
        and_(col(ActionItem.verifier) == viewer, waits),
        col(ActionItem.offered_to) == viewer,
    )
    found = select(func.count()).select_from(ActionItem)
    return found.where(col(ActionItem.done_at).is_(None), theirs).scalar_subquery()


def _count_sponsored(viewer: str) -> Any:
    """Accounts that they sponsor, or are asked to."""
    theirs = or_(col(Sponsorship.sponsor) == viewer, col(Sponsorship.offered_to) == viewer)
    found = select(func.count()).select_from(Sponsorship)
    return found.where(col(Sponsorship.state).in_(IN_PROGRAMME), theirs).scalar_subquery()
