"""Who read what is restricted, was refused, took something out: ``python app.py access``."""

import typer
from sqlmodel import col, select

from cli.admin import read_settings
from cli.opened import opened
from storage.models import AccessEvent


async def show_access(limit: int, case: int | None, person: str) -> int:
    """Print the latest rows, a line each, the oldest first; of a case or a person where given.

    A line has the instant (UTC), who, what, where, the case or problem, and why it was refused.
    Returns 0. Raises SchemaError as ``opened`` does.
    """
    query = select(AccessEvent)
    if case is not None:
        query = query.where(col(AccessEvent.case_number) == case)
    if person:
        query = query.where(col(AccessEvent.actor) == person)
    async with opened(read_settings()) as database, database.read() as session:
        found = (await session.exec(query.order_by(col(AccessEvent.id).desc()).limit(limit))).all()
    for row in reversed(found):
        parts = (row.actor, row.verb, row.door, row.about, row.why)
        typer.echo("  ".join([f"{row.at:%Y-%m-%d %H:%M:%SZ}", *filter(None, parts)]))
    if not found:
        typer.echo("nothing is on record")
    return 0
