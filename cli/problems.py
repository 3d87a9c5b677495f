"""A problem's whole record as a file: its customers, messages, talking points and clock."""

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
    """Write ``prb-N.json``; 1 when there is no such problem."""
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
    """Everything that is kept of a problem, by table; None when there is none."""
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
