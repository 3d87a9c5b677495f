"""8. Strangers' mail: whether health and commands are answered while it comes."""

import asyncio
import contextlib
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable

from benchmarks import load
from benchmarks.double import Double
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.requests import command, new_case
from benchmarks.strangers_sender import FORGED, UNSIGNED
from bot.clock import stopwatch
from tests.mail.hostile import BODIES

PART = "8. Strangers' mail"
MOST = 1000.0  # milliseconds that health and an acknowledgement may take at worst
EVERY = 0.02  # seconds between two looks
BODIES_AT_ONCE = 16  # large bodies that nobody signed
QUIET = 10.0  # seconds for which nobody sends, to compare with
GROWN_MAX = 50.0  # MiB of memory that these may take


async def measure(plan: Plan) -> list[Figure]:
    """Many of each hostile mail as fast as they can be sent, then large bodies of nobody."""
    figures: list[Figure] = []
    async with Double(keep=False).serving() as slack:
        url = await plan.sqlite()
        arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
        async with subject(*arguments) as process:
            watch = Watch(process.port, f"{slack.url}/r")
            await watch.begin()
            figures += watch.figures("nothing comes", await watch.during(be_quiet()))
            for name in BODIES:
                answers = await watch.during(_sent(process.port, name, plan.strangers))
                figures += watch.figures(f"{plan.strangers} × {name}", answers)
                plan.say(f"strangers: {name} {dict(answers)}")
            for name in (UNSIGNED, FORGED):
                before = process.memory()
                answers = await watch.during(_sent(process.port, name, BODIES_AT_ONCE))
                label = f"{BODIES_AT_ONCE} bodies of 24 MB, {name}"
                grown = max(process.memory() - before, 0.0)
                figures += watch.figures(label, answers)
                memory = f"{label}: memory"
                figures.append(Figure(PART, memory, grown, "MiB", None, GROWN_MAX, "value"))
            await watch.end()
    return figures


class Watch:
    """Asks for health and sends commands all the time; knows the slowest answer to each."""

    def __init__(self, port: int, url: str, part: str = PART) -> None:
        self._port, self._url, self._part = port, url, part
        self._worst: dict[str, float] = {}
        self._wires: list[load.Wire] = []

    async def begin(self) -> None:
        """Open a case, so that there is one to write to."""
        self._wires = await load.wires(self._port, 2)
        await self._wires[0].send(load.signed(new_case()))

    async def end(self) -> None:
        """Hang up."""
        for wire in self._wires:
            wire.close()

    async def during(self, work: Awaitable[Counter[str]]) -> Counter[str]:
        """What ``work`` gives, while somebody watches."""
        self._worst = {}
        looks = [
            asyncio.create_task(self._look("health", self._wires[0], self._health)),
            asyncio.create_task(self._look("acknowledgement", self._wires[1], self._command)),
        ]
        try:
            return await work
        finally:
            for look in looks:
                look.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await look

    async def _look(self, what: str, wire: load.Wire, make: Callable[[], bytes]) -> None:
        begun = None
        try:
            while True:
                begun = stopwatch()
                await wire.send(make())
                self._saw(what, stopwatch() - begun)
                begun = None
                await asyncio.sleep(EVERY)
        finally:
            if begun is not None:  # one that is not answered yet counts as far as it is
                self._saw(what, stopwatch() - begun)
                wire.close()
                self._wires[self._wires.index(wire)] = await load.Wire.open(self._port)

    def _saw(self, what: str, seconds: float) -> None:
        self._worst[what] = max(seconds, self._worst.get(what, 0.0))

    def _health(self) -> bytes:
        return b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

    def _command(self) -> bytes:
        return load.signed(command("list", url=self._url))

    def figures(self, name: str, answers: Counter[str]) -> list[Figure]:
        """The slowest answers, as figures."""
        note = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
        return [
            Figure(
                self._part, f"{name}: {what}, max", seconds * 1000, "ms", None, MOST, "value", note
            )
            for what, seconds in sorted(self._worst.items())
        ]


async def be_quiet() -> Counter[str]:
    """What the machine itself takes while nobody sends."""
    await asyncio.sleep(QUIET)
    return Counter()


async def _sent(port: int, name: str, count: int) -> Counter[str]:
    """Have another process send, so that it does not hold up whoever watches."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.strangers_sender", str(port), name, str(count),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    return Counter(json.loads(said))
