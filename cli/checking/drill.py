"""What ``check`` tells of the drill of the app's own failure."""

from datetime import datetime

import typer

from bot.playbooks.drills import read_last_drill
from bot.rules.policy.load import PolicyError, load_policy
from bot.settings import Settings
from storage.database import Database


async def print_drill(settings: Settings, database: Database, now: datetime) -> None:
    """Print when it was last drilled, and that it is time again; that is no mistake.

    A policy with mistakes, which are named elsewhere, leaves the second part out. Nothing is
    asked of Slack, and administrators who were told there read the same here.
    """
    async with database.read() as session:
        drill = await read_last_drill(session)
    last = f"last on {drill.at:%Y-%m-%d}, signed by {drill.signed}" if drill.at else "never"
    try:
        days = load_policy(settings.policy_file).playbooks.drill_days
    except PolicyError:
        days = None
    again = ""
    if days is not None and drill.is_overdue(days, now):
        again = f"; it is time ({days} days): `python app.py emergency FILE --drill`"
    typer.echo(f"drill     {last}{again}")
