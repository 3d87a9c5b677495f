"""How much is measured: all of it, or little of everything."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres

Fresh = Callable[[], Awaitable[str]]


@dataclass
class Plan:
    """Sizes of everything. ``folder`` is for files that nobody keeps."""

    folder: Path
    postgres_url: str | None
    repeats: int = 1
    idle_requests: int = 20
    bursts: tuple[int, ...] = (50, 500)
    drain: float = 8.0  # seconds given to what a burst left to do, before the next
    cases: tuple[int, ...] = (100, 10_000, 100_000)
    events_a_case: int = 20
    reads: int = 15
    random_clocks: int = 1000
    window: float = 20.0  # seconds over which the random clocks are spread
    crowd: int = 10_000
    opened: int = 1000
    replicas: tuple[int, ...] = (1, 2, 4)
    replica_cases: int = 100
    built: dict[tuple[str, int], str] = field(default_factory=dict)
    _files: int = 0

    @classmethod
    def quick(cls, folder: Path, postgres_url: str | None) -> "Plan":
        """A minute's worth, to see that all works."""
        return cls(
            folder, postgres_url, repeats=1, idle_requests=5, bursts=(50,), drain=2.0,
            cases=(100, 1000), reads=5, random_clocks=50, window=3.0, crowd=200, opened=20,
            replicas=(1, 2), replica_cases=20,
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

    def databases(self, *, small: bool = False) -> list[tuple[str, Fresh]]:
        """Name and maker of each kind of database."""
        found: list[tuple[str, Fresh]] = [("SQLite", self.sqlite)]
        if self.postgres_url is not None:
            found.append(("PostgreSQL", self.postgres))
        return found
