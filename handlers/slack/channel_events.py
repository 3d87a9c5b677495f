"""What happens to case channels in Slack: not what it means, only that the app must look.

Events tell of every public channel, so most of them are about none of ours. Each is stored under
its identity; what Slack shows by then is compared with the store by the look that follows
(``bot.drift``). Channels of problems are not watched. Every event also says whether its channel
is read by another organisation (``is_ext_shared_channel``), so that is known as soon as anything
happens there, where the news of the sharing itself was missed too.
"""

from collections.abc import Callable, Mapping

from bot.drift.repair import Look
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.rules.words import Drift
from handlers.ports import Services
from handlers.slack.requests import Asked, Body, mapping

Concerns = Callable[[Body, str], bool]
TOPICS = frozenset({"channel_topic", "group_topic"})  # subtypes of messages


def _always(event: Body, us: str) -> bool:
    """Whatever brought it about, the app itself included."""
    return True


def _by_others(event: Body, us: str) -> bool:
    """What the app did itself, such as a topic that it set, is no news to it."""
    return event.get("user") != us


def _us(event: Body, us: str) -> bool:
    """The app came in: perhaps a person invited it again."""
    return event.get("user") == us


def _message(event: Body, us: str) -> bool:
    """The topic was set, or a message of an app's was deleted; other words are not ours."""
    if event.get("subtype") in TOPICS:
        return _by_others(event, us)
    deleted = mapping(event.get("previous_message"))
    of_app = bool(deleted.get("bot_id")) or deleted.get("user") == us
    return event.get("subtype") == "message_deleted" and of_app


HAPPENINGS: Mapping[str, Concerns] = {
    "channel_archive": _always,
    "channel_unarchive": _always,
    "channel_rename": _always,
    "channel_deleted": _always,
    "group_archive": _always,
    "group_unarchive": _always,
    "group_rename": _always,
    "group_deleted": _always,
    "channel_left": _always,
    "group_left": _always,
    "member_left_channel": _always,
    "member_joined_channel": _us,
    "pin_removed": _by_others,
    "channel_shared": _always,
    "channel_unshared": _always,
    "message": _message,
}
# Why a private channel may not be seen any more: then the event is all that we know.
HINTS: Mapping[str, Drift] = {
    "group_archive": Drift.ARCHIVED,
    "group_deleted": Drift.DELETED,
    "channel_left": Drift.REMOVED,
    "group_left": Drift.REMOVED,
}


async def channel_event(services: Services, asked: Asked, event: Body) -> None:
    """Have the app look at the case that the event's channel belongs to, if there is one.

    Stores an intent ``Look`` by ``system`` under the event's key, so a redelivery looks once.
    Raises what a store that is away raises; Slack then repeats the event.

    ``HAPPENINGS`` names the types that count. The hint of ``HINTS`` goes with the look, since a
    private channel that is archived, deleted or left may not be seen by the app any more.
    """
    kind, us = str(event.get("type")), services.slack.user_id
    if kind not in HAPPENINGS or not HAPPENINGS[kind](event, us):
        return
    number = await services.reading.case_in_channel(event_channel(event))
    if number is None:
        return
    look = Look(case=number, hint=HINTS.get(kind))
    await services.accept(look, Actor(SYSTEM, "event"), asked.key, NOBODY)


NOBODY = ReplyTo(SYSTEM)  # a look has no private answer


def note_sharing(services: Services, body: Body) -> None:
    """Remember what the event says of its channel; what says nothing changes nothing.

    A channel that is shared with one organisation less may be shared with others: it stays noted
    unless the event says that ``is_ext_shared`` is false. That ``is_ext_shared_channel`` is false
    or missing does not take a channel off.
    """
    event, shared = mapping(body.get("event")), services.slack.shared
    channel = event_channel(event)
    if not channel:
        return
    if event.get("type") == "channel_unshared":
        shared.note_sharing(channel, shared=event.get("is_ext_shared") is not False)
    elif event.get("type") == "channel_shared" or body.get("is_ext_shared_channel") is True:
        shared.note_sharing(channel, shared=True)


def event_channel(event: Body) -> str:
    """The id of the channel that an event is about, wherever Slack puts it; empty for none."""
    named = event.get("channel") or event.get("channel_id") or mapping(event.get("item"))
    found = mapping(named)
    return str(found.get("id") or found.get("channel") or "") if found else str(named or "")
