"""What is counted of what waits for a person, so that App Home reads only what there is."""

from typing import Any

from sqlalchemy import and_, false, literal, null, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.core.access import reading_roles
from bot.core.case_selection import count_issues, count_waiting_outcomes, open_to
from bot.core.facts.executives import count_owed
from bot.core.facts.role_cards import count_unconfirmed
from bot.core.granted import count_waiting_concessions
from bot.rules.permissions import PERMISSIONS
from bot.rules.policy.model import Policy
from bot.rules.states import IN_PROGRAMME
from storage.models import ActionItem, Case, Sponsorship, TipReader

# Another name of the table: who may know of a case is asked of action items too.
ITEM: Any = aliased(ActionItem)


def count_for_home(policy: Policy, viewer: str) -> tuple[Any, ...]:
    """Scalar queries, in the order of the last fields of ``HomeFacts``."""
    leads = reading_roles(policy, viewer) & PERMISSIONS["all_readiness"]
    return (
        count_issues(viewer),
        count_waiting_concessions(),
        count_waiting_outcomes(viewer),
        count_owed(viewer),
        _count_sponsored(viewer),
        _count_actions(viewer),
        count_unconfirmed(policy, viewer) if leads else literal(0),
        *(_choice(viewer, off) for off in (TipReader.forms_off, TipReader.weekly_off)),
        func.coalesce(_choice(viewer, TipReader.courtesy_off), false())
        if policy.courtesy.blame
        else null(),
    )


def waits_for(viewer: str) -> Any:
    """The condition that an action item (``ITEM``, with its case) waits for them.

    It is to be done, to be taken over, or to be looked at. What they said is done waits for
    another. They are not asked to look at that of a case which they may not read any more.
    """
    waits = col(ITEM.reported_at).is_not(None)
    theirs = or_(
        and_(col(ITEM.owner) == viewer, ~waits),
        and_(col(ITEM.verifier) == viewer, waits, open_to(viewer)),
        col(ITEM.offered_to) == viewer,
    )
    return and_(col(ITEM.done_at).is_(None), theirs)


def _count_actions(viewer: str) -> Any:
    """Open action items that wait for them, as ``waits_for`` says."""
    of_case = col(Case.number) == col(ITEM.case_number)
    found = select(func.count()).select_from(ITEM).join(Case, of_case)
    return found.where(waits_for(viewer)).scalar_subquery()


def _choice(viewer: str, off: Any) -> Any:
    """What they chose of a kind of tips; null where they never had any."""
    return select(off).where(col(TipReader.user_id) == viewer).scalar_subquery()


def _count_sponsored(viewer: str) -> Any:
    """Accounts that they sponsor, or are asked to."""
    theirs = or_(col(Sponsorship.sponsor) == viewer, col(Sponsorship.offered_to) == viewer)
    found = select(func.count()).select_from(Sponsorship)
    return found.where(col(Sponsorship.state).in_(IN_PROGRAMME), theirs).scalar_subquery()
