"""A conversation as rows for the template: days, quiet notices, messages and their threads."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from markupsafe import Markup

from sandbox.posting import permalink
from sandbox.state import Channel, Message
from sandbox.web.attachments import FileCard, draw_attachments, file_card
from sandbox.web.blocks import Place, draw_blocks
from sandbox.web.dates import ago, clock_time, day_label, from_ts, full, local
from sandbox.web.emoji import EMOJI
from sandbox.web.mrkdwn import mrkdwn, person, plain_text
from sandbox.web.reader import Reader
from sandbox.web.viewer import Face, author_of, channel_choices, face_of, people_choices
from sandbox.workspace import Workspace

GROUP_WITHIN = timedelta(minutes=5)  # one person's messages closer than this share one byline
SHOWN_MAX = 300  # messages drawn at once; older ones stay in the history

_NOTICES = {
    "channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name",
    "channel_archive", "channel_unarchive", "group_join", "group_leave", "group_topic",
    "group_purpose", "group_name", "group_archive", "group_unarchive", "pinned_item",
}  # fmt: skip

_JOINED = Markup(" joined")


@dataclass(frozen=True)
class Reaction:
    """One emoji below a message."""

    name: str
    character: str
    count: int
    mine: bool
    people: str


@dataclass(frozen=True)
class Row:
    """One row. `kind` is "day", "notice" or "message"; the other fields follow from it."""

    kind: str
    key: str
    label: str = ""
    ts: str = ""
    channel: str = ""
    iso: str = ""
    time: str = ""
    when: str = ""
    body: Markup = field(default_factory=Markup)
    face: Face | None = None
    grouped: bool = False
    ephemeral: bool = False
    pinned: str = ""
    broadcast: bool = False
    edited: str = ""
    link: str = ""
    permalink: str = ""
    thread_link: str = ""
    files: tuple[FileCard, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    replies: int = 0
    repliers: tuple[Face, ...] = ()
    last_reply: str = ""


def _unmarked(text: str, _reader: Reader) -> Markup:
    """A message posted with `mrkdwn: false`."""
    return plain_text(text)


class Timeline:
    """Draws one conversation for one reader."""

    def __init__(self, ws: Workspace, channel: Channel, reader: Reader) -> None:
        self.ws = ws
        self.channel = channel
        self.reader = reader
        self.replies: dict[str, list[Message]] = {}
        for message in channel.messages.values():
            if message.is_reply:
                self.replies.setdefault(message.thread_ts or "", []).append(message)

    def rows(self) -> list[Row]:
        """The conversation itself: what stands outside threads, oldest first."""
        seen = [m for m in self._everything() if not m.is_reply or m.reply_broadcast]
        return self._rows(seen[-SHOWN_MAX:])

    def thread(self, root_ts: str) -> list[Row]:
        """One thread: its root, then the answers."""
        seen = [m for m in self._everything() if root_ts in (m.ts, m.thread_ts)]
        return self._rows(seen)

    def _everything(self) -> list[Message]:
        """Messages, and the ephemeral ones for this reader, in order of time."""
        mine = [
            m for m in self.channel.ephemerals.values() if m.ephemeral_to == self.reader.user_id
        ]
        return sorted([*self.channel.messages.values(), *mine], key=lambda m: float(m.ts))

    def _rows(self, messages: Iterable[Message]) -> list[Row]:
        rows: list[Row] = []
        previous: Message | None = None
        for message in messages:
            day = local(from_ts(message.ts), self.reader).date()
            if previous is None or day != local(from_ts(previous.ts), self.reader).date():
                label = day_label(from_ts(message.ts), self.reader)
                rows.append(Row("day", f"day-{day}", label=label))
                previous = None
            if self._joins_too(previous, message):
                rows[-1] = self._with_newcomer(rows[-1], message)
            else:
                rows.append(self._row(message, grouped=self._belongs(previous, message)))
            previous = message
        return rows

    def _joins_too(self, previous: Message | None, message: Message) -> bool:
        """Whether somebody joins right behind somebody else: one line says both."""
        return previous is not None and previous.subtype == message.subtype == "channel_join"

    def _with_newcomer(self, row: Row, message: Message) -> Row:
        newcomer = person(message.user, "", self.reader)
        names = row.body[: -len(_JOINED)]
        return replace(row, body=Markup("{}, {}{}").format(names, newcomer, _JOINED))

    def _belongs(self, previous: Message | None, message: Message) -> bool:
        """Whether the message continues the one before it, under one byline."""
        if previous is None or previous.subtype in _NOTICES:
            return False
        near = from_ts(message.ts) - from_ts(previous.ts) < GROUP_WITHIN
        same = (previous.user, previous.username) == (message.user, message.username)
        return near and same and previous.ephemeral_to is None and message.ephemeral_to is None

    def _row(self, message: Message, *, grouped: bool) -> Row:
        instant = from_ts(message.ts)
        notice = message.subtype in _NOTICES
        root = message.thread_ts or message.ts
        replies = self.replies.get(message.ts, [])
        repliers = list(dict.fromkeys(reply.user for reply in replies))[:3]
        here = {"channel": self.channel.id}
        pin = self.channel.pins.get(message.ts)
        return Row(
            kind="notice" if notice else "message",
            key=message.ts,
            ts=message.ts,
            channel=self.channel.id,
            iso=instant.isoformat(),
            time=clock_time(instant, self.reader),
            when=full(instant, self.reader),
            body=self._notice(message) if notice else self._body(message),
            face=author_of(self.ws, message),
            grouped=grouped,
            ephemeral=message.ephemeral_to is not None,
            pinned=face_of(self.ws, pin.user).name if pin else "",
            broadcast=message.reply_broadcast,
            edited=full(from_ts(message.edited.ts), self.reader) if message.edited else "",
            link=self.reader.address(**here, at=message.ts),
            permalink=permalink(self.ws, self.channel, message),
            thread_link=self.reader.address(**here, thread=root),
            files=self._files(message),
            reactions=self._reactions(message),
            replies=len(replies),
            repliers=tuple(face_of(self.ws, user) for user in repliers),
            last_reply=ago(from_ts(replies[-1].ts), self.reader) if replies else "",
        )

    def _notice(self, message: Message) -> Markup:
        if message.subtype == "channel_join":
            return person(message.user, "", self.reader) + _JOINED
        words = mrkdwn(message.text, self.reader)
        if message.text.startswith("<@"):
            return words
        return Markup("{} {}").format(author_of(self.ws, message).name, words)

    def _body(self, message: Message) -> Markup:
        place = Place(
            key=f"m-{self.channel.id}-{message.ts}",
            people=lambda: people_choices(self.ws),
            channels=lambda: channel_choices(self.ws, self.reader.user_id),
        )
        drawn = Markup()
        if message.blocks:
            drawn += draw_blocks(message.blocks, self.reader, place)
        elif message.text:
            words = (
                mrkdwn(message.text, self.reader) if message.mrkdwn else plain_text(message.text)
            )
            drawn += Markup('<div class="text">{}</div>').format(words)
        return drawn + draw_attachments(message.attachments or [], self.reader, place)

    def _files(self, message: Message) -> tuple[FileCard, ...]:
        found = (self.ws.files.get(file_id) for file_id in message.files)
        return tuple(file_card(file, self.reader) for file in found if file and file.complete)

    def _reactions(self, message: Message) -> tuple[Reaction, ...]:
        return tuple(
            Reaction(
                name,
                EMOJI.get(name, f":{name}:"),
                len(users),
                self.reader.user_id in users,
                ", ".join(face_of(self.ws, user).name for user in users),
            )
            for name, users in message.reactions.items()
            if users
        )
