"""Looking at the schedules of pagers that stand in the rota, and keeping what they said.

A look happens in the background: nobody waits for it, and no transaction is open meanwhile. What a
pager said last is used until it says something else, however it fails; ``bot.people.role_holders``
reads it. Replicas share the looks by ``DutySource.look_at``.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.people.route_people import team_references
from bot.rules.duty.pagers import PagerName
from bot.rules.duty.sources import KNOWN_AHEAD, SourceFault, is_group, is_schedule, split_schedule
from bot.rules.facts import SourceFacts
from bot.rules.policy.model import Policy
from messages.clients.helpdesks import Away, Limited, Refused
from messages.clients.pagers.schedules import Schedules
from storage import wakeups
from storage.database import Database
from storage.models import DutySource

LOOK_EVERY = timedelta(minutes=5)
BEFORE = timedelta(hours=1)  # asked for as well: who has just gone
LOCK = "duty_sources"
KEYS = frozenset({401, 403})

log = structlog.get_logger()


def list_sources(policy: Policy) -> list[str]:
    """The schedules and user groups in the rota of a policy, resolved or not, each once."""
    shifts = policy.spec.get("duty", {}).get("shifts", ())
    names = (n for shift in shifts for n in (*shift["people"], *shift.get("backup", ())))
    return list(dict.fromkeys(n for n in names if is_schedule(n) or is_group(n)))


def list_schedules(policy: Policy) -> list[str]:
    """The schedules among them."""
    return [name for name in list_sources(policy) if is_schedule(name)]


async def read_sources(session: AsyncSession, policy: Policy) -> list[SourceFacts]:
    """What is stored of the sources of a policy's rota, in its order; unasked ones left out."""
    names = list_sources(policy)
    if not names:
        return []
    query = select(DutySource).where(col(DutySource.reference).in_(names))
    rows = {row.reference: row for row in (await session.exec(query)).all()}
    return [
        SourceFacts(name, rows[name].known_at, SourceFault(fault) if fault else None)
        for name in names
        if name in rows
        for fault in (rows[name].fault,)
    ]


async def forget_sources(database: Database, policy: Policy) -> None:
    """Delete what is known of schedules and groups that the policy names no more."""
    roles = {name for names in policy.roles.values() for name in names}
    named = {*list_sources(policy), *roles, *team_references(policy)}
    async with database.write() as session:
        await session.exec(delete(DutySource).where(col(DutySource.reference).not_in(named)))


async def look_at_schedules(
    database: Database,
    clock: TimeSource,
    readers: Mapping[PagerName, Schedules],
    references: Iterable[str],
) -> bool:
    """Ask the pagers about those schedules that are due; True where one is not what it was.

    Other replicas hear of that by ``wakeups.PEOPLE``. Raises nothing that a pager does.
    """
    changed = False
    for reference in references:
        if await _take(database, reference, clock.now()):
            changed |= await _look(database, clock, readers, reference)
    return changed


async def _take(database: Database, reference: str, now: datetime) -> bool:
    """Whether the look is due, and this process's now."""
    async with database.write() as session:
        await database.exclusive(session, LOCK)
        row = await session.get(DutySource, reference) or DutySource(reference=reference)
        if row.look_at is not None and now < row.look_at <= now + LOOK_EVERY * 4:
            return False
        row.look_at = now + LOOK_EVERY
        session.add(row)
    return True


async def _look(
    database: Database,
    clock: TimeSource,
    readers: Mapping[PagerName, Schedules],
    reference: str,
) -> bool:
    """Ask, and store the answer or the fault; True where the policy must be resolved again."""
    now = clock.now()
    pager, schedule = split_schedule(reference)
    fault, known, wait = "", None, LOOK_EVERY
    try:
        if pager not in readers:
            fault = SourceFault.UNSET.value
        else:
            found = await readers[pager].spells(schedule, now - BEFORE, now + KNOWN_AHEAD)
            known = {"spells": [spell.spec() for spell in found]}
    except Limited as limited:
        fault, wait = SourceFault.LIMITED.value, timedelta(seconds=limited.seconds)
    except (Away, Refused) as failed:
        fault = _fault(failed).value
    if fault:
        log.warning("schedule_not_read", schedule=reference, fault=fault)
    async with database.write() as session:
        row = await session.get(DutySource, reference, with_for_update=True)
        if row is None:
            return False
        changed = row.fault != fault or (known is not None and _differ(row.known, known))
        row.fault, row.look_at = fault, now + max(wait, LOOK_EVERY)
        if known is not None:
            row.known, row.known_at = known, now
        session.add(row)
        if changed:
            wakeups.note_wakeup(session, wakeups.PEOPLE)
    return changed


def _fault(failed: Away | Refused) -> SourceFault:
    """What kind of failure it was."""
    if isinstance(failed, Away):
        return SourceFault.KEY if failed.status in KEYS else SourceFault.AWAY
    return SourceFault.MISSING if failed.reason.startswith("404") else SourceFault.REFUSED


def _differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether another is on call at some time, apart from how far back and ahead is known."""
    return _shape(before) != _shape(after)


def _shape(known: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Who follows whom, and when; without the begin of the first and the end of the last."""
    rows = known.get("spells", ())
    ends = max((row["ends"] for row in rows), default="")
    begins = min((row["begins"] for row in rows), default="")
    return [
        (
            row["email"] or row["name"],
            row["begins"] if row["begins"] > begins else "",
            row["ends"] if row["ends"] < ends else "",
        )
        for row in rows
    ]
