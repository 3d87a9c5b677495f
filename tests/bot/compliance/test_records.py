"""The one door to the records: words of a forgotten case become the mark, nothing else moves."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.audit.proof import Head, prove_records
from bot.audit.sealing import find_head, seal_records
from bot.compliance.rounds import forget_overdue
from bot.rules.audit.links import AGAIN
from bot.rules.compliance.retention import MARK, Period
from storage.models import AuditEvent, AuditSalt, Forgotten, TimelineEvent
from tests.bot.compliance.old_cases import LATER, MARKER, closed_case, with_retention
from tests.bot.stage import T0, Stage
from tests.unguarded import unguard

REFUSED = "rows of timeline_event are never changed"


async def run(stage: Stage, statement: str, **values: Any) -> None:
    async with stage.database.engine.begin() as connection:
        await connection.execute(text(statement), values)


async def findings(stage: Stage, head: Head | None = None) -> list[str]:
    return (await prove_records(stage.database, stage.now, head)).findings


async def forgotten(stage: Stage) -> int:
    """A case that was forgotten, its records proved before and after."""
    number = await closed_case(stage)
    async with stage.database.read() as session:
        head = Head(*await find_head(session))
    assert await findings(stage, head) == []
    with_retention(stage).now = T0 + LATER
    assert await forget_overdue(stage.process()) == {Period.WORDS: 1}
    await seal_records(stage)
    assert await findings(stage, head) == []
    return number


async def test_the_salt_is_gone_and_a_second_link_proves_what_is_left(kept: Stage) -> None:
    number = await forgotten(kept)
    entries = {e.id: e for e in await kept.timeline(number)}
    links = await kept.rows(AuditEvent)
    again = {link.row for link in links if link.record == AGAIN + "timeline_event"}
    assert again == {n for n, e in entries.items() if MARK in repr((e.why, e.before, e.after))}
    salted = {salt.seq for salt in await kept.rows(AuditSalt)}
    for link in links:
        first_of_forgotten = link.record == "timeline_event" and link.row in again
        assert (link.seq in salted) is not first_of_forgotten
    assert MARKER not in repr(entries)


@pytest.mark.parametrize("change", [
    "why = 'other'", "actor = 'UEVE'", "verb = 'x'", "source = 'x'", "case_number = 2",
    "at = at, before = '{\"status\": \"[…]\"}'", "after = '{}'", "after = '{\"code\": \"x\"}'",
])  # fmt: skip
async def test_of_a_forgotten_case_too_nothing_else_may_change(kept: Stage, change: str) -> None:
    number = await forgotten(kept)
    await closed_case(kept)
    kept.now = T0 + LATER
    where = f"case_number = {number} AND verb = 'dismiss'"
    async with kept.database.engine.begin() as connection:
        with pytest.raises(DBAPIError, match=REFUSED):
            await connection.exec_driver_sql(f"UPDATE timeline_event SET {change} WHERE {where}")


async def test_without_a_rule_on_record_not_even_the_mark_may_stand_there(kept: Stage) -> None:
    number = await closed_case(kept)
    with pytest.raises(DBAPIError, match=REFUSED):
        await run(kept, "UPDATE timeline_event SET why = :mark WHERE case_number = :n",
                  mark=MARK, n=number)  # fmt: skip
    await kept.add(Forgotten(at=T0, actor="system", verb="forget_files", case_number=number))
    with pytest.raises(DBAPIError, match=REFUSED):
        await run(kept, "UPDATE timeline_event SET why = :mark WHERE case_number = :n",
                  mark=MARK, n=number)  # fmt: skip


async def test_what_was_forgotten_is_a_record_itself(kept: Stage) -> None:
    await forgotten(kept)
    for statement in ("UPDATE forgotten SET actor = 'x'", "DELETE FROM forgotten"):
        with pytest.raises(DBAPIError, match="rows of forgotten are never changed"):
            await run(kept, statement)
    await unguard(kept.database)
    await run(kept, "UPDATE forgotten SET actor = 'x'")
    assert "forgotten 1" in str(await findings(kept))


async def test_a_change_of_a_forgotten_row_is_found(kept: Stage) -> None:
    number = await forgotten(kept)
    await unguard(kept.database)
    where = f"WHERE case_number = {number} AND verb = 'dismiss'"
    for change in ("actor = 'UEVE'", "verb = 'closed'", "why = 'Something else'", "source = 'x'"):
        column = change.split()[0]
        [entry] = [e for e in await kept.timeline(number) if e.verb == "dismiss"]
        await run(kept, f"UPDATE timeline_event SET {change} {where}")
        assert await findings(kept), change
        await run(kept, f"UPDATE timeline_event SET {column} = :was WHERE id = :id",
                  was=getattr(entry, column), id=entry.id)  # fmt: skip
    assert await findings(kept) == []


async def test_words_that_go_without_a_rule_are_found(kept: Stage) -> None:
    number = await closed_case(kept)
    await unguard(kept.database)
    await run(kept, "UPDATE timeline_event SET why = :mark WHERE case_number = :n",
              mark=MARK, n=number)  # fmt: skip
    await run(kept, "DELETE FROM audit_salt WHERE seq IN (SELECT seq FROM audit_event"
                    " WHERE record = 'timeline_event')")  # fmt: skip
    assert "its salt is gone" in str(await findings(kept))


async def test_an_entry_without_a_link_waits_for_it(kept: Stage) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    await kept.add(TimelineEvent(case_number=number, at=T0, actor="x", verb="status", why=MARKER))
    assert await forget_overdue(kept.process()) == {}
    assert MARKER in repr(await kept.timeline(number))
    await seal_records(kept)
    assert await forget_overdue(kept.process()) == {Period.WORDS: 1}
    assert MARKER not in repr(await kept.timeline(number))
