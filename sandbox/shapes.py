"""Records as the objects that Slack's API and payloads carry."""

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sandbox.state import AppInstallation, Channel, File, Json, Message, Note, User, View


class Shown(Protocol):
    """What the objects show of their workspace."""

    team_id: str
    base_url: str
    apps: dict[str, AppInstallation]
    channels: dict[str, Channel]
    files: dict[str, File]

    def now(self) -> datetime:
        """The workspace's time."""

    def team_of(self, user_id: str) -> str:
        """The id of the team that somebody is of."""


def user_object(ws: Shown, user: User, *, email: bool = True, locale: bool = True) -> Json:
    """A user object; ``email`` needs the scope users:read.email, ``locale`` an argument.

    No user here is an administrator or owner. ``tz_offset`` is in seconds, by the workspace's time,
    and ``updated`` in epoch seconds. Raises ZoneInfoNotFoundError for a zone that does not exist.
    """
    zone_offset = ws.now().astimezone(ZoneInfo(user.tz)).utcoffset()
    profile: Json = {
        "title": user.title,
        "phone": user.phone,
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "status_text": "",
        "status_emoji": "",
        "team": user.team_id or ws.team_id,
        **({"email": user.email} if email and user.email else {}),
        **({"bot_id": user.bot_id, "api_app_id": user.app_id} if user.is_bot else {}),
    }
    return {
        "id": user.id,
        "team_id": user.team_id or ws.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "color": user.color,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(zone_offset.total_seconds()) if zone_offset else 0,
        "profile": profile,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": user.is_app_user,
        "updated": user.updated,
        **({"is_stranger": True} if user.is_stranger else {}),
        **({"locale": user.locale} if locale else {}),
    }


def channel_object(ws: Shown, channel: Channel, viewer: str) -> Json:
    """A conversation object as ``viewer`` sees it.

    A direct message has few keys, ``user`` being the other person. ``created`` is in epoch seconds,
    ``updated`` in milliseconds, and never moves on.
    """
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": next((u for u in channel.members if u != viewer), viewer),
            "is_user_deleted": False,
            "priority": 0,
            "is_open": True,
            "context_team_id": ws.team_id,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private and not channel.is_mpim,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "unlinked": 0,
        "is_shared": bool(channel.connected),
        "is_ext_shared": bool(channel.connected),
        "is_org_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "is_pending_ext_shared": False,
        "is_member": viewer in channel.members,
        "context_team_id": ws.team_id,
        "updated": channel.created * 1000,
        "parent_conversation": None,
        "shared_team_ids": [ws.team_id, *channel.connected],
        **({"connected_team_ids": [*channel.connected]} if channel.connected else {}),
        "last_read": channel.last_read.get(viewer, "0000000000.000000"),
        "topic": note_object(channel.topic),
        "purpose": note_object(channel.purpose),
        "previous_names": list(channel.previous_names),
        "priority": 0,
    }


def note_object(note: Note) -> Json:
    """A topic or purpose."""
    return {"value": note.value, "creator": note.creator, "last_set": note.last_set}


def message_object(ws: Shown, channel: Channel, message: Message, *, metadata: bool = True) -> Json:
    """A message object; ``metadata`` only where Slack shows it.

    An app's message has ``bot_id``, ``app_id`` and ``bot_profile``; a person's in a shared channel
    ``user_team`` and ``source_team``. ``reactions`` is ``[{"name", "users", "count"}]``.
    """
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.bot_id:
        body["bot_id"] = message.bot_id
        body["app_id"] = message.app_id
        body["bot_profile"] = bot_profile(ws, message.app_id)
    if message.username:
        body["username"] = message.username
    if message.icons:
        body["icons"] = message.icons
    body["team"] = ws.team_of(message.user)
    if channel.connected and not message.bot_id:  # Slack Connect says whose people they are
        body |= {"user_team": body["team"], "source_team": body["team"]}
    body.update(message.extra)
    for key in ("blocks", "attachments", "thread_ts"):
        value = getattr(message, key)
        if value is not None:
            body[key] = value
    if message.files:
        body["files"] = [file_object(ws, ws.files[f]) for f in message.files]
    if message.edited:
        body["edited"] = {"user": message.edited.user, "ts": message.edited.ts}
    if message.reactions:
        body["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if metadata and message.metadata is not None:
        body["metadata"] = message.metadata
    return body | _thread_summary(channel, message) | _pinned(channel, message)


def _thread_summary(channel: Channel, message: Message) -> Json:
    """What a message shows of its thread: an answer ``parent_user_id``, a first message its counts.

    Empty for a message without answers, and for an answer to one that was deleted.
    """
    if message.thread_ts is not None and message.thread_ts != message.ts:
        parent = channel.messages.get(message.thread_ts)
        return {"parent_user_id": parent.user} if parent else {}
    replies = channel.replies(message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(r.user for r in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def _pinned(channel: Channel, message: Message) -> Json:
    if message.ts not in channel.pins:
        return {}
    pin = channel.pins[message.ts]
    return {
        "pinned_to": [channel.id],
        "pinned_info": {
            "channel": channel.id,
            "pinned_by": pin.user,
            "pinned_ts": pin.created,
        },
    }


def bot_profile(ws: Shown, app_id: str) -> Json:
    """The short description of an app beside its messages."""
    app: AppInstallation | None = ws.apps.get(app_id)
    return {
        "id": app.bot_id if app else "",
        "app_id": app_id,
        "user_id": app.bot_user_id if app else "",
        "name": app.name if app else app_id,
        "icons": {},
        "deleted": app is None,
        "updated": 0,
        "team_id": ws.team_id,
    }


def view_object(ws: Shown, view: View) -> Json:
    """A view with its state, as answers and payloads carry it."""
    payload = view.payload
    app = ws.apps.get(view.app_id)
    body: Json = {
        "id": view.id,
        "team_id": ws.team_id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": view.private_metadata,
        "callback_id": view.callback_id,
        "state": {"values": view.state},
        "hash": view.hash,
        "title": payload.get("title") or {"type": "plain_text", "text": "View Title"},
        "clear_on_close": bool(payload.get("clear_on_close", False)),
        "notify_on_close": bool(payload.get("notify_on_close", False)),
        "close": payload.get("close"),
        "submit": payload.get("submit"),
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": view.app_id,
        "external_id": view.external_id,
        "app_installed_team_id": ws.team_id,
        "bot_id": app.bot_id if app else "",
    }
    if "submit_disabled" in payload:
        body["submit_disabled"] = bool(payload["submit_disabled"])
    return body


def file_object(ws: Shown, file: File) -> Json:
    """A file object with local addresses.

    ``size`` is in bytes, as announced until they have come. ``channels`` holds private channels
    too, and ``groups`` stays empty, since ids of both begin with C.
    """
    kind = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else "binary"
    url = f"{ws.base_url}/files-pri/{ws.team_id}-{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "filetype": kind,
        "pretty_type": kind.upper(),
        "user": file.user,
        "editable": False,
        "size": len(file.content) if file.content is not None else file.length,
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(not ws.channels[c].is_private for c, _ in file.shares if c in ws.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": url,
        "url_private_download": url,
        "permalink": f"{ws.base_url}/files/{file.user}/{file.id}/{file.name}",
        "alt_txt": file.alt_txt,
        "channels": [c for c, _ in file.shares if c.startswith("C")],
        "groups": [],
        "ims": [c for c, _ in file.shares if c.startswith("D")],
        "has_rich_preview": False,
        "file_access": "visible",
    }
