"""Channels and who is in them. Every function takes the workspace and the acting user id first."""

from sandbox import posting
from sandbox.conversation_access import require_member, require_open
from sandbox.errors import SlackError
from sandbox.state import Channel, Json, Message, Note
from sandbox.workspace import Workspace

NAME_MAX = 80  # characters; conversations.create, invalid_name_maxlength
NOTE_MAX = 250  # characters of topic and purpose; conversations.setTopic, too_long
NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


def check_name(name: str) -> None:
    """Raise Slack's error for a channel name that cannot be.

    ``invalid_name_required``, ``invalid_name_maxlength``, ``invalid_name_specials``,
    ``invalid_name_punctuation``. Names are refused, never corrected.
    """
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_MAX:
        raise SlackError("invalid_name_maxlength")
    if set(name) - NAME_CHARACTERS:
        raise SlackError("invalid_name_specials")
    if not set(name) - {"-", "_"}:
        raise SlackError("invalid_name_punctuation")


def create(
    ws: Workspace,
    actor: str,
    name: str,
    *,
    is_private: bool = False,
    channel_id: str | None = None,
    is_general: bool = False,
) -> Channel:
    """Make a channel; its creator is in it. Raises ``name_taken`` (archived names stay taken).

    ``channel_created`` is told of public channels only, and before the line that the creator has
    joined. New people come into a general channel by themselves (``Workspace.add_user``).
    """
    check_name(name)
    if ws.channel_named(name) is not None:
        raise SlackError("name_taken")
    channel = Channel(
        channel_id or ws.new_id("C"),
        name,
        actor,
        ws.epoch(),
        is_private=is_private,
        is_general=is_general,
    )
    channel.members[actor] = None
    ws.channels[channel.id] = channel
    if not is_private:
        about = {"id": channel.id, "name": name, "created": channel.created, "creator": actor}
        ws.emit("channel_created", {"channel": about}, channel.id, actor)
    ws.bus.publish({"type": "channel", "channel": channel.id})
    _say_joined(ws, channel, actor, inviter=None)
    return channel


def require_group(channel: Channel) -> None:
    """Raise ``method_not_supported_for_channel_type`` for direct messages."""
    if channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")


def _managed(ws: Workspace, actor: str, channel_id: str) -> Channel:
    channel = ws.channel(channel_id, seen_by=actor)
    require_group(channel)
    return channel


def invite(
    ws: Workspace, actor: str, channel_id: str, user_ids: list[str], *, force: bool = False
) -> list[Json]:
    """Bring people in. None comes when one of them cannot, unless ``force``.

    Returns the failures of a forced invitation as ``[{"user", "ok": False, "error"}]``.
    Raises the first failure's code with ``errors`` holding all of them.
    """
    channel = _managed(ws, actor, channel_id)
    if not user_ids:
        raise SlackError("no_user")
    require_open(channel)
    require_member(channel, actor)
    failures: list[Json] = []
    welcome: list[str] = []
    for user_id in dict.fromkeys(user_ids):
        code = _invite_problem(ws, actor, channel, user_id)
        if code:
            failures.append({"user": user_id, "ok": False, "error": code})
        else:
            welcome.append(user_id)
    if failures and not (force and welcome):
        raise SlackError(str(failures[0]["error"]), errors=failures)
    for user_id in welcome:
        add_member(ws, channel, user_id, inviter=actor)
    return failures


def _invite_problem(ws: Workspace, actor: str, channel: Channel, user_id: str) -> str | None:
    """Slack's code for a person who cannot be invited, else None.

    The deactivated count as not found, people of an organisation that does not share the channel as
    ``cant_invite``. A guest is brought in by a person, not by an app (``user_is_restricted``), and
    one who may be in a single channel only where they are in none yet (``ura_max_channels``).
    """
    user = ws.users.get(user_id)
    if user is None or user.deleted:
        return "user_not_found"
    if user_id == actor:
        return "cant_invite_self"
    if user_id in channel.members:
        return "already_in_channel"
    if user.team_id and user.team_id not in channel.connected:
        return "cant_invite"
    if not user.is_guest:
        return None
    if ws.users[actor].is_bot:
        return "user_is_restricted"
    elsewhere = any(user_id in each.members for each in ws.channels.values() if not each.is_im)
    return "ura_max_channels" if user.is_ultra_restricted and elsewhere else None


def add_member(
    ws: Workspace, channel: Channel, user_id: str, *, inviter: str | None = None
) -> None:
    """Put a person into a channel: the line in it, the event, the live update.

    Nothing is checked, and one who is in it already gets a second line. The event
    ``member_joined_channel`` has ``user``, ``channel``, ``channel_type`` (``C``, or ``G`` for a
    private channel), ``team`` and, after an invitation, ``inviter``; the line in the channel has
    ``inviter`` too.
    """
    channel.members[user_id] = None
    event = {
        "user": user_id,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": ws.team_of(user_id),
        **({"inviter": inviter} if inviter else {}),
    }
    ws.emit("member_joined_channel", event, channel.id, user_id)
    ws.bus.publish({"type": "channel", "channel": channel.id})
    _say_joined(ws, channel, user_id, inviter=inviter)


def _say_joined(ws: Workspace, channel: Channel, user_id: str, *, inviter: str | None) -> None:
    extra: Json = {"inviter": inviter} if inviter else {}
    say_subtype(ws, channel, user_id, "channel_join", f"<@{user_id}> has joined the channel", extra)


def say_subtype(
    ws: Workspace,
    channel: Channel,
    user_id: str,
    subtype: str,
    text: str,
    extra: Json | None = None,
) -> Message:
    """Write a line that Slack itself writes about what a person did."""
    message = Message(ws.next_ts(), user_id, text, subtype=subtype, extra=extra or {})
    posting.store(ws, channel, message)
    return message


def join(ws: Workspace, actor: str, channel_id: str) -> tuple[Channel, bool]:
    """Walk into a public channel. Returns it and whether the actor was in it already."""
    channel = _managed(ws, actor, channel_id)
    require_open(channel)
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if actor in channel.members:
        return channel, True
    add_member(ws, channel, actor)
    return channel, False


def leave(ws: Workspace, actor: str, channel_id: str) -> bool:
    """Walk out. Returns whether the actor was there. Raises ``last_member``."""
    channel = _managed(ws, actor, channel_id)
    require_open(channel)
    if channel.is_general:
        raise SlackError("cant_leave_general")
    if actor not in channel.members:
        return False
    if channel.is_private and len(channel.members) == 1:
        raise SlackError("last_member")
    _remove(ws, channel, actor, actor)
    return True


def kick(ws: Workspace, actor: str, channel_id: str, user_id: str) -> None:
    """Take a member out.

    Archived channels are not refused. Raises ``not_in_channel`` for an actor outside and for a
    person who is not in it, ``cant_kick_self``, ``cant_kick_from_general``, ``user_not_found``.
    """
    channel = _managed(ws, actor, channel_id)
    require_member(channel, actor)
    if user_id == actor:
        raise SlackError("cant_kick_self")
    if channel.is_general:
        raise SlackError("cant_kick_from_general")
    ws.user(user_id)
    if user_id not in channel.members:
        raise SlackError("not_in_channel")
    _remove(ws, channel, user_id, actor)


def _remove(ws: Workspace, channel: Channel, user_id: str, actor: str) -> None:
    """Take a member out: the line, ``member_left_channel``, then ``channel_left`` or its twin.

    Membership ends first, so an app that goes hears of itself only by the last of them.
    """
    channel.members.pop(user_id, None)
    say_subtype(ws, channel, user_id, "channel_leave", f"<@{user_id}> has left the channel")
    event = {
        "user": user_id,
        "channel": channel.id,
        "channel_type": "G" if channel.is_private else "C",
        "team": ws.team_of(user_id),
    }
    ws.emit("member_left_channel", event, channel.id, user_id)
    _emit_twin(
        ws, channel, "left", {"channel": channel.id, "actor_id": actor, "user": user_id}, actor
    )
    ws.bus.publish({"type": "channel", "channel": channel.id})


def set_topic(ws: Workspace, actor: str, channel_id: str, topic: str) -> Channel:
    """Change the topic; says so in the channel when it really changed."""
    channel = _notable(ws, actor, channel_id, topic)
    if topic != channel.topic.value:
        channel.topic = Note(topic, actor, ws.epoch())
        text = f"set the channel topic: {topic}" if topic else "cleared channel topic"
        say_subtype(
            ws, channel, actor, "channel_topic", f"<@{actor}> {text}", extra={"topic": topic}
        )
        ws.bus.publish({"type": "channel", "channel": channel.id})
    return channel


def set_purpose(ws: Workspace, actor: str, channel_id: str, purpose: str) -> Channel:
    """Change the purpose ("description" on the page)."""
    channel = _notable(ws, actor, channel_id, purpose)
    if purpose != channel.purpose.value:
        channel.purpose = Note(purpose, actor, ws.epoch())
        text = f"<@{actor}> set the channel description: {purpose}"
        say_subtype(ws, channel, actor, "channel_purpose", text, extra={"purpose": purpose})
        ws.bus.publish({"type": "channel", "channel": channel.id})
    return channel


def _notable(ws: Workspace, actor: str, channel_id: str, value: str) -> Channel:
    """The channel of which topic or purpose may be changed to ``value``.

    Raises ``is_archived``, ``not_in_channel``, ``method_not_supported_for_channel_type`` for a
    direct message, and ``too_long`` beyond 250 characters.
    """
    channel = _managed(ws, actor, channel_id)
    require_open(channel)
    require_member(channel, actor)
    if len(value) > NOTE_MAX:
        raise SlackError("too_long")
    return channel


def rename(ws: Workspace, actor: str, channel_id: str, name: str) -> Channel:
    """Give a channel another name. A bot may rename only what it created (``not_authorized``).

    Archived names are taken as well (``name_taken``); the same name again changes nothing and tells
    nothing. The old name goes to ``previous_names``.
    """
    channel = _managed(ws, actor, channel_id)
    require_open(channel)
    require_member(channel, actor)
    if ws.app_of_bot_user(actor) is not None and channel.creator != actor:
        raise SlackError("not_authorized")
    check_name(name)
    if name == channel.name:
        return channel
    if ws.channel_named(name) is not None:
        raise SlackError("name_taken")
    old, channel.name = channel.name, name
    channel.previous_names.append(old)
    text = f'<@{actor}> has renamed the channel from "{old}" to "{name}"'
    say_subtype(ws, channel, actor, "channel_name", text, extra={"old_name": old, "name": name})
    about = {"id": channel.id, "name": name, "name_normalized": name, "created": channel.created}
    _emit_twin(ws, channel, "rename", {"channel": about}, actor)
    return channel


def archive(ws: Workspace, actor: str, channel_id: str) -> Channel:
    """Close a channel for good. Bots lose their membership with it.

    Apps that are in it hear of it before they lose it. Raises ``already_archived``,
    ``cant_archive_general``, ``not_in_channel``.
    """
    channel = _managed(ws, actor, channel_id)
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.is_general:
        raise SlackError("cant_archive_general")
    require_member(channel, actor)
    text = f"<@{actor}> archived the channel"
    say_subtype(ws, channel, actor, "channel_archive", text)
    channel.is_archived = True
    _emit_twin(ws, channel, "archive", {"channel": channel.id, "user": actor}, actor)
    for member in [m for m in channel.members if ws.users[m].is_bot]:
        del channel.members[member]
    return channel


def unarchive(ws: Workspace, actor: str, channel_id: str) -> Channel:
    """Open an archived channel again. Bots cannot: ``not_in_channel``.

    The person who does it is in it then; the bots that the archiving took out are not.
    """
    channel = _managed(ws, actor, channel_id)
    if not channel.is_archived:
        raise SlackError("not_archived")
    if ws.users[actor].is_bot:
        raise SlackError("not_in_channel")
    channel.is_archived = False
    channel.members[actor] = None
    text = f"<@{actor}> un-archived the channel"
    say_subtype(ws, channel, actor, "channel_unarchive", text)
    _emit_twin(ws, channel, "unarchive", {"channel": channel.id, "user": actor}, actor)
    return channel


def delete(ws: Workspace, actor: str, channel_id: str) -> None:
    """Remove a channel with all that was said in it; Slack has this for people only.

    Apps are told while the channel is still there. Files that were shared in it stay; messages that
    are scheduled for it are dropped when their instant comes. Membership is not asked for.
    """
    channel = _managed(ws, actor, channel_id)
    if channel.is_general:
        raise SlackError("cant_delete_general")
    _emit_twin(ws, channel, "deleted", {"channel": channel.id, "actor_id": actor}, actor)
    del ws.channels[channel.id]
    ws.bus.publish({"type": "channel", "channel": channel.id})


def _emit_twin(ws: Workspace, channel: Channel, what: str, event: Json, actor: str) -> None:
    """``channel_<what>`` for public channels, ``group_<what>`` for private ones."""
    prefix = "group" if channel.is_private else "channel"
    ws.emit(f"{prefix}_{what}", event, channel.id, actor)
    ws.bus.publish({"type": "channel", "channel": channel.id})


def mark_read(ws: Workspace, actor: str, channel_id: str, ts: str | None = None) -> None:
    """Remember that a person has seen everything up to ``ts`` (default: the newest message).

    The mark never moves back. Nothing is told to apps.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    newest = ts or next(reversed(channel.messages), "0000000000.000000")
    channel.last_read[actor] = max(channel.last_read.get(actor, ""), newest)
    ws.bus.publish({"type": "read", "channel": channel.id, "user": actor})
