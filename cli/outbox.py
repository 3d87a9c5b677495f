"""What waits for Slack, and what a person decides about it. No word of a customer is printed."""

import typer

from bot.clock import SystemClock
from bot.operations import outbox_admin
from cli.admin import read_settings
from storage import schema
from storage.database import Database
from storage.models import Outbox

COLUMNS = (
    f"{'id':>6}  {'state':8}  {'kind':15}  {'lane':22}  {'tries':>5}  waits since           error"
)


async def show_outbox() -> int:
    """List what waits and what was refused."""
    database = await _database()
    try:
        rows = await outbox_admin.list_waiting(database)
    finally:
        await database.close()
    if not rows:
        typer.echo("nothing waits")
        return 0
    typer.echo(COLUMNS)
    for row in rows:
        typer.echo(_line(row))
    return 0


def _line(row: Outbox) -> str:
    since = row.queued_at.strftime("%Y-%m-%d %H:%M:%SZ")
    return (
        f"{row.id:>6}  {row.state:8}  {row.kind:15}  {row.lane:22}  {row.attempts:>5}  "
        f"{since}  {row.error}"
    ).rstrip()


async def retry_row(row_id: int) -> int:
    """Try a row again at once; 1 when there is nothing to try."""
    database = await _database()
    try:
        again = await outbox_admin.retry_effect(database, row_id)
    finally:
        await database.close()
    if not again:
        typer.echo(f"row {row_id} neither waits nor was refused", err=True)
        return 1
    typer.echo(f"tried again now: {', '.join(map(str, again))}")
    return 0


async def drop_row(row_id: int) -> int:
    """Give a row up; 1 when it is not open."""
    database = await _database()
    try:
        dropped = await outbox_admin.drop_effect(database, SystemClock(), row_id)
    finally:
        await database.close()
    if not dropped:
        typer.echo(f"row {row_id} neither waits nor was refused", err=True)
        return 1
    typer.echo(f"row {row_id} was given up; what comes after it in its lane goes on")
    return 0


async def _database() -> Database:
    database = Database(read_settings().database_url)
    try:
        await schema.require_current(database)
    except schema.SchemaError as error:
        typer.echo(str(error), err=True)
        await database.close()
        raise typer.Exit(1) from None
    return database
