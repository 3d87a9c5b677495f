"""The bot as a process of its own, as an administrator runs it; it can be killed."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

APP = Path(__file__).parents[2] / "app.py"
START_SECONDS = 40.0  # much more than it takes, for a machine with much to do
LOOK_SECONDS = 0.05
TOKEN = "token-of-the-tests-figures"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Child:
    """A running ``python app.py run``."""

    process: asyncio.subprocess.Process
    url: str
    log: Path

    async def ready(self) -> None:
        """Wait until it can work. Raises AssertionError with its log when it cannot."""
        await self.answers("/readyz", 200)

    async def answers(self, path: str, status: int) -> httpx.Response:
        """Wait until it answers ``path`` so; AssertionError with its log when it never does."""
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(int(START_SECONDS / LOOK_SECONDS)):
                try:
                    found = await client.get(f"{self.url}{path}", headers=WITH_TOKEN)
                    if found.status_code == status:
                        return found
                except httpx.TransportError:
                    pass
                try:
                    await asyncio.wait_for(self.process.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
                break
        raise AssertionError(f"{path} was never {status}:\n{self.log.read_text()}")

    async def says(self, words: str) -> None:
        """Wait until ``words`` are in its log. Raises AssertionError when they never are."""
        for _ in range(int(START_SECONDS / LOOK_SECONDS)):
            if words in self.log.read_text():
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"no {words}:\n{self.log.read_text()}")

    async def ended(self) -> int:
        """How it ended, by itself."""
        return await asyncio.wait_for(self.process.wait(), START_SECONDS)

    async def kill(self) -> None:
        """``kill -9``: it does not get to finish anything."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; answers how it ended."""
        if self.process.returncode is None:
            self.process.terminate()
        return await self.ended()


@asynccontextmanager
async def child(folder: Path, port: int, settings: Mapping[str, str]) -> AsyncIterator[Child]:
    """The bot at work on ``port`` with no settings but these; it is killed when the block ends."""
    async with launched(folder, port, settings) as running:
        await running.ready()
        yield running


@asynccontextmanager
async def launched(folder: Path, port: int, settings: Mapping[str, str]) -> AsyncIterator[Child]:
    """The same, not waited for: perhaps it cannot start."""
    plain = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    log = folder / "bot.log"
    place = {"HOST": "127.0.0.1", "PORT": str(port)}
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(APP),
            "run",
            cwd=folder,
            env={**plain, "METRICS_TOKEN": TOKEN, **settings, **place},
            stdout=out,
            stderr=out,
        )
    running = Child(process, f"http://127.0.0.1:{port}", log)
    try:
        yield running
    finally:
        await running.kill()
