"""What waits for Slack, and what a person decides about it, from a terminal.

No word of a customer is printed: a row is shown by its id, state, kind, lane, tries and last error.
Deciding is in ``bot/operations/outbox_admin.py``; each command opens the database beside a running
app, which takes the change up by itself.
"""

import typer

from bot.clock import SystemClock
from bot.operations import outbox_admin
from cli.admin import read_settings
from cli.opened import terminal_user
from storage import schema
from storage.database import Database
from storage.models import Outbox

COLUMNS = (
    f"{'id':>6}  {'state':8}  {'kind':15}  {'lane':22}  {'tries':>5}  waits since           error"
)


async def show_outbox() -> int:
    """Print what waits and what was refused, the oldest first, 200 rows at most; return 0."""
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
    """Return one row as a line under ``COLUMNS``; the instant is UTC, an empty error is cut off."""
    since = row.queued_at.strftime("%Y-%m-%d %H:%M:%SZ")
    return (
        f"{row.id:>6}  {row.state:8}  {row.kind:15}  {row.lane:22}  {row.attempts:>5}  "
        f"{since}  {row.error}"
    ).rstrip()


async def retry_row(row_id: int) -> int:
    """Make a row due now, with the refused ones that depend on it; print their ids.

    Their count of tries starts anew. Returns 1 when the row neither waits nor was refused.
    """
    database = await _database()
    try:
        again = await outbox_admin.retry_effect(database, row_id, terminal_user())
    finally:
        await database.close()
    if not again:
        typer.echo(f"row {row_id} neither waits nor was refused", err=True)
        return 1
    typer.echo(f"tried again now: {', '.join(map(str, again))}")
    return 0


async def drop_row(row_id: int) -> int:
    """Give a row up for good, so that its lane goes on; return 1 when it is not open.

    There is no way back: what it was to show is never shown. The row keeps who ran the command, and
    on which machine.
    """
    database = await _database()
    try:
        dropped = await outbox_admin.drop_effect(database, SystemClock(), row_id, terminal_user())
    finally:
        await database.close()
    if not dropped:
        typer.echo(f"row {row_id} neither waits nor was refused", err=True)
        return 1
    typer.echo(f"row {row_id} was given up; what comes after it in its lane goes on")
    return 0


async def _database() -> Database:
    """Open the database of the settings; the caller closes it.

    Exits 1 with a sentence when the tables are not of the program's version.
    """
    database = Database(read_settings().database_url)
    try:
        await schema.require_current(database)
    except schema.SchemaError as error:
        typer.echo(str(error), err=True)
        await database.close()
        raise typer.Exit(1) from None
    return database
