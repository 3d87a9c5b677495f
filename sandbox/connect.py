"""Slack Connect: channels that other organisations share, and their people.

Slack's rules as far as its documentation goes. People from elsewhere see the channels that they are
in and nothing else, have no slash commands of ours (Slack answers that there is no such command),
and are named in events by their own team. Whether they are offered an app's message shortcuts is
not documented: ``Workspace.outsiders_have_shortcuts`` says which of the two this workspace plays.
"""

from sandbox.conversation_access import require_member, require_open
from sandbox.conversations import add_member, require_group
from sandbox.errors import SlackError
from sandbox.state import Channel, Json, User
from sandbox.workspace import Workspace


def add_outsider(ws: Workspace, user: User, team_name: str) -> User:
    """A person of another organisation: in no channel yet, and no news for our team."""
    ws.other_teams[user.team_id] = team_name
    ws.users[user.id] = user
    user.updated = ws.epoch()
    ws.bus.publish({"type": "user", "user": user.id})
    return user


def share_channel(
    ws: Workspace, actor: str, channel_id: str, team_id: str, *people: str
) -> Channel:
    """Share a channel with an organisation, some of whose people come in at once.

    Apps hear ``channel_shared`` once for each organisation. Raises ``restricted_action`` for the
    general channel and for our own team. People are brought in one by one: ``cant_invite`` for one
    of another organisation leaves the sharing, and those before, as they are.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    require_group(channel)
    require_open(channel)
    require_member(channel, actor)
    if channel.is_general or team_id == ws.team_id:
        raise SlackError("restricted_action")
    if team_id not in channel.connected:
        channel.connected.append(team_id)
        told: Json = {"connected_team_id": team_id, "channel": channel.id}
        ws.emit("channel_shared", told, channel.id, actor)
    for user_id in people:
        if ws.user(user_id).team_id != team_id:
            raise SlackError("cant_invite")
        add_member(ws, channel, user_id, inviter=actor)
    ws.bus.publish({"type": "channel", "channel": channel.id})
    return channel


def unshare_channel(ws: Workspace, actor: str, channel_id: str, team_id: str) -> Channel:
    """End the sharing with one organisation; its people lose the channel.

    Raises ``channel_not_found`` where it is not shared with that organisation. No one is told of
    the people who lose it (no ``member_left_channel``); their messages stay.
    """
    channel = ws.channel(channel_id, seen_by=actor)
    if team_id not in channel.connected:
        raise SlackError("channel_not_found")
    channel.connected.remove(team_id)
    for user_id in [m for m in channel.members if ws.users[m].team_id == team_id]:
        del channel.members[user_id]
    told: Json = {
        "previously_connected_team_id": team_id,
        "channel": channel.id,
        "is_ext_shared": bool(channel.connected),
    }
    ws.emit("channel_unshared", told, channel.id, actor)
    ws.bus.publish({"type": "channel", "channel": channel.id})
    return channel
