"""Rows of the records get their links, some time after they were stored.

Not in the transaction of the use case: every link needs the one before it, so all that is done at
once would wait in one line. Until a row has its link (``SEAL_EVERY``) only the database guards it,
which refuses to change or delete it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import exists, func, literal
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.audit.links import AGAIN, BEGIN, ERASE, RECORDS, erased_by, make_link
from storage.database import Database
from storage.models import AuditEvent, AuditSalt, Forgotten

log = structlog.get_logger()

LOCK = "audit"
SEAL_EVERY = timedelta(minutes=1)
WINDOW = 500  # rows of a record in one transaction
WINDOWS_MAX = 20  # in one run; an old store gets its links over several
LOOK_BACK = 1_000  # ids: a transaction that began earlier may be stored later than its neighbours
SALT_BYTES = 16


class SealingServices(Protocol):
    """What sealing needs of the process: a store, and no clock, since links say the rows' times."""

    @property
    def database(self) -> Database:
        """The store."""


async def seal_records(services: SealingServices) -> int:
    """Give a link to each row that has none; answers how many rows.

    Ends early where another replica is at it. The log names the end of the chain, so that the
    place where logs go keeps it too.
    """
    sealed, head = 0, (0, BEGIN)
    for _ in range(WINDOWS_MAX):
        async with services.database.write() as session:
            if not await services.database.try_exclusive(session, LOCK):
                break
            before = await find_head(session)
            head = await _seal_some(session, before)
        sealed += head[0] - before[0]
        if head[0] - before[0] < WINDOW:
            break
    if sealed:
        log.info("audit_sealed", rows=sealed, seq=head[0], hash=head[1])
    return sealed


async def find_head(session: AsyncSession) -> tuple[int, str]:
    """The end of the chain: how many links it has, and the hash of the last; ``(0, "")``: none."""
    query = select(AuditEvent.seq, AuditEvent.hash).order_by(col(AuditEvent.seq).desc()).limit(1)
    return (await session.exec(query)).first() or (0, BEGIN)


async def _seal_some(session: AsyncSession, head: tuple[int, str]) -> tuple[int, str]:
    """Give links to at most ``WINDOW`` rows of each record; answers the new end of the chain.

    Under the lock ``LOCK``, or two replicas would go on from the same end; the key ``seq`` refuses
    the second of them all the same.
    """
    for record in RECORDS:
        for values in (await session.exec(unsealed(record, LOOK_BACK).limit(WINDOW))).mappings():
            head = add_link(session, head, record, values)
    return head


def add_link(
    session: AsyncSession, head: tuple[int, str], record: str, values: Mapping[str, Any]
) -> tuple[int, str]:
    """Add the link of one row, with a salt of its own, behind ``head``; answers the new end.

    Under the lock ``LOCK``. ``values`` as ``make_link`` takes them.
    """
    seq, salt = head[0] + 1, secrets.token_hex(SALT_BYTES)
    link = make_link(seq, record, values, salt)
    digest = link.digest(head[1])
    session.add(AuditEvent(**asdict(link), previous=head[1], hash=digest))
    session.add(AuditSalt(seq=seq, salt=salt))
    return seq, digest


async def links_of(session: AsyncSession, record: str) -> list[str]:
    """The names under which links of a record's rows stand: its own, and one for each rule."""
    query = select(Forgotten.id).where(col(Forgotten.verb) == ERASE)
    rules = (await session.exec(query)).all()
    return [record, AGAIN + record, *(erased_by(rule, record) for rule in rules)]


def table_of(record: str) -> Any:
    """The table of a record, by its name in ``RECORDS``. Raises KeyError for any other."""
    return SQLModel.metadata.tables[record]


def unsealed(record: str, look_back: int | None = None) -> Any:
    """A query for a record's rows without a link, by id; ``look_back``: only those near the end.

    That many ids before the last with a link are looked at again.
    """
    table = table_of(record)
    linked = exists().where(
        col(AuditEvent.record) == literal(record), col(AuditEvent.row) == table.c.id
    )
    query = table.select().where(~linked).order_by(table.c.id)
    if look_back is None:
        return query
    last = select(func.max(AuditEvent.row)).where(col(AuditEvent.record) == literal(record))
    return query.where(table.c.id > func.coalesce(last.scalar_subquery(), 0) - look_back)
