"""The chain over the records: every row is in it, and whatever is changed is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from bot.audit.proof import LATE, Head, Verdict, prove_records
from bot.audit.sealing import find_head, seal_records
from bot.rules.audit.links import RECORDS, canonical, is_signed, sign_head
from storage.database import Database
from storage.models import AuditEvent, AuditSalt, TerminalAction
from tests.bot.stage import Stage
from tests.unguarded import KEPT, unguard


def table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


async def proof(stage: Stage, head: Head | None = None) -> Verdict:
    return await prove_records(stage.database, stage.now, head)


async def head_of(stage: Stage) -> Head:
    async with stage.database.read() as session:
        return Head(*await find_head(session))


async def run(stage: Stage, statement: Any) -> None:
    async with stage.database.engine.begin() as connection:
        await connection.execute(text(statement) if isinstance(statement, str) else statement)


def another(value: Any) -> Any:
    """A value of the same kind that is not this one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
        case dict():
            return {**value, "x": 1}
        case None:
            return "x"
    return value + timedelta(microseconds=1)


@asynccontextmanager
async def changed(stage: Stage, name: str, column: str, key: Any) -> AsyncIterator[None]:
    """One value of one row is another while the block runs."""
    rows = table(name)
    first = next(iter(rows.primary_key))
    which = first == key
    async with stage.database.engine.begin() as connection:
        was = (await connection.execute(select(rows.c[column]).where(which))).scalar_one()
        await connection.execute(update(rows).where(which).values({column: another(was)}))
    yield
    key = another(key) if column == first.name else key
    await run(stage, update(rows).where(first == key).values({column: was}))


async def test_each_row_of_each_record_has_one_link_and_the_records_hold(lived: Stage) -> None:
    sealed = await seal_records(lived)
    links = await lived.rows(AuditEvent)
    assert sealed == len(links) > 10
    assert [link.seq for link in links] == list(range(1, sealed + 1))
    assert {link.record for link in links} == set(RECORDS)
    async with lived.database.read() as session:
        for name in RECORDS:
            ids = (await session.exec(select(table(name).c.id))).scalars().all()
            assert sorted(ids) == sorted(link.row for link in links if link.record == name)
    found = await proof(lived)
    assert (found.findings, found.links, found.hash) == ([], sealed, links[-1].hash)
    assert await seal_records(lived) == 0


async def test_a_link_names_nobody_and_says_no_word_of_the_record(lived: Stage) -> None:
    await seal_records(lived)
    plain = "".join(link.model_dump_json() for link in await lived.rows(AuditEvent))
    actors = {event.actor for event in await lived.timeline(1)} - {"system"}
    assert actors
    assert [word for word in (*actors, "τιμολόγια", "It is worse", "ada@") if word in plain] == []
    salts = [row.salt for row in await lived.rows(AuditSalt)]
    assert len(set(salts)) == len(salts)


async def test_the_database_refuses_to_change_or_delete_what_is_kept(lived: Stage) -> None:
    await seal_records(lived)
    for name in KEPT:
        key = next(iter(table(name).primary_key)).name
        for statement in (f"UPDATE {name} SET {key} = {key}", f"DELETE FROM {name}"):
            with pytest.raises(DBAPIError, match=f"rows of {name} are never changed"):
                await run(lived, statement)
        if not lived.database.is_sqlite:
            with pytest.raises(DBAPIError, match=f"rows of {name} are never changed"):
                await run(lived, f"TRUNCATE {name} CASCADE")
    assert (await proof(lived)).findings == []


async def test_whatever_value_of_whatever_row_is_changed_is_found(lived: Stage) -> None:
    await seal_records(lived)
    await unguard(lived.database)
    tried = 0
    for name in (*RECORDS, "audit_event", "audit_salt"):
        key = next(iter(table(name).primary_key))
        async with lived.database.read() as session:
            last = (await session.exec(select(key).order_by(key.desc()))).scalars().first()
        for column in table(name).columns:
            if column.foreign_keys or (column.primary_key and name.startswith("audit")):
                continue  # the database itself keeps these together; rows that are gone, below
            async with changed(lived, name, column.name, last):
                assert (await proof(lived)).wrong > 0, (name, column.name)
            tried += 1
    assert tried > 30
    assert (await proof(lived)).findings == []


async def test_a_row_that_is_gone_moved_or_put_in_is_found(lived: Stage) -> None:
    await seal_records(lived)
    await unguard(lived.database)
    head = await head_of(lived)
    await run(lived, "DELETE FROM timeline_event WHERE id = 2")
    assert "its row is gone" in str((await proof(lived)).findings)
    for which in ("= 3", f"= {head.seq}"):
        await run(lived, f"DELETE FROM audit_salt WHERE seq {which}")
        await run(lived, f"DELETE FROM audit_event WHERE seq {which}")
    found = str((await proof(lived)).findings)
    assert "links 3 to 3 are gone" in found
    assert "the kept head" not in found
    assert "the kept head" in str((await proof(lived, head)).findings)
    before = lived.now
    lived.now += LATE + timedelta(minutes=1)
    await lived.add(TerminalAction(at=before, by="eve@desk-1", command="nothing", about={}))
    assert "terminal_action: 2 older than an hour without a link" in str(
        (await proof(lived)).findings
    )


async def test_a_restored_backup_lacks_the_head_that_was_kept_and_goes_on(lived: Stage) -> None:
    await seal_records(lived)
    early = await head_of(lived)
    await lived.add(TerminalAction(at=lived.now, by="ada@desk-1", command="migrate", about={}))
    await seal_records(lived)
    late = await head_of(lived)
    assert (await proof(lived, early)).findings == (await proof(lived, late)).findings == []
    await unguard(lived.database)  # the store of the backup: without what came after it
    for name in ("audit_salt", "audit_event"):
        await run(lived, f"DELETE FROM {name} WHERE seq > {early.seq}")
    await run(lived, "DELETE FROM terminal_action WHERE command = 'migrate'")
    assert (await proof(lived, early)).findings == []
    assert "the kept head is link" in str((await proof(lived, late)).findings)
    await lived.add(TerminalAction(at=lived.now, by="ada@desk-1", command="restored", about={}))
    await seal_records(lived)
    assert (await proof(lived, early)).findings == []
    assert "has another hash here" in str((await proof(lived, late)).findings)


async def test_a_row_that_is_stored_after_its_later_neighbours_gets_its_link(lived: Stage) -> None:
    row = {"at": lived.now, "by": "ada@desk-1", "command": "key list", "about": {}}
    await lived.add(TerminalAction(id=90, **row))
    await seal_records(lived)
    await lived.add(TerminalAction(id=89, **row))
    lived.now -= timedelta(days=3)  # and the clock was set back
    await lived.add(TerminalAction(id=91, **{**row, "at": lived.now}))
    assert await seal_records(lived) == 2
    assert (await proof(lived)).findings == []


async def test_two_replicas_give_each_row_one_link(lived: Stage) -> None:
    url = lived.database.url.render_as_string(hide_password=False)
    others = [Stage(Database(url), lived.policy) for _ in range(2)]
    for turn in range(5):
        await lived.add(
            TerminalAction(at=lived.now, by="ada@desk-1", command=f"turn {turn}", about={})
        )
        await asyncio.gather(*(seal_records(each) for each in (lived, *others)))
    await seal_records(lived)
    for each in others:
        await each.database.close()
    links = await lived.rows(AuditEvent)
    assert len({(link.record, link.row) for link in links}) == len(links)
    found = await proof(lived)
    assert (found.findings, found.links) == ([], len(links))


def test_every_column_of_a_record_is_proved() -> None:
    """A column that comes to a record needs another ``FORM`` beside the present one."""
    for name, columns in RECORDS.items():
        assert {c.name for c in table(name).columns} == {"id", *columns}


def test_equal_values_are_the_same_bytes_and_others_are_not() -> None:
    assert canonical({"b": 1, "a": "ά"}) == canonical({"a": "ά", "b": 1})
    assert canonical(["ab", "c"]) != canonical(["a", "bc"])
    assert canonical("\ud800") != canonical("?")


def test_a_head_is_signed_as_a_whole() -> None:
    at_first = datetime(2026, 3, 2, tzinfo=UTC)
    good = sign_head(7, "ab", at_first, "key")
    assert is_signed(7, "ab", at_first, "key", good)
    for seq, digest, at, key in (
        (8, "ab", at_first, "key"), (7, "ac", at_first, "key"),
        (7, "ab", at_first + LATE, "key"), (7, "ab", at_first, "other"),
    ):  # fmt: skip
        assert not is_signed(seq, digest, at, key, good)
