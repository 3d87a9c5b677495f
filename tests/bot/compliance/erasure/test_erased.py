"""Who is erased is nowhere afterwards; facts are as they were, and the chain holds."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.audit.proof import prove_records
from bot.audit.sealing import seal_records
from bot.compliance.erasure.erasing import HeldError
from bot.compliance.erasure.finding import find_named, tables
from bot.rules.audit.links import RECORDS, rule_of
from bot.rules.compliance.columns import HOLDINGS
from storage.models import AuditEvent, AuditSalt, Forgotten, Person, TimelineEvent
from tests.bot.compliance.erasure.everywhere import (
    ALIAS,
    ID,
    WHO,
    erasing,
    fill,
    lived,
    named_in,
)
from tests.bot.compliance.old_cases import closed_case, dump, held
from tests.bot.compliance.test_marker import old_problem
from tests.bot.stage import Stage
from tests.unguarded import unguard


async def findings(stage: Stage) -> list[str]:
    return (await prove_records(stage.database, stage.now)).findings


async def test_who_stood_in_every_column_is_nowhere_afterwards(kept: Stage) -> None:
    number = await closed_case(kept)
    problem = await old_problem(kept, number)
    filled = await fill(kept, number, problem)
    await seal_records(kept)
    assert await findings(kept) == []
    assert named_in(await dump(kept)) == {table for table, _ in filled}
    found = await find_named(kept.database, WHO)
    assert found.rows.keys() == {table for table, _ in filled}
    assert (set(found.cases), set(found.problems)) == ({number}, {problem})
    done = await erasing(kept).run({})
    assert done == found.rows
    await seal_records(kept)
    assert named_in(await dump(kept)) == set()
    assert await findings(kept) == []
    assert (await find_named(kept.database, WHO)).rows == {}
    [person] = await kept.rows(Person, user_id=ALIAS)
    assert (person.name, person.email) == (ALIAS, "")


async def test_the_words_around_stay_and_so_does_every_fact(kept: Stage) -> None:
    number, _ = await lived(kept)
    before = await kept.rows(TimelineEvent, case_number=number)
    await erasing(kept).run({})
    after = await kept.rows(TimelineEvent, case_number=number)
    assert after[-1].why == f"Ask {ALIAS} ({ALIAS}) or {ALIAS} today"
    assert after[-1].after == {
        "n": 3, ALIAS: [ALIAS, {"said": f"Ask {ALIAS} ({ALIAS}) or {ALIAS} today"}],
        "status": "open",
    }  # fmt: skip
    facts = ("id", "at", "verb", "source", "case_number")
    assert [[getattr(e, f) for f in facts] for e in after] == [
        [getattr(e, f) for f in facts] for e in before
    ]


async def test_salts_are_destroyed_and_a_later_link_says_by_which_erasure(kept: Stage) -> None:
    await lived(kept)
    await erasing(kept).run({})
    [rule] = await kept.rows(Forgotten, verb="erase")
    links = await kept.rows(AuditEvent)
    salted = {salt.seq for salt in await kept.rows(AuditSalt)}
    again = {(each.record.partition(":")[2], each.row) for each in links if rule_of(each.record)}
    assert {record for record, _ in again} == RECORDS.keys()
    assert {rule_of(each.record) for each in links} == {0, rule.id}
    assert {each.seq for each in links} - salted == {
        each.seq for each in links if (each.record, each.row) in again
    }


async def test_a_hold_refuses_and_changes_nothing_of_the_case(kept: Stage) -> None:
    number, _ = await lived(kept)
    await held(kept, number)
    assert (await find_named(kept.database, WHO)).held == [number]
    with pytest.raises(HeldError, match=f"ESC-{number}"):
        await erasing(kept).run({})
    assert "timeline_event" in named_in(await dump(kept))


@pytest.mark.parametrize("record", RECORDS)
async def test_the_door_is_open_only_while_the_rule_runs(kept: Stage, record: str) -> None:
    await lived(kept)
    who = next(n for n in ("actor", "by", "data") if n in tables_by_name()[record].c)
    value = "'" + ALIAS + "'" if who != "data" else f"""'{{"x": "{ALIAS}"}}'"""
    change = f"UPDATE {record} SET {who} = {value} WHERE id = 900"
    refused = f"rows of {record} are never changed"
    with pytest.raises(DBAPIError, match=refused):
        await run(kept, change)
    await erasing(kept).run({})
    with pytest.raises(DBAPIError, match=refused):
        await run(kept, change)


def tables_by_name() -> dict[str, Any]:
    return {table.name: table for table in tables()}


async def run(stage: Stage, statement: str) -> None:
    async with stage.database.engine.begin() as connection:
        await connection.execute(text(statement.replace(":", "\\:")))


@pytest.mark.parametrize("change", [
    "why = 'Something else'", "why = ''", f"why = 'x {ALIAS}'", "verb = 'y'", "source = 'y'",
    f"verb = '{ALIAS}'", "case_number = case_number + 1", "actor = 'UEVE'", "after = '{}'",
    "at = '2020-01-01 00:00:00+00:00'",
])  # fmt: skip
async def test_while_it_runs_nothing_else_may_change(kept: Stage, change: str) -> None:
    await lived(kept)
    await erasing(kept)._begin()
    with pytest.raises(DBAPIError, match="rows of timeline_event are never changed"):
        await run(kept, f"UPDATE timeline_event SET {change} WHERE id = 900")
    await run(kept, f"UPDATE timeline_event SET actor = '{ALIAS}' WHERE id = 900")


async def test_links_and_salts_are_beyond_the_door(kept: Stage) -> None:
    await lived(kept)
    await erasing(kept)._begin()
    with pytest.raises(DBAPIError, match="rows of audit_event are never changed"):
        await run(kept, f"UPDATE audit_event SET who = '{ALIAS}'")


@pytest.mark.parametrize("record", RECORDS)
async def test_one_byte_that_is_another_afterwards_is_found(kept: Stage, record: str) -> None:
    await lived(kept)
    await erasing(kept).run({})
    await seal_records(kept)
    assert await findings(kept) == []
    await unguard(kept.database)
    who = next(n for n in ("actor", "by", "data") if n in tables_by_name()[record].c)
    value = f"'{ALIAS[:-1]}e'" if who != "data" else "'{\"n\": 4}'"
    await run(kept, f"UPDATE {record} SET {who} = {value} WHERE id = 900")
    assert f"({record} 900" in str(await findings(kept)) or f":{record} 900" in str(
        await findings(kept)
    )


async def test_an_erasure_without_its_rule_is_found(kept: Stage) -> None:
    await lived(kept)
    await erasing(kept).run({})
    await seal_records(kept)
    await unguard(kept.database)
    await run(kept, "UPDATE forgotten SET verb = 'forget_files' WHERE verb = 'erase'")
    assert "its words were deleted by no rule" in str(await findings(kept))


async def test_every_table_is_looked_through() -> None:
    never = HOLDINGS.keys() - tables_by_name().keys()
    assert never == {"audit_event", "audit_salt", "secret"}
    assert ID in WHO.texts
