"""The bodies that Slack sends when a person does something. Pure: nothing is sent here.

Shapes: docs.slack.dev/reference/interaction-payloads. Slash commands are flat form fields, all
of them strings; everything else is one JSON object.
"""

from sandbox.shapes import message_object, view_object
from sandbox.state import AppInstallation, Channel, Json, Message, User, View
from sandbox.values import state_of
from sandbox.workspace import Workspace


def channel_name(channel: Channel) -> str:
    """How payloads name a conversation: only public channels by their name."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def slash_command(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    channel: Channel,
    *,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> dict[str, str]:
    """The form fields of a slash command."""
    return {
        "token": app.verification_token,
        "team_id": ws.team_id,
        "team_domain": ws.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _common(ws: Workspace, app: AppInstallation, kind: str, user: User) -> Json:
    """What every payload has: type, team, user, app, token; it is no organisation's install.

    ``team`` and ``user.team_id`` are those of the person's own organisation (Slack Connect).
    """
    return {
        "type": kind,
        "team": _team(ws, user),
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": ws.team_of(user.id),
        },
        "api_app_id": app.app_id,
        "token": app.verification_token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _team(ws: Workspace, user: User) -> Json:
    """The team that a payload is from: that of the person who acts."""
    if not user.team_id:
        return {"id": ws.team_id, "domain": ws.team_domain}
    named = ws.other_teams.get(user.team_id, user.team_id)
    return {"id": user.team_id, "domain": named.lower().replace(" ", "-")}


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": channel_name(channel)}


def message_body(ws: Workspace, channel: Channel, message: Message) -> Json:
    """The message inside a payload; of an ephemeral one Slack sends no content."""
    if message.ephemeral_to is not None:
        body: Json = {"type": "message", "ts": message.ts, "user": message.user}
        return body | ({"bot_id": message.bot_id} if message.bot_id else {})
    body = message_object(ws, channel, message)
    body.pop("pinned_info", None)
    return body


def view_body(ws: Workspace, view: View) -> Json:
    """The view inside a payload, with the value of everything that can be filled in."""
    body = view_object(ws, view)
    return body | {"state": {"values": state_of(view.blocks, view.state)}}


def _container(channel: Channel, message: Message) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def message_actions(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    channel: Channel,
    message: Message,
    *,
    action: Json,
    touched: dict[str, dict[str, Json]],
    trigger_id: str,
    response_url: str,
) -> Json:
    """``block_actions`` from an element in a message.

    ``state.values`` covers the message's own blocks, not those of attachments; ``container`` has
    ``message_ts``, ``channel_id``, ``is_ephemeral`` and, in a thread, ``thread_ts``.
    """
    return _common(ws, app, "block_actions", user) | {
        "container": _container(channel, message),
        "trigger_id": trigger_id,
        "channel": _channel(channel),
        "message": message_body(ws, channel, message),
        "state": {"values": state_of(message.blocks or [], touched)},
        "response_url": response_url,
        "actions": [action],
    }


def view_actions(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    view: View,
    *,
    action: Json,
    trigger_id: str,
) -> Json:
    """``block_actions`` from an element in a modal or a Home tab.

    There is no ``channel`` and no ``response_url``: a view is in no conversation.
    """
    return _common(ws, app, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view_body(ws, view),
        "actions": [action],
    }


def view_submission(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    view: View,
    *,
    trigger_id: str,
    response_urls: list[Json],
) -> Json:
    """A modal was submitted.

    Each of ``response_urls`` has ``block_id``, ``action_id``, ``channel_id`` and ``response_url``,
    for an input that asked for one.
    """
    return _common(ws, app, "view_submission", user) | {
        "trigger_id": trigger_id,
        "view": view_body(ws, view),
        "response_urls": response_urls,
    }


def view_closed(
    ws: Workspace, app: AppInstallation, user: User, view: View, *, is_cleared: bool
) -> Json:
    """A modal was dismissed; ``is_cleared`` when the whole stack was."""
    return _common(ws, app, "view_closed", user) | {
        "view": view_body(ws, view),
        "is_cleared": is_cleared,
    }


def block_suggestion(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    where: View | tuple[Channel, Message],
    *,
    block_id: str,
    action_id: str,
    query: str,
) -> Json:
    """A person types into an external select."""
    body = _common(ws, app, "block_suggestion", user)
    body |= {"action_id": action_id, "block_id": block_id, "value": query}
    if isinstance(where, View):
        container: Json = {"type": "view", "view_id": where.id}
        return body | {"container": container, "view": view_body(ws, where)}
    channel, message = where
    return body | {
        "container": _container(channel, message),
        "channel": _channel(channel),
        "message": message_body(ws, channel, message),
    }


def global_shortcut(
    ws: Workspace, app: AppInstallation, user: User, *, callback_id: str, trigger_id: str
) -> Json:
    """A shortcut from the lightning menu: no channel, no response URL."""
    body = _common(ws, app, "shortcut", user)
    del body["api_app_id"]
    return body | {
        "action_ts": ws.next_ts(),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
    }


def message_shortcut(
    ws: Workspace,
    app: AppInstallation,
    user: User,
    channel: Channel,
    message: Message,
    *,
    callback_id: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """A shortcut from a message's menu.

    Without ``api_app_id`` and the user's ``username``, which Slack leaves out here.
    """
    body = _common(ws, app, "message_action", user)
    del body["api_app_id"], body["user"]["username"]
    return body | {
        "action_ts": ws.next_ts(),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "message_ts": message.ts,
        "message": message_body(ws, channel, message),
        "channel": _channel(channel),
        "response_url": response_url,
    }


def action_of(ws: Workspace, block: Json, element: Json, choice: Json) -> Json:
    """One entry of ``actions``: which element, and what was chosen in it.

    ``choice`` is the value object, such as ``{"type", "selected_option"}``; ``value`` and the like
    are copied from the element where it has them. ``action_ts`` is workspace time.
    """
    action: Json = {
        "action_id": element.get("action_id", ""),
        "block_id": block.get("block_id", ""),
        "type": element["type"],
        "action_ts": ws.next_ts(),
    }
    copied = ("text", "value", "style", "url", "placeholder", "confirm")
    action |= {key: element[key] for key in copied if key in element}
    return action | choice
