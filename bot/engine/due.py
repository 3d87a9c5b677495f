"""What comes due by time: found by an indexed instant, done in batches, put off when it fails.

A table of ``DueRow`` says what comes due, who hears of it and in which words. The engine knows no
subject: ``sweep_due`` asks one question for the whole table, takes rows of which the instant has
come, and calls what the table names, inside one transaction a batch. With several replicas each row
is taken by one of them: rows are locked, and those that another has locked are skipped.

All instants are by ``services.clock.now``, the time of the cases. Nothing is lost by a crash: what
did not commit is still due. The table itself is ``bot/due_table.py``.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import structlog
from sqlalchemy import ColumnElement, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import func, select

from bot.engine.actors import SYSTEM, Actor
from bot.engine.request_gate import RequestGate
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import is_away, new_reference
from bot.rules.words import Role
from storage.sessions.drills import sees_drills

BATCH = 100  # rows taken in one transaction
PUT_OFF = timedelta(minutes=5)  # until a row that failed is tried again

CLOCK = Actor(SYSTEM, "clock")  # who acts when time does

log = structlog.get_logger()


class DueServices(WorkServices, Protocol):
    """What the sweep needs of the process."""

    @property
    def gate(self) -> RequestGate:
        """The requests that wait for their acknowledgement."""


class Audience(StrEnum):
    """Who hears a reminder by their part in what is due; everyone else is named by a role."""

    OWNER = "owner"  # accountable for it now
    CHANNEL = "channel"  # everyone in its channel
    LADDER = "ladder"  # the roles that the policy's ladder names for the threshold
    OFFERED = "offered"  # was offered a role and has not answered
    OFFERER = "offerer"  # offered it
    AUTHOR = "author"  # wrote, or asked for, what has ended
    ASKED = "asked"  # were asked to decide
    UNREAD = "unread"  # were given it to read and have not read it
    CUSTOMER = "customer"  # the contact, by mail
    READER = "reader"  # asked to be sent it


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing that is said when its time has come.

    Attributes:
        what: What is due; unique in its row of the table.
        who: Those who hear it: an ``Audience``, or a role of the organisation.
        template: The words, as a row of the outbox names them: ``notice:<name>`` for instance.
        threshold: Which threshold of a clock is meant; empty where time brings only one thing.

    """

    what: str
    who: tuple[str, ...]
    template: str
    threshold: str = ""


def get_reminder(reminders: Iterable[Reminder], what: str) -> Reminder:
    """Return the first reminder of that name. Raises KeyError where there is none."""
    for reminder in reminders:
        if reminder.what == what:
            return reminder
    raise KeyError(what)


def find_recipients(
    who: Iterable[str], known: Mapping[str, Iterable[str]], roles: Mapping[Role, Iterable[str]]
) -> list[str]:
    """The user ids behind ``who``, each once, in order; the channel is no person.

    Args:
        who: Audiences and roles, as in ``Reminder.who``.
        known: User ids by audience or role, of the row that is due; these come first.
        roles: Whom the policy names; empty where only those on a restricted case may hear.

    Raises ValueError for an audience that ``known`` does not have.
    """
    people: dict[str, None] = {}
    for name in who:
        if name != Audience.CHANNEL:
            people |= dict.fromkeys(known[name] if name in known else roles.get(Role(name), ()))
    return list(people)


async def load_rows(work: UnitOfWork, rows: Sequence[Any], prepared: Any) -> Sequence[Any]:
    """What ``do`` works with where the row itself is enough."""
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class DueRow:
    """One kind of thing that comes due.

    Attributes:
        what: What comes due; unique in the table.
        when: Indexed columns of one table with the instant, null where nothing is due. ``do`` must
            move them on, else the row is taken again.
        key: The column of that table that names what is locked while it is done.
        do: Done for one item, in the transaction that locked it, with ``says``.
        says: Who hears what, in which words.
        lock: The column of another table that ``key`` refers to, where its row is what is locked
            (a case is locked before its clocks). None: the row that is due itself.
        load: Makes items of locked rows, reading for all of them at once.
        prepare: Asked before the transaction, with the keys that are due; ``load`` gets its answer.
            For what may be slow, such as Slack.
        put_off: False where ``when`` is a date that people agreed on. A row that fails then stays
            due, and its error is raised after everything else is done.
        batch: Rows taken in one transaction.

    """

    what: str
    when: tuple[Any, ...]
    key: Any
    do: Callable[[UnitOfWork, Any, Any], Awaitable[object]]
    says: tuple[Reminder, ...]
    lock: Any = None
    load: Callable[[UnitOfWork, Sequence[Any], Any], Awaitable[Sequence[Any]]] = load_rows
    prepare: Callable[[Any, Sequence[Any]], Awaitable[Any]] | None = None
    put_off: bool = True
    batch: int = BATCH

    def is_due(self, now: datetime) -> ColumnElement[bool]:
        """The condition under which a row is due at ``now``."""
        return or_(*(column <= now for column in self.when))


async def sweep_due(services: DueServices, table: Sequence[DueRow]) -> int:
    """Do all that is due now; answers how many rows were moved on.

    What one row of the table moves may be due in another at once, so it is asked again until
    nothing is. Raises what a row raised that cannot be put off, after all else is done; and at once
    when the store cannot be reached.
    """
    total, failed = 0, list[Exception]()
    while moved := await _do_pass(services, table, failed):
        total += moved
    if failed:
        raise failed[0]
    return total


async def find_next_due(services: DueServices, table: Sequence[DueRow]) -> datetime | None:
    """Return the least instant that is due or to come, in UTC; None: nothing is planned."""
    soonest = await _find_soonest(services, table)
    return min((at for at in soonest.values() if at is not None), default=None)


async def _do_pass(services: DueServices, table: Sequence[DueRow], failed: list[Exception]) -> int:
    """Do what is due in each row of the table, in its order; between batches requests go first."""
    now, total = services.clock.now(), 0
    for row, at in (await _find_soonest(services, table)).items():
        if at is None or at > now:
            continue
        while moved := await _do_batch(services, row, failed):
            total += moved
            await services.gate.wait_until_idle()
    return total


async def _find_soonest(
    services: DueServices, table: Sequence[DueRow]
) -> dict[DueRow, datetime | None]:
    """When each row of the table has something to do, in one query: most sweeps find nothing."""
    columns = [(row, column) for row in table for column in row.when]
    least = [select(func.min(c)).where(c.is_not(None)).scalar_subquery() for _, c in columns]
    async with services.database.read() as session:
        asked: Any = sees_drills(sa_select(*least))
        instants = (await session.exec(asked)).one()
    found: dict[DueRow, datetime | None] = {}
    for (row, _), at in zip(columns, instants, strict=True):
        known = found.get(row)
        found[row] = min(known, at) if known and at else known or at
    return found


async def _do_batch(services: DueServices, row: DueRow, failed: list[Exception]) -> int:
    """A batch in one transaction; where one of it fails, each by itself. Answers how many moved."""
    keys: list[Any] = []
    try:
        return await _do_together(services, row, keys)
    except Exception as fault:
        # Where the store is away no row is to blame: all are tried again at the next tick.
        if is_away(fault) or not keys:
            raise
        log.warning("due_one_by_one", what=row.what, exc_info=fault)
    return sum([await _do_alone(services, row, key, failed) for key in keys])


async def _do_together(
    services: DueServices, row: DueRow, keys: list[Any], only: Sequence[Any] | None = None
) -> int:
    """Do a batch in one transaction: lock, load for all, then ``do`` for one after the other.

    ``keys`` becomes the keys of what was taken, as soon as that is known, for the caller to try one
    by one after a failure. ``only`` limits the batch to these keys; those no longer due are left
    out. One line of the log has the reference by which all that it queued is found.
    """
    if row.prepare is not None and only is None:
        keys[:] = only = await _find_keys(services, row)
        if not keys:
            return 0
    prepared = await row.prepare(services, only or ()) if row.prepare is not None else None
    async with UnitOfWork.begin(services, CLOCK, new_reference()) as work:
        rows = await _lock_due(work, row, only)
        work.take_locked(rows)
        keys[:] = [getattr(each, (row.key if row.lock is None else row.lock).key) for each in rows]
        # Nothing is flushed in between: what is alike is stored in one go at the end.
        for item in await row.load(work, rows, prepared) if rows else ():
            await row.do(work, item, row.says)
    if rows:
        log.info("due_done", what=row.what, rows=len(rows), correlation=work.correlation)
    return len(rows)


async def _do_alone(services: DueServices, row: DueRow, key: Any, failed: list[Exception]) -> int:
    """Do what is due of one key, so that a failure keeps no other from being done.

    Answers 1 if it was moved on, be it only by ``PUT_OFF``; the error of a row that must not be put
    off is added to ``failed``.
    """
    try:
        return await _do_together(services, row, [key], [key])
    except Exception as fault:
        if is_away(fault):
            raise
        log.error("due_failed", what=row.what, key=key, exc_info=fault)
        if row.put_off:
            return await _put_off(services, row, key)
        failed.append(fault)
        return 0


async def _find_keys(services: DueServices, row: DueRow) -> list[Any]:
    query = select(row.key).where(row.is_due(services.clock.now())).limit(row.batch)
    async with services.database.read() as session:
        return list((await session.exec(sees_drills(query))).all())


async def _lock_due(work: UnitOfWork, row: DueRow, only: Sequence[Any] | None) -> Sequence[Any]:
    """The rows to do, locked; what another replica has locked is left to it."""
    due, first = row.is_due(work.now), row.when[0]
    if row.lock is None:
        query = select(row.key.class_).where(due).order_by(first).limit(row.batch)
        query = query if only is None else query.where(row.key.in_(only))
    else:
        if only is None:
            # Rows of one table may be of two kinds, each with its own key and the other null.
            keys = select(row.key).where(due, row.key.is_not(None)).order_by(first)
            keys = keys.limit(row.batch)
            only = sorted(set((await work.session.exec(sees_drills(keys))).all()))
        query = select(row.lock.class_).where(row.lock.in_(only))
    query = sees_drills(query.with_for_update(skip_locked=True))
    found: Sequence[Any] = (await work.session.exec(query)).all()
    return found


async def _put_off(services: DueServices, row: DueRow, key: Any) -> int:
    """Try what is due of ``key`` again later."""
    now = services.clock.now()
    async with services.database.write() as session:
        for column in row.when:
            late = update(row.key.class_).where(row.key == key, column <= now)
            await session.exec(late.values({column.key: now + PUT_OFF}))
    return 1
