"""A process that is measured: the app, or a Bolt app that only acknowledges, or stores before.

Started as ``python -m benchmarks.subject …``; prints one line of JSON when it is ready, and ends
when its standard input closes.
"""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CollectorRegistry
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.keeper import Keeper
from benchmarks.rounds import Unlimited
from benchmarks.settings import APP_TOKEN, AUTHSERV, INTAKE, SECRET, settings
from cli.logs import configure_logs
from cli.running import build, spare_what_stays, started
from cli.serving import serving
from cli.workspace.local import demo_policy
from handlers.http.app import web_app
from handlers.socket_mode.client import SocketMode

ANY = re.compile("")


def floor(keep: Callable[[], Awaitable[None]] | None = None) -> AsyncApp:
    """As many listeners as the app has, each only acknowledging, and no middleware to spare.

    ``keep`` makes something durable first.
    """
    bolt = AsyncApp(
        client=AsyncWebClient(retry_handlers=[]),
        authorize=_authorize,
        signing_secret=SECRET,
        process_before_response=True,  # without it Bolt looks for the acknowledgement every 10 ms
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )

    async def listener(ack: AsyncAck) -> None:
        if keep is not None:
            await keep()
        await ack()

    kinds: tuple[Callable[..., Any], ...] = (
        bolt.event, bolt.block_action, bolt.command, bolt.view_submission, bolt.options,
        bolt.shortcut,
    )  # fmt: skip
    for kind in kinds:
        kind(ANY)(listener)
    return bolt


async def _authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(team_id=team_id, enterprise_id=enterprise_id)


async def _ended() -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    await reader.read()


def _ready(port: int) -> None:
    spare_what_stays()
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()


async def _floor(api: str, database: str, *, socket: bool) -> None:
    keeper = await Keeper.on(database) if database else None
    bolt = floor(keeper.keep if keeper else None)

    async def ready() -> bool:
        return True

    async with serving(
        web_app(bolt, ready, CollectorRegistry(), signing_secret=SECRET), "127.0.0.1", 0
    ) as port:
        connection = SocketMode(bolt, APP_TOKEN, api)
        if socket:
            connection.start()
            await connection.wait()
        _ready(port)
        await _ended()
        await connection.stop()


async def _desk(api: str, database: str, *, socket: bool, limits: bool) -> None:
    wanted = settings(
        slack_api_url=api,
        database_url=database,
        slack_app_token=APP_TOKEN if socket else "",
        mail_inbound_secret=SECRET,
        mail_intake_address=INTAKE,
        mail_authserv_id=AUTHSERV,
        secret_key=SECRET,
    )
    application = build(wanted, policy=demo_policy())
    if not limits:
        application.services.delivery.limits = Unlimited()
    async with started(application), serving(application.web, "127.0.0.1", 0) as port:
        _ready(port)
        await _ended()


def main() -> None:
    """Run one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["desk", "floor", "stores"])
    parser.add_argument("--api", required=True)
    parser.add_argument("--database", default="")
    parser.add_argument("--socket", action="store_true")
    parser.add_argument("--limits", action="store_true", help="keep Slack's rate limits")
    asked = parser.parse_args()
    configure_logs("ERROR")
    if asked.kind in ("floor", "stores"):
        asyncio.run(_floor(asked.api, asked.database, socket=asked.socket))
    else:
        asyncio.run(_desk(asked.api, asked.database, socket=asked.socket, limits=asked.limits))


if __name__ == "__main__":
    main()
