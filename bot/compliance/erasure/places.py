"""Where in Slack the app may have named who is erased: noted until its messages are rewritten.

The places are noted before anything is erased, since rows that are erased lead to them no more, and
released with the end of the erasure, when nothing that is said from then on can name them. What is
looked for stands as digests in ``secret``, with a key of this erasure alone; both are destroyed
with its last place.
"""

import json
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compliance.erasure.again import read_kept, write_line
from bot.compliance.erasure.finding import ERASES, Found, parts_of
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.compliance.persons import Kept, Sought
from bot.rules.states import OutboxState
from storage import wakeups
from storage.models import Candidate, Outbox, Person, PointsPost, Secret, StrangersPost

SECRET = "erasure:"  # noqa: S105 - how rows of ``secret`` begin, not one of them
CHANNEL = re.compile(r"[CDG][A-Z0-9_]+")
BACKGROUND = 70  # after all that a person waits for


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation in which the app may have named them, or one thread of it.

    Attributes:
        channel: Slack's id of a channel or of a direct conversation with the app.
        where: What administrators read: ``ESC-7``, ``PRB-2``, ``direct messages`` or the channel.
        thread: The ts of the thread's first message, empty for the whole conversation.

    """

    channel: str
    where: str
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for in Slack.

    Attributes:
        kept: The names as digests, and the pseudonym that takes their place.
        key: What the digests are made with, of this erasure alone.
        cases: The numbers of cases whose rows named them.

    """

    kept: Kept
    key: bytes
    cases: frozenset[int]


async def list_places(session: AsyncSession, found: Found) -> list[Place]:
    """Every conversation in which the app may have named them, each once.

    Of each case and problem whose rows name them its channels, that of its lawyers and the threads
    at the customer's; the app's direct messages with everybody; and where it posts what is of no
    case yet. A few statements for each ``PART`` cases.
    """
    places = [each async for each in _of_cases(session, found.cases)]
    problem = SQLModel.metadata.tables["problem"].c
    for part in parts_of(found.problems):
        query = select(problem.channel_id, problem.number).where(problem.number.in_(part))
        places += [Place(*row) for row in await _rows(session, query, "PRB")]
    people = select(Person.dm_channel).where(col(Person.dm_channel).is_not(None))
    places += [Place(str(each), "direct messages") for each in (await session.exec(people)).all()]
    for table in (Candidate, StrangersPost, PointsPost):
        channels = (await session.exec(select(table.channel).distinct())).all()
        places += [Place(str(each), str(each)) for each in channels]
    return list(dict.fromkeys(each for each in places if CHANNEL.fullmatch(each.channel)))


async def _of_cases(session: AsyncSession, cases: Collection[int]) -> Any:
    """The places of cases: their channels of now and before, lawyers' rooms, customers' threads.

    Yields ``Place``; four statements for each ``PART`` cases.
    """
    tables = SQLModel.metadata.tables
    case, room = tables["escalation"].c, tables["legal_room"].c
    moved, thread = tables["timeline_event"].c, tables["connect_thread"].c
    for part in parts_of(cases):
        own = select(case.channel_id, case.number).where(case.number.in_(part))
        legal = select(room.channel_id, room.case_number).where(room.case_number.in_(part))
        left = select(moved.after, moved.case_number).where(
            moved.case_number.in_(part), moved.verb == "moved"
        )
        shared = select(thread.channel_id, thread.case_number, thread.ts)
        for query in (own, legal, left, shared.where(thread.case_number.in_(part))):
            for row in await _rows(session, query, "ESC"):
                yield Place(*row)


async def _rows(session: AsyncSession, query: Any, short: str) -> list[tuple[str, ...]]:
    """Channel, name of the subject, and a thread where there is one; of a move the old channel."""
    rows = (await (await session.connection()).execute(query)).all()
    found = []
    for channel, number, *more in rows:
        old = channel.get("old") if isinstance(channel, Mapping) else channel
        found.append((str(old or ""), f"{short}-{number}", *(str(each or "") for each in more)))
    return found


async def note_places(
    session: AsyncSession,
    rule: int,
    sought: Sought,
    places: Collection[Place],
    cases: Collection[int],
    work: UnitOfWork,
) -> None:
    """Note the places in the outbox, as rows that are not to be performed yet; each once a rule.

    An erasure that was cut short and goes on adds what it finds, beside what it noted first. In the
    caller's transaction, before the first row is erased; ``rule`` is the id of its row in
    ``forgotten``.
    """
    name = f"{SECRET}{rule}"
    secret = await session.get(Secret, name)
    new: dict[str, Any] = {"key": secrets.token_urlsafe(32), "cases": []}
    said = json.loads(secret.value) if secret else new
    said["line"] = write_line(sought, said["key"].encode())
    said["cases"] = sorted({*said["cases"], *cases})
    await session.merge(Secret(name=name, value=json.dumps(said)))
    rows = [row.payload for row in await rows_of(session, rule)]
    noted = {(payload.get("channel"), payload.get("thread")) for payload in rows}
    for each in places:
        if (each.channel, each.thread) in noted:
            continue
        payload = {"rule": rule, "channel": each.channel, "thread": each.thread}
        row = work.leave(
            ERASES,
            f"erasure:{rule}:{each.channel}{each.thread}",
            payload | {"where": each.where},
            priority=BACKGROUND,
        )
        row.state = OutboxState.DROPPED


async def release_places(work: UnitOfWork, rule: int) -> int:
    """Have the app go through the noted places; answers how many.

    In the transaction of the end, which commits before any of them is begun.
    """
    rows = [row.id for row in await rows_of(work.session, rule)]
    if not rows:
        await forget_wanted(work.session, rule)
    for part in parts_of(rows):
        freed = update(Outbox).where(
            col(Outbox.id).in_(part), col(Outbox.state) == OutboxState.DROPPED
        )
        await work.session.exec(freed.values(state=OutboxState.PENDING, queued_at=work.now))
    wakeups.note_wakeup(work.session, wakeups.OUTBOX)
    return len(rows)


async def rows_of(session: AsyncSession, rule: int) -> list[Outbox]:
    """The rows of an erasure, the oldest first."""
    query = select(Outbox).where(
        col(Outbox.kind) == ERASES, col(Outbox.lane).startswith(f"erasure:{rule}:")
    )
    return list((await session.exec(query.order_by(col(Outbox.id)))).all())


async def read_wanted(session: AsyncSession, rule: int) -> Wanted | None:
    """Who is looked for; None once all places of the erasure are done."""
    secret = await session.get(Secret, f"{SECRET}{rule}")
    if secret is None:
        return None
    said = json.loads(secret.value)
    return Wanted(read_kept(said["line"]), said["key"].encode(), frozenset(said["cases"]))


async def forget_wanted(session: AsyncSession, rule: int) -> None:
    """Destroy the digests and their key; nothing where there are none.

    In the caller's transaction.
    """
    if (secret := await session.get(Secret, f"{SECRET}{rule}")) is not None:
        await session.delete(secret)
