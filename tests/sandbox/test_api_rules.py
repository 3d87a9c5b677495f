"""What every method has in common: tokens, scopes, arguments, limits."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.api import METHOD_MODULES
from sandbox.api.call import REGISTRY
from sandbox.api.facts import methods
from tests.sandbox.api_world import Desk, code, desk_with, refused


def client_with(desk: Desk, token: str | None) -> AsyncWebClient:
    client = AsyncWebClient(token, base_url=f"{desk.ws.base_url}/api/")
    client.retry_handlers.clear()
    return client


def test_every_method_of_the_table_is_there_and_no_other() -> None:
    assert METHOD_MODULES
    assert set(REGISTRY) == set(methods())


async def test_auth_test_names_the_bot_behind_the_token(desk: Desk) -> None:
    answer = await desk.client.auth_test()
    assert answer["user_id"] == "U0DESK"
    assert answer["bot_id"] == desk.app.bot_id
    assert answer["app_id"] == desk.app.app_id
    assert answer["team"] == "Northwind Support"


async def test_a_token_must_be_there_be_right_and_be_of_the_right_kind(desk: Desk) -> None:
    assert await code(client_with(desk, None).auth_test()) == "not_authed"
    assert await code(client_with(desk, "xoxb-wrong").auth_test()) == "invalid_auth"
    wrong_kind = client_with(desk, desk.app.app_token)
    assert await code(wrong_kind.auth_test()) == "not_allowed_token_type"
    wrong_kind = client_with(desk, desk.app.bot_token)
    error = await code(wrong_kind.apps_connections_open(app_token=desk.app.bot_token))
    assert error == "not_allowed_token_type"


async def test_an_app_token_opens_one_connection_each_time(desk: Desk) -> None:
    answer = await desk.client.apps_connections_open(app_token=desk.app.app_token)
    assert answer["url"].startswith(desk.ws.base_url.replace("http", "ws") + "/link/?ticket=")
    ticket = answer["url"].partition("ticket=")[2].partition("&")[0]
    assert desk.ws.lifetimes.take_ticket(ticket) == desk.app.app_id
    assert desk.ws.lifetimes.take_ticket(ticket) is None


async def test_an_unknown_method_is_named(desk: Desk) -> None:
    assert await code(desk.client.api_call("canvases.create")) == "unknown_method"


async def test_a_missing_scope_says_what_is_needed_and_what_there_is() -> None:
    async with desk_with(["chat:write", "commands"]) as desk:
        body = await refused(desk.client.pins_add(channel="C0SUPPORT", timestamp="1.1"))
        assert body["error"] == "missing_scope"
        assert body["needed"] == "pins:write"
        assert body["provided"] == "chat:write,commands"


async def test_each_kind_of_conversation_needs_its_own_scope() -> None:
    async with desk_with(["channels:manage", "channels:read", "im:write"]) as desk:
        await desk.channel()
        body = await refused(desk.client.conversations_create(name="x", is_private=True))
        assert (body["error"], body["needed"]) == ("missing_scope", "groups:write")
        body = await refused(desk.client.conversations_list(types="private_channel"))
        assert (body["error"], body["needed"]) == ("missing_scope", "groups:read")
        opened = await desk.client.conversations_open(users="U0MAYA")
        body = await refused(desk.client.conversations_info(channel=opened["channel"]["id"]))
        assert (body["error"], body["needed"]) == ("missing_scope", "im:read")


async def test_addresses_need_a_scope_of_their_own() -> None:
    async with desk_with(["users:read"]) as desk:
        shown = await desk.client.users_info(user="U0MAYA")
        assert "email" not in shown["user"]["profile"]
        body = await refused(desk.client.users_lookupByEmail(email="maya.lind@northwind.example"))
        assert body["needed"] == "users:read.email"


async def test_an_argument_that_slack_does_not_know_is_refused_by_name(desk: Desk) -> None:
    body = await refused(
        desk.client.api_call("chat.delete", params={"channel": "C0SUPPORT", "ts": "1", "why": "x"})
    )
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] unsupported argument: why"]


async def test_the_team_id_that_bolt_adds_everywhere_is_welcome(desk: Desk) -> None:
    await desk.client.auth_test(team_id="T0NORTHWIND")
    await desk.client.chat_getPermalink(
        channel="C0SUPPORT",
        message_ts=next(iter(desk.ws.channels["C0SUPPORT"].messages)),
        team_id="T0NORTHWIND",
    )


async def test_a_missing_argument_is_named(desk: Desk) -> None:
    body = await refused(desk.client.api_call("conversations.archive"))
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_a_wrong_type_or_length_is_pointed_at(desk: Desk) -> None:
    channel = await desk.channel()
    body = await refused(desk.client.api_call("conversations.list", params={"limit": "many"}))
    assert body["response_metadata"]["messages"] == [
        "[ERROR] must provide an integer [json-pointer:/limit]"
    ]
    body = await refused(
        desk.client.bookmarks_add(
            channel_id=channel, title="t" * 257, type="link", link="https://x.example"
        )
    )
    assert body["response_metadata"]["messages"] == [
        "[ERROR] must be less than 257 characters [json-pointer:/title]"
    ]


async def test_arguments_may_come_in_query_form_or_json(desk: Desk) -> None:
    url = f"{desk.ws.base_url}/api/users.info"
    auth = {"Authorization": f"Bearer {desk.app.bot_token}"}
    async with aiohttp.ClientSession(headers=auth) as session:
        for sent in (
            session.get(url, params={"user": "U0DAN"}),
            session.post(url, params={"user": "U0DAN"}),
            session.post(url, data={"user": "U0DAN"}),
            session.post(url, json={"user": "U0DAN"}),
            session.post(url, data={"user": "U0DAN", "token": desk.app.bot_token}),
        ):
            async with sent as response:
                assert (await response.json())["user"]["real_name"] == "Dan Cole"
        async with session.post(
            url, data=b"{", headers={"Content-Type": "application/json"}
        ) as response:
            assert (await response.json())["error"] == "invalid_json"
        async with session.post(url, data=b"x", headers={"Content-Type": "text/csv"}) as response:
            assert (await response.json())["error"] == "invalid_post_type"


async def test_the_twenty_first_call_of_a_tier_2_method_waits_for_its_turn(desk: Desk) -> None:
    for number in range(20):
        await desk.channel(f"esc-{number}")
    with pytest.raises(SlackApiError) as caught:
        await desk.channel("esc-20")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "3"
    desk.real.now += 3
    await desk.channel("esc-20")


async def test_one_channel_takes_a_short_burst_and_then_a_message_a_second(desk: Desk) -> None:
    await desk.client.conversations_join(channel="C0SUPPORT")
    channel = await desk.channel()
    for number in range(5):
        await desk.say(channel, str(number))
    with pytest.raises(SlackApiError) as caught:
        await desk.say(channel, "too soon")
    assert caught.value.response.headers["Retry-After"] == "1"
    await desk.say("C0SUPPORT", "elsewhere is free")
    desk.real.now += 1
    await desk.say(channel, "now")


async def test_limits_can_be_switched_off(desk: Desk) -> None:
    desk.ws.strict_limits = False
    channel = await desk.channel()
    for number in range(30):
        await desk.say(channel, str(number))


async def test_a_code_buys_the_bot_token_once(desk: Desk) -> None:
    desk.ws.oauth_codes["c0de"] = desk.app.app_id
    buy = desk.client.oauth_v2_access
    wrong = buy(client_id=desk.app.client_id, client_secret="x", code="c0de")
    assert await code(wrong) == "bad_client_secret"
    keys = {"client_id": desk.app.client_id, "client_secret": desk.app.client_secret}
    answer = await buy(**keys, code="c0de")
    assert answer["access_token"] == desk.app.bot_token
    assert answer["team"]["id"] == "T0NORTHWIND"
    assert await code(buy(**keys, code="c0de")) == "invalid_code"
