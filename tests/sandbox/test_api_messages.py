"""Messages by the Web API: saying, changing, reading back, privately, later."""

from datetime import timedelta
from typing import Any

import pytest

from sandbox import posting
from sandbox.posting import Draft
from tests.sandbox.api_world import META, Desk, code, desk_with, refused

BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Case 7*"}}]


async def read(desk: Desk, channel: str, **arguments: Any) -> list[dict[str, Any]]:
    """The channel's messages, newest first, without Slack's own lines."""
    answer = await desk.client.conversations_history(channel=channel, **arguments)
    messages: list[dict[str, Any]] = answer["messages"]
    return [m for m in messages if not m.get("subtype", "").startswith("channel_")]


async def test_a_posted_message_comes_back_the_way_slack_writes_it(desk: Desk) -> None:
    channel = await desk.channel()
    answer = await desk.client.chat_postMessage(channel=channel, text="Case 7", blocks=BLOCKS)
    message = answer["message"]
    assert answer["channel"] == channel
    assert answer["ts"] == message["ts"]
    assert message["type"] == "message"
    assert message["user"] == "U0DESK"
    assert (message["bot_id"], message["app_id"]) == (desk.app.bot_id, desk.app.app_id)
    assert message["bot_profile"]["name"] == "Desk"
    assert message["blocks"][0]["text"] == BLOCKS[0]["text"]
    assert message["blocks"][0]["block_id"]
    assert (await read(desk, channel))[0]["ts"] == answer["ts"]


async def test_timestamps_rise_and_have_six_decimals(desk: Desk) -> None:
    channel = await desk.channel()
    stamps = [await desk.say(channel, str(n)) for n in range(3)]
    assert stamps == sorted(set(stamps))
    assert all(len(ts.partition(".")[2]) == 6 for ts in stamps)


async def test_metadata_round_trips_and_is_shown_only_when_asked_for(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel, metadata=META)
    assert "metadata" not in (await read(desk, channel))[0]
    assert (await read(desk, channel, include_all_metadata=True))[0]["metadata"] == META
    thread = await desk.client.conversations_replies(
        channel=channel, ts=ts, include_all_metadata=True
    )
    assert thread["messages"][0]["metadata"] == META


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ("not json", "invalid_metadata_format"),
        ([1], "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"k": "v" * 16_000}}, "metadata_too_large"),
    ],
)
async def test_bad_metadata_is_refused(desk: Desk, metadata: Any, error: str) -> None:
    channel = await desk.channel()
    call = desk.client.api_call(
        "chat.postMessage", json={"channel": channel, "text": "x", "metadata": metadata}
    )
    assert await code(call) == error


async def test_nothing_to_say_is_no_text(desk: Desk) -> None:
    channel = await desk.channel()
    assert await code(desk.client.chat_postMessage(channel=channel, text="")) == "no_text"


async def test_text_is_cut_at_forty_thousand_characters(desk: Desk) -> None:
    channel = await desk.channel()
    answer = await desk.client.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000


async def test_bare_ampersands_are_stored_escaped(desk: Desk) -> None:
    channel = await desk.channel()
    answer = await desk.client.chat_postMessage(channel=channel, text="R&D &lt;3 &amp;")
    assert answer["message"]["text"] == "R&amp;D &lt;3 &amp;"


async def test_without_text_slack_reads_the_blocks(desk: Desk) -> None:
    channel = await desk.channel()
    answer = await desk.client.api_call(
        "chat.postMessage", json={"channel": channel, "blocks": BLOCKS}
    )
    assert answer["message"]["text"] == "*Case 7*"


async def test_wrong_blocks_are_refused_with_a_pointer(desk: Desk) -> None:
    channel = await desk.channel()
    wrong = [{"type": "header", "text": {"type": "plain_text", "text": "h" * 151}}]
    body = await refused(desk.client.chat_postMessage(channel=channel, text="x", blocks=wrong))
    assert body["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/0/text" in body["response_metadata"]["messages"][0]
    call = desk.client.chat_postMessage(channel=channel, text="x", blocks="{{")
    assert await code(call) == "invalid_blocks_format"
    many = [{"type": "divider"}] * 51
    body = await refused(desk.client.chat_postMessage(channel=channel, text="x", blocks=many))
    assert body["error"] == "invalid_blocks"


async def test_more_than_a_hundred_attachments_are_too_many(desk: Desk) -> None:
    channel = await desk.channel()
    call = desk.client.chat_postMessage(
        channel=channel, text="x", attachments=[{"text": "a"}] * 101
    )
    assert await code(call) == "too_many_attachments"


async def test_markdown_stands_alone(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    await client.chat_postMessage(channel=channel, markdown_text="**bold**")
    call = client.chat_postMessage(channel=channel, markdown_text="**b**", text="b")
    assert await code(call) == "markdown_text_conflict"


async def test_posting_to_a_person_opens_their_direct_message(desk: Desk) -> None:
    answer = await desk.client.chat_postMessage(channel="U0SOFIA", text="One thing needs you")
    assert answer["channel"].startswith("D")
    opened = await desk.client.conversations_open(users="U0SOFIA")
    assert opened["channel"]["id"] == answer["channel"]
    other = desk.client.chat_postMessage(channel="U0NOBODY", text="x")
    assert await code(other) == "channel_not_found"


async def test_other_peoples_direct_messages_do_not_exist_for_the_bot(desk: Desk) -> None:
    private, _ = desk.ws.open_im("U0MAYA", "U0DAN")
    call = desk.client.chat_postMessage(channel=private.id, text="x")
    assert await code(call) == "channel_not_found"


async def test_an_outsider_posts_in_public_only_with_the_scope_for_it() -> None:
    async with desk_with(["chat:write", "chat:write.public"]) as desk:
        await desk.client.chat_postMessage(channel="C0SUPPORT", text="from outside")
        call = desk.client.chat_postMessage(channel="C0SUPPORT", text="x", username="Somebody")
        assert (await refused(call))["needed"] == "chat:write.customize"


async def test_an_answer_lives_in_its_thread(desk: Desk) -> None:
    channel = await desk.channel()
    root = await desk.say(channel, "root")
    first = await desk.say(channel, "first", thread_ts=root)
    await desk.say(channel, "second", thread_ts=first)
    shown = await read(desk, channel)
    assert [m["text"] for m in shown] == ["root"]
    assert shown[0]["reply_count"] == 2
    thread = await desk.client.conversations_replies(channel=channel, ts=root)
    assert [m["text"] for m in thread["messages"]] == ["root", "first", "second"]
    assert thread["messages"][2]["thread_ts"] == root
    assert thread["has_more"] is False
    missing = desk.client.conversations_replies(channel=channel, ts="1700000000.000001")
    assert await code(missing) == "thread_not_found"


async def test_a_broadcast_answer_shows_in_the_channel_too(desk: Desk) -> None:
    channel = await desk.channel()
    root = await desk.say(channel, "root")
    await desk.say(channel, "for all", thread_ts=root, reply_broadcast=True)
    shown = (await read(desk, channel))[0]
    assert (shown["text"], shown["subtype"]) == ("for all", "thread_broadcast")


async def test_nobody_answers_a_line_that_slack_wrote(desk: Desk) -> None:
    channel = await desk.channel()
    joined = next(iter(desk.ws.channels[channel].messages))
    call = desk.client.chat_postMessage(channel=channel, text="x", thread_ts=joined)
    assert await code(call) == "cannot_reply_to_message"
    call = desk.client.chat_postMessage(channel=channel, text="x", thread_ts="1.000001")
    assert await code(call) == "cannot_reply_to_message"


async def test_text_alone_takes_old_blocks_away(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel, "a", blocks=BLOCKS, metadata=META)
    answer = await desk.client.chat_update(channel=channel, ts=ts, text="b")
    assert answer["text"] == "b"
    assert "blocks" not in answer["message"]
    assert answer["message"]["edited"]["user"] == "U0DESK"
    assert answer["message"]["metadata"] == META


async def test_metadata_alone_keeps_text_and_blocks(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel, "a", blocks=BLOCKS)
    answer = await desk.client.api_call(
        "chat.update", json={"channel": channel, "ts": ts, "metadata": META}
    )
    assert answer["text"] == "a"
    assert answer["message"]["blocks"][0]["text"] == BLOCKS[0]["text"]
    assert answer["message"]["metadata"] == META


async def test_only_ones_own_messages_can_be_changed_or_deleted(desk: Desk) -> None:
    channel = await desk.channel()
    await desk.client.conversations_invite(channel=channel, users="U0MAYA")
    hers = posting.post(desk.ws, "U0MAYA", channel, Draft("hers")).ts
    client = desk.client
    update = client.chat_update(channel=channel, ts=hers, text="x")
    assert await code(update) == "cant_update_message"
    assert await code(client.chat_delete(channel=channel, ts=hers)) == "cant_delete_message"
    gone = client.chat_update(channel=channel, ts="1700000000.000001", text="x")
    assert await code(gone) == "message_not_found"


async def test_an_update_takes_four_thousand_characters(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    await desk.client.chat_update(channel=channel, ts=ts, text="x" * 4_000)
    long = desk.client.chat_update(channel=channel, ts=ts, text="x" * 4_001)
    assert await code(long) == "msg_too_long"


async def test_a_message_in_an_archived_channel_stays_as_it_is(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    await desk.client.conversations_archive(channel=channel)
    update = desk.client.chat_update(channel=channel, ts=ts, text="x")
    assert await code(update) == "is_inactive"


async def test_a_deleted_message_is_gone_once(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    await desk.client.chat_delete(channel=channel, ts=ts)
    assert await read(desk, channel) == []
    again = desk.client.chat_delete(channel=channel, ts=ts)
    assert await code(again) == "message_not_found"


async def test_an_ephemeral_message_is_seen_by_one_person_and_kept_nowhere(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    outside = client.chat_postEphemeral(channel=channel, user="U0MAYA", text="psst")
    assert await code(outside) == "user_not_in_channel"
    await client.conversations_invite(channel=channel, users="U0MAYA")
    answer = await client.chat_postEphemeral(channel=channel, user="U0MAYA", text="psst")
    ts = answer["message_ts"]
    assert "channel" not in answer.data
    assert await read(desk, channel) == []
    assert desk.ws.channels[channel].ephemerals[ts].ephemeral_to == "U0MAYA"
    update = client.chat_update(channel=channel, ts=ts, text="x")
    assert await code(update) == "message_not_found"


async def test_a_permalink_leads_to_this_workspace(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    answer = await desk.client.chat_getPermalink(channel=channel, message_ts=ts)
    expected = f"{desk.ws.base_url}/archives/{channel}/p{ts.replace('.', '')}"
    assert answer["permalink"] == expected


async def test_history_reads_between_two_instants(desk: Desk) -> None:
    channel = await desk.channel()
    stamps = [await desk.say(channel, text) for text in "abcd"]
    between = await read(desk, channel, oldest=stamps[0], latest=stamps[2])
    assert [m["text"] for m in between] == ["b"]
    closed = await read(desk, channel, oldest=stamps[0], latest=stamps[2], inclusive=True)
    assert [m["text"] for m in closed] == ["c", "b", "a"]
    wrong = desk.client.conversations_history(channel=channel, oldest="yesterday")
    assert await code(wrong) == "invalid_ts_oldest"


async def test_a_long_history_comes_in_pages(desk: Desk) -> None:
    channel = await desk.channel()
    for text in "abc":
        await desk.say(channel, text)
    first = await desk.client.conversations_history(channel=channel, limit=2)
    assert [m["text"] for m in first["messages"]] == ["c", "b"]
    assert first["has_more"] is True
    cursor = first["response_metadata"]["next_cursor"]
    second = await desk.client.conversations_history(channel=channel, limit=2, cursor=cursor)
    assert second["messages"][0]["text"] == "a"
    assert second["has_more"] is False
    large = desk.client.conversations_history(channel=channel, limit=1000)
    assert await code(large) == "invalid_arguments"


async def test_a_scheduled_message_is_said_when_the_clock_gets_there(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    soon = desk.ws.epoch() + 600
    kept = await client.chat_scheduleMessage(channel=channel, text="later", post_at=soon)
    gone = await client.chat_scheduleMessage(channel=channel, text="never", post_at=soon)
    await client.chat_deleteScheduledMessage(
        channel=channel, scheduled_message_id=gone["scheduled_message_id"]
    )
    listed = await client.chat_scheduledMessages_list()
    assert [s["id"] for s in listed["scheduled_messages"]] == [kept["scheduled_message_id"]]
    await desk.ws.clock.advance(timedelta(minutes=9))
    assert await read(desk, channel) == []
    await desk.ws.clock.advance(timedelta(minutes=1, seconds=1))
    assert [m["text"] for m in await read(desk, channel)] == ["later"]


async def test_a_scheduled_answer_in_a_thread_that_is_gone_holds_up_no_other(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    soon = desk.ws.epoch() + 600
    for text, thread, at in (("lost", root, soon), ("kept", None, soon + 1)):
        await client.chat_scheduleMessage(
            channel=channel, text=text, post_at=at, thread_ts=thread or ""
        )
    await client.chat_delete(channel=channel, ts=root)
    await desk.ws.clock.advance(timedelta(minutes=11))
    assert [m["text"] for m in await read(desk, channel)] == ["kept"]
    later = desk.ws.epoch() + 60
    await client.chat_scheduleMessage(channel=channel, text="and on", post_at=later)
    await desk.ws.clock.advance(timedelta(minutes=2))
    assert "and on" in [m["text"] for m in await read(desk, channel)]


async def test_a_message_cannot_be_scheduled_for_the_past_or_too_far_ahead(desk: Desk) -> None:
    channel = await desk.channel()
    now = desk.ws.epoch()
    client = desk.client
    past = client.chat_scheduleMessage(channel=channel, text="x", post_at=now - 1)
    assert await code(past) == "time_in_past"
    far = client.chat_scheduleMessage(channel=channel, text="x", post_at=now + 121 * 86_400)
    assert await code(far) == "time_too_far"
