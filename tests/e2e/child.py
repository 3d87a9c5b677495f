"""The bot as a process of its own, as an administrator runs it; it can be killed."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

APP = Path(__file__).parents[2] / "app.py"
START_SECONDS = 20.0
LOOK_SECONDS = 0.05


@dataclass
class Child:
    """A running ``python app.py run``."""

    process: asyncio.subprocess.Process
    url: str
    log: Path

    async def ready(self) -> None:
        """Wait until it can work. Raises AssertionError with its log when it cannot."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(int(START_SECONDS / LOOK_SECONDS)):
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                try:
                    await asyncio.wait_for(self.process.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
                break
        raise AssertionError(f"the bot did not start:\n{self.log.read_text()}")

    async def kill(self) -> None:
        """``kill -9``: it does not get to finish anything."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; answers how it ended."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@asynccontextmanager
async def child(folder: Path, port: int, settings: Mapping[str, str]) -> AsyncIterator[Child]:
    """The bot on ``port`` with no settings but these; it is killed when the block ends."""
    plain = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    log = folder / "bot.log"
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(APP),
            "run",
            cwd=folder,
            env={**plain, **settings, "HOST": "127.0.0.1", "PORT": str(port)},
            stdout=out,
            stderr=out,
        )
    running = Child(process, f"http://127.0.0.1:{port}", log)
    try:
        await running.ready()
        yield running
    finally:
        await running.kill()
