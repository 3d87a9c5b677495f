"""Which cards of roles a person may read of: one condition for the list and for App Home's count.

A card that was given in a restricted case tells who has a role there, so only those who
are on the case read of it, and the person themselves.
"""

from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from bot.core.access import card_key, named_for
from bot.core.case_selection import readable_by
from bot.rules.membership import UNFIT
from bot.rules.policy.model import Policy
from bot.rules.words import Role
from storage.models import Case, CaseRole, Person, Postmortem, RoleCard

# Another name of the table: who may read of the case is asked of its roles too.
HELD: Any = aliased(CaseRole)


def list_named(policy: Policy) -> list[str]:
    """The keys of the cards of those whom the policy names, in the policy's order."""
    return [card_key(user, role) for role in policy.roles for user in named_for(policy, role)]


def seen_card(policy: Policy, viewer: str) -> Any:
    """The condition that the viewer may know when the card was given.

    It is theirs, was given in no case, or in one that they may read.
    """
    read = readable_by(policy, viewer)
    theirs = exists().where(col(Case.number) == col(RoleCard.case_number), read)
    return or_(col(RoleCard.case_number).is_(None), col(RoleCard.user_id) == viewer, theirs)


def counts_card(policy: Policy, viewer: str) -> Any:
    """The condition that a card tells the viewer how a person stands in a role.

    The policy names them for it, or they have it in a case that the viewer may read, or it was
    given as the findings of its case named them facilitator; after it passed on, only that they
    understood the card which they were given. Those who left are out.
    """
    named = col(RoleCard.key).in_(list_named(policy))
    has = exists().where(
        HELD.user_id == col(RoleCard.user_id),
        HELD.role == col(RoleCard.role),
        col(Case.number) == HELD.case_number,
        readable_by(policy, viewer),
    )
    leads = exists().where(
        col(RoleCard.role) == Role.FACILITATOR.value,
        col(Postmortem.case_number) == col(RoleCard.case_number),
        col(Postmortem.facilitator) == col(RoleCard.user_id),
    )
    knew = and_(seen_card(policy, viewer), col(RoleCard.read_at) >= col(RoleCard.told_at))
    left = exists().where(
        col(Person.user_id) == col(RoleCard.user_id), col(Person.standing).in_(sorted(UNFIT))
    )
    return and_(or_(named, and_(seen_card(policy, viewer), or_(has, leads, knew))), ~left)


def count_unconfirmed(policy: Policy, viewer: str) -> Any:
    """How many cards of that list were given and not confirmed since, as a scalar query."""
    read = col(RoleCard.read_at)
    waits = or_(read.is_(None), read < col(RoleCard.told_at))
    found = select(func.count()).select_from(RoleCard)
    found = found.where(col(RoleCard.told_at).is_not(None), waits, seen_card(policy, viewer))
    return found.where(counts_card(policy, viewer)).scalar_subquery()
