"""``python -m sandbox``: a local workspace for any Slack app."""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.seed import demo_workspace
from sandbox.server import serve
from sandbox.state import AppInstallation


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8484, help="port to listen on (0: any)")
    parser.add_argument("--manifest", type=Path, required=True, help="the app's manifest (JSON)")
    parser.add_argument(
        "--request-url",
        help="where commands, events and interactions are posted; without it: Socket Mode",
    )
    return parser.parse_args()


def _settings(app: AppInstallation, base_url: str) -> str:
    lines = [
        f"workspace            {base_url}/",
        f"SLACK_API_URL        {base_url}/api/",
        f"SLACK_BOT_TOKEN      {app.bot_token}",
    ]
    if app.socket_mode:
        lines.append(f"SLACK_APP_TOKEN      {app.app_token}")
    lines.append(f"SLACK_SIGNING_SECRET {app.signing_secret}")
    return "\n".join(lines) + "\n"


async def _run(options: argparse.Namespace, manifest: dict[str, Any]) -> None:
    ws = demo_workspace()
    app = ws.install_app(manifest, options.request_url, installed_by="U0KATE")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(ws, options.host, options.port) as base_url:
        sys.stdout.write(_settings(app, base_url))
        sys.stdout.flush()
        await stop.wait()


def main() -> int:
    """Serve until Ctrl-C. Exit code 2 when the manifest cannot be read or the port is taken."""
    options = _arguments()
    try:
        manifest = json.loads(options.manifest.read_text(encoding="utf-8"))
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(options, manifest))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
