"""Takes old rows out of inbox and outbox, and given reminders, once nothing reads them any more.

A request is remembered so that a redelivery is known again: Slack repeats for an hour, help desks
for days. An effect is read as long as its case may go on: who has heard of the case and of its
clocks, which row makes its channel. So a case's rows stay until it has ended for as long as is
kept, which is longer than it may be reopened, and all that has to do with a case that is held for
Legal. What waits and what was refused is never taken out. Which reminders of a clock were given is
read for as long as its case may go on, too.

Rows are read in windows by id, without the write lock, and taken out in one short transaction a
window. The newest row of a table stays: SQLite would give its id again, and messages in Slack and
mails are known by the id of their row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy import String, cast, literal
from sqlmodel import and_, col, delete, func, or_, select

from bot.clock import TimeSource
from bot.operations.roster import TOLD
from bot.readiness.quiet_words import QuietWord
from bot.rules.lifecycle import OVER
from bot.rules.states import InboxState, OutboxState
from bot.subjects import PROBLEM
from storage.database import Database
from storage.models import Case, Fired, FormRequest, Inbox, Outbox, SeenRequest
from storage.sessions.drills import sees_drills

WINDOW = 500  # rows that are looked at, and at most taken out, in one transaction
WINDOWS_MAX = 200  # a round; the next one goes on
QUIET_FOR = timedelta(days=2)  # a quiet word is given once a day; that it was is no one's business
SEEN_FOR = timedelta(days=1)  # a request that only showed something; Slack repeats for an hour
LOCK = "pruning"
# Read for as long as there are cases and problems: the first names a case's further documents,
# the second is taken back when a case becomes restricted, the third says what was told last.
KEPT_KINDS = ("file", PROBLEM.kind_of("post"), TOLD)

PRUNED = Counter("desk_pruned_rows_total", "Old rows that were taken out, by table", ["table"])

log = structlog.get_logger()


class PruningServices(Protocol):
    """What pruning needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""


@dataclass(frozen=True, slots=True)
class Prunable:
    """A table, when each row came, and the condition under which a row may go."""

    table: Any
    came: Any
    condition: Any


def list_prunable(before: datetime) -> Sequence[Prunable]:
    """Return what may go of what ended before that instant."""
    ended = _ended_cases(before)
    over = or_(col(Outbox.case_number).is_(None), col(Outbox.case_number).in_(ended))
    effect = and_(
        col(Outbox.state).in_((OutboxState.DONE, OutboxState.DROPPED)),
        col(Outbox.done_at) < before,
        col(Outbox.kind).not_in(KEPT_KINDS),
        over,
    )
    request = and_(
        col(Inbox.state) == InboxState.DONE, col(Inbox.received_at) < before, *_of_no_held_case()
    )
    return (
        Prunable(Outbox, col(Outbox.queued_at), effect),
        Prunable(Inbox, col(Inbox.received_at), request),
    )


def _ended_cases(before: datetime) -> Any:
    """The numbers of cases that ended before that instant and are not held for Legal."""
    over_by = [status.value for status in OVER]
    ended = select(Case.number).where(col(Case.status).in_(over_by), col(Case.changed_at) < before)
    return ended.where(col(Case.legal_hold_at).is_(None))


def _of_no_held_case() -> tuple[Any, ...]:
    """The conditions that a request is about no case that is held for Legal, nor led to one.

    By its lane, and by what it left in the outbox, which stays with the case.
    """
    held = select(Case.number).where(col(Case.legal_hold_at).is_not(None))
    lanes = select(literal("case:") + cast(Case.number, String))
    lanes = lanes.where(col(Case.legal_hold_at).is_not(None))
    led = select(Outbox.correlation).where(
        col(Outbox.case_number).in_(held), col(Outbox.correlation) != ""
    )
    return col(Inbox.lane).not_in(lanes), col(Inbox.correlation).not_in(led)


async def prune_done(services: PruningServices, keep: timedelta) -> dict[str, int]:
    """Take out what is done for longer than ``keep``; answers how many rows, by table.

    Ends early where another replica is at it. A round that was cut short goes on with the next.
    """
    now = services.clock.now()
    found = {
        "seen_request": await _forget_seen(services.database, now - SEEN_FOR),
        "form_request": await _forget_requests(services.database, now),
        "quiet_word": await _forget_quiet_words(services.database, now - QUIET_FOR),
        "fired": await _forget_fired(services.database, now - keep),
    }
    for each in list_prunable(now - keep):
        found[each.table.__tablename__] = await _prune_table(services.database, each, now - keep)
    for table, rows in found.items():
        PRUNED.labels(table).inc(rows)
    if any(found.values()):
        log.info("pruned", **found)
    return found


async def _prune_table(database: Database, what: Prunable, before: datetime) -> int:
    """Walk the table from its oldest row on, as far as rows came before that instant."""
    number, last, removed = col(what.table.id), 0, 0
    async with database.read() as session:
        newest = (await session.exec(select(func.max(number)))).one() or 0
    for _ in range(WINDOWS_MAX):
        window = select(number, what.came < before, what.condition)
        window = window.where(number > last, number < newest).order_by(number).limit(WINDOW)
        async with database.read() as session:
            rows = (await session.exec(sees_drills(window))).all()
        ids = [row for row, _, may_go in rows if may_go]
        gone = await _remove_rows(database, what, ids) if ids else 0
        if gone is None:
            break
        removed += gone
        if len(rows) < WINDOW or not rows[-1][1]:
            break
        last = rows[-1][0]
    return removed


async def _remove_rows(database: Database, what: Prunable, ids: Sequence[int]) -> int | None:
    """Remove those rows for which the condition still holds; None: another replica is at it."""
    async with database.write() as session:
        if not await database.try_exclusive(session, LOCK):
            return None
        gone = delete(what.table).where(col(what.table.id).in_(ids), what.condition)
        return int((await session.exec(gone)).rowcount)


async def _forget_seen(database: Database, before: datetime) -> int:
    old = delete(SeenRequest).where(col(SeenRequest.at) < before)
    async with database.write() as session:
        return int((await session.exec(old)).rowcount)


async def _forget_quiet_words(database: Database, before: datetime) -> int:
    """Forget who was given one, but for the newest row of the inbox, as in any round."""
    newest = select(func.max(Inbox.id)).scalar_subquery()
    given = col(Inbox.verb) == QuietWord.verb, col(Inbox.state) == InboxState.DONE
    old = delete(Inbox).where(*given, col(Inbox.received_at) < before, col(Inbox.id) < newest)
    async with database.write() as session:
        return int((await session.exec(old)).rowcount)


async def _forget_requests(database: Database, now: datetime) -> int:
    """Forget what was sent by the public form and not confirmed in time, words and address."""
    old = delete(FormRequest).where(
        col(FormRequest.confirmed_at).is_(None), col(FormRequest.expires_at) < now
    )
    async with database.write() as session:
        return int((await session.exec(old)).rowcount)


async def _forget_fired(database: Database, before: datetime) -> int:
    """Forget which reminders were given for cases that ended before that instant.

    Some cases at a time, each window a transaction of its own. Ends early where another replica is
    at it.
    """
    number, removed = col(Fired.case_number), 0
    for _ in range(WINDOWS_MAX):
        async with database.write() as session:
            if not await database.try_exclusive(session, LOCK):
                break
            window = select(number).where(number.in_(_ended_cases(before))).distinct()
            cases = (await session.exec(sees_drills(window.limit(WINDOW)))).all()
            removed += int((await session.exec(delete(Fired).where(number.in_(cases)))).rowcount)
        if len(cases) < WINDOW:
            break
    return removed
