"""Who knows what their role asks: their own for everybody, others' for those who lead.

Three tables are read: cards that were given or understood, drills, and the directory for who left.
Who is named for a role comes from the policy as it is now, so a person who is named no more and
never had a card is in no list; ``bot/core/facts/role_cards.py`` says which cards count, and of whom
the viewer may read. Locks nothing.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import card_key, check_permission, named_for, reading_roles
from bot.core.facts.role_cards import counts_card, seen_card
from bot.core.unreachable import list_unfit
from bot.engine.unit_of_work import WorkServices
from bot.rules.learning.readiness import (
    Readiness,
    ReadinessPage,
    RoleReading,
    rank_drills,
    rank_readiness,
)
from bot.rules.permissions import PERMISSIONS
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from storage.models import DrillDone, RoleCard

SHOWN = 15  # people and roles in one answer
ALL = "all_readiness"


async def list_readiness(
    services: WorkServices, viewer: str, user: str = "", role: Role | None = None
) -> ReadinessPage:
    """How people stand in their roles: those whom the policy names, and who got a card.

    ``user`` and ``role`` narrow it. Who may not read others' reads their own. Those who left are
    left out. Raises UserError ``not_your_role`` where another's is asked for.
    """
    policy = services.policy
    async with services.database.read() as session:
        leads = bool(reading_roles(policy, viewer) & PERMISSIONS[ALL])
        if user not in ("", viewer):
            await check_permission(session, policy, viewer, ALL, None)
        of = user if leads else viewer
        readings = await _readings(session, policy, viewer, of, role)
        people = {each.user for each in readings} | ({of} if of else set())
        done = await _drills(session, people)
    now, terms = services.clock.now(), policy.readiness
    ranked = rank_readiness(readings, now, terms.refresh)
    drills = rank_drills(done, now, terms, SHOWN)
    ready = sum(row.standing is Readiness.READY for row in ranked)
    return ReadinessPage(
        tuple(ranked[:SHOWN]),
        ready,
        len(ranked),
        own=of == viewer,
        user=of,
        role=role,
        drills=drills,
    )


async def list_people(session: AsyncSession, policy: Policy) -> frozenset[str]:
    """Everybody whom the policy names for a role and who has not left."""
    named = {person for role in policy.roles for person in named_for(policy, role)}
    return frozenset(named - (await list_unfit(session, named)).keys())


async def _drills(session: AsyncSession, people: Collection[str]) -> dict[str, datetime | None]:
    """When each of them last did a drill; None for never."""
    query = select(DrillDone.user_id, func.max(DrillDone.done_at))
    query = query.where(col(DrillDone.user_id).in_(sorted(people)))
    rows = (await session.exec(query.group_by(col(DrillDone.user_id)))).all()
    found: dict[str, datetime | None] = dict.fromkeys(people)
    return found | dict(rows)


async def _readings(
    session: AsyncSession, policy: Policy, viewer: str, user: str, role: Role | None
) -> list[RoleReading]:
    """Every person and role that is asked for, each once; two statements.

    When a card was given that the viewer may not know of is left out.
    """
    query = select(RoleCard, seen_card(policy, viewer)).where(counts_card(policy, viewer))
    query = query.where(col(RoleCard.user_id) == user) if user else query
    query = query.where(col(RoleCard.role) == role.value) if role else query
    found = {
        row.key: RoleReading(
            row.user_id, Role(row.role), row.told_at if seen else None, row.read_at
        )
        for row, seen in (await session.exec(query)).all()
    }
    for each in [role] if role else list(policy.roles):
        for person in named_for(policy, each):
            if user in ("", person):
                found.setdefault(card_key(person, each), RoleReading(person, each))
    users = {each.user for each in found.values()}
    gone = await list_unfit(session, users) if users else {}
    return [each for each in found.values() if each.user not in gone]
