"""Whole records as files: a case's with its timeline as a table, a problem's.

In a record stand the rows of every table that belongs to it, so a new table is in it by itself;
what is left out is in ``LEFT_OUT``. Keys are the names of the models in lower case
(``timeline_event``), each with a list of rows; instants are ISO 8601 in UTC. Nothing is hidden: a
record is for an administrator.
"""

import csv
import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.operations.terminal_actions import note_action
from bot.rules.csv_files import safe_cell
from cli.admin import read_settings
from cli.opened import opened, terminal_user
from storage import models, schema
from storage.database import Database, DatabaseInUseError
from storage.models import (
    Account,
    Broadcast,
    BroadcastRecipient,
    Case,
    KnownIssue,
    Mail,
    Outbox,
    PointsPost,
    PointsReader,
    Problem,
    TalkingPoints,
)

LEFT_OUT = frozenset(
    {Outbox, Case}
)  # what is on its way to Slack; of a problem's cases the numbers
TIMELINE = ("id", "at", "actor", "verb", "before", "after", "why", "source")


async def export_case(number: int, folder: Path) -> int:
    """Write ``esc-N.json`` and ``esc-N-timeline.csv`` in ``folder``; return 1 without a case.

    The folder is created; files of an earlier export are overwritten. Their paths are printed.
    """
    record = await _read(number, case_record, f"there is no case ESC-{number}")
    if record is None:
        return 1
    await _note_export(folder, number)
    whole = _write_json(folder / f"esc-{number}.json", record)
    timeline = folder / f"esc-{number}-timeline.csv"
    _write_csv(timeline, record["timeline_event"])
    typer.echo(f"{whole}\n{timeline}")
    return 0


async def export_problem(number: int, folder: Path) -> int:
    """Write ``prb-N.json`` in ``folder``, which is created; return 1 without such a problem.

    A file of an earlier export is overwritten. Its path is printed.
    """
    record = await _read(number, problem_record, f"there is no problem PRB-{number}")
    if record is None:
        return 1
    await _note_export(folder, problem=number)
    typer.echo(str(_write_json(folder / f"prb-{number}.json", record)))
    return 0


async def _note_export(folder: Path, case: int | None = None, problem: int | None = None) -> None:
    """Put on record who takes a whole record out, before it is written."""
    about = {"folder": str(folder.absolute())} | ({"problem": problem} if problem else {})
    async with opened(read_settings()) as database, database.write() as session:
        note_action(session, terminal_user(), "export", about, case)


async def _read(number: int, record: Any, missing: str) -> dict[str, Any] | None:
    """A record from the configured database; None, with the reason printed, where there is none."""
    database = Database(read_settings().database_url)
    try:
        await schema.require_current(database)
        found: dict[str, Any] | None = await record(database, number)
    except (schema.SchemaError, DatabaseInUseError) as error:
        typer.echo(str(error), err=True)
        return None
    finally:
        await database.close()
    if found is None:
        typer.echo(missing, err=True)
    return found


async def case_record(database: Database, number: int) -> dict[str, Any] | None:
    """Return everything that is kept of a case, JSON-ready; None when there is no such case.

    ``case`` is the row itself, ``account`` its customer's as it is now, or None. On SQLite all
    tables are read in one consistent state.
    """
    async with database.read() as session:
        case = await session.get(Case, number)
        if case is None:
            return None
        account = await session.get(Account, case.account_key) if case.account_key else None
        return {
            "case": _plain(case),
            "account": _plain(account) if account else None,
            **await _rows(session, "case_number", number),
            "case_merge": [
                *(await _rows(session, "child", number))["case_merge"],
                *(await _rows(session, "parent", number))["case_merge"],
            ],
        }


async def problem_record(database: Database, number: int) -> dict[str, Any] | None:
    """Return everything that is kept of a problem, JSON-ready; None when there is none.

    ``problem`` is the row itself, ``cases`` are the numbers of its cases, ascending. Rows that
    belong to its broadcasts and its talking points are there as well, with the mails of the former.
    """
    async with database.read() as session:
        problem = await session.get(Problem, number)
        if problem is None:
            return None
        cases = select(Case.number).where(col(Case.problem) == number)
        found: dict[str, Any] = {
            "problem": _plain(problem),
            "cases": sorted((await session.exec(cases)).all()),
            **await _rows(session, "problem", number),
        }
        for name, query in _below_problem(number).items():
            found[name] = [_plain(row) for row in (await session.exec(query)).all()]
    return found


def _below_problem(number: int) -> Mapping[str, Any]:
    """What belongs to a problem by another row of its, as queries."""
    broadcasts = select(Broadcast.id).where(col(Broadcast.problem) == number)
    points = select(TalkingPoints.id).where(col(TalkingPoints.problem) == number)
    recipients = select(BroadcastRecipient).where(col(BroadcastRecipient.broadcast).in_(broadcasts))
    ids = recipients.with_only_columns(col(BroadcastRecipient.id))
    return {
        "known_issue": select(KnownIssue).where(col(KnownIssue.number) == number),
        "broadcast_recipient": recipients,
        "mail": select(Mail).where(col(Mail.receipt).in_(ids)),
        "points_reader": select(PointsReader).where(col(PointsReader.points).in_(points)),
        "points_post": select(PointsPost).where(col(PointsPost.points).in_(points)),
    }


async def _rows(session: AsyncSession, column: str, number: int) -> dict[str, Any]:
    """The rows of every table that has this column, where it is ``number``."""
    found: dict[str, Any] = {}
    for model in models_with(column):
        query = select(model).where(col(getattr(model, column)) == number)
        found[name_record(model)] = [_plain(row) for row in (await session.exec(query)).all()]
    return found


def models_with(column: str) -> list[type[SQLModel]]:
    """The tables that have a column of this name and stand in records, by name."""
    tables = [m for _, m in inspect.getmembers(models, inspect.isclass) if issubclass(m, SQLModel)]
    return [m for m in tables if column in m.model_fields and m not in LEFT_OUT]


def name_record(model: type[SQLModel]) -> str:
    """The name of a table's rows in a record: ``timeline_event``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def _plain(row: SQLModel) -> dict[str, Any]:
    """A row as JSON has it: instants in ISO 8601, enums by their values, columns by their names."""
    return row.model_dump(mode="json")


def _write_json(path: Path, record: Mapping[str, Any]) -> Path:
    """Write a record as JSON in UTF-8, and make the folders above it; returns ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _write_csv(path: Path, events: list[dict[str, Any]]) -> None:
    """Write timeline events as CSV in UTF-8, in the order in which they are given.

    ``before`` and ``after`` are JSON objects in one cell; columns that are not in ``TIMELINE`` are
    left out.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, TIMELINE)
        writer.writeheader()
        for event in events:
            writer.writerow({k: safe_cell(event[k]) for k in TIMELINE})
