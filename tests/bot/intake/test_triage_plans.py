"""Lists of what waits for a decision cost the same however much waits."""

from typing import Any

from sqlalchemy import event

from bot.intake.queries import IntakeReading
from storage.models import Candidate
from tests.bot.stage import BILL, EMMA, T0, Stage

WAITING = 2000


async def test_what_waits_is_read_by_its_index(stage: Stage) -> None:
    usual: dict[str, Any] = {
        "language": "en", "severity": 3, "trigger": "technical", "happened_at": T0,
        "received_at": T0,
    }  # fmt: skip
    await stage.add(*(Candidate(customer=f"Customer {n}", **usual) for n in range(WAITING)))
    asked: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, given: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, given))

    reads = stage.database.engines[-1].sync_engine
    reading = IntakeReading(stage.process())
    event.listen(reads, "before_cursor_execute", note)
    await reading.triage(EMMA)
    await reading.to_decide(EMMA)
    await reading.triage(BILL, mine=True)
    event.remove(reads, "before_cursor_execute", note)
    assert len(asked) == 4  # of the list a page and the count; of the others one each
    if not stage.database.is_sqlite:
        return
    steps: list[str] = []
    async with stage.database.engine.connect() as connection:
        for statement, given in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)  # type: ignore[arg-type]
            steps += [str(row[-1]) for row in plan.all()]
    walked = [s for s in steps if s.startswith(("SCAN candidate", "SCAN signal"))]
    assert [s for s in walked if "INDEX" not in s] == []
    assert not any("TEMP B-TREE" in step for step in steps), steps
