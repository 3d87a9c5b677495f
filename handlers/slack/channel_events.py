"""What happens to case channels in Slack: not what it means, only that the app must look.

Events tell of every public channel, so most of them are about none of ours. Each is stored under
its identity; what Slack shows by then is compared with the store by the look that follows
(``bot.drift``). Of problems' channels only their readers are kept in mind. Every event also says
whether its channel is read by another organisation (``is_ext_shared_channel``), so that is known as
soon as anything happens there, where the news of the sharing itself was missed too. A guest who
comes into a channel is seen by their coming.

Of what colleagues write in the channels of cases one thing is read, unless the policy says not to:
whether it blames one of them (``quiet_word``).
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from bot.drift.repair import Look
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.readiness.quiet_words import QuietWord, quiet_key
from bot.rules.tone.courtesy import blames_colleague
from bot.rules.words import Drift, Standing
from handlers.ports import Services
from handlers.slack.requests import Asked, Body, mapping

Concerns = Callable[[Body, str], bool]
JOINED = "member_joined_channel"
TOPICS = frozenset({"channel_topic", "group_topic"})  # subtypes of messages


def _always(event: Body, us: str) -> bool:
    """Whatever brought it about, the app itself included."""
    return True


def _by_others(event: Body, us: str) -> bool:
    """What the app did itself, such as a topic that it set, is no news to it."""
    return event.get("user") != us


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
    "member_joined_channel": _always,
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
    if number is None or not await _is_news(services, event, us):
        return
    look = Look(case=number, hint=HINTS.get(kind))
    await services.accept(look, Actor(SYSTEM, "event"), asked.key, NOBODY)


async def _is_news(services: Services, event: Body, us: str) -> bool:
    """False where one of our own people, or another app, came in: they may read the channel.

    That the app came in is news, as a person may have invited it again; so is a person whom the
    directory does not know, since it may be a guest.
    """
    user = str(event.get("user") or "")
    if event.get("type") != JOINED or user == us:
        return True
    return await services.known_standing(user) not in (Standing.MEMBER, Standing.BOT)


NOBODY = ReplyTo(SYSTEM)  # a look has no private answer

TYPED = frozenset({None, "thread_broadcast", "file_share"})  # subtypes of what a person wrote anew
ELSEWHERE_FOR = timedelta(minutes=10)
ELSEWHERE_MAX = 1_000  # channels that are remembered


class Elsewhere:
    """Channels that are no case's, for ``ELSEWHERE_FOR``, in the memory of this process only.

    What is said in them costs no query.
    """

    def __init__(self) -> None:
        self._until: OrderedDict[str, datetime] = OrderedDict()

    def knows(self, channel: str, now: datetime) -> bool:
        """True for a channel that was found to be no case's lately."""
        return now < self._until.get(channel, now)

    def note(self, channel: str, now: datetime) -> None:
        """It is none; the channel that was noted first gives way when there are too many."""
        self._until[channel] = now + ELSEWHERE_FOR
        if len(self._until) > ELSEWHERE_MAX:
            self._until.popitem(last=False)


async def quiet_word(services: Services, elsewhere: Elsewhere, asked: Asked, event: Body) -> None:
    """Have the writer of a post told privately that it blames a colleague, once a day at most.

    Only posts of members of our own workspace, typed anew in the channel of a case that is no
    drill, are read at all; what they say is not kept, logged or passed on. Raises what a store that
    is away raises; Slack then repeats the event, which is the same request.
    """
    channel, now = event_channel(event), services.clock.real()
    if not services.policy.courtesy.blame or not _is_typed(event) or elsewhere.knows(channel, now):
        return
    if not await services.learning.is_talked_in(channel):
        elsewhere.note(channel, now)
        return
    if await services.known_standing(asked.user) is not Standing.MEMBER:
        return
    language = (await services.person(asked.user)).language
    if blames_colleague(str(event.get("text") or ""), language):
        key = quiet_key(asked.user, _day_of(event, now))
        told = ReplyTo(asked.user, channel)
        await services.accept(QuietWord(user=asked.user), Actor(SYSTEM, "event"), key, told)


def _is_typed(event: Body) -> bool:
    """Whether a person wrote this in a channel just now: no app, no edit, no other news of it."""
    by_app = any(event.get(name) for name in ("bot_id", "bot_profile", "app_id"))
    here = event.get("type") == "message" and event.get("channel_type") in {"channel", "group"}
    return here and bool(event.get("user")) and not by_app and event.get("subtype") in TYPED


def _day_of(event: Body, now: datetime) -> date:
    """The day, in UTC, of Slack's time of the post: the same when the event comes again."""
    try:
        return datetime.fromtimestamp(float(str(event.get("ts"))), UTC).date()
    except (ValueError, OverflowError, OSError):
        return now.date()


def note_readers(services: Services, body: Body) -> None:
    """Remember what the event says of who reads its channel; what says nothing changes nothing.

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
    if event.get("type") == JOINED:
        shared.readers.note_joined(channel, str(event.get("user")))
    elif event.get("type") == "member_left_channel":
        shared.readers.note_left(channel, str(event.get("user")))


def event_channel(event: Body) -> str:
    """The id of the channel that an event is about, wherever Slack puts it; empty for none."""
    named = event.get("channel") or event.get("channel_id") or mapping(event.get("item"))
    found = mapping(named)
    return str(found.get("id") or found.get("channel") or "") if found else str(named or "")
