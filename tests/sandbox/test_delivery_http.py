"""Signed HTTP: what counts as an answer, what is repeated, and what is not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.delivery.http import HttpSender
from sandbox.delivery.outcome import Parcel, Timing, UnansweredError
from sandbox.people import NoAnswer
from tests.sandbox.world import MAYA, Sleeps, World, http_server, make_world

Handler = Callable[[Request], Awaitable[Response]]
COMMAND = Parcel("slash_commands", "slash_commands", {"command": "/desk"}, takes_answer=True)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = make_world(request_url="http://127.0.0.1:1/")
    yield made
    await made.delivery.close()


@asynccontextmanager
async def answering(world: World, *answers: Handler) -> AsyncIterator[list[Request]]:
    """An app that gives these answers one after the other, the last one for ever."""
    seen: list[Request] = []

    async def endpoint(request: Request) -> Response:
        await request.body()
        seen.append(request)
        return await answers[min(len(seen), len(answers)) - 1](request)

    routes = [Route("/{path:path}", endpoint, methods=["GET", "POST"])]
    async with http_server(Starlette(routes=routes)) as url:
        world.app.request_url = f"{url}/slack"
        yield seen


def always(response: Response) -> Handler:
    async def answer(_: Request) -> Response:
        return response

    return answer


OK = always(Response(status_code=200))
BROKEN = always(PlainTextResponse("oops", 500))


async def ask(world: World, parcel: Parcel = COMMAND) -> Any:
    return await world.delivery.ask(world.app, parcel)


async def test_json_is_a_payload_text_is_a_message_and_nothing_is_nothing(world: World) -> None:
    cases: list[tuple[Response, Any]] = [
        (JSONResponse({"response_action": "clear"}), {"response_action": "clear"}),
        (PlainTextResponse("hello"), {"text": "hello"}),
        (Response(status_code=204), None),
        (Response("  "), None),
        (JSONResponse(["no", "object"]), None),
    ]
    for response, expected in cases:
        async with answering(world, always(response)):
            assert await ask(world) == expected


async def test_the_request_is_signed_and_looks_like_slacks(world: World) -> None:
    async with answering(world, OK) as seen:
        await ask(world)
    (request,) = seen
    body, headers = await request.body(), dict(request.headers)
    assert SignatureVerifier(world.app.signing_secret).is_valid_request(body, headers)
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["accept"] == "application/json,*/*"
    assert headers["accept-encoding"] == "gzip,deflate"
    assert headers["user-agent"] == "Slackbot 1.0 (+https://api.slack.com/robots)"
    assert body == b"command=%2Fdesk"


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (PlainTextResponse("no", 404), "http_error"),
        (Response("{not json", media_type="application/json"), "http_error"),
        (RedirectResponse("/again", 307), "too_many_redirects"),
    ],
)
async def test_a_bad_answer_has_slacks_reason(
    world: World, response: Response, reason: str
) -> None:
    async with answering(world, always(response)):
        with pytest.raises(UnansweredError) as caught:
            await ask(world)
    assert (caught.value.reason, caught.value.code) == (reason, "dispatch_failed")


async def test_two_redirects_are_followed_and_keep_the_body(world: World) -> None:
    onward = always(RedirectResponse("/again", 307))
    async with answering(world, onward, onward, OK) as seen:
        assert await ask(world) is None
    assert [await request.body() for request in seen] == [b"command=%2Fdesk"] * 3


async def test_nobody_at_the_address_fails_at_once(world: World) -> None:
    with pytest.raises(UnansweredError) as caught:
        await ask(world)
    assert caught.value.reason == "connection_failed"
    with pytest.raises(NoAnswer, match="dispatch_failed"):
        await world.people.command(MAYA, world.public.id, "/desk")


async def test_a_slow_app_times_out(world: World) -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(0.3)
        return Response()

    world.delivery.timing = Timing(ack_seconds=0.05)
    async with answering(world, slow):
        with pytest.raises(UnansweredError) as caught:
            await ask(world)
    assert (caught.value.reason, caught.value.code) == ("http_timeout", "operation_timeout")


async def test_an_event_is_repeated_with_its_number_and_reason(world: World) -> None:
    sleeps = Sleeps()
    world.delivery.timing = sleeps.timing(1)
    async with answering(world, BROKEN) as seen:
        await world.people.say(MAYA, world.public.id, "hello")
        await world.delivery.drained()
        bodies = {await request.body() for request in seen}
    marks = [
        (r.headers.get("x-slack-retry-num"), r.headers.get("x-slack-retry-reason")) for r in seen
    ]
    assert marks == [(None, None)] + [(str(n), "http_error") for n in (1, 2, 3)]
    assert sleeps.asked == [0.0, 60.0, 300.0]
    assert len(bodies) == 1


async def test_no_retry_in_the_answer_ends_it(world: World) -> None:
    sleeps = Sleeps()
    world.delivery.timing = sleeps.timing(1)
    stop = always(Response(status_code=500, headers={"X-Slack-No-Retry": "1"}))
    async with answering(world, stop) as seen:
        await world.people.say(MAYA, world.public.id, "hello")
        await world.delivery.drained()
    assert (len(seen), sleeps.asked) == (1, [])


async def test_commands_are_never_repeated(world: World) -> None:
    async with answering(world, BROKEN) as seen:
        with pytest.raises(NoAnswer):
            await world.people.command(MAYA, world.public.id, "/desk")
    assert len(seen) == 1


async def test_what_was_never_delivered_cannot_be_redelivered(world: World) -> None:
    with pytest.raises(KeyError):
        await world.delivery.redeliver_last("slash_commands")


async def test_a_request_url_is_verified_by_its_challenge(world: World) -> None:
    async def echo(request: Request) -> Response:
        return JSONResponse({"challenge": (await request.json())["challenge"]})

    async with answering(world, echo):
        assert await world.delivery.verify(world.app)
    async with answering(world, OK):
        assert not await world.delivery.verify(world.app)
    async with answering(world, BROKEN):
        assert not await world.delivery.verify(world.app)


async def test_the_manifest_decides_between_socket_and_url(world: World) -> None:
    settings = world.app.manifest["settings"]
    async with answering(world, OK) as seen:
        settings["socket_mode_enabled"] = True
        with pytest.raises(UnansweredError):
            await ask(world)
        assert seen == []
        del settings["socket_mode_enabled"]
        await ask(world)
        assert len(seen) == 1


async def test_closing_twice_is_fine() -> None:
    sender = HttpSender(Timing())
    await sender.close()
    await sender.close()
