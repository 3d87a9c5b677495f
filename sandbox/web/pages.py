"""What the templates of the page ask for: one `Page` is one person's look at one place."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup

from sandbox.errors import SlackError
from sandbox.faults import KINDS, Fault
from sandbox.people import people_of
from sandbox.state import AppInstallation, Channel, Json, User, View
from sandbox.web.blocks import Choice, Place, draw_blocks, environment
from sandbox.web.dates import ago, clock_time, full, local
from sandbox.web.emoji import EMOJI, PICKER
from sandbox.web.helpdesk import Tickets
from sandbox.web.links import safe_href
from sandbox.web.mailbox import Outside
from sandbox.web.mrkdwn import emojis, mrkdwn, plain_text
from sandbox.web.reader import Reader
from sandbox.web.timeline import Row, Timeline
from sandbox.web.viewer import (
    Face,
    channel_choices,
    channel_title,
    face_of,
    people_choices,
    reader_of,
)
from sandbox.web.where import Where
from sandbox.workspace import Workspace

PARTS = ("sidebar", "head", "main", "thread", "modal", "clock", "faults")
_TEMPLATES = environment()


@dataclass(frozen=True)
class Room:
    """A line of the side bar."""

    id: str
    title: str
    mark: str
    href: str
    unread: int
    current: bool
    face: Face | None = None


class Page:
    """Everything one drawing of the page needs; made anew for every request."""

    def __init__(
        self,
        ws: Workspace,
        where: Where,
        *,
        next_due: datetime | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        """``words`` are those of ``Workspace.guide``; without them nothing is explained."""
        self.ws = ws
        self.words: Mapping[str, str] = defaultdict(str, words or {})
        self.where = where
        self.due = next_due
        self.me: User = ws.user(where.user_id)
        self.reader: Reader = reader_of(ws, self.me)
        self.picker = [(name, EMOJI[name]) for name in PICKER]
        self.kinds = KINDS

    def part(self, name: str) -> str:
        """The HTML of one part of the page."""
        return _TEMPLATES.get_template(f"parts/{name}.html").render(page=self)

    def whole(self) -> str:
        """The HTML of the whole page."""
        return _TEMPLATES.get_template("page.html").render(page=self, parts=PARTS)

    # Who and where

    @cached_property
    def face(self) -> Face:
        """The reader's own face."""
        return face_of(self.ws, self.me.id)

    @cached_property
    def others(self) -> list[tuple[Face, str]]:
        """Everybody one can be, with the address that makes one them, here."""
        here = self.where
        place = {"home": here.home, "mailbox": here.mailbox, "ticket": here.ticket}
        query = {k: v for k, v in (place | {"channel": here.channel_id}).items() if v}
        return [
            (face_of(self.ws, u.id), self.reader.address(**{**query, "as": u.id}))
            for u in self.ws.people()
        ]

    @cached_property
    def channel(self) -> Channel | None:
        """The conversation that is open; None for Home, and for one that is hidden from here."""
        try:
            return self.ws.channel(self.where.channel_id, seen_by=self.me.id)
        except SlackError:
            return None

    @cached_property
    def dm_app(self) -> AppInstallation | None:
        """The app at the other end of the open direct message; None for people."""
        if self.channel is None or not self.channel.is_im:
            return None
        return self._partner_app(self.channel)

    @property
    def is_member(self) -> bool:
        """Whether the reader may write in the open conversation."""
        return self.channel is not None and self.me.id in self.channel.members

    @cached_property
    def title(self) -> str:
        """The open place in words: "#support", a person's name, an app's name."""
        if self.where.home in self.ws.apps:
            return self.ws.apps[self.where.home].name
        if self.where.mailbox:
            return self.words["mailbox"] or "Mail"
        if self.where.ticket:
            return self.words["helpdesk"] or "Help desk"
        if self.channel is None:
            return "Nothing here"
        return self.room_title(self.channel)

    def room_title(self, channel: Channel) -> str:
        """ "#support", or the other person's name."""
        return ("" if channel.is_im else "#") + channel_title(self.ws, channel, self.me.id)

    # Side bar

    @cached_property
    def _unread(self) -> dict[str, int]:
        return {s.channel.id: s.unread for s in people_of(self.ws).channels(self.me.id)}

    def _room(self, channel: Channel) -> Room:
        other = next((m for m in channel.members if m != self.me.id), self.me.id)
        return Room(
            id=channel.id,
            title=channel_title(self.ws, channel, self.me.id),
            mark="" if channel.is_im else ("lock" if channel.is_private else "hash"),
            href=self.reader.address(channel=channel.id),
            unread=self._unread.get(channel.id, 0),
            current=channel.id == self.where.channel_id,
            face=face_of(self.ws, other) if channel.is_im else None,
        )

    @cached_property
    def rooms(self) -> list[Room]:
        """The channels that the reader is in, by name."""
        mine = [
            c
            for c in self.ws.channels.values()
            if self.me.id in c.members and not c.is_im and not c.is_archived
        ]
        return [self._room(c) for c in sorted(mine, key=lambda c: c.name)]

    @cached_property
    def _dms(self) -> list[Channel]:
        """The reader's direct messages, the newest conversation first."""
        mine = [c for c in self.ws.channels.values() if c.is_im and self.me.id in c.members]
        return sorted(mine, key=lambda c: next(reversed(c.messages), ""), reverse=True)

    def _partner_app(self, channel: Channel) -> AppInstallation | None:
        found = (self.ws.app_of_bot_user(member) for member in channel.members)
        return next((app for app in found if app), None)

    @cached_property
    def direct(self) -> list[Room]:
        """The reader's direct messages with people."""
        return [self._room(c) for c in self._dms if self._partner_app(c) is None]

    @cached_property
    def joinable(self) -> list[Channel]:
        """Public channels to join: none for guests and people of other organisations."""
        if self.me.team_id or self.me.is_guest:
            return []
        open_ = [c for c in self.ws.channels.values() if c.kind == "channel" and not c.is_archived]
        return sorted((c for c in open_ if self.me.id not in c.members), key=lambda c: c.name)

    @cached_property
    def apps(self) -> list[Room]:
        """Each app as a room: unread messages lead into its DM, otherwise to its Home.

        People of other organisations have no apps of ours, but what one has told them.
        """
        found = [self._app_room(app) for app in self.ws.apps.values()]
        return [room for room in found if room.id or not self.me.team_id]

    def _app_room(self, app: AppInstallation) -> Room:
        dm = next((self._room(c) for c in self._dms if self._partner_app(c) is app), None)
        unread = dm.unread if dm else 0
        if app.home_enabled and not unread:
            href = self.reader.address(home=app.app_id)
        else:
            href = self.reader.address(person=app.bot_user_id)
        face = face_of(self.ws, app.bot_user_id)
        current = self.where.home == app.app_id or bool(dm and dm.current)
        return Room(dm.id if dm else "", face.name, "", href, unread, current, face)

    # The open conversation

    @cached_property
    def rows(self) -> list[Row]:
        """The conversation's rows."""
        return Timeline(self.ws, self.channel, self.reader).rows() if self.channel else []

    @cached_property
    def thread_rows(self) -> list[Row]:
        """The open thread's rows; empty when none is open."""
        if self.channel is None or self.where.thread_ts not in self.channel.messages:
            return []
        return Timeline(self.ws, self.channel, self.reader).thread(self.where.thread_ts)

    @cached_property
    def members(self) -> list[Face]:
        """Who is in the open conversation."""
        return [face_of(self.ws, m) for m in self.channel.members] if self.channel else []

    @cached_property
    def invitable(self) -> list[Choice]:
        """Who could be invited."""
        return [c for c in people_choices(self.ws) if c.value not in self.channel_members]

    @property
    def removable(self) -> list[Choice]:
        """Who could be taken out, apps too."""
        others = [m for m in self.channel_members if m != self.me.id]
        return [Choice(m, self.ws.users[m].real_name) for m in others]

    @property
    def channel_members(self) -> dict[str, None]:
        """The member ids of the open conversation."""
        return self.channel.members if self.channel else {}

    @cached_property
    def bookmarks(self) -> list[tuple[str, str]]:
        """The bookmarks of the open conversation that may be linked to: words and address."""
        marks = self.channel.bookmarks.values() if self.channel else []
        found = []
        for mark in marks:
            href = safe_href(mark.link, self.reader)
            if href:
                found.append((f"{emojis(mark.emoji)} {mark.title}".strip(), href))
        return found

    @cached_property
    def pinned(self) -> list[Row]:
        """The pinned messages that still exist."""
        pins = self.channel.pins if self.channel else {}
        return [row for row in self.rows if row.ts in pins]

    def mrkdwn(self, text: str) -> Markup:
        """A topic or purpose for the reader."""
        return mrkdwn(text, self.reader)

    def plain(self, text: Json) -> Markup:
        """A plain_text object."""
        return plain_text(str(text.get("text", "")))

    # What apps offer

    def _shortcuts(self, kind: str) -> list[dict[str, str]]:
        return [
            {**{k: str(v) for k, v in s.items()}, "app": app.name, "app_id": app.app_id}
            for app in (self.ws.apps.values() if not self.me.team_id else ())
            for s in app.shortcuts
            if s.get("type") == kind
        ]

    @cached_property
    def shared_with(self) -> str:
        """The organisations that share the open channel by Slack Connect; empty for none."""
        teams = self.channel.connected if self.channel else ()
        return ", ".join(self.ws.other_teams.get(team, team) for team in teams)

    @cached_property
    def shortcuts(self) -> list[dict[str, str]]:
        """Global shortcuts: name, callback_id, app, app_id."""
        return self._shortcuts("global")

    @cached_property
    def message_shortcuts(self) -> list[dict[str, str]]:
        """Message shortcuts: name, callback_id, app, app_id."""
        return self._shortcuts("message")

    @cached_property
    def commands(self) -> list[dict[str, str]]:
        """Slash commands as the manifests describe them."""
        keys = ("command", "description", "usage_hint")
        return [
            {"app": app.name, **{key: str(c.get(key) or "") for key in keys}}
            for app in (self.ws.apps.values() if not self.me.team_id else ())
            for c in app.slash_commands
        ]

    @cached_property
    def data(self) -> dict[str, Any]:
        """What the script needs to know, as JSON inside the page."""
        return {
            "as": self.me.id,
            "channel": self.where.channel_id,
            "thread": self.where.thread_ts,
            "home": self.where.home,
            "at": self.where.at,
            "mailbox": (self.outside and self.outside.address) or self.where.mailbox,
            "ticket": self.where.ticket,
            "name": self.face.name,
            "commands": self.commands,
            "people": [
                {"handle": u.name, "name": u.real_name, "title": u.title}
                for u in self.ws.users.values()
                if not u.deleted
            ],
        }

    @cached_property
    def all_people(self) -> list[Choice]:
        """Everybody, for mentions."""
        return people_choices(self.ws)

    @cached_property
    def outside(self) -> Outside | None:
        """The mailboxes of people outside; None where the workspace has none."""
        boxes = self.ws.mailboxes
        return Outside(boxes, self.reader, self.where.mailbox) if boxes else None

    @cached_property
    def helpdesk(self) -> Tickets | None:
        """The company's help desk; None where the workspace has none."""
        desk = self.ws.helpdesk
        if desk is None:
            return None
        return Tickets(desk, self.reader, self.where.ticket, self.ws.team_name)

    # Views

    def _place(self, view: View) -> Place:
        return Place(
            key=view.id,
            state=view.state,
            people=lambda: self.all_people,
            channels=lambda: channel_choices(self.ws, self.me.id),
        )

    @cached_property
    def modals(self) -> list[View]:
        """The reader's open modals, the visible one last."""
        return people_of(self.ws).views(self.me.id)

    @cached_property
    def home_view(self) -> View | None:
        """What the open app has published on the reader's Home tab."""
        view_id = self.ws.homes.get((self.where.home, self.me.id))
        return self.ws.views.get(view_id) if view_id else None

    def draw(self, view: View) -> Markup:
        """A view's blocks."""
        return draw_blocks(view.blocks, self.reader, self._place(view))

    # Time

    @property
    def weekday(self) -> str:
        """The reader's day of the week: "Wed"."""
        return f"{local(self.reader.now, self.reader):%a}"

    @property
    def clock(self) -> str:
        """Workspace time in the reader's zone: "18 Feb, 14:05"."""
        now = self.reader.now
        return f"{local(now, self.reader):%d %b}, {clock_time(now, self.reader)}"

    @property
    def clock_title(self) -> str:
        """The whole instant and the zone, for the tooltip."""
        return f"Workspace time for you: {full(self.reader.now, self.reader)} ({self.me.tz})"

    @property
    def faults(self) -> list[Fault]:
        """The faults now in force."""
        return self.ws.faults.rules

    @property
    def due_words(self) -> str:
        """When the app wakes next: "15:30, in 55 minutes"; empty when nothing is due."""
        if self.due is None:
            return ""
        return f"{clock_time(self.due, self.reader)}, {ago(self.due, self.reader)}"
