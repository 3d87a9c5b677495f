"""8. Strangers' mail: whether health and commands are answered while it comes."""

import asyncio
import contextlib
import hashlib
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import httpx

from benchmarks import load
from benchmarks.double import Double
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.processes import Subject, subject
from benchmarks.requests import command, new_case
from benchmarks.settings import SECRET
from bot.clock import SystemClock, stopwatch
from bot.inbound import signature
from bot.rules.tokens import Signer
from tests.mail.hostile import BODIES, hostile

PART = "8. Strangers' mail"
MOST = 1000.0  # milliseconds that health and an acknowledgement may take at worst
EVERY = 0.02  # seconds between two looks
SENDERS = 100  # connections over which mails come
UNSIGNED = 16  # bodies that nobody signed, all at once
MADE_MAX = 100 * 1024 * 1024  # bytes of mails made beforehand
BODY = b"x" * (24 * 1024 * 1024)

Mail = tuple[bytes, dict[str, str]]

_numbers = itertools.count()


async def measure(plan: Plan) -> list[Figure]:
    """Each hostile mail alone, then many of them as fast as they can be sent."""
    figures: list[Figure] = []
    async with Double(keep=False).serving() as slack:
        url = await plan.sqlite()
        arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
        async with subject(*arguments) as process, _client() as http:
            watch = Watch(process.port, f"{slack.url}/r")
            await watch.begin()
            for name in BODIES:
                mails = _signed(name, plan.strangers)
                await watch.during(_mails(http, process.port, mails, 1))
                answers = await watch.during(_mails(http, process.port, mails, plan.strangers))
                figures += watch.figures(f"{plan.strangers} × {name}", answers)
                plan.say(f"strangers: {name} {dict(answers)}")
            figures += await _unsigned(watch, http, process)
            await watch.end()
    return figures


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=300, limits=httpx.Limits(max_connections=SENDERS))


class Watch:
    """Asks for health and sends commands all the time; knows the slowest answer to each."""

    def __init__(self, port: int, url: str) -> None:
        self._port, self._url = port, url
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
            Figure(PART, f"{name}: {what}, max", seconds * 1000, "ms", None, MOST, "value", note)
            for what, seconds in sorted(self._worst.items())
        ]


def _signed(name: str, count: int) -> list[Mail]:
    """Different mails, made before anybody watches: as many as asked for, or as fit."""
    key = hashlib.sha256(SECRET.encode()).digest()
    to = f"help+{Signer(key).reply_tag(1)}@northwind.example"
    first = hostile(name, to)
    stamp = str(int(SystemClock().real().timestamp()))
    found: list[Mail] = []
    for _ in range(max(min(count, MADE_MAX // len(first)), 1)):
        raw = hostile(name, to, next(_numbers))
        signed = signature(SECRET, stamp, raw)
        found.append((raw, {"X-Desk-Timestamp": stamp, "X-Desk-Signature": signed}))
    return found


async def _mails(
    http: httpx.AsyncClient, port: int, mails: Sequence[Mail], count: int
) -> Counter[str]:
    """Hand in so many at once; how often each status was answered."""
    sent = itertools.islice(itertools.cycle(mails), count)
    return await _counted([_posted(http, port, *mail) for mail in sent])


async def _unsigned(watch: Watch, http: httpx.AsyncClient, process: Subject) -> list[Figure]:
    """Large bodies that nobody signed, once with and once without what could be a signature."""
    figures: list[Figure] = []
    stamp = str(int(SystemClock().real().timestamp()))
    plausible = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": "v1=" + "0" * 64}
    for name, headers in (("unsigned", {}), ("wrongly signed", plausible)):
        before = process.memory()
        sent = [_posted(http, process.port, BODY, headers) for _ in range(UNSIGNED)]
        answers = await watch.during(_counted(sent))
        grown = max(process.memory() - before, 0.0)
        label = f"{UNSIGNED} bodies of 24 MB, {name}"
        figures += watch.figures(label, answers)
        figures.append(Figure(PART, f"{label}: memory", grown, "MiB", None, 50.0, "value"))
    return figures


async def _counted(work: Sequence[Awaitable[str]]) -> Counter[str]:
    return Counter(await asyncio.gather(*work))


async def _posted(http: httpx.AsyncClient, port: int, raw: bytes, headers: dict[str, str]) -> str:
    try:
        url = f"http://127.0.0.1:{port}/mail/inbound"
        return str((await http.post(url, content=raw, headers=headers)).status_code)
    except httpx.TransportError as cut:
        return type(cut).__name__
