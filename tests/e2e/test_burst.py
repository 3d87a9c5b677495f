"""A hundred escalations in a minute: channels as fast as Slack allows, the gravest first.

Slack's limits and ours count by an hourglass here, which is turned when everybody waits for it:
minutes pass in which nobody sleeps. ``BURST=100`` tells the whole; fewer show the same.
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from cli.workspace.local import Local, local_app
from messages.clients.slack import CALLS
from messages.clients.slack_limits import TIER_2, Limits
from sandbox.seed import demo_workspace
from storage.models import Case, Inbox, Outbox
from tests.e2e.office import DAN, ELENI, MAYA, NIKOS, PRIYA, SUPPORT, TOMAS

BURST = int(os.environ.get("BURST", "32"))
REPORTERS = (MAYA, NIKOS, ELENI, TOMAS, PRIYA, DAN)
EACH = 60 / TIER_2  # seconds between two channels when the burst is used up
BASE = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)
TURN = 0.5  # seconds at once
WAITS = re.compile(
    r"\*ESC-(\d+)\* (?:is open|άνοιξε).* (?:number|αριθμό|σειρά|θέση) (\d+)\D* (\d+) [sδ]"
)


@dataclass
class Hourglass:
    """Time that passes when it is turned."""

    at: float = 0.0
    asleep: list[tuple[float, "asyncio.Future[None]"]] = field(default_factory=list)

    def now(self) -> float:
        """Seconds since it was made."""
        return self.at

    async def sleep(self, seconds: float) -> None:
        """Until it was turned often enough."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.asleep.append((self.at + seconds, woken))
        await woken

    def turn(self) -> None:
        """Let some time pass."""
        self.at += TURN
        for until, woken in self.asleep:
            if until <= self.at and not woken.done():
                woken.set_result(None)
        self.asleep = [(u, w) for u, w in self.asleep if not w.done()]


@dataclass
class GlassClock:
    """The app's clock: both times by the hourglass."""

    glass: Hourglass

    def now(self) -> datetime:
        """The time of the case."""
        return BASE + timedelta(seconds=self.glass.at)

    def real(self) -> datetime:
        """The same."""
        return self.now()


@dataclass
class Rush:
    """The burst, as it is seen from outside."""

    here: Local
    glass: Hourglass
    made: dict[str, float] = field(default_factory=dict)  # channels, by when they were made

    async def escalate(self, number: int) -> None:
        """Somebody opens the form, fills it in and sends it."""
        people, who = self.here.people, REPORTERS[number % len(REPORTERS)]
        await people.command(who, SUPPORT, f"/escalate Case {number} stands still")
        view = await people.until(lambda: people.views(who)[-1], 20)
        await people.suggest(who, "customer", f"Customer {number}", view_id=view.id)
        values = {"customer": f"new:Customer {number}", "severity": str(4 - number % 4)}
        assert await people.submit(who, view.id, values) == {}

    async def count(self, table: type[Inbox] | type[Outbox]) -> int:
        """How many rows wait."""
        async with self.here.services.database.read() as session:
            query = select(func.count()).select_from(table).where(col(table.state) == "pending")
            return (await session.exec(query)).one()

    async def stuck(self) -> None:
        """Wait until nothing happens any more unless time passes."""
        delivery = self.here.services.delivery
        async with asyncio.timeout(60):
            while True:
                await asyncio.sleep(0)
                at_work = len(delivery._running) + len(self.here.services.tasks.running)
                sleeping = at_work == len(self.glass.asleep)
                quiet = delivery._quiet.is_set() or delivery._running
                if quiet and sleeping and not await self.count(Inbox):
                    break
                await asyncio.sleep(0.002)
        for channel in self.here.workspace.channels.values():
            if channel.name.startswith("esc-"):
                self.made.setdefault(channel.name, self.glass.at)

    async def over(self) -> None:
        """Let time pass until all is shown."""
        await self.stuck()
        while self.glass.asleep or await self.count(Outbox):
            self.glass.turn()
            self.here.services.wake()
            await self.stuck()


@pytest.fixture
async def rush(tmp_path: Path) -> AsyncIterator[Rush]:
    """The app in its workspace, both strict about limits, both by the hourglass."""
    glass = Hourglass()
    ws = demo_workspace()
    ws.lifetimes.real_time = glass.now
    async with local_app(ws, tmp_path, http=False) as here:
        await here.settle()
        here.services.clock = GlassClock(glass)
        here.services.delivery.limits = Limits(glass.now, glass.sleep)
        yield Rush(here, glass)


def limited() -> Counter[str]:
    """How often Slack had to say 429, by method."""
    return Counter({
        sample.labels["method"]: int(sample.value)
        for metric in CALLS.collect()
        for sample in metric.samples
        if sample.labels.get("result") == "ratelimited" and sample.name.endswith("_total")
    })  # fmt: skip


async def test_in_a_burst_channels_open_as_fast_as_slack_allows_the_gravest_first(
    rush: Rush, record_property: Callable[[str, object], None]
) -> None:
    before = limited()
    for number in range(1, BURST + 1):
        await rush.escalate(number)
        while number == TIER_2 > len(rush.made):
            await rush.stuck()  # else a graver one that comes right behind may go first
    await rush.over()

    async with rush.here.services.database.read() as session:
        cases = {c.number: c for c in (await session.exec(select(Case))).all()}
    assert len(cases) == len(rush.made) == BURST
    record_property("last_channel_after_s", max(rush.made.values()))
    record_property("all_shown_after_s", rush.glass.at)

    order = [int(name.split("-")[1]) for name in sorted(rush.made, key=lambda n: rush.made[n])]
    ahead, waited = order[:TIER_2], order[TIER_2:]
    assert set(ahead) == set(range(1, TIER_2 + 1))  # at once, as they came
    by_severity = sorted(waited, key=lambda n: (cases[n].severity, n))
    assert waited == by_severity
    for place, number in enumerate(waited, 1):
        made = next(at for name, at in rush.made.items() if name.startswith(f"esc-{number}-"))
        assert made == pytest.approx(place * EACH, abs=2 * TURN)

    said = [
        WAITS.search(m.text)
        for channel in rush.here.workspace.channels.values()
        for m in (*channel.ephemerals.values(), *channel.messages.values())
    ]
    told = {int(t[1]): (int(t[2]), int(t[3])) for t in said if t}
    assert len(told) == sum(t is not None for t in said)  # nobody twice
    assert set(waited) - told.keys() <= {waited[0]}  # whose turn it was as soon as they asked
    assert told.keys() <= set(waited)
    assert all(seconds == place * EACH for place, seconds in told.values())
    assert max(place for place, _ in told.values()) >= len(waited) - 2
    # Slack has to say so almost never: only a call that left late can meet the next one.
    assert (limited() - before).total() <= BURST // 25
    for number in cases:
        channel = next(
            c for c in rush.here.workspace.channels.values() if c.name.startswith(f"esc-{number}-")
        )
        assert len(channel.pins) == 1
        assert channel.topic.value
