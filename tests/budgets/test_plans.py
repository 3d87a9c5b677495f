"""The lists are answered from their indexes, on SQLite as its planner tells it."""

from pathlib import Path

from sqlalchemy import event

from benchmarks.data import bench_policy, build
from benchmarks.growth import READS, VIEWER, KnownSlack
from bot.clock import SystemClock
from bot.services import Services
from storage.database import Database


async def test_no_read_walks_through_all_cases(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await build(database, 3000, 1)
    desk = Services(database, SystemClock(), bench_policy(), KnownSlack("xoxb-bench", "http://x"))
    viewer = await desk.person(VIEWER)
    asked: list[tuple[str, object]] = []

    def note(
        _connection: object, _cursor: object, statement: str, given: object, *_: object
    ) -> None:
        asked.append((statement, given))

    event.listen(database.engines[1].sync_engine, "before_cursor_execute", note)
    for read in READS.values():
        await read(desk, viewer, 5)
    event.remove(database.engines[1].sync_engine, "before_cursor_execute", note)
    steps: list[str] = []
    async with database.engine.connect() as connection:
        for statement, given in asked:
            if statement.startswith(("SELECT", "WITH")):
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
                steps += [str(row[-1]) for row in plan.all()]
    await database.close()

    whole = (
        "SCAN escalation",
        "SCAN clock",
        "SCAN case_role",
        "SCAN timeline_event",
        "SCAN ask",
        "SCAN concession",
        "SCAN concession_approval",
        "SCAN solved_word",
    )
    assert [s for s in steps if s in whole] == []
