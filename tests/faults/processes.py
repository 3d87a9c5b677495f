"""Starting, killing and restarting the bot, as a supervisor and an accident would."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BIRTH = 240.0  # seconds; the first one waits until all is imported, on a busy machine for long


class Nursery:
    """Bots by process id; ``ends`` says how each one ended."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._births: asyncio.Queue[int] = asyncio.Queue()
        self._ending: dict[int, asyncio.Future[int]] = {}
        self.alive: set[int] = set()

    async def bear(self, env: Mapping[str, str], log: Path) -> int:
        """Start a bot with this environment; answers its process id."""
        order = json.dumps({"env": dict(env), "log": str(log)})
        assert self._process.stdin is not None
        self._process.stdin.write(order.encode() + b"\n")
        await self._process.stdin.drain()
        return await asyncio.wait_for(self._births.get(), BIRTH)

    async def end_of(self, pid: int) -> int:
        """Wait until a bot has ended: its exit code, or minus the signal."""
        return await self._end(pid)

    def kill(self, pid: int, how: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a bot that lives."""
        if pid in self.alive:
            with suppress(ProcessLookupError):
                os.kill(pid, how)

    def _end(self, pid: int) -> asyncio.Future[int]:
        return self._ending.setdefault(pid, asyncio.get_running_loop().create_future())

    async def read(self) -> None:
        """Listen to the zygote until it ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told: dict[str, Any] = json.loads(line)
            if "born" in told:
                self.alive.add(told["born"])
                self._births.put_nowait(told["born"])
            elif "died" in told:
                self.alive.discard(told["died"])
                self._end(told["died"]).set_result(told["status"])


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """Where bots are born, while the block runs; those that live at its end are killed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.zygote",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    here = Nursery(process)
    reading = asyncio.create_task(here.read())
    try:
        yield here
    finally:
        for pid in set(here.alive):
            here.kill(pid)
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        reading.cancel()
