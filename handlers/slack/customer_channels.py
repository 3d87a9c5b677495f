"""What is heard in channels that customers share: a mark on a message, a reply, a shortcut.

People of other organisations are no members, and are refused everywhere else. Here they may do this
one thing: have a message taken in, by the policy's emoji or by the message shortcut. Nothing of it
is believed: a look is stored, and Slack is asked who did what (``bot.intake.connect``).
"""

from bot.engine.actors import SYSTEM, Actor
from bot.intake.connect.events import NoteSharedEvent
from handlers.ports import Services
from handlers.slack.admission import from_elsewhere
from handlers.slack.channel_events import NOBODY, event_channel
from handlers.slack.manifest import MESSAGE_SHORTCUT
from handlers.slack.requests import Asked, Body, mapping, of_shortcut

MARKED = "reaction_added"  # the event of a mark on a message
# What may change whether a link works.
OF_THE_LINK = frozenset(
    {
        "channel_shared", "channel_unshared", "channel_archive", "channel_unarchive",
        "channel_deleted", "channel_left", "group_archive", "group_unarchive", "group_deleted",
        "group_left", "member_joined_channel",
    }
)  # fmt: skip


async def shared_channel_event(services: Services, asked: Asked, body: Body) -> None:
    """Have the app look at what happened in a customer's channel, under the event's identity.

    Raises what a store that is away raises; Slack then repeats the event.

    Of a mark only the policy's emoji counts, whatever its skin tone, and on a message alone; of
    messages those in a thread, or the first of one, with ``thread_ts`` or ``ts`` for the thread.
    Nothing is stored for a channel that is not linked, or a thread that is not read there
    (``services.connect.concerns``). Its key begins with ``shared:``, so the look at a case in the
    same channel is another request.
    """
    event = mapping(body.get("event"))
    kind, channel = str(event.get("type")), event_channel(event)
    if kind in OF_THE_LINK:
        if kind == "member_joined_channel" and event.get("user") != services.slack.user_id:
            return
        seen = NoteSharedEvent(channel=channel)
    elif body.get("is_ext_shared_channel") is not True:
        return
    elif kind == MARKED:
        item = mapping(event.get("item"))
        name = str(event.get("reaction") or "").partition("::")[0]
        if name != services.policy.connect_reaction or item.get("type") != "message":
            return
        ts, by = str(item.get("ts") or ""), str(event.get("user") or "")
        seen = NoteSharedEvent(channel=channel, ts=ts, marked_by=by)
    elif kind == "message" and (thread := _thread_of(event)):
        seen = NoteSharedEvent(channel=channel, thread=thread)
    else:
        return
    if await services.connect.concerns(channel, seen.thread):
        await services.accept(seen, Actor(SYSTEM, "event"), f"shared:{asked.key}", NOBODY)


def _thread_of(event: Body) -> str:
    """The thread in which something was said, changed or taken back: its first message's ts."""
    told = event if not event.get("message") else mapping(event.get("message"))
    if event.get("subtype") == "message_deleted":
        told = mapping(event.get("previous_message"))
    return str(told.get("thread_ts") or told.get("ts") or "")


async def marked_by_outsider(services: Services, body: Body) -> bool:
    """Take in the message on which a person from elsewhere used our shortcut; True: it was taken.

    Only the message shortcut, in a channel that is linked; all else of theirs is refused as ever.

    False too while the ids of our own workspace are not known: then the person is judged as all
    others are (``admission.admit_sender``).
    """
    if body.get("callback_id") != MESSAGE_SHORTCUT or body.get("type") != "message_action":
        return False
    if not from_elsewhere(body, services.slack.teams):
        return False
    asked = of_shortcut(body)
    channel, ts = asked.reply.channel_id or "", str(mapping(body.get("message")).get("ts") or "")
    if not ts or not await services.connect.concerns(channel, ""):
        return False
    seen = NoteSharedEvent(channel=channel, ts=ts, marked_by=asked.user)
    await services.accept(seen, Actor(SYSTEM, "shortcut"), f"shared:{asked.key}", NOBODY)
    return True
