"""What a workspace is made of: plain records, no rules.

Identifiers look like Slack's (U… people, B… bots, C… channels, D… direct messages, V… views,
F… files, A… apps). Timestamps called ``ts`` are Slack's strings: seconds with six decimals.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]
"""A JSON object as it came over the wire or goes over it."""


@dataclass
class User:
    """A person, or the face of an app (``is_bot``)."""

    id: str
    name: str
    real_name: str
    display_name: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    tz: str = "Etc/UTC"
    locale: str = "en-US"
    is_bot: bool = False
    is_app_user: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    team_id: str = ""  # of somebody from another workspace
    color: str = "4b5cc4"
    bot_id: str = ""
    app_id: str = ""
    updated: int = 0

    @property
    def is_guest(self) -> bool:
        """Whether they may be in channels of ours only where a member brought them in."""
        return self.is_restricted or self.is_ultra_restricted


@dataclass
class Edited:
    """Who changed a message, and when."""

    user: str
    ts: str


@dataclass
class Message:
    """One message; ``ts`` is its identity inside a channel.

    ``reactions`` maps an emoji's name to the people who chose it, in order. ``files`` holds
    file ids. ``extra`` holds the keys of a subtype (``topic``, ``inviter`` …) as Slack sends them.
    ``ephemeral_to`` is the only person who sees the message (None: everybody).
    """

    ts: str
    user: str
    text: str = ""
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    metadata: Json | None = None
    edited: Edited | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    ephemeral_to: str | None = None
    subtype: str | None = None
    bot_id: str = ""
    app_id: str = ""
    username: str = ""
    icons: Json | None = None
    mrkdwn: bool = True
    response_url_id: str | None = None
    extra: Json = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether the message lives inside somebody else's thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Note:
    """A channel's topic or purpose."""

    value: str = ""
    creator: str = ""
    last_set: int = 0


@dataclass
class Pin:
    """A pinned message."""

    ts: str
    user: str
    created: int


@dataclass
class Bookmark:
    """A link at the top of a channel."""

    id: str
    channel_id: str
    title: str
    link: str
    emoji: str = ""
    type: str = "link"
    created: int = 0
    updated: int = 0
    last_updated_by: str = ""


@dataclass
class Channel:
    """A public or private channel (C…) or a direct message (D…).

    ``messages`` is in the order of ``ts``. Ephemeral messages live apart, in ``ephemerals``:
    no history shows them. ``last_read`` is the newest ts each person has seen. ``connected`` are
    the ids of the other organisations that share it (Slack Connect).
    """

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_mpim: bool = False
    is_general: bool = False
    is_archived: bool = False
    topic: Note = field(default_factory=Note)
    purpose: Note = field(default_factory=Note)
    members: dict[str, None] = field(default_factory=dict)
    previous_names: list[str] = field(default_factory=list)
    pins: dict[str, Pin] = field(default_factory=dict)
    bookmarks: dict[str, Bookmark] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)
    last_read: dict[str, str] = field(default_factory=dict)
    connected: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Literal["channel", "group", "im", "mpim"]:
        """Slack's ``channel_type``."""
        if self.is_im:
            return "im"
        if self.is_mpim:
            return "mpim"
        return "group" if self.is_private else "channel"

    def visible_to(self, user_id: str) -> bool:
        """Whether this person can know that the conversation exists."""
        return self.kind == "channel" or user_id in self.members

    def replies(self, thread_ts: str) -> list[Message]:
        """The answers below a message, oldest first, without the message itself."""
        return [m for m in self.messages.values() if m.thread_ts == thread_ts and m.ts != thread_ts]


@dataclass
class View:
    """A modal or a Home tab. ``payload`` is the view as the app sent it (type, title, blocks …).

    ``state`` is Slack's ``state.values``: block_id → action_id → the element's value object.
    """

    id: str
    app_id: str
    owner: str
    payload: Json
    hash: str
    external_id: str = ""
    root_view_id: str = ""
    previous_view_id: str | None = None
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    response_url_targets: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """``modal`` or ``home``."""
        return str(self.payload.get("type", ""))

    @property
    def callback_id(self) -> str:
        """What the app calls this view; empty when it did not say."""
        return str(self.payload.get("callback_id") or "")

    @property
    def private_metadata(self) -> str:
        """What the app hid inside the view for itself."""
        return str(self.payload.get("private_metadata") or "")

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        blocks: list[Json] = self.payload.get("blocks") or []
        return blocks


@dataclass
class File:
    """An uploaded file; ``complete`` once the upload was finished and it may be seen."""

    id: str
    name: str
    user: str
    created: int
    length: int
    title: str = ""
    mimetype: str = "application/octet-stream"
    alt_txt: str = ""
    upload_token: str = ""
    content: bytes | None = None
    complete: bool = False
    shares: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class ScheduledMessage:
    """A message that waits for its instant (``post_at``, epoch seconds of workspace time)."""

    id: str
    app_id: str
    channel_id: str
    post_at: int
    created: int
    fields: Json


@dataclass
class Usergroup:
    """A group of people that can be mentioned together."""

    id: str
    handle: str
    name: str
    users: list[str]
    created: int = 0
    disabled: bool = False


@dataclass
class AppInstallation:
    """One app in this workspace; ``request_url`` is where HTTP delivery goes."""

    app_id: str
    team_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str
    app_token: str
    signing_secret: str
    verification_token: str
    client_id: str
    client_secret: str
    manifest: Json
    request_url: str | None = None
    installed_by: str = ""

    @property
    def name(self) -> str:
        """The app's name in the manifest."""
        return str(self.manifest.get("display_information", {}).get("name", self.app_id))

    @property
    def socket_mode(self) -> bool:
        """Whether it connects by Socket Mode: as its manifest says, else when it has no URL."""
        said = self.manifest.get("settings", {}).get("socket_mode_enabled")
        return self.request_url is None if said is None else bool(said)

    @property
    def scopes(self) -> frozenset[str]:
        """The bot scopes that the manifest asks for; nothing else is granted."""
        scopes: Iterable[str] = (
            self.manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
        )
        return frozenset(scopes)

    @property
    def bot_events(self) -> frozenset[str]:
        """The subscribed events (``message.channels``, ``app_home_opened`` …)."""
        settings = self.manifest.get("settings", {})
        return frozenset(settings.get("event_subscriptions", {}).get("bot_events", []))

    @property
    def slash_commands(self) -> list[Json]:
        """The commands as the manifest writes them."""
        commands: list[Json] = self.manifest.get("features", {}).get("slash_commands", [])
        return commands

    @property
    def shortcuts(self) -> list[Json]:
        """Global and message shortcuts as the manifest writes them."""
        shortcuts: list[Json] = self.manifest.get("features", {}).get("shortcuts", [])
        return shortcuts

    @property
    def home_enabled(self) -> bool:
        """Whether the Home tab is on."""
        home = self.manifest.get("features", {}).get("app_home", {})
        return bool(home.get("home_tab_enabled", False))

    @property
    def messages_tab_enabled(self) -> bool:
        """Whether people and the app can talk in the app's own DM (Slack's default: yes)."""
        home = self.manifest.get("features", {}).get("app_home", {})
        return bool(home.get("messages_tab_enabled", True))


@dataclass(frozen=True)
class WorkspaceEvent:
    """Something that Slack's Events API tells apps about.

    ``subscription`` is the name in the manifest (``message.channels``, ``group_archive`` …),
    ``event`` the inner event as Slack sends it, ``channel_id`` where it happened (None: nowhere),
    ``actor`` the user id that caused it.
    """

    subscription: str
    event: Json
    channel_id: str | None
    actor: str
    at: datetime
