"""Who hears of trouble with Slack: an administrator, once; a reporter when their channel waits.

The rows are queued here and performed here (``perform_alert``, ``clock_alert``); when to look is
decided by the delivery and by ``bot.operations.time_watch``.
"""

import socket
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import update
from sqlmodel import col, func, or_, select

from bot import effects
from bot.core.access import administrators
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.engine.delivery import ALERT_AFTER, Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.people.directory import People
from bot.rules.states import OutboxState
from bot.slack.posts import post_to_person
from messages.cases.operations import channel_waits, clock_differs, trouble_alert
from messages.clients.slack import Slack
from messages.clients.slack_limits import TIERS
from messages.kit.blocks import Message
from storage.database import Database
from storage.models import Inbox, Outbox

QUIET = timedelta(hours=4)  # an administrator who was told is not told again for so long
ALERT, CLOCK_ALERT = "alert", "clock_alert"  # kinds of the outbox's rows
WAITS = "waits for its turn"  # the note at a channel's row of whose delay somebody was told


class SlackServices(WorkServices, Protocol):
    """What telling an administrator needs of the process."""

    @property
    def slack(self) -> Slack:
        """The workspace."""


class AlertServices(SlackServices, Protocol):
    """What telling reporters needs besides."""

    @property
    def people(self) -> People:
        """The directory."""

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """A private answer."""


async def alert_administrators(services: AlertServices) -> bool:
    """Queue one message to each administrator, unless they were told lately; answers whether.

    The payload carries ``user`` alone: what fails is counted at delivery (``perform_alert``).
    Without administrators in the policy nothing is queued.
    """
    return bool(administrators(services.policy)) and await _queue(services, ALERT, {})


async def clocks_apart(services: SlackServices) -> bool:
    """Queue one message to each administrator: this machine's clock is not Slack's.

    Administrators who were told lately are not told again; answers whether a message was queued.
    The payload carries ``user``, ``ahead`` (seconds, negative when behind) and ``host``.
    """
    people, ahead = administrators(services.policy), services.slack.time.ahead
    if not people or ahead is None:
        return False
    given = {"ahead": ahead.total_seconds(), "host": socket.gethostname()}
    return await _queue(services, CLOCK_ALERT, given)


async def _queue(services: SlackServices, kind: str, given: Mapping[str, Any]) -> bool:
    """Queue one row to each administrator, unless one waits or was queued within ``QUIET``.

    Takes the database's exclusive lock named by ``kind``, so that replicas queue it once. Answers
    whether rows were queued.
    """
    now = services.clock.now()
    # One from the future was queued by a clock that was wrong.
    lately = col(Outbox.queued_at).between(now - QUIET, now + QUIET)
    told = or_(col(Outbox.state) == OutboxState.PENDING, lately)
    async with services.database.write() as session:
        await services.database.exclusive(session, kind)
        query = select(Outbox.id).where(col(Outbox.kind) == kind, told).limit(1)
        if (await session.exec(query)).first() is not None:
            return False
        actor = Actor(SYSTEM, "delivery")
        work = UnitOfWork.join(session, services, actor, new_reference())
        for user in administrators(services.policy):
            payload = {"user": user, **given}
            await work.queue(kind, f"dm:{user}", payload, priority=effects.INTERACTIVE)
    return True


async def count_failing(database: Database) -> tuple[int, int, Outbox | None]:
    """How many effects keep failing, how many wait in all, and the oldest that fails.

    An effect keeps failing from ``ALERT_AFTER`` attempts on; None where none does.
    """
    pending = col(Outbox.state) == OutboxState.PENDING
    bad = (pending, col(Outbox.attempts) >= ALERT_AFTER)
    async with database.read() as session:
        waiting = (await session.exec(select(func.count()).where(pending))).one()
        rows = (await session.exec(select(func.count()).where(*bad))).one()
        query = select(Outbox).where(*bad).order_by(col(Outbox.id)).limit(1)
        return rows, waiting, (await session.exec(query)).first()


async def tell_waiting(services: AlertServices) -> None:
    """Tell the opener of a case that waits for its channel, where they acted, how long it will
    take.

    The wait is counted from the place in the queue and Slack's limit a minute on new channels. The
    row is marked when that was told, so that a process that ends before tells it after its restart;
    two replicas that look at the same moment may both tell it.
    """
    for row, position in await _untold(services):
        async with services.database.read() as session:
            query = select(Inbox).where(col(Inbox.correlation) == row.correlation)
            asked = (await session.exec(query)).first()
        if asked is None:
            continue
        reply = ReplyTo(**asked.reply)
        person = await services.people.person(reply.user_id)
        seconds = round(position * 60 / TIERS["conversations.create"])
        reference = f"ESC-{row.case_number}"
        await services.tell(reply, channel_waits(reference, position, seconds, person.language))
        await _mark_told(services, row)


async def _untold(services: AlertServices) -> list[tuple[Outbox, int]]:
    """The waiting channels that have no mark yet, with their place, counted from 1.

    The mark is ``WAITS`` in the row's ``error``. Rows under a valid lease are being made and count
    neither as waiting nor for the place.
    """
    async with services.database.read() as session:
        real = await services.database.time(session, services.clock.real())
        under_way = col(Outbox.lease_until) > real
        query = select(Outbox).where(
            col(Outbox.kind) == "create_channel",
            col(Outbox.state) == OutboxState.PENDING,
            or_(col(Outbox.lease_until).is_(None), ~under_way),
        )
        rows = (await session.exec(query.order_by(col(Outbox.priority), col(Outbox.id)))).all()
    return [(row, place) for place, row in enumerate(rows, 1) if row.error != WAITS]


async def _mark_told(services: AlertServices, row: Outbox) -> None:
    """Keep it from being told again; what delivery wrote into the row meanwhile stays."""
    waits = update(Outbox).where(col(Outbox.id) == row.id, col(Outbox.error) == row.error)
    async with services.database.write() as session:
        await session.exec(waits.values(error=WAITS))


async def perform_alert(delivery: Delivery, job: Job) -> EffectResult:
    """Tell an administrator that effects keep failing, by the figures of the moment of delivery.

    Where nothing fails any more, the error is ``-`` and the time that of the alert itself. Raises
    SlackUnknown while the person's language cannot be asked.
    """
    user = job.row.payload["user"]
    person = await delivery.services.people.surely(user)
    count, waiting, oldest = await count_failing(delivery.services.database)
    error = oldest.error if oldest else "-"
    since = oldest.queued_at if oldest else job.row.queued_at
    message = trouble_alert(error, count, waiting, since, person.language)
    return await post_to_person(delivery, job, user, message)


async def clock_alert(delivery: Delivery, job: Job) -> EffectResult:
    """Tell an administrator that a machine's clock is not Slack's, by the figures in the
    payload.

    ``host`` names the machine that noticed, which need not be the one that delivers.
    """
    said = job.row.payload
    person = await delivery.services.people.surely(said["user"])
    message = clock_differs(said["host"], timedelta(seconds=said["ahead"]), person.language)
    return await post_to_person(delivery, job, said["user"], message)
