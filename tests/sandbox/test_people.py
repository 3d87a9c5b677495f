"""People talk, come, go and read; and see no more than is theirs."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.delivery.outcome import Timing
from sandbox.errors import SlackError
from sandbox.people import Refused, people_of
from tests.sandbox.world import DAN, MAYA, SOFIA, World, make_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """No app hears anything here."""
    made = make_world(events=[])
    yield made
    await made.delivery.close()


async def test_there_is_one_pair_of_hands_for_a_workspace(world: World) -> None:
    assert people_of(world.ws) is people_of(world.ws)
    assert people_of(make_world().ws) is not people_of(world.ws)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("@dan and @nobody", f"<@{DAN}> and @nobody"),
        (f"<@{DAN}> <#C1|x> <!here>", f"<@{DAN}> <#C1|x> <!here>"),
        ("<!script> <b>", "&lt;!script&gt; &lt;b&gt;"),
        ("mail me: me@dan", "mail me: me@dan"),
    ],
)
async def test_typed_text_is_escaped_and_names_become_mentions(
    world: World, typed: str, kept: str
) -> None:
    message = await world.people.say(MAYA, world.public.id, typed)
    assert message.text == kept
    assert message.extra["client_msg_id"]


async def test_outsiders_and_the_archived_stay_silent(world: World) -> None:
    with pytest.raises(SlackError, match="not_in_channel"):
        await world.people.say(DAN, world.public.id, "hi")
    with pytest.raises(SlackError, match="channel_not_found"):
        await world.people.say(DAN, world.private.id, "hi")
    await world.people.archive(MAYA, world.public.id)
    with pytest.raises(SlackError, match="is_archived"):
        await world.people.say(MAYA, world.public.id, "hi")
    await world.people.unarchive(MAYA, world.public.id)
    assert (await world.people.say(MAYA, world.public.id, "hi")).text == "hi"


async def test_people_come_and_go_and_rename(world: World) -> None:
    await world.people.join(DAN, world.public.id)
    await world.people.invite(DAN, world.public.id, SOFIA)
    await world.people.leave(DAN, world.public.id)
    await world.people.rename(SOFIA, world.public.id, "renamed")
    assert set(world.public.members) == {MAYA, SOFIA, world.app.bot_user_id}
    assert world.public.name == "renamed"
    with pytest.raises(SlackError, match="channel_not_found"):
        await world.people.join(DAN, world.private.id)


async def test_a_second_reaction_takes_the_first_away(world: World) -> None:
    message = await world.people.say(MAYA, world.public.id, "hi")
    await world.people.react(MAYA, world.public.id, message.ts, ":eyes:")
    assert message.reactions == {"eyes": [MAYA]}
    await world.people.react(MAYA, world.public.id, message.ts, "eyes")
    assert message.reactions == {}


async def test_the_sidebar_counts_what_others_said_since(world: World) -> None:
    def sidebar(user_id: str) -> dict[str, tuple[bool, int]]:
        return {s.channel.name: (s.is_member, s.unread) for s in world.people.channels(user_id)}

    world.people.mark_read(MAYA, world.public.id)
    root = world.bot_says()
    world.bot_says(thread_ts=root.ts)
    await world.people.say(MAYA, world.private.id, "mine")
    assert sidebar(MAYA) == {"support": (True, 1), "secret": (True, 0)}
    assert sidebar(DAN) == {"support": (False, 0)}
    world.people.mark_read(MAYA, world.public.id)
    assert sidebar(MAYA)["support"] == (True, 0)


async def test_ephemeral_messages_are_one_persons(world: World) -> None:
    await world.people.join(DAN, world.public.id)
    world.people.tell(DAN, "only you", world.public)
    assert [m.text for m in world.people.ephemeral(DAN, world.public.id)] == ["only you"]
    assert world.people.ephemeral(MAYA, world.public.id) == []
    assert world.people.messages(DAN, world.public.id)[-1].username == "Slackbot"
    ts = world.people.ephemeral(DAN, world.public.id)[0].ts
    with pytest.raises(Refused, match="sees no message"):
        await world.people.click(MAYA, channel_id=world.public.id, ts=ts, action_id="go")


async def test_words_without_a_channel_become_a_notice(world: World) -> None:
    with world.ws.bus.subscribe() as events:
        world.people.tell(DAN, "hm")
        assert await events.get() == {"type": "notice", "user": DAN, "text": "hm"}
    assert world.people.notices == {DAN: ["hm"]}


async def test_waiting_ends_when_it_has_become_true(world: World) -> None:
    def fifth() -> Any:
        return [m for m in world.public.messages.values() if m.text == "now"][0]  # noqa: RUF015

    waiting = asyncio.ensure_future(world.people.until(fifth))
    await world.people.say(MAYA, world.public.id, "not yet")
    assert not waiting.done()
    await world.people.say(MAYA, world.public.id, "now")
    assert (await waiting).text == "now"


async def test_waiting_for_what_never_comes_ends_too(world: World) -> None:
    with pytest.raises(TimeoutError):
        await world.people.until(lambda: False, seconds=0.01)


async def test_clicks_need_something_to_click(world: World) -> None:
    message = world.bot_says(blocks=[{"type": "divider", "block_id": "d"}])
    click = world.people.click
    with pytest.raises(Refused, match="no element"):
        await click(MAYA, channel_id=world.public.id, ts=message.ts, action_id="go")
    with pytest.raises(Refused, match="say which"):
        await click(MAYA, action_id="go")
    with pytest.raises(Refused, match="no view"):
        await click(MAYA, view_id="V0", action_id="go")
    human = await world.people.say(MAYA, world.public.id, "mine")
    with pytest.raises(Refused, match="no app wrote"):
        await click(MAYA, channel_id=world.public.id, ts=human.ts, action_id="go")


async def test_a_choice_that_is_not_offered_is_refused(world: World) -> None:
    option = {"text": {"type": "plain_text", "text": "A"}, "value": "a"}
    select = {"type": "static_select", "action_id": "pick", "options": [option]}
    blocks = [{"type": "actions", "block_id": "b", "elements": [select]}]
    message = world.bot_says(blocks=blocks)
    with pytest.raises(Refused, match="does not offer 'z'"):
        await world.people.click(
            MAYA, channel_id=world.public.id, ts=message.ts, action_id="pick", value="z"
        )


async def test_an_action_returns_when_the_app_was_told_once() -> None:
    world = make_world()
    world.delivery.timing = Timing(ack_seconds=0.1, retry_delays=(3600.0,))
    await world.people.say(MAYA, world.public.id, "hi")
    assert len(world.delivery.tasks) == 1
    await world.delivery.close()
    assert world.delivery.tasks == set()


async def test_an_app_without_a_home_has_none_to_open(world: World) -> None:
    world.app.manifest["features"]["app_home"]["home_tab_enabled"] = False
    with pytest.raises(Refused, match="no app has a Home tab"):
        await world.people.open_home(MAYA)
