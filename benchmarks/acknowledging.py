"""1. Acknowledgement: how soon Slack is answered, against a Bolt app that only answers."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import load
from benchmarks.double import Double
from benchmarks.figures import Figure, median, percentile
from benchmarks.plan import Plan
from benchmarks.processes import Subject, subject
from benchmarks.requests import ELENI, command, new_case, pressed

PART = "1. Acknowledgement"
IDLE = 0.03  # seconds without a call after which the next request finds nothing under way
SLACK = 0.1  # seconds that every Slack call takes under a burst
RATIO = 1.3  # the target at p99
MOST = 1000.0  # milliseconds; no acknowledgement may take longer, in any burst

Body = Mapping[str, Any]
KINDS: Mapping[str, Callable[[str], Body]] = {
    "command": lambda url: command("list", url=url),
    "button": lambda url: pressed("do:claim", {"case": 1}, user=ELENI, url=url),
    "form": lambda _url: new_case(),
}


async def measure(plan: Plan) -> list[Figure]:
    """Both doors, both databases; every figure against the floors of the same run."""
    figures: list[Figure] = []
    for socket in (False, True):
        door = "Socket Mode" if socket else "HTTP"
        floor = await _runs(plan, "floor", socket=socket)
        for name, fresh in plan.databases():
            stores = await _runs(plan, "stores", fresh, socket=socket)
            desk = await _runs(plan, "desk", fresh, socket=socket)
            plan.say(f"acknowledging: {door}, {name}")
            for what in desk:
                label = f"{door}, {name}, {what}"
                figures += _figures(label, what, desk[what], floor[what], stores[what])
    return figures


def _figures(name: str, what: str, desk: "Times", floor: "Times", stores: "Times") -> list[Figure]:
    """``floor`` only acknowledges, ``stores`` after one durable commit, as the app does for
    whatever changes something."""
    found = []
    for share, label in ((0.5, "p50"), (0.99, "p99"), (1.0, "max")):
        value, least, kept = (t.at(share) for t in (desk, floor, stores))
        most, judged = (RATIO, "ratio") if label == "p99" else (None, "ratio")
        if label == "max" and what.startswith("burst"):
            most, judged = MOST, "value"
        found.append(Figure(PART, f"{name}: {label}", value, "ms", least, most, judged))
        if label == "p99" and not what.startswith("command"):
            over = f"{name}: {label} over a floor with one durable commit"
            found.append(Figure(PART, over, value, "ms", kept, RATIO))
    if desk.per_core:
        found.append(
            Figure(PART, f"{name}: requests a second and core", desk.per_core, "/s", floor.per_core)
        )
    return found


class Times:
    """Latencies in milliseconds, a list for each round; requests a second of processor."""

    def __init__(self) -> None:
        self.rounds: list[list[float]] = []
        self.per_core = 0.0

    def at(self, share: float) -> float:
        """The percentile; of several rounds, the middle one."""
        return median([percentile(times, share) for times in self.rounds])


async def _runs(
    plan: Plan, kind: str, url: Callable[[], Any] | None = None, *, socket: bool
) -> dict[str, Times]:
    found: dict[str, Times] = {}
    for _ in range(plan.repeats):
        async with Double(keep=False).serving() as slack:
            arguments = [kind, "--api", f"{slack.url}/api/", *(["--socket"] if socket else [])]
            if url is not None:
                arguments += ["--database", await url()]
            async with subject(*arguments) as process:
                await _round(plan, _sender(slack, process, socket=socket), slack, process, found)
    return found


Send = Callable[[list[Body]], Any]


def _sender(slack: Double, process: Subject, *, socket: bool) -> Send:
    async def over_socket(bodies: list[Body]) -> list[float]:
        frames = [load.envelope(b) for b in bodies]
        return list(await asyncio.gather(*(slack.deliver(*f) for f in frames)))

    async def over_http(bodies: list[Body]) -> list[float]:
        lines = await load.wires(process.port, len(bodies))
        times = await load.burst(lines, [load.signed(b) for b in bodies])
        for line in lines:
            line.close()
        return times

    return over_socket if socket else over_http


async def _round(
    plan: Plan, send: Send, slack: Double, process: Subject, found: dict[str, Times]
) -> None:
    where = f"{slack.url}/r"
    await send([new_case()])
    await slack.quiet(5.0)
    for kind, make in KINDS.items():
        await send([make(where)])
        await slack.quiet(2.0)
        times = []
        for _ in range(plan.idle_requests):
            times += await send([make(where)])
            await slack.quiet(2.0, IDLE)
        found.setdefault(f"{kind}, idle", Times()).rounds.append([t * 1000 for t in times])
    slack.wait = SLACK
    for size in plan.bursts:
        bodies = [make(where) for make in list(KINDS.values()) * (size // 3 + 1)][:size]
        before = process.cpu()
        times = await send(bodies)
        row = found.setdefault(f"burst of {size}", Times())
        row.rounds.append([t * 1000 for t in times])
        row.per_core = size / max(process.cpu() - before, 0.01)
        if size != plan.bursts[-1]:
            await slack.quiet(plan.drain, SLACK * 3)
