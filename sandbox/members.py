"""What a person does and sees in the workspace without any app: talk, come, go, read."""

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TypeVar

from sandbox import connect, conversation_access, conversations, marks, posting
from sandbox.delivery import Delivery, delivery_of
from sandbox.errors import SlackError
from sandbox.posting import Draft
from sandbox.state import Channel, Message, Usergroup, View
from sandbox.workspace import Workspace

SLACKBOT = "USLACKBOT"
WAIT_SECONDS = 10.0  # real seconds for something to become true
MENTION = re.compile(
    r"<(?:@[UW]\w+|#C\w+|!subteam\^\w+|!here|!channel|!everyone)(?:\|[^<>]*)?>|(?<!\w)@(?P<name>[\w.-]+)"
)
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """One conversation in a person's sidebar; ``unread`` counts messages outside threads."""

    channel: Channel
    is_member: bool
    unread: int


@dataclass
class Members:
    """Everybody's hands and eyes; each action says first who acts.

    Actions raise SlackError as Slack's own client would be refused, and return when every app
    that hears of them was told once.
    """

    ws: Workspace
    notices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def delivery(self) -> Delivery:
        """Where everything goes that apps hear of."""
        return delivery_of(self.ws)

    async def say(
        self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None
    ) -> Message:
        """Write a message. ``@name`` becomes a mention; other markup characters stay text.

        Raises ``channel_not_found``, ``is_archived``, ``not_in_channel``, ``no_text`` for an empty
        text and ``cannot_reply_to_message``. The message carries a ``client_msg_id``, as those of
        people do.
        """
        channel = self.ws.channel(channel_id, seen_by=user_id)
        conversation_access.require_open(channel)
        conversation_access.require_member(channel, user_id)
        draft = Draft(text=self._typed(text), thread_ts=thread_ts)
        message = posting.compose(self.ws, user_id, channel, draft)
        message.extra["client_msg_id"] = str(uuid.uuid4())
        posting.store(self.ws, channel, message)
        await self.delivery.first_attempts()
        return message

    def _typed(self, text: str) -> str:
        """Typed text as Slack's client sends it: escaped, with mentions as tokens."""
        names = {user.name: user.id for user in self.ws.users.values()}
        parts: list[str] = []
        end = 0
        for found in MENTION.finditer(text):
            user_id = names.get(found["name"] or "")
            if found["name"] and not user_id:
                continue
            parts.append(escape(text[end : found.start()], quote=False))
            parts.append(f"<@{user_id}>" if user_id else found[0])
            end = found.end()
        return "".join([*parts, escape(text[end:], quote=False)])

    def with_names(self, text: str) -> str:
        """``@name`` and ``#channel`` as tokens that carry the name too (``should_escape``)."""
        people = {u.name: f"<@{u.id}|{u.name}>" for u in self.ws.users.values()}
        channels = {c.name: f"<#{c.id}|{c.name}>" for c in self.ws.channels.values() if c.name}
        text = re.sub(r"@([\w.-]+)", lambda found: people.get(found[1], found[0]), text)
        return re.sub(r"#([\w-]+)", lambda found: channels.get(found[1], found[0]), text)

    async def react(self, user_id: str, channel_id: str, ts: str, name: str) -> None:
        """Add an emoji to a message, or take one's own away.

        A second call with the same name takes the emoji away. Raises as ``marks.react``; of a
        message that only one person sees ``message_not_found``.
        """
        message = self.ws.channel(channel_id, seen_by=user_id).messages.get(ts)
        mine = message is not None and user_id in message.reactions.get(name.strip(":"), [])
        change = marks.unreact if mine else marks.react
        change(self.ws, user_id, channel_id, ts, name)
        await self.delivery.first_attempts()

    async def join(self, user_id: str, channel_id: str) -> None:
        """Walk into a public channel."""
        conversations.join(self.ws, user_id, channel_id)
        await self.delivery.first_attempts()

    async def change_user(self, user_id: str, **changes: object) -> None:
        """What an administrator does: deactivate a person, make them a guest, rename them.

        ``changes`` are fields of ``User`` by name, such as ``deleted=True``; each change is one
        ``user_change``, also where the values are the same as before.
        """
        self.ws.change_user(user_id, **changes)
        await self.delivery.first_attempts()

    async def change_group(self, group: Usergroup, users: list[str]) -> None:
        """Have other people in a group."""
        self.ws.change_group(group, users)
        await self.delivery.first_attempts()

    async def leave(self, user_id: str, channel_id: str) -> None:
        """Walk out of a channel."""
        conversations.leave(self.ws, user_id, channel_id)
        await self.delivery.first_attempts()

    async def invite(self, user_id: str, channel_id: str, *others: str) -> None:
        """Bring others in (apps too, by their bot user)."""
        conversations.invite(self.ws, user_id, channel_id, list(others))
        await self.delivery.first_attempts()

    async def archive(self, user_id: str, channel_id: str) -> None:
        """Close a channel."""
        conversations.archive(self.ws, user_id, channel_id)
        await self.delivery.first_attempts()

    async def unarchive(self, user_id: str, channel_id: str) -> None:
        """Open a channel again."""
        conversations.unarchive(self.ws, user_id, channel_id)
        await self.delivery.first_attempts()

    async def rename(self, user_id: str, channel_id: str, name: str) -> None:
        """Give a channel another name."""
        conversations.rename(self.ws, user_id, channel_id, name)
        await self.delivery.first_attempts()

    async def set_topic(self, user_id: str, channel_id: str, topic: str) -> None:
        """Change what a channel says about itself."""
        conversations.set_topic(self.ws, user_id, channel_id, topic)
        await self.delivery.first_attempts()

    async def kick(self, user_id: str, channel_id: str, other: str) -> None:
        """Take a member out (apps too, by their bot user)."""
        conversations.kick(self.ws, user_id, channel_id, other)
        await self.delivery.first_attempts()

    async def delete_channel(self, user_id: str, channel_id: str) -> None:
        """Remove a channel with all that was said in it."""
        conversations.delete(self.ws, user_id, channel_id)
        await self.delivery.first_attempts()

    async def delete_message(self, user_id: str, channel_id: str, ts: str) -> None:
        """Delete a message, anybody's: everybody here may do what a workspace's admin may."""
        channel = self.ws.channel(channel_id, seen_by=user_id)
        conversation_access.require_member(channel, user_id)
        if ts not in channel.messages:
            raise SlackError("message_not_found")
        posting.remove(self.ws, channel, ts, user_id)
        await self.delivery.first_attempts()

    async def edit_message(self, user_id: str, channel_id: str, ts: str, text: str) -> None:
        """Change one's own message.

        Raises ``message_not_found`` and, for what another wrote, ``cant_update_message``. Neither
        membership nor an archived channel is looked at; blocks go, mentions are those of the new
        text.
        """
        channel = self.ws.channel(channel_id, seen_by=user_id)
        message = posting.own_message(self.ws, user_id, channel, ts, "cant_update_message")
        posting.change(self.ws, channel, message, Draft(text=self._typed(text)), user_id)
        await self.delivery.first_attempts()

    async def share(self, user_id: str, channel_id: str, team_id: str, *people: str) -> None:
        """Share a channel with another organisation, some of whose people come in."""
        connect.share_channel(self.ws, user_id, channel_id, team_id, *people)
        await self.delivery.first_attempts()

    async def unshare(self, user_id: str, channel_id: str, team_id: str) -> None:
        """Stop sharing a channel with another organisation."""
        connect.unshare_channel(self.ws, user_id, channel_id, team_id)
        await self.delivery.first_attempts()

    async def unpin(self, user_id: str, channel_id: str, ts: str) -> None:
        """Take a pin out."""
        marks.unpin(self.ws, user_id, channel_id, ts)
        await self.delivery.first_attempts()

    def mark_read(self, user_id: str, channel_id: str) -> None:
        """See everything in a conversation."""
        conversations.mark_read(self.ws, user_id, channel_id)

    def views(self, user_id: str) -> list[View]:
        """The person's open modals, the topmost last."""
        return [self.ws.views[view_id] for view_id in self.ws.modals.get(user_id, [])]

    def home(self, user_id: str, app_id: str | None = None) -> View | None:
        """The Home tab that an app published for this person (default: the first such app)."""
        found = (
            view_id
            for (app, owner), view_id in self.ws.homes.items()
            if owner == user_id and app_id in {None, app}
        )
        return self.ws.views.get(next(found, ""))

    def messages(self, user_id: str, channel_id: str) -> list[Message]:
        """All that the person sees in a conversation, threads and ephemerals too, by ts."""
        channel = self.ws.channel(channel_id, seen_by=user_id)
        seen = [*channel.messages.values(), *self.ephemeral(user_id, channel_id)]
        return sorted(seen, key=lambda message: message.ts)

    def ephemeral(self, user_id: str, channel_id: str) -> list[Message]:
        """The messages that only this person sees, oldest first."""
        channel = self.ws.channel(channel_id, seen_by=user_id)
        return [m for m in channel.ephemerals.values() if m.ephemeral_to == user_id]

    def channels(self, user_id: str) -> list[Seen]:
        """Every conversation that the person can know of, with unread counts."""
        visible = [c for c in self.ws.channels.values() if self.ws.can_see(user_id, c)]
        return [Seen(c, user_id in c.members, self._unread(user_id, c)) for c in visible]

    def _unread(self, user_id: str, channel: Channel) -> int:
        if user_id not in channel.members:
            return 0
        read = channel.last_read.get(user_id, "")
        return sum(
            message.ts > read and not message.is_reply for message in channel.messages.values()
        )

    async def until(self, condition: Callable[[], T], seconds: float = WAIT_SECONDS) -> T:
        """Wait for something to become true in the workspace; returns what it became.

        The condition is asked again at everything that happens. One that raises SlackError or
        LookupError is not true yet. Raises TimeoutError when the time is over.
        """
        with self.ws.bus.subscribe() as events:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        if value := condition():
                            return value
                    except (SlackError, LookupError):
                        pass
                    await events.get()

    def tell(self, user_id: str, text: str, channel: Channel | None = None) -> None:
        """Slack's own words to one person: in the channel, or as a notice when there is none."""
        if channel is not None:
            draft = Draft(text=text, username="Slackbot")
            posting.post_ephemeral(self.ws, SLACKBOT, channel, user_id, draft)
            return
        self.notices.setdefault(user_id, []).append(text)
        self.ws.bus.publish({"type": "notice", "user": user_id, "text": text})
