"""Whether the records are still what they were: the chain, link by link, against the rows.

Three things are looked at: that the links follow each other from the first, that each says of its
row what the row says, and that no row is without one. What cannot be seen from inside is an end
that is gone with its rows; for that a head is kept elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import table_of, unsealed
from bot.rules.audit.links import BEGIN, FORM, RECORDS, Link, make_link
from storage.database import Database
from storage.models import AuditEvent, AuditSalt

BATCH = 1_000
NAMED = 20  # findings that are named one by one
LATE = timedelta(hours=1)  # a row without a link for so long is a finding


@dataclass
class Verdict:
    """What a proof found: ``links`` and the last ``hash``, and at most ``NAMED`` findings.

    ``wrong`` counts all of them. A finding names the link, the row, and what is wrong.
    """

    links: int = 0
    hash: str = BEGIN
    wrong: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, finding: str) -> None:
        """One thing that is not as it was."""
        self.wrong += 1
        if len(self.findings) < NAMED:
            self.findings.append(finding)


@dataclass(frozen=True, slots=True)
class Head:
    """An end of the chain that was kept elsewhere, its signature already checked.

    ``seq`` 0 and ``hash`` empty: there was no link yet.
    """

    seq: int
    hash: str


async def prove_records(
    database: Database,
    now: datetime,
    head: Head | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Verdict:
    """Compute every link anew, and compare it with its row; ``head`` must be in the chain.

    Nothing is changed, and no lock is taken: it may run beside the app. Four statements at most for
    each ``BATCH``, and memory for one. ``progress`` hears how many links are done after each of
    them. ``now`` is by when a row must have its link.
    """
    verdict = Verdict()
    async with database.read() as session:
        while rows := await next_links(session, verdict.links):
            values = await _values(session, rows)
            salts = await _salts(session, rows)
            for row in rows:
                _prove(verdict, row, values.get((row.record, row.row)), salts.get(row.seq), head)
            progress(verdict.links)
        for record in RECORDS:
            await _prove_complete(session, verdict, record, now)
    if head is not None and head.seq > verdict.links:
        verdict.add(f"the kept head is link {head.seq}, and the chain ends at {verdict.links}")
    return verdict


async def next_links(session: AsyncSession, after: int) -> Sequence[AuditEvent]:
    """At most ``BATCH`` links after a number, in their order; empty: there are no more.

    They are let go of by the session, which would keep millions.
    """
    query = select(AuditEvent).where(col(AuditEvent.seq) > after).order_by(col(AuditEvent.seq))
    found = (await session.exec(query.limit(BATCH))).all()
    session.expunge_all()
    return found


async def _values(
    session: AsyncSession, links: Sequence[AuditEvent]
) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The rows of these links, by record and id; those that are gone are missing."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for record in {link.record for link in links} & RECORDS.keys():
        table = table_of(record)
        ids = [link.row for link in links if link.record == record]
        rows: Any = table.select().where(table.c.id.in_(ids))
        for values in (await session.exec(rows)).mappings():
            found[record, values["id"]] = values
    return found


async def _salts(session: AsyncSession, links: Sequence[AuditEvent]) -> dict[int, str]:
    """The salts of these links, by number; those that are gone are missing."""
    query = select(AuditSalt.seq, AuditSalt.salt).where(
        col(AuditSalt.seq) >= links[0].seq, col(AuditSalt.seq) <= links[-1].seq
    )
    return dict((await session.exec(query)).all())


def _prove(
    verdict: Verdict,
    row: AuditEvent,
    values: Mapping[str, Any] | None,
    salt: str | None,
    head: Head | None,
) -> None:
    """Compare one link with the one before it and with its row; the verdict goes on from it.

    ``values`` is None where the row is gone, ``salt`` where that is. After a link that was changed
    the rest is held to the hash that it says, so one change is one finding and not all that follow.
    """
    name = f"link {row.seq} ({row.record} {row.row}, {row.about or row.what})"
    if row.seq != verdict.links + 1:
        verdict.add(f"links {verdict.links + 1} to {row.seq - 1} are gone")
    if row.previous != verdict.hash:
        verdict.add(f"{name}: does not follow the link before it")
    link = Link(**{each.name: getattr(row, each.name) for each in fields(Link)})
    if link.digest(row.previous) != row.hash:
        verdict.add(f"{name}: the link was changed")
    elif row.form != FORM or row.record not in RECORDS:
        verdict.add(f"{name}: of another version of the program")
    elif values is None:
        verdict.add(f"{name}: its row is gone")
    elif salt is None:
        verdict.add(f"{name}: its salt is gone, so the row cannot be compared")
    elif _differs(link, values, salt):
        verdict.add(f"{name}: its row was changed")
    if head is not None and head.seq == row.seq and head.hash != row.hash:
        verdict.add(f"{name}: the kept head has another hash here")
    verdict.links, verdict.hash = row.seq, row.hash


def _differs(link: Link, values: Mapping[str, Any], salt: str) -> bool:
    """Whether a row gives another link than the one it has."""
    try:
        return make_link(link.seq, link.record, values, salt) != link
    except (TypeError, ValueError):  # a salt that is none, an instant that is none
        return True


async def _prove_complete(
    session: AsyncSession, verdict: Verdict, record: str, now: datetime
) -> None:
    """Find rows that have no link although there was time enough."""
    table = table_of(record)
    stored = "recorded_at" if "recorded_at" in table.c else "at"
    late = unsealed(record).where(table.c[stored] < now - LATE).order_by(None).subquery()
    count = (await session.exec(select(func.count()).select_from(late))).one()
    if count:
        verdict.add(f"{record}: {count} older than an hour without a link")
