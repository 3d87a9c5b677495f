"""What Slack says happened in a customer's channel: no more than that the app should look.

No word of an event is kept or believed: who marked what, and what a thread says, is read from
Slack by the effects that are queued here. So an event that comes twice, late, or from nowhere
changes nothing.
"""

from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.connect.links import channel_lane, queue_check
from bot.core.access import require_permission
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent
from bot.engine.unit_of_work import UnitOfWork
from storage.models import ConnectLink, ConnectThread

MARKED, THREAD = "connect_marked", "connect_thread"  # kinds of effects


class NoteSharedEvent(Intent):
    """Something happened in a channel that may be a customer's.

    With ``marked_by`` that person marked the message ``ts``; with ``thread`` something was said or
    changed there; with neither, look whether the link still works. ``channel`` and ``marked_by``
    are Slack's ids, ``ts`` and ``thread`` its timestamps, that of a thread being its first
    message's.
    """

    verb: ClassVar[str] = "shared_event"
    channel: Hidden[str]
    ts: Hidden[str] = ""
    thread: Hidden[str] = ""
    marked_by: Hidden[str] = ""


async def note_shared_event(work: UnitOfWork, intent: NoteSharedEvent) -> Answer | None:
    """Queue the look; nothing happens for a channel without a link.

    The effect of a mark has ``channel``, ``ts`` and ``by``, and is queued each time; that of a
    thread has ``channel`` and ``thread``. All go through the channel's lane, so one look follows
    another.

    Raises UserError ``not_your_role`` for a person who may not; the app itself always may.
    """
    if work.actor.user_id != SYSTEM:
        await require_permission(work, None, "shared_event")
    if await work.session.get(ConnectLink, intent.channel) is None:
        return None
    if intent.marked_by:
        payload = {"channel": intent.channel, "ts": intent.ts, "by": intent.marked_by}
        lane = channel_lane(intent.channel)
        work.leave(MARKED, lane, payload, priority=effects.INTERACTIVE)
    elif intent.thread:
        await queue_thread_look(work, intent.channel, intent.thread)
    else:
        await queue_check(work, intent.channel)
    return None


async def queue_thread_look(work: UnitOfWork, channel: str, thread: str) -> None:
    """Queue a look into a thread that is read; at most one that is not claimed waits.

    A thread that is not read changes nothing. ``thread`` is the timestamp of its first message. The
    rows that wait are locked, so that none of them is claimed before this one is known.
    """
    query = select(ConnectThread.id).where(
        col(ConnectThread.channel_id) == channel, col(ConnectThread.ts) == thread
    )
    if (await work.session.exec(query)).first() is None:
        return
    lane, payload = channel_lane(channel), {"channel": channel, "thread": thread}
    looks = [row for row in await effects.lock_waiting(work, lane) if row.kind == THREAD]
    if all(row.payload.get("thread") != thread for row in looks):
        work.leave(THREAD, lane, payload, priority=effects.INTERACTIVE)
