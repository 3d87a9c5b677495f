"""A case's or a problem's whole record, and the archive of it that ``export`` writes.

In a record stand the rows of every table that belongs to it, as ``cli.files.belonging`` says. Keys
are the names of the models in lower case (``timeline_event``), each with a list of rows in the
order of their keys; instants are ISO 8601 in UTC. Nothing is hidden: a record is for an
administrator.
"""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from sqlalchemy import Table
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import find_head
from bot.clock import SystemClock
from bot.compliance.overdue import Subject
from bot.operations.terminal_actions import note_action
from bot.rules.tokens import strip_signatures
from cli.admin import read_settings
from cli.failures import CommandError
from cli.files.archive import Archive, refuse_existing, write_archive
from cli.files.belonging import LEFT_COLUMNS, is_of
from cli.opened import opened, terminal_user
from cli.security.audit import accepted_keys, signed_head
from storage import models, schema
from storage.database import Database
from storage.models import Case, Problem

Record = dict[str, list[dict[str, Any]]]


async def export_record(number: int, folder: Path, *, problem: bool = False) -> int:
    """Write ``esc-N.zip``, or a problem's ``prb-N.zip``, in ``folder``; return 0.

    The folder is made where it is not there. The path and the archive's SHA-256 are printed. Who
    exports is put on record before, and stands in the archive. Raises CommandError where there is
    no such case or problem, the file is there already, or it cannot be written.
    """
    subject = Subject(number, problem)
    file = folder / f"{subject.name.lower()}.zip"
    settings = read_settings()
    async with opened(settings) as database:
        await _require(database, subject)
        refuse_existing(file)
        about = {"file": str(file.absolute())} | ({"problem": number} if problem else {})
        async with database.write() as session:
            note_action(session, terminal_user(), "export", about, None if problem else number)
        keys = await accepted_keys(settings, database)
        async with database.read() as session:
            await _hold_still(database, session)
            record = await read_record(session, subject)
            seq, digest = await find_head(session)
    head = signed_head(seq, digest, keys[0] if keys else "")
    made = Archive(subject.name, SystemClock().now(), schema.code_version(), head, record)
    typer.echo(f"{file}\nSHA-256 {write_archive(file, made)}")
    return 0


async def _require(database: Database, subject: Subject) -> None:
    """Raises CommandError where there is no such case or problem."""
    model = Problem if subject.problem else Case
    async with database.read() as session:
        if await session.get(model, subject.number) is None:
            what = "problem" if subject.problem else "case"
            raise CommandError(f"there is no {what} {subject.name}")


async def _hold_still(database: Database, session: AsyncSession) -> None:
    """All that this session reads is of one moment; on SQLite each transaction is so by itself."""
    if not database.is_sqlite:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def case_record(database: Database, number: int) -> Record | None:
    """Return everything that is kept of a case, JSON-ready; None when there is no such case."""
    return await _record(database, Subject(number))


async def problem_record(database: Database, number: int) -> Record | None:
    """Return everything that is kept of a problem, JSON-ready; None when there is none.

    ``cases`` are its cases, by their numbers alone.
    """
    return await _record(database, Subject(number, problem=True))


async def _record(database: Database, subject: Subject) -> Record | None:
    """A record read in one moment; None: there is no such case or problem."""
    async with database.read() as session:
        await _hold_still(database, session)
        found = await read_record(session, subject)
    return found if found["problem" if subject.problem else "case"] else None


async def read_record(session: AsyncSession, subject: Subject) -> Record:
    """The rows of every table that belongs to it, by the table's name in a record.

    A table of which no row is there has an empty list. No link and no address for replies that
    stands in a text is signed any more.
    """
    found: Record = {}
    for model in all_models():
        table = table_of(model)
        of = is_of(table, subject)
        if of is None:
            continue
        query = select(model).where(of).order_by(*table.primary_key)
        found[name_record(model)] = [_plain(row) for row in (await session.exec(query)).all()]
    if subject.problem:
        cases = select(Case.number).where(col(Case.problem) == subject.number)
        numbers = (await session.exec(cases.order_by(col(Case.number)))).all()
        found["cases"] = [{"number": number} for number in numbers]
    return found


def all_models() -> list[type[SQLModel]]:
    """The models of all tables, by name."""
    return [m for _, m in inspect.getmembers(models, inspect.isclass) if issubclass(m, SQLModel)]


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model."""
    table: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return table


def name_record(model: type[SQLModel]) -> str:
    """The name of a table's rows in a record: ``timeline_event``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def _plain(row: SQLModel) -> dict[str, Any]:
    """A row as JSON has it: instants in ISO 8601, enums by their values, columns by their names."""
    table = str(type(row).__tablename__)
    said = row.model_dump(mode="json")
    return {k: _unsigned(v) for k, v in said.items() if (table, k) not in LEFT_COLUMNS}


def _unsigned(value: Any) -> Any:
    """The same value, its texts without signatures of links, keys of mappings too.

    Lists and mappings are made anew, numbers and None answered as they are.
    """
    match value:
        case str():
            return strip_signatures(value)
        case Mapping():
            return {strip_signatures(str(k)): _unsigned(v) for k, v in value.items()}
        case list():
            return [_unsigned(each) for each in value]
    return value
