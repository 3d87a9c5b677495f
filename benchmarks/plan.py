"""How much is measured: all of it, or little of everything."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.clock import stopwatch
from tests import postgres

Fresh = Callable[[], Awaitable[str]]


@dataclass
class Plan:
    """Sizes of everything. ``folder`` is for files that nobody keeps."""

    folder: Path
    postgres_url: str | None
    repeats: int = 1
    idle_requests: int = 50
    bursts: tuple[int, ...] = (50, 500)
    drain: float = 8.0  # seconds that what a burst of 50 left to do may take at most
    openings: int = 7  # cases opened one after another
    pairs: int = 60  # cases opened with the records' guards and without, in turn
    cases: tuple[int, ...] = (100, 10_000, 100_000)
    events_a_case: int = 20
    reads: int = 15
    random_clocks: int = 1000
    window: float = 15.0  # seconds over which the random clocks are spread
    crowd: int = 10_000
    delivered: float = 5.0  # seconds for which the delivery of the crowd is watched
    opened: int = 1000
    replicas: tuple[int, ...] = (1, 2, 4)
    replica_cases: int = 60
    strangers: int = 500  # hostile mails of each kind at once
    storm: int = 500  # mails of a customer within a minute
    begun: float = field(default_factory=stopwatch)
    _built: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _files: int = 0

    @classmethod
    def quick(cls, folder: Path, postgres_url: str | None) -> "Plan":
        """A minute's worth, to see that all works."""
        return cls(
            folder, postgres_url, repeats=1, idle_requests=5, bursts=(50,), drain=2.0,
            openings=2, pairs=10, cases=(100, 1000), reads=5, random_clocks=50, window=3.0,
            crowd=200, delivered=3.0, opened=40, replicas=(1, 2), replica_cases=20, strangers=40,
            storm=100,
        )  # fmt: skip

    async def sqlite(self) -> str:
        """A new SQLite file."""
        self._files += 1
        return f"sqlite:///{self.folder}/bench-{self._files}.db"

    async def postgres(self) -> str:
        """A new PostgreSQL database."""
        if self.postgres_url is None:
            raise RuntimeError("no PostgreSQL")
        return await postgres.fresh_database(self.postgres_url)

    def say(self, what: str) -> None:
        """Progress, on standard error."""
        sys.stderr.write(f"[{stopwatch() - self.begun:4.0f} s] {what}\n")
        sys.stderr.flush()

    async def prepare(self, kinds: Iterable[str]) -> None:
        """Make the data sets of these kinds (of ``data.KINDS``), both databases side by side."""
        makers = []
        for name, fresh in self.databases():
            wanted = [(kind, cases, await fresh()) for kind in kinds for cases in self.cases]
            self._built |= {(name, kind, cases): url for kind, cases, url in wanted}
            makers.append(self._make(name, wanted))
        await asyncio.gather(*makers)

    async def _make(self, name: str, wanted: Sequence[tuple[str, int, str]]) -> None:
        for kind, cases, url in wanted:
            arguments = (url, str(cases), kind, str(self.events_a_case))
            maker = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "benchmarks.data", *arguments
            )
            if await maker.wait():
                raise RuntimeError(f"no data: {arguments}")
            self.say(f"{name}: {cases:,} cases, {kind}")

    def made(self, name: str, kind: str, cases: int) -> str:
        """The URL of a data set that ``prepare`` made; it is not made again once changed."""
        return self._built[name, kind, cases]

    def databases(self) -> list[tuple[str, Fresh]]:
        """Name and maker of each kind of database."""
        found: list[tuple[str, Fresh]] = [("SQLite", self.sqlite)]
        if self.postgres_url is not None:
            found.append(("PostgreSQL", self.postgres))
        return found
