"""A person says that they understood the card of a role; who does not is reminded, once.

What is understood is of the role and the person, not of the case in which the card was given: who
gets the role again within the policy's time is told in one line.
"""

from collections.abc import Sequence
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import card_key, require_permission, role_holders
from bot.engine.due import Audience, Reminder, get_reminder
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.lifecycle import LIVE, OPEN
from bot.rules.words import Role
from storage.models import Case, RoleCard
from storage.upsert import upsert_row


class Understood(Intent):
    """The actor has read the card of this role, and knows what it asks."""

    verb: ClassVar[str] = "understood"
    role: Hidden[Role]


async def note_understood(work: UnitOfWork, intent: Understood) -> Answer | None:
    """Note that the actor understood; pressed again, the newest time counts.

    Of no case: it counts for the role wherever they get it. Nobody is told.
    """
    await require_permission(work, None, "understood")
    user = work.actor.user_id
    row = RoleCard(
        key=card_key(user, intent.role), user_id=user, role=intent.role.value, read_at=work.now
    )
    await upsert_row(work.session, row, update=("read_at", "remind_at"))
    return None


async def remind_of_cards(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """Remind those who got a card in this case and have not said that they understood it.

    Each once, and only while the case is open and the role is theirs; who leads a postmortem also
    after that, since it comes then. Others stand in the list of what is missing. The case is
    locked, and the rows are changed under that lock. The notice ``role_card_waits`` has ``role``
    and ``user``, and goes by direct message alone: a channel that reads who has not read something
    would shame them.
    """
    query = select(RoleCard).where(
        col(RoleCard.case_number) == case.number, col(RoleCard.remind_at) <= work.now
    )
    holders = await role_holders(work.session, case)
    for row in (await work.session.exec(query.order_by(col(RoleCard.key)))).all():
        row.remind_at = None
        work.session.add(row)
        role = Role(row.role)
        holds = holders.get(role) == row.user_id
        if case.status in (LIVE if role is Role.FACILITATOR else OPEN) and holds:
            await effects.queue_reminder(
                work, case, get_reminder(says, "card_unread"),
                {"role": role.value, "user": row.user_id},
                known={Audience.ASKED: (row.user_id,)}, priority=effects.NUDGE,
            )  # fmt: skip
