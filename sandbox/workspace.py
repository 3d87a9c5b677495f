"""The workspace: who and what is there, its time, and who listens.

The rules of Slack live beside it as plain functions that take the workspace first:
``conversations`` (channels and membership), ``posting`` (messages), ``marks`` (pins, bookmarks,
reactions), ``views`` (modals and Home), ``files``, ``scheduled``. Methods of
the Web API and actions of people both go through those. All of them raise
:class:`sandbox.errors.SlackError`.
"""

import itertools
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from starlette.types import ASGIApp

from sandbox.bus import Bus
from sandbox.clock import WorkspaceClock
from sandbox.errors import SlackError
from sandbox.faults import FaultBoard
from sandbox.helpdesk.helpscout import HelpScout
from sandbox.lifetimes import Lifetimes
from sandbox.mailbox import Mailboxes
from sandbox.shapes import user_object
from sandbox.state import (
    AppInstallation,
    Channel,
    File,
    Json,
    ScheduledMessage,
    User,
    Usergroup,
    View,
    WorkspaceEvent,
)

P = TypeVar("P")
EventHook = Callable[[WorkspaceEvent], None]
Guide = Callable[[str], Awaitable[Mapping[str, str]]]


class Workspace:
    """All of one team's state, in memory.

    ``on_event`` hooks get every Events API event (delivery filters by app). ``bus`` is for
    whoever watches. ``strict_limits`` False switches rate limits off. ``base_url`` has
    no slash at its end; ``serve`` sets it.

    What only a workspace with a guest beside it has: ``guide`` gives the words for a person (by
    user id) in which the page explains the place, ``mailboxes`` are those of people outside,
    ``helpdesk`` is the company's, and ``neighbours`` serve the paths below their prefix at the
    workspace's own address.
    """

    def __init__(
        self,
        name: str = "Workspace",
        *,
        domain: str = "workspace",
        clock: WorkspaceClock | None = None,
    ) -> None:
        """An empty team: no people, no channels."""
        self.team_id = "T0NORTHWIND"
        self.team_name = name
        self.team_domain = domain
        self.base_url = "http://127.0.0.1"
        self.clock = clock or WorkspaceClock()
        self.clock.on_move.append(self._tell_time)
        self.lifetimes = Lifetimes()
        self.bus = Bus()
        self.faults = FaultBoard()
        self.strict_limits = True
        self.on_event: list[EventHook] = []
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.apps: dict[str, AppInstallation] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[tuple[str, str], str] = {}
        self.files: dict[str, File] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.scheduled: dict[str, ScheduledMessage] = {}
        self.oauth_codes: dict[str, str] = {}
        self.reserved_bot_ids: list[str] = []
        self.guide: Guide | None = None
        self.mailboxes: Mailboxes | None = None
        self.helpdesk: HelpScout | None = None
        self.other_teams: dict[str, str] = {}  # names of organisations by id (sandbox.connect)
        self.outsiders_have_shortcuts = False
        self.neighbours: dict[str, ASGIApp] = {}
        self.parts: dict[type[Any], Any] = {}
        self._sequence = itertools.count(1)
        self._last_ts = 0

    def part(self, kind: type[P], make: Callable[["Workspace"], P]) -> P:
        """The one ``kind`` that hangs on this workspace (its delivery, its people's hands)."""
        if kind not in self.parts:
            self.parts[kind] = make(self)
        part: P = self.parts[kind]
        return part

    # Time and names

    def now(self) -> datetime:
        """Workspace time, aware UTC."""
        return self.clock.now()

    def epoch(self) -> int:
        """Workspace time in whole seconds."""
        return int(self.now().timestamp())

    def next_ts(self) -> str:
        """A message timestamp: now, and later than every one before.

        Unique in the whole workspace, though Slack promises it for one channel only.
        """
        micros = int(self.now().timestamp() * 1_000_000)
        self._last_ts = max(micros, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        """A fresh identifier: a letter, then eleven capitals and digits."""
        return f"{prefix}{next(self._sequence):03d}{secrets.token_hex(4).upper()}"

    # Who

    def add_user(self, user: User) -> User:
        """A person joins the team (event ``team_join``) and, unless they are a guest, #general."""
        self.users[user.id] = user
        user.updated = self.epoch()
        for channel in self.channels.values():
            if channel.is_general and not user.is_guest:
                channel.members[user.id] = None
        self.emit("team_join", {"user": user_object(self, user)}, None, user.id)
        self.bus.publish({"type": "user", "user": user.id})
        return user

    def change_user(self, user_id: str, **changes: Any) -> User:
        """A person is renamed, becomes a guest, is deactivated (event ``user_change``).

        ``changes`` are fields of ``User``; a name that is none is set all the same and read by
        nothing. Raises ``user_not_found``.
        """
        user = self.user(user_id)
        for name, value in changes.items():
            setattr(user, name, value)
        user.updated = self.epoch()
        self.emit("user_change", {"user": user_object(self, user)}, None, user.id)
        self.bus.publish({"type": "user", "user": user.id})
        return user

    def change_group(self, group: Usergroup, users: list[str]) -> Usergroup:
        """A group is made, or other people are in it from now on.

        ``removed_users`` and the counts, which are strings, compare with who was in it. The group's
        handle and name are told by no event, and the page is not told at all.
        """
        before = set(group.users if group.id in self.usergroups else ())
        self.usergroups[group.id] = group
        group.users = users
        told = {
            "subteam_id": group.id,
            "team_id": self.team_id,
            "date_previous_update": group.created,
            "date_update": self.epoch(),
            "added_users": [u for u in users if u not in before],
            "added_users_count": str(len(set(users) - before)),
            "removed_users": sorted(before - set(users)),
            "removed_users_count": str(len(before - set(users))),
        }
        self.emit("subteam_members_changed", told, None, "")
        return group

    def user(self, user_id: str) -> User:
        """The person or bot with this id. Raises ``user_not_found``."""
        user = self.users.get(user_id)
        if user is None:
            raise SlackError("user_not_found")
        return user

    def people(self) -> list[User]:
        """Everybody who is not a bot and still here."""
        return [u for u in self.users.values() if not u.is_bot and not u.deleted]

    # Where

    def channel(self, channel_id: str, *, seen_by: str | None = None) -> Channel:
        """The conversation with this id. Raises ``channel_not_found``.

        ``seen_by`` makes private conversations and other people's DMs invisible to outsiders.
        """
        channel = self.channels.get(channel_id)
        if channel is None or (seen_by is not None and not self.can_see(seen_by, channel)):
            raise SlackError("channel_not_found")
        return channel

    def can_see(self, user_id: str, channel: Channel) -> bool:
        """Whether a person can know of a conversation; guests, and who is from elsewhere, only of
        their own."""
        user = self.users.get(user_id)
        full = user is None or not (user.team_id or user.is_guest)
        return channel.visible_to(user_id) and (full or user_id in channel.members)

    def team_of(self, user_id: str) -> str:
        """The id of the team that a person is of: ours, unless they are from elsewhere."""
        user = self.users.get(user_id)
        return user.team_id if user and user.team_id else self.team_id

    def channel_named(self, name: str) -> Channel | None:
        """The channel with this name, archived ones too."""
        return next((c for c in self.channels.values() if c.name == name and not c.is_im), None)

    def open_im(self, user_a: str, user_b: str) -> tuple[Channel, bool]:
        """The direct message between two people, and whether it existed already."""
        pair = {user_a, user_b}
        for channel in self.channels.values():
            if channel.is_im and set(channel.members) == pair:
                return channel, True
        channel = Channel(self.new_id("D"), "", user_a, self.epoch(), is_im=True, is_private=True)
        channel.members = dict.fromkeys((user_a, user_b))
        self.channels[channel.id] = channel
        self.bus.publish({"type": "channel", "channel": channel.id})
        return channel, False

    # Apps

    def install_app(
        self, manifest: Json, request_url: str | None = None, *, installed_by: str = ""
    ) -> AppInstallation:
        """Install an app with what its manifest asks for; makes its bot user and tokens.

        ``request_url`` is where commands, events and interactions are posted; without it the
        app connects by Socket Mode.
        """
        name = str(manifest.get("display_information", {}).get("name", "App"))
        bot = manifest.get("features", {}).get("bot_user", {})
        app = AppInstallation(
            app_id=self.new_id("A"),
            team_id=self.team_id,
            bot_id=self.new_id("B"),
            bot_user_id=self.reserved_bot_ids.pop(0) if self.reserved_bot_ids else self.new_id("U"),
            bot_token=f"xoxb-{secrets.randbelow(10**12)}-{secrets.token_hex(12)}",
            app_token=f"xapp-1-{secrets.randbelow(10**12)}-{secrets.token_hex(24)}",
            signing_secret=secrets.token_hex(16),
            verification_token=secrets.token_urlsafe(18),
            client_id=f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}",
            client_secret=secrets.token_hex(16),
            manifest=manifest,
            request_url=request_url,
            installed_by=installed_by,
        )
        handle = str(bot.get("display_name", name)).lower().replace(" ", "-")
        self.apps[app.app_id] = app
        self.users[app.bot_user_id] = User(
            id=app.bot_user_id,
            name=handle,
            real_name=str(bot.get("display_name", name)),
            display_name=str(bot.get("display_name", name)),
            is_bot=True,
            bot_id=app.bot_id,
            app_id=app.app_id,
            updated=self.epoch(),
        )
        return app

    def app_of_token(self, token: str) -> AppInstallation | None:
        """The app that this bot or app-level token belongs to."""
        for app in self.apps.values():
            if token in (app.bot_token, app.app_token):  # local: nobody measures this
                return app
        return None

    def app_of_bot_user(self, user_id: str) -> AppInstallation | None:
        """The app behind a bot user; None for people."""
        return next((a for a in self.apps.values() if a.bot_user_id == user_id), None)

    # Telling

    def emit(self, subscription: str, event: Json, channel_id: str | None, actor: str) -> None:
        """Tell the Events API hooks. ``event`` gets its ``type`` and ``event_ts`` here.

        ``event_ts`` is the event's own ``ts``, else a fresh one. Hooks run at once, one after the
        other, so they see the workspace as it is at this moment.
        """
        kind = "message" if subscription.startswith("message.") else subscription
        body = {"type": kind, **event}
        body.setdefault("event_ts", body.get("ts") or self.next_ts())
        told = WorkspaceEvent(subscription, body, channel_id, actor, self.now())
        for hook in self.on_event:
            hook(told)

    def _tell_time(self, now: datetime) -> None:
        self.bus.publish({"type": "clock", "now": now.isoformat()})
