"""0. The other end: neither the measuring one nor the local workspace is what is measured."""

import asyncio

import aiohttp

from benchmarks.double import Double
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.settings import settings
from bot.clock import stopwatch
from cli.workspace.local import ROLES
from handlers.slack.manifest import build_manifest
from sandbox.seed import demo_workspace
from sandbox.server import serve

PART = "0. The other end, alone"
CALLS = 400
AT_ONCE = 20


async def measure(_plan: Plan) -> list[Figure]:
    """Calls a second that each could answer; the app's own rate is in part 2 and 7."""
    async with Double(keep=False).serving() as slack:
        double = await _rate(f"{slack.url}/api/chat.postMessage", "xoxb-bench", "C1")
    workspace = demo_workspace()
    workspace.strict_limits = False
    app = workspace.install_app(build_manifest(settings(slack_app_token="xapp-bench")))
    user = next(iter(ROLES.values()))[0]
    async with serve(workspace) as url:
        local = await _rate(f"{url}/api/chat.postMessage", app.bot_token, user)
    return [
        Figure(PART, "the measuring end: messages a second", double, "/s"),
        Figure(PART, "the local workspace: messages a second", local, "/s"),
    ]


async def _rate(url: str, token: str, channel: str) -> float:
    headers = {"Authorization": f"Bearer {token}"}
    message = {"channel": channel, "text": "A message of ordinary length about a case."}

    async def some(session: aiohttp.ClientSession) -> None:
        for _ in range(CALLS // AT_ONCE):
            async with session.post(url, json=message, headers=headers) as answer:
                body = await answer.json()
                if not body["ok"]:
                    raise RuntimeError(str(body))

    async with aiohttp.ClientSession() as session:
        begun = stopwatch()
        await asyncio.gather(*(some(session) for _ in range(AT_ONCE)))
        return CALLS / (stopwatch() - begun)
