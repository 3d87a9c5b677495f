"""Response URLs: five uses in half an hour, and what they may change."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.delivery.response_url import address
from sandbox.lifetimes import ResponseUrl
from sandbox.server import serve
from sandbox.state import Message
from tests.sandbox.world import DAN, MAYA, World, make_world

Json = dict[str, Any]
Answer = tuple[int, str]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = make_world()
    async with serve(made.ws):
        yield made


def mint(world: World, source: Message | None = None) -> ResponseUrl:
    return world.ws.lifetimes.mint_response_url(
        world.app.app_id,
        world.public.id,
        MAYA,
        source_ts=source.ts if source else None,
        source_ephemeral=source is not None and source.ephemeral_to is not None,
    )


async def post(world: World, url: ResponseUrl, body: Any) -> Answer:
    async with (
        aiohttp.ClientSession() as session,
        session.post(address(world.ws, url), json=body) as response,
    ):
        return response.status, await response.text()


def private_answers(world: World) -> list[str]:
    return [m.text for m in world.people.ephemeral(MAYA, world.public.id)]


async def test_an_answer_is_private_unless_it_says_otherwise(world: World) -> None:
    url = mint(world)
    assert await post(world, url, {"text": "for you"}) == (200, "ok")
    assert await post(world, url, {"text": "for all", "response_type": "in_channel"}) == (200, "ok")
    assert private_answers(world) == ["for you"]
    assert world.people.messages(DAN, world.public.id)[-1].text == "for all"
    assert world.people.messages(DAN, world.public.id)[-1].user == world.app.bot_user_id


async def test_the_sixth_use_is_refused(world: World) -> None:
    url = mint(world)
    answers = [await post(world, url, {"text": str(n)}) for n in range(6)]
    assert answers[:5] == [(200, "ok")] * 5
    assert answers[5] == (404, '{"ok":false,"error":"used_url"}')
    assert private_answers(world) == ["0", "1", "2", "3", "4"]


async def test_after_half_an_hour_it_is_over(world: World) -> None:
    url, real = mint(world), world.ws.lifetimes.real_time
    world.ws.lifetimes.real_time = lambda: real() + 29 * 60
    assert (await post(world, url, {"text": "in time"}))[0] == 200
    world.ws.lifetimes.real_time = lambda: real() + 30 * 60 + 1
    assert await post(world, url, {"text": "late"}) == (404, '{"ok":false,"error":"expired_url"}')


async def test_workspace_time_does_not_use_it_up(world: World) -> None:
    from datetime import timedelta

    url = mint(world)
    await world.ws.clock.advance(timedelta(hours=2))
    assert (await post(world, url, {"text": "still good"}))[0] == 200


async def test_the_message_of_the_click_is_replaced_or_deleted(world: World) -> None:
    message = world.bot_says(text="old", blocks=[{"type": "divider"}])
    url = mint(world, message)
    await post(world, url, {"text": "new", "replace_original": True})
    assert (message.text, message.blocks) == ("new", None)
    await post(world, url, {"delete_original": True})
    assert message.ts not in world.public.messages


async def test_an_ephemeral_message_can_be_replaced_and_never_becomes_public(world: World) -> None:
    from sandbox import posting

    draft = posting.Draft(text="psst")
    bot = world.app.bot_user_id
    message = posting.post_ephemeral(world.ws, bot, world.public, MAYA, draft)
    url = mint(world, message)
    before = len(world.public.messages)
    await post(world, url, {"text": "loud", "response_type": "in_channel"})
    assert len(world.public.messages) == before
    await post(world, url, {"text": "changed", "replace_original": True})
    assert private_answers(world) == ["changed", "loud"]
    await post(world, url, {"delete_original": True})
    assert private_answers(world) == ["loud"]


async def test_a_command_has_no_message_to_replace(world: World) -> None:
    url = mint(world)
    await post(world, url, {"text": "instead", "replace_original": True})
    assert private_answers(world) == ["instead"]


async def test_an_answer_can_go_into_a_thread(world: World) -> None:
    root = world.bot_says()
    body = {"text": "there", "response_type": "in_channel", "thread_ts": root.ts}
    await post(world, mint(world, root), body)
    assert [m.text for m in world.public.replies(root.ts)] == ["there"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "no_text"),
        ({"text": "x", "colour": "red"}, "invalid_payload"),
        (["x"], "invalid_payload"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"text": "x", "attachments": [{"colour": "red"}]}, "invalid_attachments"),
    ],
)
async def test_what_slack_does_not_take_is_refused(world: World, body: Any, error: str) -> None:
    status, text = await post(world, mint(world), body)
    assert status == 404
    assert f'"error":"{error}"' in text
    assert private_answers(world) == []


async def test_an_unknown_address_is_refused(world: World) -> None:
    url = mint(world)
    del world.ws.lifetimes.response_urls[url.id]
    assert (await post(world, url, {"text": "x"}))[0] == 404
