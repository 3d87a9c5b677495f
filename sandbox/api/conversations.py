"""conversations.*: the channels themselves and who is in them."""

from sandbox import conversations as rules
from sandbox.api.call import Call, method
from sandbox.api.paging import page
from sandbox.errors import SlackError, invalid_arguments
from sandbox.shapes import channel_object
from sandbox.state import Channel, Json

TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
INVITED_MAX = 100  # users a call; conversations.invite
MPIM_MAX = 8  # people besides the caller; conversations.open too_many_users


def shown(call: Call, channel: Channel) -> Json:
    """``{"channel": …}`` as the calling bot sees it."""
    return {"channel": channel_object(call.ws, channel, call.actor)}


def split(text: str) -> list[str]:
    """A comma-separated list without blanks."""
    return [part.strip() for part in text.split(",") if part.strip()]


@method("conversations.create")
def create(call: Call) -> Json:
    """Make a channel with the bot in it."""
    private = bool(call.get("is_private", False))
    call.need_for("group" if private else "channel")
    name = call.text("name")
    return shown(call, rules.create(call.ws, call.actor, name, is_private=private))


@method("conversations.invite")
def invite(call: Call) -> Json:
    """Bring people in.

    ``users`` holds ids with commas between, ``force`` brings in those who can come. ``errors`` of
    the answer is ``[{"user", "ok": false, "error"}]``, and is there only after a forced call that
    left some out.
    """
    channel = call.channel()
    users = split(call.text("users"))
    if len(users) > INVITED_MAX:
        raise invalid_arguments(f"no more than {INVITED_MAX} users [json-pointer:/users]")
    force = bool(call.get("force", False))
    failures = rules.invite(call.ws, call.actor, channel.id, users, force=force)
    return shown(call, channel) | ({"errors": failures} if failures else {})


@method("conversations.kick")
def kick(call: Call) -> Json:
    """Take somebody out."""
    rules.kick(call.ws, call.actor, call.channel().id, call.text("user"))
    return {}


@method("conversations.join")
def join(call: Call) -> Json:
    """Walk into a public channel; being there already is a warning.

    The channel is looked for without asking for a scope of its kind. Raises ``is_archived`` and,
    for a private one, ``method_not_supported_for_channel_type``.
    """
    channel = call.ws.channel(call.text("channel"), seen_by=call.actor)
    _, already = rules.join(call.ws, call.actor, channel.id)
    body = shown(call, channel)
    if already:
        body["warning"] = "already_in_channel"
        body["response_metadata"] = {"warnings": ["already_in_channel"]}
    return body


@method("conversations.leave")
def leave(call: Call) -> Json:
    """Walk out."""
    return {} if rules.leave(call.ws, call.actor, call.channel().id) else {"not_in_channel": True}


@method("conversations.archive")
def archive(call: Call) -> Json:
    """Close a channel for good."""
    rules.archive(call.ws, call.actor, call.channel().id)
    return {}


@method("conversations.unarchive")
def unarchive(call: Call) -> Json:
    """Open a channel again; bots cannot."""
    rules.unarchive(call.ws, call.actor, call.channel().id)
    return {}


@method("conversations.rename")
def rename(call: Call) -> Json:
    """Give a channel another name."""
    return shown(call, rules.rename(call.ws, call.actor, call.channel().id, call.text("name")))


@method("conversations.setTopic")
def set_topic(call: Call) -> Json:
    """Change the topic."""
    return shown(call, rules.set_topic(call.ws, call.actor, call.channel().id, call.text("topic")))


@method("conversations.setPurpose")
def set_purpose(call: Call) -> Json:
    """Change the purpose."""
    purpose = call.text("purpose")
    return shown(call, rules.set_purpose(call.ws, call.actor, call.channel().id, purpose))


@method("conversations.info")
def info(call: Call) -> Json:
    """One conversation."""
    channel = call.channel()
    body = shown(call, channel)
    if call.get("include_num_members"):
        body["channel"]["num_members"] = len(channel.members)
    if call.get("include_locale"):
        body["channel"]["locale"] = "en-US"
    return body


@method("conversations.members")
def members(call: Call) -> Json:
    """Who is in it, page by page."""
    channel = call.channel()
    people, more = page(call, list(channel.members), 100)
    return {"members": people} | more


@method("conversations.list")
def list_all(call: Call) -> Json:
    """The conversations that the bot can see."""
    return _listed(call, list(call.ws.channels.values()))


@method("users.conversations")
def list_of_user(call: Call) -> Json:
    """The conversations that somebody (default: the bot) is in and the bot can see."""
    user = call.ws.user(call.get("user", call.actor))
    return _listed(call, [c for c in call.ws.channels.values() if user.id in c.members])


def _listed(call: Call, channels: list[Channel]) -> Json:
    """A page of ``channels`` of the wanted types, each with ``num_members`` unless it is an IM.

    ``types`` is ``public_channel`` by default; each needs its own scope. Raises ``invalid_types``,
    ``missing_scope``.
    """
    types = split(call.text("types")) or ["public_channel"]
    if set(types) - set(TYPES):
        raise SlackError("invalid_types")
    kinds = [TYPES[name] for name in types]
    for kind in kinds:
        call.need_for(kind)
    found = [
        channel
        for channel in channels
        if channel.kind in kinds
        and channel.visible_to(call.actor)
        and not (call.get("exclude_archived") and channel.is_archived)
    ]
    items, more = page(call, found, 100)
    objects = []
    for channel in items:
        one = channel_object(call.ws, channel, call.actor)
        objects.append(one if channel.is_im else one | {"num_members": len(channel.members)})
    return {"channels": objects} | more


@method("conversations.open")
def open_direct(call: Call) -> Json:
    """Open (or find) the direct message with one person, or the group message with several.

    ``channel`` wins over ``users``. The answer has the id alone, the whole object with
    ``return_im``, and ``no_op`` and ``already_open`` where it was there before.
    """
    users = split(call.text("users"))
    if call.get("channel"):
        channel, already = call.channel(), True
    elif not users:
        raise SlackError("users_list_not_supplied")
    else:
        call.need_for("im" if len(users) == 1 else "mpim")
        channel, already = _direct(call, users)
    body: Json = {"no_op": True, "already_open": True} if already else {}
    if call.get("return_im"):
        return body | shown(call, channel)
    return body | {"channel": {"id": channel.id}}


def _direct(call: Call, users: list[str]) -> tuple[Channel, bool]:
    """The conversation with these people and the bot, and whether it was there before.

    With several it is a private ``mpdm-…-1`` (C…), found again by having exactly these members.
    Raises ``too_many_users``, ``user_not_found``, ``user_disabled``.
    """
    if len(users) > MPIM_MAX:
        raise SlackError("too_many_users")
    if any(call.ws.user(user_id).deleted for user_id in users):
        raise SlackError("user_disabled")
    if len(users) == 1:
        return call.ws.open_im(call.actor, users[0])
    wanted = {call.actor, *users}
    for channel in call.ws.channels.values():
        if channel.is_mpim and set(channel.members) == wanted:
            return channel, True
    names = "--".join(call.ws.users[user_id].name for user_id in sorted(wanted))
    made = Channel(call.ws.new_id("C"), f"mpdm-{names}-1", call.actor, call.ws.epoch())
    made.is_private = made.is_mpim = True
    made.members = dict.fromkeys(sorted(wanted))
    call.ws.channels[made.id] = made
    call.ws.bus.publish({"type": "channel", "channel": made.id})
    return made, False


@method("conversations.close")
def close_direct(call: Call) -> Json:
    """Close a direct message; it can be opened again at any time.

    Nothing changes: the answer is always that it was closed already.
    """
    if not (channel := call.channel()).is_im and not channel.is_mpim:
        raise SlackError("method_not_supported_for_channel_type")
    return {"no_op": True, "already_closed": True}
