"""A problem's whole record as a file: its customers, messages, talking points and clock.

A case's record is written by ``cli/admin.py``.
"""

import json
from pathlib import Path
from typing import Any

import typer
from sqlmodel import col, select

from cli.admin import read_settings
from storage import schema
from storage.database import Database, DatabaseInUseError
from storage.models import (
    Affected,
    Broadcast,
    BroadcastRecipient,
    Case,
    PointsReader,
    Problem,
    ProblemEvent,
    TalkingPoints,
)

OF_PROBLEM = (Affected, Broadcast, TalkingPoints, ProblemEvent)


async def export_problem(number: int, folder: Path) -> int:
    """Write ``prb-N.json`` in ``folder``, which is created; return 1 without such a problem.

    A file of an earlier export is overwritten. Its path is printed.
    """
    database = Database(read_settings().database_url)
    try:
        await schema.require_current(database)
        found = await problem_record(database, number)
    except (schema.SchemaError, DatabaseInUseError) as error:
        typer.echo(str(error), err=True)
        return 1
    finally:
        await database.close()
    if found is None:
        typer.echo(f"there is no problem PRB-{number}", err=True)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"prb-{number}.json"
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    typer.echo(str(path))
    return 0


async def problem_record(database: Database, number: int) -> dict[str, Any] | None:
    """Return everything that is kept of a problem, JSON-ready; None when there is none.

    - ``problem``: the row itself.
    - ``cases``: the numbers of its cases, ascending.
    - the names of the tables in ``OF_PROBLEM``: a list of their rows.
    - ``receipt``: the recipients of its broadcasts, each with what became of the delivery.
    - ``points_reader``: who was given its talking points to read.
    """
    async with database.read() as session:
        problem = await session.get(Problem, number)
        if problem is None:
            return None
        cases = select(Case.number).where(col(Case.problem) == number)
        found: dict[str, Any] = {
            "problem": problem.model_dump(mode="json"),
            "cases": sorted((await session.exec(cases)).all()),
        }
        for model in OF_PROBLEM:
            query = select(model).where(col(model.problem) == number)
            rows = (await session.exec(query)).all()
            found[str(model.__tablename__)] = [row.model_dump(mode="json") for row in rows]
        receipts = select(BroadcastRecipient).join(
            Broadcast, col(Broadcast.id) == col(BroadcastRecipient.broadcast)
        )
        readers = select(PointsReader).join(
            TalkingPoints, col(TalkingPoints.id) == col(PointsReader.points)
        )
        for name, joined in (
            ("receipt", receipts.where(col(Broadcast.problem) == number)),
            ("points_reader", readers.where(col(TalkingPoints.problem) == number)),
        ):
            rows = (await session.exec(joined)).all()
            found[name] = [row.model_dump(mode="json") for row in rows]
    return found
