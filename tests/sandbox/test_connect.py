"""Channels that another organisation shares, as Slack's documentation describes them."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox import connect, conversations
from sandbox.delivery import events
from sandbox.errors import SlackError
from sandbox.people import Refused, people_of
from sandbox.shapes import channel_object, user_object
from sandbox.state import User, WorkspaceEvent
from tests.sandbox.world import MAYA, World, make_world

NORA, THEIR_TEAM, SHARED = "U0NORA", "T0LARKSPUR", "C0SHARED"


def shared_world() -> tuple[World, list[WorkspaceEvent]]:
    """A channel that Larkspur Rail shares, and what apps are told from then on."""
    world = make_world()
    told: list[WorkspaceEvent] = []
    world.ws.on_event.append(told.append)
    nora = User(NORA, "nora.vance", "Nora Vance", team_id=THEIR_TEAM)
    connect.add_outsider(world.ws, nora, "Larkspur Rail")
    conversations.create(world.ws, MAYA, "larkspur-rail", channel_id=SHARED)
    conversations.invite(world.ws, MAYA, SHARED, [world.app.bot_user_id])
    connect.share_channel(world.ws, MAYA, SHARED, THEIR_TEAM, NORA)
    return world, told


def inner(told: list[WorkspaceEvent], kind: str) -> list[Mapping[str, Any]]:
    return [each.event for each in told if each.event["type"] == kind]


def test_a_shared_channel_names_the_teams_that_share_it() -> None:
    world, told = shared_world()
    shown = channel_object(world.ws, world.ws.channels[SHARED], world.app.bot_user_id)
    assert shown["is_ext_shared"]
    assert shown["is_shared"]
    assert not shown["is_org_shared"]
    assert shown["shared_team_ids"] == [world.ws.team_id, THEIR_TEAM]
    (event,) = inner(told, "channel_shared")
    assert (event["connected_team_id"], event["channel"]) == (THEIR_TEAM, SHARED)
    (joined,) = [e for e in inner(told, "member_joined_channel") if e["user"] == NORA]
    assert joined["team"] == THEIR_TEAM


async def test_what_an_outsider_says_carries_their_team_and_the_wrapper_says_shared() -> None:
    world, told = shared_world()
    await people_of(world.ws).say(NORA, SHARED, "Invoices are wrong again.")
    said = [each for each in told if each.event.get("text") == "Invoices are wrong again."]
    body = events.wrap(world.ws, world.app, said[0])
    assert body["is_ext_shared_channel"] is True
    assert body["team_id"] == world.ws.team_id
    assert {body["event"][key] for key in ("team", "user_team", "source_team")} == {THEIR_TEAM}


def test_who_comes_from_elsewhere_sees_only_the_channels_they_are_in() -> None:
    world, _ = shared_world()
    hands = people_of(world.ws)
    assert [seen.channel.id for seen in hands.channels(NORA)] == [SHARED]
    with pytest.raises(SlackError, match="channel_not_found"):
        world.ws.channel(world.public.id, seen_by=NORA)
    with pytest.raises(SlackError, match="cant_invite"):
        conversations.invite(world.ws, MAYA, world.public.id, [NORA])
    assert "is_stranger" not in user_object(world.ws, world.ws.users[NORA])


async def test_they_have_no_commands_and_no_shortcuts_of_ours() -> None:
    world, _ = shared_world()
    hands = people_of(world.ws)
    message = await hands.say(NORA, SHARED, "Hello")
    with pytest.raises(Refused, match="not a valid command"):
        await hands.command(NORA, SHARED, "/escalate help")
    with pytest.raises(Refused, match="no shortcuts"):
        await hands.message_shortcut(NORA, "escalate_message", SHARED, message.ts)


def test_when_the_sharing_ends_they_lose_the_channel() -> None:
    world, told = shared_world()
    connect.unshare_channel(world.ws, MAYA, SHARED, THEIR_TEAM)
    assert NORA not in world.ws.channels[SHARED].members
    (event,) = inner(told, "channel_unshared")
    assert event["previously_connected_team_id"] == THEIR_TEAM
    assert not event["is_ext_shared"]


def test_general_is_shared_with_no_one() -> None:
    world, _ = shared_world()
    general = conversations.create(world.ws, MAYA, "general", is_general=True)
    with pytest.raises(SlackError, match="restricted_action"):
        connect.share_channel(world.ws, MAYA, general.id, THEIR_TEAM)
