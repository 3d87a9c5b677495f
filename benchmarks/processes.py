"""Starting what is measured, and reading what it used."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.clock import stopwatch

TICKS = os.sysconf("SC_CLK_TCK")  # units of /proc/<pid>/stat a second
START_PATIENCE = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Subject:
    """A running process: where it listens, and how long it took to be ready, in seconds."""

    pid: int
    port: int
    started_in: float

    def cpu(self) -> float:
        """Seconds of processor used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> float:
        """Resident memory in MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS")


@asynccontextmanager
async def subject(*arguments: str) -> AsyncIterator[Subject]:
    """``python -m benchmarks.subject …`` while the block runs; ended without ceremony."""
    begun = stopwatch()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.subject",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no output to read")
        async with asyncio.timeout(START_PATIENCE):
            port = int(json.loads(await process.stdout.readline())["port"])
            await _listens(port)
        yield Subject(process.pid, port, stopwatch() - begun)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.005)
        else:
            writer.close()
            return
