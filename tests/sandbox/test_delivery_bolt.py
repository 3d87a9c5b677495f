"""A real Bolt app in this workspace, by Socket Mode and by signed HTTP: the same story twice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.delivery.outcome import Timing
from sandbox.errors import SlackError
from sandbox.people import NoAnswer, Refused
from sandbox.server import serve
from tests.sandbox.kit import OPTIONS, button, buttons
from tests.sandbox.world import (
    DAN,
    MAYA,
    Sleeps,
    World,
    bolt_for,
    make_world,
    over_http,
    over_socket_mode,
)

Json = dict[str, Any]
SHORT = Timing(ack_seconds=0.3)


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    made = make_world()
    made.transport = request.param
    async with serve(made.ws):
        yield made


@pytest.fixture
async def bolt(world: World) -> AsyncIterator[AsyncApp]:
    """A Bolt app that is already connected; tests add their listeners to it."""
    app = bolt_for(world)
    over = over_http if world.transport == "http" else over_socket_mode
    async with over(world, app):
        yield app


async def test_a_command_arrives_with_its_words_and_is_answered_privately(
    world: World, bolt: AsyncApp
) -> None:
    got: list[Json] = []

    @bolt.command("/desk")
    async def desk(ack: Any, command: Json) -> None:
        got.append(command)
        await ack("heard *you*")

    await world.people.command(MAYA, world.public.id, "/desk  close case & go ")
    assert got[0]["text"] == "close case & go"
    assert got[0]["command"] == "/desk"
    assert got[0]["is_enterprise_install"] == "false"
    assert got[0]["channel_name"] == "support"
    assert world.last() == "heard *you*"
    assert world.people.ephemeral(DAN, world.public.id) == []


async def test_an_in_channel_answer_shows_the_command_too(world: World, bolt: AsyncApp) -> None:
    @bolt.command("/desk")
    async def desk(ack: Any) -> None:
        await ack(response_type="in_channel", text="for all")

    await world.people.command(MAYA, world.public.id, "/desk now")
    said = [m.text for m in world.people.messages(DAN, world.public.id)]
    assert said[-2:] == ["/desk now", "for all"]
    assert world.people.channels(MAYA)[0].unread == 1


async def test_names_are_escaped_where_the_manifest_asks_for_it(
    world: World, bolt: AsyncApp
) -> None:
    got: list[str] = []

    @bolt.command("/tell")
    async def tell(ack: Any, command: Json) -> None:
        got.append(command["text"])
        await ack()

    await world.people.command(MAYA, world.public.id, "/tell @dan in #support, @nobody")
    assert got == [f"<@{DAN}|dan> in <#{world.public.id}|support>, @nobody"]


async def test_a_click_arrives_and_its_response_url_changes_the_message(
    world: World, bolt: AsyncApp
) -> None:
    @bolt.action("go")
    async def go(ack: Any, respond: Any, action: Json) -> None:
        await ack()
        await respond(text=f"done {action['value']}", replace_original=True)

    message = world.bot_says(blocks=buttons(button(value="7")))
    await world.people.click(MAYA, channel_id=world.public.id, ts=message.ts, action_id="go")
    await world.people.until(lambda: message.text == "done 7")
    assert message.blocks is None


@pytest.mark.parametrize(
    ("element", "value", "key", "expected"),
    [
        ({"type": "static_select", "options": OPTIONS}, "two", "selected_option", OPTIONS[1]),
        ({"type": "overflow", "options": OPTIONS}, "one", "selected_option", OPTIONS[0]),
        ({"type": "checkboxes", "options": OPTIONS}, ["one"], "selected_options", OPTIONS[:1]),
        ({"type": "users_select"}, DAN, "selected_user", DAN),
        ({"type": "multi_users_select"}, [DAN], "selected_users", [DAN]),
        ({"type": "datepicker"}, "2026-05-01", "selected_date", "2026-05-01"),
        ({"type": "timepicker"}, "09:30", "selected_time", "09:30"),
        ({"type": "datetimepicker"}, 1777777777, "selected_date_time", 1777777777),
    ],
    ids=lambda v: v["type"] if isinstance(v, dict) and "type" in v else None,
)
async def test_a_choice_arrives_in_its_own_key(
    world: World, bolt: AsyncApp, element: Json, value: Any, key: str, expected: Any
) -> None:
    got: list[Json] = []

    @bolt.action("pick")
    async def pick(ack: Any, body: Json) -> None:
        got.append(body)
        await ack()

    message = world.bot_says(blocks=buttons(element | {"action_id": "pick"}))
    await world.people.click(
        MAYA, channel_id=world.public.id, ts=message.ts, action_id="pick", value=value
    )
    (body,) = got
    assert body["actions"][0][key] == expected
    if element["type"] != "overflow":
        assert body["state"]["values"]["b"]["pick"][key] == expected


async def test_shortcuts_arrive(world: World, bolt: AsyncApp) -> None:
    got: list[Json] = []

    async def take(ack: Any, body: Json) -> None:
        await ack()
        got.append(body)

    bolt.event("message")(take)
    bolt.shortcut("go")(take)
    bolt.shortcut("this")(take)
    message = await world.people.say(MAYA, world.public.id, "look at <this> & that")
    await world.people.shortcut(MAYA, "go")
    await world.people.message_shortcut(MAYA, "this", world.public.id, message.ts)
    assert [body["type"] for body in got[1:]] == ["shortcut", "message_action"]
    assert got[2]["message"]["text"] == "look at &lt;this&gt; &amp; that"
    with pytest.raises(Refused):
        await world.people.shortcut(MAYA, "this")


async def test_the_home_tab_is_published_when_it_is_opened(world: World, bolt: AsyncApp) -> None:
    @bolt.event("app_home_opened")
    async def opened_home(event: Json, client: Any) -> None:
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        await client.views_publish(user_id=event["user"], view=view)

    await world.people.open_home(MAYA)
    await world.people.until(lambda: world.people.home(MAYA))
    assert world.people.home(DAN) is None


async def test_messages_and_mentions_arrive_as_events(world: World, bolt: AsyncApp) -> None:
    got: list[tuple[str, str]] = []

    @bolt.event("message")
    async def message(event: Json, say: Any) -> None:
        got.append(("message", event["text"]))

    @bolt.event("app_mention")
    async def mention(event: Json) -> None:
        got.append(("mention", event["text"]))

    await world.people.say(MAYA, world.public.id, "@desk hello")
    text = f"<@{world.app.bot_user_id}> hello"
    await world.delivery.drained()
    assert sorted(got) == [("mention", text), ("message", text)]


async def test_a_silent_app_shows_operation_timeout(world: World, bolt: AsyncApp) -> None:
    @bolt.command("/desk")
    async def desk() -> None:
        """Never acknowledges."""

    world.delivery.timing = SHORT
    with pytest.raises(NoAnswer) as caught:
        await world.people.command(MAYA, world.public.id, "/desk")
    assert caught.value.code == "operation_timeout"
    assert world.last() == '/desk failed with the error "operation_timeout"'


async def test_a_command_twice_is_the_same_to_the_letter(world: World, bolt: AsyncApp) -> None:
    got: list[Json] = []

    @bolt.command("/desk")
    async def desk(ack: Any, body: Json) -> None:
        got.append(body)
        await ack(f"answer {len(got)}")

    world.delivery.duplicate_next()
    await world.people.command(MAYA, world.public.id, "/desk")
    assert got[0] == got[1]
    assert world.last() == "answer 1"
    assert await world.delivery.redeliver_last("slash_commands") == {"text": "answer 3"}
    assert got[2] == got[0]
    await world.people.command(MAYA, world.public.id, "/desk")
    assert got[3]["trigger_id"] != got[0]["trigger_id"]


async def test_two_copies_can_arrive_together(world: World, bolt: AsyncApp) -> None:
    both = asyncio.Barrier(2)

    @bolt.command("/desk")
    async def desk(ack: Any) -> None:
        await both.wait()
        await ack("one answer")

    world.delivery.duplicate_next(together=True)
    await world.people.command(MAYA, world.public.id, "/desk")
    answers = world.people.ephemeral(MAYA, world.public.id)
    assert [message.text for message in answers] == ["one answer"]
    assert world.delivery.last_body("slash_commands")["command"] == "/desk"


async def test_an_event_nobody_takes_comes_three_times_more(world: World, bolt: AsyncApp) -> None:
    sleeps = Sleeps()
    world.delivery.timing = sleeps.timing()
    await world.people.say(MAYA, world.public.id, "anybody?")
    await world.delivery.drained()
    assert sleeps.asked == [0.0, 60.0, 300.0]


async def test_an_event_taken_at_its_second_retry_does_not_come_again(
    world: World, bolt: AsyncApp
) -> None:
    seen: list[tuple[str, str | None, str | None]] = []

    @bolt.middleware
    async def deaf(req: Any, body: Json, next: Any) -> Any:  # noqa: A002
        def header(name: str) -> str | None:
            return (req.headers.get(name) or [None])[0]

        number, reason = header("x-slack-retry-num"), header("x-slack-retry-reason")
        seen.append((body["event_id"], number, reason))
        if len(seen) == 3:
            return await next()
        return None

    @bolt.event("message")
    async def message() -> None:
        """Acknowledged by Bolt."""

    sleeps = Sleeps()
    world.delivery.timing = sleeps.timing()
    await world.people.say(MAYA, world.public.id, "hello?")
    await world.delivery.drained()
    assert sleeps.asked == [0.0, 60.0]
    assert len({event_id for event_id, _, _ in seen}) == 1
    assert [number for _, number, _ in seen][1:] == ["1", "2"]
    assert seen[2][2] in {"timeout", "http_error", "http_timeout"}


async def test_people_cannot_reach_what_they_cannot_see(world: World, bolt: AsyncApp) -> None:
    secret = world.bot_says(world.private, blocks=buttons(button()))
    with pytest.raises(Refused):
        await world.people.click(DAN, channel_id=world.private.id, ts=secret.ts, action_id="go")
    with pytest.raises(SlackError, match="channel_not_found"):
        await world.people.command(DAN, world.private.id, "/desk")
    with pytest.raises(SlackError, match="not_in_channel"):
        await world.people.command(DAN, world.public.id, "/desk")
    with pytest.raises(Refused):
        await world.people.command(MAYA, world.public.id, "/nothing")
    assert world.last() == "`/nothing` is not a valid command."
