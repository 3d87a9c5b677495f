"""The workspace itself: time stamps, names, who is there, what is told."""

import json

import pytest

from sandbox import conversations, posting
from sandbox.bus import QUEUE_MAX, Bus
from sandbox.clock import WorkspaceClock
from sandbox.errors import SlackError
from sandbox.posting import Draft
from sandbox.seed import demo_workspace
from sandbox.shapes import user_object
from sandbox.state import User, WorkspaceEvent
from sandbox.workspace import Workspace
from tests.sandbox.api_world import manifest
from tests.sandbox.test_clock import T0


def test_the_demo_has_an_agent_a_manager_and_two_executives_in_their_zones() -> None:
    ws = demo_workspace()
    people = {u.id: (u.title, u.tz, u.locale) for u in ws.people()}
    assert people["U0MAYA"] == ("Support agent", "Europe/Athens", "en-US")
    assert people["U0ELENI"] == ("Escalation manager", "Europe/Athens", "en-GB")
    assert people["U0SOFIA"] == ("Chief Customer Officer", "Europe/Athens", "en-GB")
    assert people["U0RICHARD"] == ("COO", "America/New_York", "en-US")
    assert len(people) == 9
    assert [c.name for c in ws.channels.values()] == ["general", "support", "triage"]
    assert ws.install_app(manifest([])).bot_user_id == "U0DESK"


def test_stamps_rise_even_when_time_stands_still() -> None:
    ws = Workspace()
    ws.clock = WorkspaceClock(real_now=lambda: T0)
    assert [ws.next_ts() for _ in range(3)] == [
        "1791190800.000000",
        "1791190800.000001",
        "1791190800.000002",
    ]


def test_a_new_colleague_is_in_general_and_is_told_to_apps() -> None:
    ws = demo_workspace()
    told: list[WorkspaceEvent] = []
    ws.on_event.append(told.append)
    ws.add_user(User("U0NEW", "new", "New Person"))
    assert "U0NEW" in ws.channels["C0GENERAL"].members
    assert [e.subscription for e in told] == ["team_join"]
    assert told[0].event["user"]["id"] == "U0NEW"


def test_every_shape_is_plain_json() -> None:
    ws = demo_workspace()
    for user in ws.people():
        json.dumps(user_object(ws, user))


def told_by(action: str) -> list[str]:
    """The subscriptions that hear of an action in a public and in a private channel."""
    ws = demo_workspace()
    names = []
    for private in (False, True):
        channel = conversations.create(ws, "U0MAYA", f"x-{private}".lower(), is_private=private)
        told: list[WorkspaceEvent] = []
        ws.on_event.append(told.append)
        if action == "archive":
            conversations.archive(ws, "U0MAYA", channel.id)
        elif action == "delete":
            conversations.delete(ws, "U0MAYA", channel.id)
        elif action == "rename":
            conversations.rename(ws, "U0MAYA", channel.id, f"y-{private}".lower())
        elif action == "say":
            posting.post(ws, "U0MAYA", channel.id, Draft("hello"))
        else:
            conversations.add_member(ws, channel, "U0DAN", inviter="U0MAYA")
        ws.on_event.remove(told.append)
        names += [e.subscription for e in told if not e.event.get("subtype")]
    return names


@pytest.mark.parametrize(
    ("action", "subscriptions"),
    [
        ("archive", ["channel_archive", "group_archive"]),
        ("delete", ["channel_deleted", "group_deleted"]),
        ("rename", ["channel_rename", "group_rename"]),
        ("say", ["message.channels", "message.groups"]),
        ("add", ["member_joined_channel", "member_joined_channel"]),
    ],
)
def test_public_and_private_channels_tell_their_own_events(
    action: str, subscriptions: list[str]
) -> None:
    assert told_by(action) == subscriptions


def test_a_person_must_be_in_a_channel_to_speak_there() -> None:
    ws = demo_workspace()
    with pytest.raises(SlackError) as refused:
        posting.post(ws, "U0DAN", "C0TRIAGE", Draft("hello"))
    assert refused.value.code == "not_in_channel"


def test_a_reader_who_sleeps_loses_the_oldest_and_nothing_else() -> None:
    bus = Bus()
    with bus.subscribe() as reader:
        for number in range(QUEUE_MAX + 1):
            bus.publish({"number": number})
        pending = reader.pending()
    assert len(pending) == QUEUE_MAX
    assert pending[0] == {"number": 1}
    bus.publish({"number": "after"})
    assert reader.pending() == []


def test_guests_are_brought_in_by_people_and_see_their_own_channels_alone() -> None:
    ws = demo_workspace()
    ws.add_user(User("U0GUEST", "gus", "Gus Brand", is_restricted=True))
    ws.add_user(User("U0ONE", "one", "One Brand", is_ultra_restricted=True))
    ws.add_user(User("U0APP", "app", "App", is_bot=True))
    room = conversations.create(ws, "U0KATE", "room")
    conversations.invite(ws, "U0KATE", room.id, ["U0APP"])
    with pytest.raises(SlackError, match="user_is_restricted"):
        conversations.invite(ws, "U0APP", room.id, ["U0GUEST"])
    with pytest.raises(SlackError, match="channel_not_found"):
        conversations.join(ws, "U0GUEST", room.id)
    conversations.invite(ws, "U0KATE", room.id, ["U0GUEST", "U0ONE"])
    assert ws.can_see("U0GUEST", room)
    assert not ws.can_see("U0GUEST", ws.channels["C0SUPPORT"])
    with pytest.raises(SlackError, match="ura_max_channels"):
        conversations.invite(ws, "U0KATE", "C0SUPPORT", ["U0ONE"])
