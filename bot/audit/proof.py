"""Whether the records are still what they were: the chain, link by link, against the rows.

Three things are looked at: that the links follow each other from the first, that each says of its
row what the row says, and that no row is without one. What cannot be seen from inside is an end
that is gone with its rows; for that a head is kept elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.audit.sealing import links_of, table_of, unsealed
from bot.rules.audit.links import (
    BEGIN,
    ERASE,
    FORM,
    RECORDS,
    Link,
    base_of,
    make_link,
    rule_of,
)
from bot.rules.compliance.retention import MARK, forget
from storage.database import Database
from storage.models import AuditEvent, AuditSalt, Forgotten

BATCH = 1_000
NAMED = 20  # findings that are named one by one
# The records whose words may go by rule, with the column that names their subject and its name.
FORGETTING: Mapping[str, tuple[str, str]] = {
    "timeline_event": ("case_number", "ESC"), "problem_event": ("problem", "PRB"),
}  # fmt: skip
WORDS = ("before", "after", "why")
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

    Nothing is changed, and no lock is taken: it may run beside the app. At most 26 statements
    for each ``BATCH``, and memory for one. ``progress`` hears how many links are done after each of
    them. ``now`` is by when a row must have its link.
    """
    verdict = Verdict()
    async with database.read() as session:
        while rows := await next_links(session, verdict.links):
            kept = await _kept(session, rows)
            for row in rows:
                _prove(verdict, row, kept, head)
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


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store has of some links: their rows by record and id, and their salts by number.

    ``newest`` has the number of each row's last link. ``ruled`` are the cases and problems
    (``ESC-7``) of which words went by rule, ``erased`` has the pseudonym of each erasure, by its
    number, as it is on record. What is gone is missing.
    """

    values: Mapping[tuple[str, int], Mapping[str, Any]]
    salts: Mapping[int, str]
    newest: Mapping[tuple[str, int], int]
    ruled: Set[str]
    erased: Mapping[int, str]


async def _kept(session: AsyncSession, links: Sequence[AuditEvent]) -> Kept:
    """What the store has of these links. Three statements for each record, and six at most."""
    values = await _values(session, links)
    newest, ruled = dict[tuple[str, int], int](), set[str]()
    for record in {base_of(link.record) for link in links} & RECORDS.keys():
        rows = [row for of, row in values if of == record]
        names = col(AuditEvent.record).in_(await links_of(session, record))
        last = select(AuditEvent.row, func.max(AuditEvent.seq)).group_by(col(AuditEvent.row))
        found = (await session.exec(last.where(names, col(AuditEvent.row).in_(rows)))).all()
        newest |= {(record, row): seq for row, seq in found}
    for record, (name, subject) in FORGETTING.items():
        numbers = {row[name] for (of, _), row in values.items() if of == record}
        column = col(getattr(Forgotten, name))
        if numbers:
            query = select(column).where(column.in_(numbers)).distinct()
            ruled |= {f"{subject}-{number}" for number in (await session.exec(query)).all()}
    rules = {rule for link in links if (rule := rule_of(link.record))}
    erasures = select(Forgotten).where(col(Forgotten.id).in_(rules), Forgotten.verb == ERASE)
    erased = {row.id: str(row.about.get("as", "")) for row in (await session.exec(erasures)).all()}
    return Kept(values, await _salts(session, links), newest, ruled, erased)


async def _values(
    session: AsyncSession, links: Sequence[AuditEvent]
) -> dict[tuple[str, int], Mapping[str, Any]]:
    """The rows of these links, by table and id; those that are gone are missing."""
    found: dict[tuple[str, int], Mapping[str, Any]] = {}
    for record in {base_of(link.record) for link in links} & RECORDS.keys():
        table = table_of(record)
        ids = [link.row for link in links if base_of(link.record) == record]
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


def _prove(verdict: Verdict, row: AuditEvent, kept: Kept, head: Head | None) -> None:
    """Compare one link with the one before it and with its row; the verdict goes on from it.

    After a link that was changed the rest is held to the hash that it says, so one change is one
    finding and not all that follow.
    """
    name = f"link {row.seq} ({row.record} {row.row}, {row.about or row.what})"
    if row.seq != verdict.links + 1:
        verdict.add(f"links {verdict.links + 1} to {row.seq - 1} are gone")
    if row.previous != verdict.hash:
        verdict.add(f"{name}: does not follow the link before it")
    link = Link(**{each.name: getattr(row, each.name) for each in fields(Link)})
    if link.digest(row.previous) != row.hash:
        verdict.add(f"{name}: the link was changed")
    elif row.form != FORM or base_of(row.record) not in RECORDS:
        verdict.add(f"{name}: of another version of the program")
    elif wrong := _differs(link, kept):
        verdict.add(f"{name}: {wrong}")
    if head is not None and head.seq == row.seq and head.hash != row.hash:
        verdict.add(f"{name}: the kept head has another hash here")
    verdict.links, verdict.hash = row.seq, row.hash


def _differs(link: Link, kept: Kept) -> str:
    """What is wrong with the row of a link, in words; empty where it is as the link says.

    Of a row that lost words or a name by a rule only the last link has a salt, and proves what is
    left; the earlier ones are held to what they say in the clear.
    """
    row = (base_of(link.record), link.row)
    values, salt = kept.values.get(row), kept.salts.get(link.seq)
    if values is None:
        return "its row is gone"
    if link.record != row[0] and not _by_rule(link, values, kept):
        return "its words were deleted by no rule"
    if salt is None and link.seq >= kept.newest.get(row, link.seq):
        return "its salt is gone, so the row cannot be compared"
    try:
        found = make_link(link.seq, link.record, values, salt or "")
    except (TypeError, ValueError):  # a salt that is none, an instant that is none
        return "its row was changed"
    if salt is None:
        found = replace(found, who=link.who, content=link.content)
    return "" if found == link else "its row was changed"


def _by_rule(link: Link, values: Mapping[str, Any], kept: Kept) -> bool:
    """Whether what a later link says was done by a rule that is on record."""
    if rule := rule_of(link.record):
        alias, said = kept.erased.get(rule, ""), repr(dict(values))
        return alias != "" and (alias in said or MARK in said)
    return link.about in kept.ruled and _is_forgotten(values)


def _is_forgotten(values: Mapping[str, Any]) -> bool:
    """Whether no words are left in a row of a record."""
    return all(forget(values[name]) == values[name] for name in WORDS if name in values)


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
