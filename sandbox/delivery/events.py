"""The Events API: which event goes to which app, and its wrapper."""

import secrets
from dataclasses import replace

from sandbox.delivery.outcome import Parcel
from sandbox.state import AppInstallation, Json, WorkspaceEvent
from sandbox.workspace import Workspace

# Subscription → the scopes of which one is needed; docs.slack.dev/reference/events
SCOPES: dict[str, tuple[str, ...]] = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "app_mention": ("app_mentions:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "channel_left": ("channels:read",),
    "group_left": ("groups:read",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
    "subteam_created": ("usergroups:read",),
    "subteam_updated": ("usergroups:read",),
    "subteam_members_changed": ("usergroups:read",),
    "channel_archive": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_deleted": ("groups:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
}
# These tell of public channels that the app need not be in.
TEAM_WIDE = frozenset(
    {
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "channel_created",
        "channel_deleted",
    }
)
# An app hears only of itself that it left; of itself no member_left_channel (bolt-js #1847).
OWN = frozenset({"channel_left", "group_left"})
NO_EVENT_TS = frozenset(
    {"team_join", "user_change", "subteam_created", "subteam_updated", "subteam_members_changed"}
)
# Keys that history shows and events do not carry.
NOT_IN_EVENTS = frozenset({"app_id", "pinned_info", "pinned_to", "reactions"})


def wants(ws: Workspace, app: AppInstallation, event: WorkspaceEvent) -> bool:
    """Whether the app subscribed to the event, may read it, and is where it happened.

    Asked while the event happens, so by membership as it is then. ``app_mention`` goes only to the
    app that the text names. An event without scopes in ``SCOPES`` needs the subscription alone.
    """
    if event.subscription not in app.bot_events or not _may_read(ws, app, event):
        return False
    if event.subscription == "app_mention":
        return f"<@{app.bot_user_id}" in str(event.event.get("text", ""))
    return True


def _may_read(ws: Workspace, app: AppInstallation, event: WorkspaceEvent) -> bool:
    """Whether the app's scopes and membership let it hear of the event.

    Where two scopes are listed, the first is for public channels, the second for private ones. What
    happened in no channel, or in one that is gone, needs the scope alone; ``TEAM_WIDE`` needs no
    membership, ``OWN`` goes to the app that it is about.
    """
    needed = SCOPES.get(event.subscription, ())
    channel = ws.channels.get(event.channel_id or "")
    if len(needed) > 1 and channel is not None:
        needed = needed[1:] if channel.is_private else needed[:1]
    if needed and not app.scopes.intersection(needed):
        return False
    if channel is None or event.subscription in TEAM_WIDE:
        return True
    if event.subscription in OWN:
        return bool(event.event["user"] == app.bot_user_id)
    return app.bot_user_id in channel.members


def wrap(ws: Workspace, app: AppInstallation, event: WorkspaceEvent) -> Json:
    """The outer event with an id of its own.

    Each app gets its own ``event_id``, which every retry keeps; ``event_time`` is workspace time in
    whole seconds. ``is_ext_shared_channel`` is true while the channel has a connected organisation.
    """
    return {
        "token": app.verification_token,
        "team_id": ws.team_id,
        "api_app_id": app.app_id,
        "event": inner(event),
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(event.at.timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": ws.team_id,
                "user_id": app.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": _is_shared(ws, event),
        "event_context": f"4-{secrets.token_urlsafe(48)}",
    }


def _is_shared(ws: Workspace, event: WorkspaceEvent) -> bool:
    channel = ws.channels.get(event.channel_id or "")
    return channel is not None and bool(channel.connected)


def inner(event: WorkspaceEvent) -> Json:
    """The inner event without what only history shows.

    Without ``event_ts`` are those in ``NO_EVENT_TS``, without ``user`` those in ``OWN``, and
    ``group_unarchive`` says ``actor_id`` instead; ``app_mention`` has no ``channel_type``.
    """
    body = dict(event.event)
    if body["type"] in NO_EVENT_TS:
        body.pop("event_ts", None)
    if body["type"] in OWN:
        body.pop("user")
    if body["type"] == "group_unarchive":
        body["actor_id"] = body.pop("user")
    if body["type"] not in {"message", "app_mention"}:
        return body
    if body["type"] == "app_mention":
        body.pop("channel_type", None)
    return {key: value for key, value in body.items() if key not in NOT_IN_EVENTS}


def parcel(body: Json) -> Parcel:
    """A wrapped event, ready to deliver."""
    return Parcel("events_api", str(body["event"]["type"]), body)


def again(sent: Parcel, attempt: int, reason: str) -> Parcel:
    """The same event for its next attempt."""
    return replace(sent, attempt=attempt, reason=reason)
