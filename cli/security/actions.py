"""What was done from a terminal, printed: ``python app.py actions``."""

import typer

from bot.operations.terminal_actions import list_actions
from cli.admin import read_settings
from cli.opened import opened
from storage.models import TerminalAction


async def show_actions(limit: int) -> int:
    """Print the latest actions, a line each, the oldest first; return 0.

    A line has the instant (UTC), who ran the command and where, the command, the case, and what
    the command noted. Raises SchemaError as ``opened`` does.
    """
    async with opened(read_settings()) as database:
        found = await list_actions(database, limit)
    for row in found:
        typer.echo(_line(row))
    if not found:
        typer.echo("nothing was done from a terminal")
    return 0


def _line(row: TerminalAction) -> str:
    """An action on one line: when (UTC), by whom, which command, the case, what was noted."""
    case = f"  ESC-{row.case_number}" if row.case_number else ""
    about = "".join(f"  {name}: {_said(value)}" for name, value in row.about.items())
    return f"{row.at:%Y-%m-%d %H:%M:%SZ}  {row.by}  {row.command}{case}{about}"


def _said(value: object) -> str:
    """A list with commas between its parts; anything else as text."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
