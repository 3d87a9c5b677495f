"""An app that only keeps and counts, for the tests of what carries the work."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.engine.request_gate import RequestGate
from bot.engine.wiring import Wiring
from bot.rules.policy.load import Policy
from messages.clients.slack_time import SlackTime
from storage.database import Database
from storage.models import Outbox
from tests.bot.policies import policy

NOW = datetime(2027, 2, 8, 7, 10, tzinfo=UTC)


@dataclass
class HandClock:
    """Both times, moved by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The time of the case."""
        return self.at

    def real(self) -> datetime:
        """The machine's time."""
        return self.at

    def later(self, **span: float) -> None:
        """Move on."""
        self.at += timedelta(**span)


class Members:
    """A directory in which everybody is a member."""

    async def require_member(self, user_id: str) -> None:
        """They are."""

    async def refused(self, user_id: str) -> str | None:
        """Nobody is refused a part in a case."""


@dataclass
class Keeper:
    """As much of an app as the workers ask for."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)
    policy: Policy = field(default_factory=policy)
    gate: RequestGate = field(default_factory=RequestGate)
    woken: int = 0
    troubles: list[int] = field(default_factory=list)
    delays: list[tuple[int, float]] = field(default_factory=list)
    doubts: list[tuple[int, str]] = field(default_factory=list)
    slack: Any = field(default_factory=lambda: SimpleNamespace(time=SlackTime()))
    people: Any = field(default_factory=Members)
    reading: Any = None
    customers: Any = None
    wiring: Wiring = field(default_factory=Wiring)

    def wake(self) -> None:
        """Counted."""
        self.woken += 1

    async def troubled(self, row: Outbox) -> None:
        """Remembered."""
        self.troubles.append(row.id)

    async def doubt(self, _session: Any, row: Outbox, code: str) -> None:
        """Remembered."""
        self.doubts.append((row.id, code))

    def delayed(self, row: Outbox, seconds: float) -> None:
        """Remembered."""
        self.delays.append((row.id, seconds))

    async def add(self, *rows: Any) -> list[int]:
        """Put rows into the store; answers their ids."""
        async with self.database.write() as session:
            session.add_all(rows)
            await session.flush()
            return [row.id for row in rows]

    async def fill(self, *rows: Any) -> None:
        """Put rows without a number into the store."""
        async with self.database.write() as session:
            session.add_all(rows)

    async def outbox(self, row_id: int) -> Outbox:
        """A row as it is stored."""
        async with self.database.read() as session:
            row = await session.get(Outbox, row_id)
            assert row is not None
            return row


def effect(kind: str = "post", lane: str = "case:1", **more: Any) -> Outbox:
    """A row of the outbox."""
    return Outbox(kind=kind, lane=lane, queued_at=NOW, **more)
