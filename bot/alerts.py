"""Who hears of trouble with Slack: an administrator, once; a reporter whose channel waits."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from sqlmodel import col, func, or_, select

from bot import effects, ports
from bot.actors import SYSTEM, Actor, ReplyTo
from bot.delivery import ALERT_AFTER
from bot.errors import new_reference
from bot.rules.policy import Policy
from bot.rules.words import Role
from bot.work import Work
from messages.blocks import Message
from messages.limits import TIERS
from messages.operations import channel_waits
from storage.database import Database
from storage.models import Inbox, Outbox

QUIET = timedelta(hours=4)  # an administrator who was told is not told again for so long
ALERT = "alert"  # the kind of the outbox row


class Desk(ports.Desk, Protocol):
    """What is needed of the desk."""

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """A private answer."""


def administrators(policy: Policy) -> Sequence[str]:
    """Who looks after the bot: the administrators, else the support leads."""
    return policy.roles.get(Role.ADMINISTRATOR) or policy.roles.get(Role.SUPPORT_LEAD, ())


async def alert(desk: Desk) -> bool:
    """Queue one message to each administrator, unless they were told lately; answers whether."""
    people = administrators(desk.policy)
    if not people:
        return False
    now = desk.clock.now()
    told = or_(col(Outbox.state) == "pending", col(Outbox.queued_at) > now - QUIET)
    async with desk.database.write() as session:
        await desk.database.exclusive(session, ALERT)
        query = select(Outbox.id).where(col(Outbox.kind) == ALERT, told).limit(1)
        if (await session.exec(query)).first() is not None:
            return False
        actor = Actor(SYSTEM, "delivery")
        work = Work(session, now, desk.policy, actor, new_reference())
        for user in people:
            await work.queue(ALERT, f"dm:{user}", {"user": user}, priority=effects.INTERACTIVE)
    return True


async def failing(database: Database) -> tuple[int, int, Outbox | None]:
    """How many effects keep failing, how many wait in all, and the oldest that fails."""
    pending = col(Outbox.state) == "pending"
    bad = (pending, col(Outbox.attempts) >= ALERT_AFTER)
    async with database.read() as session:
        waiting = (await session.exec(select(func.count()).where(pending))).one()
        rows = (await session.exec(select(func.count()).where(*bad))).one()
        query = select(Outbox).where(*bad).order_by(col(Outbox.id)).limit(1)
        return rows, waiting, (await session.exec(query)).first()


async def tell_reporter(desk: Desk, row: Outbox) -> None:
    """Tell whoever opened the case, where they acted, how long its channel will take."""
    async with desk.database.read() as session:
        query = select(Inbox).where(col(Inbox.correlation) == row.correlation)
        asked = (await session.exec(query)).first()
        ahead = select(func.count()).where(
            col(Outbox.kind) == row.kind,
            col(Outbox.state) == "pending",
            or_(
                col(Outbox.priority) < row.priority,
                (col(Outbox.priority) == row.priority) & (col(Outbox.id) <= row.id),
            ),
        )
        position = (await session.exec(ahead)).one()
    if asked is None or not position:
        return
    reply = ReplyTo(**asked.reply)
    person = await desk.people.person(reply.user_id)
    seconds = round(position * 60 / TIERS["conversations.create"])
    reference = f"ESC-{row.case_number}"
    await desk.tell(reply, channel_waits(reference, position, seconds, person.language))
