"""Modals and external selects with a real Bolt app, by Socket Mode and by signed HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.people import NoAnswer, Refused
from sandbox.server import serve
from tests.sandbox.kit import OPTIONS, TEXT, asked, button, buttons, modal, opened, plain
from tests.sandbox.world import (
    MAYA,
    World,
    bolt_for,
    make_world,
    over_http,
    over_socket_mode,
)

Json = dict[str, Any]


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


async def test_a_form_shows_errors_at_the_field_and_then_closes(
    world: World, bolt: AsyncApp
) -> None:
    got: list[str] = []

    @bolt.view("form")
    async def form(ack: Any, view: Json) -> None:
        value = view["state"]["values"]["why"]["why_value"]["value"]
        got.append(value)
        if value == "bad":
            await ack(response_action="errors", errors={"why": "Say more."})
        else:
            await ack()

    view_id = await opened(world, bolt, modal(asked("why", TEXT)))
    assert await world.people.submit(MAYA, view_id, {"why": "bad"}) == {"why": "Say more."}
    assert [v.id for v in world.people.views(MAYA)] == [view_id]
    assert await world.people.submit(MAYA, view_id, {"why_value": "good"}) == {}
    assert world.people.views(MAYA) == []
    assert got == ["bad", "good"]


async def test_a_form_is_checked_before_the_app_hears_of_it(world: World, bolt: AsyncApp) -> None:
    number = {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}
    form = modal(
        asked("why", TEXT | {"min_length": 3}),
        asked("many", number),
        asked("mail", {"type": "email_text_input"}),
        asked("free", TEXT, optional=True),
    )
    view_id = await opened(world, bolt, form)
    errors = await world.people.submit(MAYA, view_id, {"why": "ab", "many": 10, "mail": "x"})
    assert set(errors) == {"why", "many", "mail"}
    assert errors["why"] == "Must be at least 3 characters."
    assert (await world.people.submit(MAYA, view_id, {"why": ""}))["why"].startswith("Please")


async def test_acknowledgements_update_push_and_clear_the_stack(
    world: World, bolt: AsyncApp
) -> None:
    @bolt.view("form")
    async def form(ack: Any, view: Json) -> None:
        step = view["state"]["values"]["step"]["step_value"]["value"]
        following = modal(asked("step", TEXT), title=plain(step))
        if step == "clear":
            await ack(response_action="clear")
        else:
            await ack(response_action=step, view=following)

    view_id = await opened(world, bolt, modal(asked("step", TEXT)))
    before = world.people.views(MAYA)[0].hash
    await world.people.submit(MAYA, view_id, {"step": "update"})
    (updated,) = world.people.views(MAYA)
    assert (updated.id, updated.payload["title"]["text"]) == (view_id, "update")
    assert updated.hash != before
    await world.people.submit(MAYA, view_id, {"step": "push"})
    root, top = world.people.views(MAYA)
    assert (root.id, top.previous_view_id, top.root_view_id) == (view_id, view_id, view_id)
    with pytest.raises(Refused):
        await world.people.submit(MAYA, view_id, {"step": "clear"})
    await world.people.submit(MAYA, top.id, {"step": "clear"})
    assert world.people.views(MAYA) == []


async def test_views_are_pushed_and_updated_by_the_api_while_open(
    world: World, bolt: AsyncApp
) -> None:
    @bolt.action("deeper")
    async def deeper(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=modal(asked("x", TEXT)))
        shown = modal(asked("why", TEXT), title=plain("Changed"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=shown)

    blocks = [asked("why", TEXT), *buttons(button("deeper"))]
    view_id = await opened(world, bolt, modal(*blocks))
    await world.people.click(MAYA, view_id=view_id, action_id="deeper")
    await world.people.until(
        lambda: world.people.views(MAYA)[0].payload["title"]["text"] == "Changed"
    )
    assert len(world.people.views(MAYA)) == 2


async def test_an_unusable_answer_to_a_form_keeps_it_open(world: World, bolt: AsyncApp) -> None:
    @bolt.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="update", view={"type": "modal", "blocks": []})

    view_id = await opened(world, bolt, modal(asked("why", TEXT)))
    with pytest.raises(NoAnswer, match="missing required field: title"):
        await world.people.submit(MAYA, view_id, {"why": "x"})
    assert [v.id for v in world.people.views(MAYA)] == [view_id]
    assert world.people.notices[MAYA]


async def test_errors_must_name_inputs_of_the_form(world: World, bolt: AsyncApp) -> None:
    @bolt.view("form")
    async def form(ack: Any) -> None:
        await ack(response_action="errors", errors={"elsewhere": "No."})

    view_id = await opened(world, bolt, modal(asked("why", TEXT)))
    with pytest.raises(NoAnswer) as caught:
        await world.people.submit(MAYA, view_id, {"why": "x"})
    assert caught.value.code == "invalid_answer"


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_closed_form_is_told_only_to_apps_that_asked(
    world: World, bolt: AsyncApp, wanted: bool
) -> None:
    got: list[bool] = []

    @bolt.view_closed("form")
    async def closed(ack: Any, body: Json) -> None:
        await ack()
        got.append(body["is_cleared"])

    view_id = await opened(world, bolt, modal(asked("why", TEXT), notify_on_close=wanted))
    await world.people.close(MAYA, view_id, everything=True)
    assert world.people.views(MAYA) == []
    assert got == [True] * wanted


async def test_an_external_select_offers_what_the_app_answers(world: World, bolt: AsyncApp) -> None:
    asked_for: list[str] = []

    @bolt.options("find")
    async def find(ack: Any, payload: Json) -> None:
        asked_for.append(payload["value"])
        await ack(options=OPTIONS)

    @bolt.view("form")
    async def form(ack: Any, view: Json) -> None:
        asked_for.append(view["state"]["values"]["who"]["find"]["selected_option"]["value"])
        await ack()

    select = {"type": "external_select", "action_id": "find", "min_query_length": 2}
    view_id = await opened(world, bolt, modal(asked("who", select)))
    assert await world.people.suggest(MAYA, "find", "t", view_id=view_id) == []
    with pytest.raises(Refused):
        await world.people.submit(MAYA, view_id, {"who": "two"})
    assert await world.people.suggest(MAYA, "find", "tw", view_id=view_id) == OPTIONS
    assert await world.people.submit(MAYA, view_id, {"who": "two"}) == {}
    assert asked_for == ["tw", "two"]


async def test_an_external_select_works_in_a_message_too(world: World, bolt: AsyncApp) -> None:
    got: list[Json] = []

    @bolt.options("find")
    async def find(ack: Any, body: Json) -> None:
        got.append(body)
        await ack(option_groups=[{"label": plain("All"), "options": OPTIONS}])

    @bolt.action("find")
    async def found(ack: Any, action: Json) -> None:
        await ack()
        got.append(action["selected_option"])

    select = {"type": "external_select", "action_id": "find", "min_query_length": 0}
    message = world.bot_says(blocks=buttons(select))
    place = {"channel_id": world.public.id, "ts": message.ts}
    assert await world.people.suggest(MAYA, "find", "", **place) == OPTIONS
    await world.people.click(MAYA, action_id="find", value="one", **place)
    assert got[0]["container"]["message_ts"] == message.ts
    assert got[1] == OPTIONS[0]


async def test_options_that_slack_does_not_take_are_no_answer(world: World, bolt: AsyncApp) -> None:
    @bolt.options("find")
    async def find(ack: Any) -> None:
        await ack(options=OPTIONS[:1] * 101)

    select = {"type": "external_select", "action_id": "find"}
    message = world.bot_says(blocks=buttons(select))
    with pytest.raises(NoAnswer, match="no more than 100 items"):
        await world.people.suggest(MAYA, "find", "abc", channel_id=world.public.id, ts=message.ts)


async def test_a_chosen_conversation_brings_its_response_url(world: World, bolt: AsyncApp) -> None:
    @bolt.view("form")
    async def form(ack: Any, body: Json, client: Any) -> None:
        await ack()
        url = body["response_urls"][0]["response_url"]
        await AsyncWebhookClient(url).send(text="chosen", response_type="in_channel")

    select = {"type": "conversations_select", "response_url_enabled": True}
    view_id = await opened(world, bolt, modal(asked("where", select)))
    await world.people.submit(MAYA, view_id, {"where": world.public.id})
    await world.people.until(lambda: list(world.public.messages.values())[-1].text == "chosen")


async def test_a_submission_can_be_redelivered_after_the_form_closed(
    world: World, bolt: AsyncApp
) -> None:
    got: list[Json] = []

    @bolt.view("form")
    async def form(ack: Any, body: Json) -> None:
        got.append(body)
        await ack()

    view_id = await opened(world, bolt, modal(asked("why", TEXT)))
    await world.people.submit(MAYA, view_id, {"why": "x"})
    await world.delivery.redeliver_last("view_submission")
    assert got[0] == got[1]


async def test_a_trigger_opens_one_modal_within_three_seconds(world: World, bolt: AsyncApp) -> None:
    triggers: list[str] = []

    @bolt.command("/desk")
    async def desk(ack: Any, body: Json) -> None:
        triggers.append(body["trigger_id"])
        await ack()

    async def open_with(trigger_id: str) -> str:
        answer = await bolt.client.api_call(
            "views.open", json={"trigger_id": trigger_id, "view": modal(asked("why", TEXT))}
        )
        return str(answer["ok"])

    await world.people.command(MAYA, world.public.id, "/desk")
    await world.people.command(MAYA, world.public.id, "/desk")
    assert await open_with(triggers[0]) == "True"
    with pytest.raises(Exception, match="exchanged_trigger_id"):
        await open_with(triggers[0])
    real = world.ws.lifetimes.real_time
    world.ws.lifetimes.real_time = lambda: real() + 3.1
    with pytest.raises(Exception, match="expired_trigger_id"):
        await open_with(triggers[1])
