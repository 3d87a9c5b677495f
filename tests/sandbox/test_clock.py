"""Workspace time: forward only, through every due instant on the way."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import WorkspaceClock
from sandbox.workspace import Workspace

T0 = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Agenda:
    """An app that is due at given instants and notes when it was let to work."""

    def __init__(self, clock: WorkspaceClock, *due: datetime) -> None:
        self.clock = clock
        self.due = sorted(due)
        self.worked: list[datetime] = []
        clock.next_due, clock.settle = self.next_due, self.settle

    async def next_due(self) -> datetime | None:
        return self.due[0] if self.due else None

    async def settle(self) -> None:
        self.worked.append(self.clock.now())
        self.due = [instant for instant in self.due if instant > self.clock.now()]


def still_clock() -> WorkspaceClock:
    return WorkspaceClock(real_now=lambda: T0)


async def test_the_clock_stops_at_each_due_instant_and_then_at_the_target() -> None:
    agenda = Agenda(clock := still_clock(), T0 + minutes(5), T0 + minutes(20), T0 + minutes(90))
    assert await clock.advance(minutes(60)) == T0 + minutes(60)
    assert agenda.worked == [T0 + minutes(5), T0 + minutes(20), T0 + minutes(60)]


async def test_what_becomes_due_on_the_way_is_met_too() -> None:
    agenda = Agenda(clock := still_clock(), T0 + minutes(5))
    settle = agenda.settle

    async def settle_and_add() -> None:
        await settle()
        if len(agenda.worked) == 1:
            agenda.due.append(T0 + minutes(7))

    clock.settle = settle_and_add
    await clock.advance(minutes(10))
    assert agenda.worked == [T0 + minutes(5), T0 + minutes(7), T0 + minutes(10)]


async def test_the_next_due_instant_can_be_jumped_to() -> None:
    agenda = Agenda(clock := still_clock(), T0 + minutes(5))
    assert await clock.advance_to_next_due() == T0 + minutes(5)
    assert await clock.advance_to_next_due() is None
    assert agenda.worked == [T0 + minutes(5)]


async def test_something_overdue_does_not_turn_time_back() -> None:
    agenda = Agenda(clock := still_clock(), T0 - minutes(5))
    await clock.advance(minutes(1))
    assert agenda.worked == [T0, T0 + minutes(1)]


async def test_an_app_that_never_finishes_does_not_hang_the_clock() -> None:
    clock = still_clock()

    async def always() -> datetime:
        return T0

    clock.next_due = always
    assert await clock.advance(minutes(1)) == T0 + minutes(1)


async def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        await still_clock().advance(minutes(-1))


async def test_a_move_of_the_clock_is_told_and_stamps_messages() -> None:
    ws = Workspace()
    before = ws.next_ts()
    with ws.bus.subscribe() as events:
        now = await ws.clock.advance(timedelta(days=2))
        assert {"type": "clock"}.items() <= (await events.get()).items()
    after = ws.next_ts()
    assert float(after) - float(before) >= 2 * 86_400
    assert abs(float(after) - now.timestamp()) < 60
