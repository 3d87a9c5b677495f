"""The schedules of pagers in the rota, as the pagers answer now; for ``check``."""

from datetime import UTC, datetime

import typer

from bot.clock import SystemClock
from bot.duty.sources import list_schedules, look_at_schedules
from bot.rules.duty.sources import read_spells
from bot.rules.policy.model import Policy
from bot.settings import Settings
from cli.checking.counts import count_things
from cli.configured import schedules
from storage.database import Database
from storage.models import DutySource


async def look_now(settings: Settings, database: Database, policy: Policy) -> bool:
    """Ask the pagers, print what each schedule says, and leave it in ``database``.

    That is a temporary one, from which the people are then looked up. Of a schedule that cannot be
    read, it is printed of when the running app's knowledge is; why not is named among the mistakes.

    Returns whether there are schedules and all of them were read.
    """
    readers, clock = schedules(settings), SystemClock()
    names = list_schedules(policy)
    read = bool(names)
    try:
        await look_at_schedules(database, clock, readers, names)
    finally:
        for reader in readers.values():
            await reader.close()
    for name in names:
        found = await _row(database, name)
        if found is not None and not found.fault:
            people = {spell.email or spell.name for spell in read_spells(found.known)}
            said = "1 person" if len(people) == 1 else f"{len(people)} people"
            typer.echo(f"schedule  {name}: {said} on call in the next 30 days")
        else:
            typer.echo(f"schedule  {name}: not read; {await _age(settings, name, clock.now())}")
            read = False
    return read


async def _age(settings: Settings, name: str, now: datetime) -> str:
    """Say of when the app's knowledge of a schedule is."""
    database = Database(settings.database_url)
    try:
        known = None if database.is_missing else await _row(database, name)
    except Exception:  # noqa: BLE001 - what is wrong with the database is named elsewhere
        known = None
    finally:
        await database.close()
    if known is None or known.known_at is None:
        return "the app knows nothing of it yet"
    hours = round((now - known.known_at).total_seconds() / 3600)
    at = f"{known.known_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"the app uses what it said at {at}, {count_things(hours, 'hour')} ago"


async def _row(database: Database, name: str) -> DutySource | None:
    async with database.read() as session:
        return await session.get(DutySource, name)
