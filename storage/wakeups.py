"""Telling every replica that something was committed: PostgreSQL's LISTEN and NOTIFY.

A transaction that leaves work behind says so in the same commit, so no replica is woken for what
was rolled back. The poll of each worker stays beneath: a lost wake-up costs seconds, not work. A
topic says only which worker must look (``TOPICS``), never at what; but a case that looks different
is named (``case:7``), for what is shown of it besides its card. On SQLite nothing is sent: the one
process there hears of changed cases, and of what waits for a decision, by ``Database.heard``.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any

import asyncpg
import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlmodel import Session, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import ActionItem, Clock, Digest, Inbox, Outbox
from storage.sessions.drills import FindingSession

CHANNEL = "escalation_desk"
INBOX, OUTBOX, CLOCK, PEOPLE, LANGUAGES = "inbox", "outbox", "clock", "people", "languages"
TRIAGE = "triage"  # what waits for a decision is not what it was
TOPICS = (INBOX, OUTBOX, CLOCK, PEOPLE, LANGUAGES, TRIAGE)
LEFT: Mapping[type[SQLModel], str] = {Inbox: INBOX, Outbox: OUTBOX}  # by a new row
MOVED: Mapping[type[SQLModel], str] = {Clock: CLOCK, Digest: CLOCK, ActionItem: CLOCK}  # by any
CHANGED = "case:"  # begins the topic of a case that looks different, before its number
NOTED = "topics"  # the key under which a session remembers what it has to say
LISTENER = "escalation-desk listening"  # each replica has one connection of this name
CHECK_EVERY = 20.0  # seconds between looks whether the listening connection still lives
PATIENCE = 5.0  # seconds for such a look
RECONNECT_MAX = 15.0  # seconds between attempts to listen again

log = structlog.get_logger()


class NotingSession(FindingSession):
    """A session that remembers which topics its rows belong to.

    A new row of the inbox or outbox is noted, and any change of a clock, a digest or an action
    item. Statements past the session are not seen: they need ``note_wakeup``.
    """


@event.listens_for(NotingSession, "after_flush")
def _note(session: Session, _context: Any) -> None:
    found = {LEFT[type(row)] for row in session.new if type(row) in LEFT}
    found |= {MOVED[type(row)] for row in (*session.new, *session.dirty) if type(row) in MOVED}
    if found:
        session.info.setdefault(NOTED, set()).update(found)


def note_wakeup(session: AsyncSession, topic: str) -> None:
    """Wake every replica for ``topic`` when this transaction commits; one of ``TOPICS``."""
    session.info.setdefault(NOTED, set()).add(topic)


def note_changed(session: AsyncSession, number: int) -> None:
    """Have every replica hear that the case looks different when this transaction commits."""
    note_wakeup(session, f"{CHANGED}{number}")


def changed_in_homes(session: AsyncSession) -> list[str]:
    """Return the topics of what this transaction changed of what App Homes show."""
    noted = session.info.get(NOTED, ())
    return sorted(topic for topic in noted if topic.startswith(CHANGED) or topic == TRIAGE)


async def notify_replicas(session: AsyncSession, *topics: str) -> None:
    """Wake every replica for ``topics`` and what was noted, when this transaction commits."""
    await session.flush()
    if told := sorted({*topics, *session.info.pop(NOTED, ())}):
        query = text("SELECT pg_notify(:channel, topic) FROM unnest(CAST(:told AS text[])) topic")
        await session.exec(query.bindparams(channel=CHANNEL, told=told))  # type: ignore[call-overload]


async def count_replicas(session: AsyncSession) -> int:
    """How many processes listen on this PostgreSQL database; one where we do not listen yet.

    One whose connection died without a word counts until the server notices.
    """
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE application_name = :name AND datname = current_database()"
    )
    found = await session.exec(query.bindparams(name=LISTENER))  # type: ignore[call-overload]
    return max(int(found.scalar_one()), 1)


async def listen_for_wakeups(url: URL, heard: Callable[[str], None]) -> None:
    """Call ``heard`` with each topic that any replica commits, for ever; reconnects by itself.

    Our own commits are heard too. After each connect every topic is heard once, since nothing tells
    what was missed. ``heard`` is called in the event loop and must not wait.
    """
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    pause = 0.5
    while True:
        try:
            await _listen_once(dsn, heard)
        except Exception as fault:  # noqa: BLE001 - however it ended, the next one is tried
            log.warning("listening_lost", error=type(fault).__name__, wait=pause)
        else:
            pause = 0.5
        await asyncio.sleep(pause)
        pause = min(pause * 2, RECONNECT_MAX)


async def _listen_once(dsn: str, heard: Callable[[str], None]) -> None:
    """Listen on a connection of its own, outside the pool, until it ends or fails a look."""
    named = {"application_name": LISTENER}
    connection = await asyncpg.connect(dsn, timeout=PATIENCE, server_settings=named)
    gone = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: gone.set())
        await connection.add_listener(CHANNEL, lambda _c, _pid, _channel, topic: heard(topic))
        for topic in TOPICS:
            heard(topic)
        while not gone.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), CHECK_EVERY)
                return
            await connection.execute("SELECT 1", timeout=PATIENCE)
    finally:
        connection.terminate()
