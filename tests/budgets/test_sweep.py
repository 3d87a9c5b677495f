"""A sweep's statements do not grow with the cases that are due, nor with those that are not."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from benchmarks.data import build
from benchmarks.reminders import InstantSlack, _make_due
from bot.clock import SystemClock
from bot.due_table import DUE
from bot.engine.due import find_next_due, sweep_due
from bot.services import Services
from cli.workspace.local import demo_policy
from storage.database import Database

CASES = 60


@pytest.fixture
async def desk(tmp_path: Path) -> Services:
    """An app with sixty open cases of which none is due."""
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await build(database, CASES, 0, all_open=True)
    desk = Services(database, SystemClock(), demo_policy(), InstantSlack())
    await desk.prepare()
    return desk


async def statements(desk: Services) -> int:
    """How many statements a sweep issues now."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    for engine in desk.database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", note)
    await sweep_due(desk, DUE)
    await find_next_due(desk, DUE)
    for engine in desk.database.engines:
        event.remove(engine.sync_engine, "before_cursor_execute", note)
    return len(seen)


async def test_a_case_more_in_a_sweep_costs_two_statements_at_most(desk: Services) -> None:
    """What is said and its card; all else is read and stored for all of them together."""
    await statements(desk)  # calendars are read once
    await _make_due(desk.database, range(10, 14), SystemClock().now(), timedelta(0))
    four = await statements(desk)
    await _make_due(desk.database, range(15, 55), SystemClock().now(), timedelta(0))
    forty = await statements(desk)

    assert forty - four <= 2 * 36
    await desk.database.close()


async def test_a_sweep_with_nothing_due_asks_for_little(desk: Services) -> None:
    await statements(desk)

    assert await statements(desk) <= 4
    await desk.database.close()
