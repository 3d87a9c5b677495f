"""Serving: a free port, a clean end, and the command line for any app."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.seed import demo_workspace
from sandbox.server import serve
from tests.sandbox.api_world import Desk, manifest


async def test_two_workspaces_serve_side_by_side_and_end() -> None:
    async with serve(demo_workspace()) as one, serve(demo_workspace()) as two:
        assert one != two
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{one}/api/api.test")


async def test_a_taken_port_is_said_at_once() -> None:
    async with serve(demo_workspace()) as base_url:
        port = int(base_url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with serve(demo_workspace(), port=port):
                pytest.fail("two servers on one port")


async def test_a_response_url_works_five_times_within_half_an_hour(desk: Desk) -> None:
    channel = await desk.channel()
    await desk.client.conversations_invite(channel=channel, users="U0MAYA")

    def mint() -> str:
        made = desk.ws.lifetimes.mint_response_url(desk.app.app_id, channel, "U0MAYA")
        return f"{desk.ws.base_url}/_/response/{made.id}"

    async with aiohttp.ClientSession() as session:
        url = mint()
        statuses = []
        for number in range(6):
            async with session.post(url, json={"text": str(number)}) as response:
                statuses.append(response.status)
        assert statuses == [200] * 5 + [404]
        url = mint()
        desk.real.now += 30 * 60 + 1
        async with session.post(url, json={"text": "late"}) as response:
            assert response.status == 404
    said = [m.text for m in desk.ws.channels[channel].ephemerals.values()]
    assert said == ["0", "1", "2", "3", "4"]


async def test_the_command_line_serves_any_app_and_prints_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest(["chat:write"])))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--port",
        "0",
        "--manifest",
        str(file),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().split() for _ in range(5)]
    told = {line[0]: line[1] for line in lines}
    client = AsyncWebClient(told["SLACK_BOT_TOKEN"], base_url=told["SLACK_API_URL"])
    assert (await client.auth_test())["user"] == "desk"
    assert told["SLACK_APP_TOKEN"].startswith("xapp-")
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


async def test_a_manifest_that_is_not_there_is_said(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        "--manifest",
        str(tmp_path / "none.json"),
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    _, complaint = await process.communicate()
    assert process.returncode == 2
    assert b"none.json" in complaint
