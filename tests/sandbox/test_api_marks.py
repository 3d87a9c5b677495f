"""Pins, bookmarks and reactions by the Web API."""

from tests.sandbox.api_world import Desk, code

LINK = "https://tickets.example/7"


async def test_a_message_is_pinned_once(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    await desk.client.pins_add(channel=channel, timestamp=ts)
    assert await code(desk.client.pins_add(channel=channel, timestamp=ts)) == "already_pinned"
    items = (await desk.client.pins_list(channel=channel))["items"]
    assert [(i["message"]["ts"], i["created_by"]) for i in items] == [(ts, "U0DESK")]
    assert items[0]["message"]["pinned_to"] == [channel]
    await desk.client.pins_remove(channel=channel, timestamp=ts)
    assert await code(desk.client.pins_remove(channel=channel, timestamp=ts)) == "no_pin"


async def test_only_messages_that_exist_can_be_pinned(desk: Desk) -> None:
    channel = await desk.channel()
    pin = desk.client.pins_add
    assert await code(pin(channel=channel, timestamp="1700000000.000001")) == "message_not_found"
    assert await code(pin(channel=channel, timestamp="soon")) == "bad_timestamp"
    assert await code(pin(channel=channel, timestamp="")) == "no_item_specified"
    joined = next(iter(desk.ws.channels[channel].messages))
    assert await code(pin(channel=channel, timestamp=joined)) == "not_pinnable"
    assert await code(pin(channel="C0TRIAGE", timestamp=joined)) == "not_in_channel"


async def test_a_hundred_pins_are_enough(desk: Desk) -> None:
    from sandbox.state import Pin

    channel = await desk.channel()
    ts = await desk.say(channel)
    pins = desk.ws.channels[channel].pins
    pins.update({f"1.{n:06d}": Pin(f"1.{n:06d}", "U0DESK", 0) for n in range(100)})
    assert await code(desk.client.pins_add(channel=channel, timestamp=ts)) == "too_many_pins"


async def test_a_bookmark_is_added_changed_and_taken_away(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    made = (
        await client.bookmarks_add(
            channel_id=channel, title="Ticket 7", type="link", link=LINK, emoji=":ticket:"
        )
    )["bookmark"]
    assert (made["title"], made["link"], made["emoji"]) == ("Ticket 7", LINK, ":ticket:")
    await client.bookmarks_edit(
        bookmark_id=made["id"], channel_id=channel, title="Ticket 8", link=None, emoji=None
    )
    listed = (await client.bookmarks_list(channel_id=channel))["bookmarks"]
    assert [(b["title"], b["link"]) for b in listed] == [("Ticket 8", LINK)]
    await client.bookmarks_remove(bookmark_id=made["id"], channel_id=channel)
    assert (await client.bookmarks_list(channel_id=channel))["bookmarks"] == []
    gone = client.bookmarks_remove(bookmark_id=made["id"], channel_id=channel)
    assert await code(gone) == "not_found"


async def test_a_bookmark_needs_a_real_link(desk: Desk) -> None:
    channel = await desk.channel()
    add = desk.client.bookmarks_add
    wrong = add(channel_id=channel, title="t", type="link", link="javascript:alert(1)")
    assert await code(wrong) == "invalid_link"
    wrong = add(channel_id=channel, title="t", type="folder", link=LINK)
    assert await code(wrong) == "invalid_bookmark_type"
    wrong = add(channel_id=channel, title="t", type="link", link=LINK, emoji="ticket")
    assert await code(wrong) == "invalid_emoji"
    wrong = add(channel_id="C0TRIAGE", title="t", type="link", link=LINK)
    assert await code(wrong) == "permission_denied"


async def test_everybody_reacts_once_with_each_emoji(desk: Desk) -> None:
    from sandbox import marks

    channel = await desk.channel()
    ts = await desk.say(channel)
    client = desk.client
    await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    again = client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    assert await code(again) == "already_reacted"
    marks.react(desk.ws, "U0MAYA", channel, ts, ":eyes:")
    shown = await client.reactions_get(channel=channel, timestamp=ts)
    assert shown["message"]["reactions"] == [
        {"name": "eyes", "users": ["U0DESK", "U0MAYA"], "count": 2}
    ]
    await client.reactions_remove(channel=channel, timestamp=ts, name="eyes")
    gone = client.reactions_remove(channel=channel, timestamp=ts, name="eyes")
    assert await code(gone) == "no_reaction"
    assert desk.ws.channels[channel].messages[ts].reactions == {"eyes": ["U0MAYA"]}


async def test_a_reaction_needs_a_name_and_a_message(desk: Desk) -> None:
    channel = await desk.channel()
    ts = await desk.say(channel)
    add = desk.client.reactions_add
    assert await code(add(channel=channel, timestamp=ts, name="two eyes")) == "invalid_name"
    missing = add(channel=channel, timestamp="1700000000.000001", name="eyes")
    assert await code(missing) == "message_not_found"


async def test_a_bookmark_is_changed_whole_or_not_at_all(desk: Desk) -> None:
    channel = await desk.channel()
    client = desk.client
    made = await client.bookmarks_add(channel_id=channel, title="Ticket 7", type="link", link=LINK)
    wrong = client.bookmarks_edit(
        bookmark_id=made["bookmark"]["id"], channel_id=channel, title="Ticket 8",
        link=f"{LINK}/8", emoji="no emoji",
    )  # fmt: skip
    assert await code(wrong) == "invalid_emoji"
    (kept,) = (await client.bookmarks_list(channel_id=channel))["bookmarks"]
    assert (kept["title"], kept["link"]) == ("Ticket 7", LINK)
