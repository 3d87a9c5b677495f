"""Channels by the Web API: names, membership, visibility, lifecycle."""

import pytest

from tests.sandbox.api_world import Desk, code, refused


async def test_a_new_channel_has_its_creator_in_it_and_slacks_shape(desk: Desk) -> None:
    made = (await desk.client.conversations_create(name="esc-1-acme"))["channel"]
    assert made["name"] == made["name_normalized"] == "esc-1-acme"
    assert made["is_channel"] is True
    assert made["is_private"] is False
    assert made["is_member"] is True
    assert made["creator"] == "U0DESK"
    members = await desk.client.conversations_members(channel=made["id"])
    assert members["members"] == ["U0DESK"]


async def test_a_name_is_taken_even_by_an_archived_channel(desk: Desk) -> None:
    channel = await desk.channel()
    assert await code(desk.client.conversations_create(name="esc-1-acme")) == "name_taken"
    await desk.client.conversations_archive(channel=channel)
    assert await code(desk.client.conversations_create(name="esc-1-acme")) == "name_taken"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Esc-1", "invalid_name_specials"),
        ("esc 1", "invalid_name_specials"),
        ("esc.1", "invalid_name_specials"),
        ("περίπτωση", "invalid_name_specials"),
        ("-_-", "invalid_name_punctuation"),
        ("", "invalid_name_required"),
        ("e" * 81, "invalid_name_maxlength"),
    ],
)
async def test_a_bad_name_is_refused_and_never_corrected(desk: Desk, name: str, error: str) -> None:
    assert await code(desk.client.conversations_create(name=name)) == error


async def test_eighty_characters_are_a_name(desk: Desk) -> None:
    made = await desk.client.conversations_create(name="e" * 80)
    assert made["channel"]["name"] == "e" * 80


async def test_invited_people_are_members_and_the_channel_says_who_brought_them(
    desk: Desk,
) -> None:
    channel = await desk.channel()
    await desk.client.conversations_invite(channel=channel, users=["U0MAYA", "U0DAN"])
    members = await desk.client.conversations_members(channel=channel)
    assert members["members"] == ["U0DESK", "U0MAYA", "U0DAN"]
    line = (await desk.client.conversations_history(channel=channel))["messages"][0]
    assert line["subtype"] == "channel_join"
    assert line["inviter"] == "U0DESK"


async def test_one_wrong_invitee_keeps_everybody_out_and_each_failure_is_named(
    desk: Desk,
) -> None:
    channel = await desk.channel()
    await desk.client.conversations_invite(channel=channel, users=["U0MAYA"])
    body = await refused(
        desk.client.conversations_invite(
            channel=channel, users=["U0MAYA", "U0NOBODY", "U0DESK", "U0DAN"]
        )
    )
    assert body["error"] == "already_in_channel"
    assert [(f["user"], f["error"]) for f in body["errors"]] == [
        ("U0MAYA", "already_in_channel"),
        ("U0NOBODY", "user_not_found"),
        ("U0DESK", "cant_invite_self"),
    ]
    assert "U0DAN" not in desk.ws.channels[channel].members


async def test_a_forced_invitation_brings_in_whoever_can_come(desk: Desk) -> None:
    channel = await desk.channel()
    answer = await desk.client.conversations_invite(
        channel=channel, users=["U0NOBODY", "U0DAN"], force=True
    )
    assert [f["user"] for f in answer["errors"]] == ["U0NOBODY"]
    assert "U0DAN" in desk.ws.channels[channel].members


async def test_inviting_nobody_is_no_user(desk: Desk) -> None:
    channel = await desk.channel()
    assert await code(desk.client.conversations_invite(channel=channel, users="")) == "no_user"


async def test_an_archived_channel_refuses_what_changes_it(desk: Desk) -> None:
    channel = await desk.channel()
    await desk.client.conversations_archive(channel=channel)
    client = desk.client
    assert await code(client.conversations_archive(channel=channel)) == "already_archived"
    assert await code(client.conversations_invite(channel=channel, users="U0DAN")) == "is_archived"
    assert await code(client.chat_postMessage(channel=channel, text="x")) == "is_archived"
    assert await code(client.conversations_rename(channel=channel, name="x")) == "is_archived"
    assert await code(client.conversations_setTopic(channel=channel, topic="x")) == "is_archived"
    assert await code(client.conversations_join(channel=channel)) == "is_archived"


async def test_a_bot_loses_an_archived_channel_and_cannot_bring_it_back(desk: Desk) -> None:
    channel = await desk.channel()
    await desk.client.conversations_archive(channel=channel)
    assert await code(desk.client.conversations_history(channel=channel)) == "not_in_channel"
    assert await code(desk.client.conversations_unarchive(channel=channel)) == "not_in_channel"


async def test_general_cannot_be_archived(desk: Desk) -> None:
    await desk.client.conversations_join(channel="C0GENERAL")
    error = await code(desk.client.conversations_archive(channel="C0GENERAL"))
    assert error == "cant_archive_general"


async def test_outsiders_may_look_at_a_public_channel_but_not_act_in_it(desk: Desk) -> None:
    info = await desk.client.conversations_info(channel="C0TRIAGE", include_num_members=True)
    assert info["channel"]["is_member"] is False
    assert info["channel"]["num_members"] == 5
    client = desk.client
    assert await code(client.conversations_history(channel="C0TRIAGE")) == "not_in_channel"
    assert await code(client.chat_postMessage(channel="C0TRIAGE", text="x")) == "not_in_channel"
    error = await code(client.conversations_setTopic(channel="C0TRIAGE", topic="x"))
    assert error == "not_in_channel"
    error = await code(client.conversations_invite(channel="C0TRIAGE", users="U0DAN"))
    assert error == "not_in_channel"


async def test_a_private_channel_does_not_exist_for_outsiders(desk: Desk) -> None:
    from sandbox import conversations

    secret = conversations.create(desk.ws, "U0KATE", "secret", is_private=True)
    client = desk.client
    for call in (
        client.conversations_info(channel=secret.id),
        client.conversations_history(channel=secret.id),
        client.conversations_members(channel=secret.id),
        client.conversations_join(channel=secret.id),
        client.chat_postMessage(channel=secret.id, text="x"),
        client.pins_add(channel=secret.id, timestamp="1700000000.000001"),
    ):
        assert await code(call) == "channel_not_found"
    listed = await client.conversations_list(types="public_channel,private_channel")
    assert secret.id not in [c["id"] for c in listed["channels"]]


async def test_a_private_channel_is_listed_for_its_members(desk: Desk) -> None:
    channel = await desk.channel("esc-2", is_private=True)
    assert desk.ws.channels[channel].is_private
    listed = await desk.client.conversations_list(types="private_channel")
    assert [c["id"] for c in listed["channels"]] == [channel]
    mine = await desk.client.users_conversations(types="private_channel")
    assert [c["id"] for c in mine["channels"]] == [channel]


async def test_joining_twice_is_only_a_warning(desk: Desk) -> None:
    assert "warning" not in (await desk.client.conversations_join(channel="C0SUPPORT")).data
    again = await desk.client.conversations_join(channel="C0SUPPORT")
    assert again["warning"] == "already_in_channel"


async def test_topic_and_purpose_take_250_characters(desk: Desk) -> None:
    channel = await desk.channel()
    done = await desk.client.conversations_setTopic(channel=channel, topic="t" * 250)
    assert done["channel"]["topic"]["value"] == "t" * 250
    assert done["channel"]["topic"]["creator"] == "U0DESK"
    await desk.client.conversations_setPurpose(channel=channel, purpose="p")
    for call in (
        desk.client.conversations_setTopic(channel=channel, topic="t" * 251),
        desk.client.conversations_setPurpose(channel=channel, purpose="p" * 251),
    ):
        assert await code(call) == "too_long"
    assert desk.ws.channels[channel].purpose.value == "p"


async def test_a_bot_renames_only_what_it_created(desk: Desk) -> None:
    channel = await desk.channel()
    renamed = await desk.client.conversations_rename(channel=channel, name="esc-1-globex")
    assert renamed["channel"]["name"] == "esc-1-globex"
    assert renamed["channel"]["previous_names"] == ["esc-1-acme"]
    taken = desk.client.conversations_rename(channel=channel, name="support")
    assert await code(taken) == "name_taken"
    await desk.client.conversations_join(channel="C0SUPPORT")
    other = desk.client.conversations_rename(channel="C0SUPPORT", name="help")
    assert await code(other) == "not_authorized"


async def test_people_can_be_taken_out_once(desk: Desk) -> None:
    channel = await desk.channel()
    await desk.client.conversations_invite(channel=channel, users="U0DAN")
    await desk.client.conversations_kick(channel=channel, user="U0DAN")
    assert "U0DAN" not in desk.ws.channels[channel].members
    kick = desk.client.conversations_kick
    assert await code(kick(channel=channel, user="U0DAN")) == "not_in_channel"
    assert await code(kick(channel=channel, user="U0DESK")) == "cant_kick_self"
    assert await code(kick(channel=channel, user="U0NOBODY")) == "user_not_found"


async def test_a_long_list_comes_in_pages(desk: Desk) -> None:
    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        answer = await desk.client.conversations_list(limit=1, cursor=cursor)
        seen += [c["name"] for c in answer["channels"]]
        cursor = answer["response_metadata"]["next_cursor"]
    assert seen == ["general", "support", "triage"]
    assert cursor == ""
    assert await code(desk.client.conversations_list(cursor="nonsense!")) == "invalid_cursor"
    assert await code(desk.client.conversations_list(limit=1001)) == "invalid_limit"
    assert await code(desk.client.conversations_list(types="secret")) == "invalid_types"


async def test_a_direct_message_is_opened_once(desk: Desk) -> None:
    first = await desk.client.conversations_open(users="U0MAYA")
    assert "already_open" not in first.data
    second = await desk.client.conversations_open(users=["U0MAYA"], return_im=True)
    assert second["already_open"] is True
    assert second["channel"]["id"] == first["channel"]["id"]
    assert second["channel"]["user"] == "U0MAYA"
    assert await code(desk.client.conversations_open(users="U0X")) == "user_not_found"
    assert await code(desk.client.conversations_open(users="")) == "users_list_not_supplied"


async def test_several_people_share_one_group_message(desk: Desk) -> None:
    first = await desk.client.conversations_open(users=["U0MAYA", "U0DAN"])
    again = await desk.client.conversations_open(users=["U0DAN", "U0MAYA"])
    assert again["channel"]["id"] == first["channel"]["id"]
    crowd = [f"U{n}" for n in range(9)]
    assert await code(desk.client.conversations_open(users=crowd)) == "too_many_users"


async def test_direct_messages_have_no_topic(desk: Desk) -> None:
    opened = await desk.client.conversations_open(users="U0MAYA")
    channel = opened["channel"]["id"]
    error = await code(desk.client.conversations_archive(channel=channel))
    assert error == "method_not_supported_for_channel_type"
