"""The record of a case or problem has every column of every row that belongs to it."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Date, Table, Text, insert, select
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from bot.compliance.overdue import Subject
from bot.rules.compliance.columns import HOLDINGS
from bot.rules.states import MessageState
from bot.rules.tokens import UNSIGNED, LinkClaim, LinkKind, Signer
from cli.files import records
from cli.files.belonging import LEFT_COLUMNS, LEFT_OUT, NAMES, is_of
from storage.models import Mail
from storage.types import EnumText, Instant
from tests.bot.compliance.old_cases import value_of
from tests.bot.compliance.test_marker import old_problem
from tests.bot.stage import T0, Stage

TABLES = SQLModel.metadata.tables
MARKER = "Zebrafink"
THERE = {"account", "escalation", "problem"}  # the rows themselves
ROW = 900  # the id of every row that is put in
# What joins a row to a case or problem that is no foreign key: by table, of the case, the problem.
JOINED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "inbox": ({"lane": "case:{}"}, {"lane": "problem:{}"}),
    "outbox": ({"case_number": "{}", "lane": "dm:U1"}, {"lane": "problem:{}:card"}),
    "audit_event": ({"about": "ESC-{}"}, {"about": "PRB-{}"}),
    "terminal_action": ({"case_number": "{}"}, {"about": {"problem": "{}"}}),
}


def belongs(problem: bool) -> list[Table]:
    """The tables of which rows belong to a case, or to a problem."""
    found = [
        t for t in SQLModel.metadata.sorted_tables if is_of(t, Subject(1, problem)) is not None
    ]
    return [t for t in found if t.name not in ("account", "escalation", "problem")]


def test_a_table_belongs_to_a_case_or_a_problem_or_is_left_out_for_a_reason() -> None:
    """A new table that belongs to neither is named with its reason in ``LEFT_OUT``."""
    told = {t.name for p in (False, True) for t in belongs(p)} | {
        "account",
        "escalation",
        "problem",
    }
    assert told | set(LEFT_OUT) == set(TABLES)
    assert not told & set(LEFT_OUT)
    assert all(LEFT_OUT.values())
    for table, column in (*LEFT_COLUMNS, *NAMES):
        assert column in TABLES[table].c


def test_what_belongs_by_the_table_of_columns_is_never_left_out() -> None:
    for name, holding in HOLDINGS.items():
        for problem, paths in ((False, holding.case), (True, holding.problem)):
            assert not paths or is_of(TABLES[name], Subject(1, problem)) is not None, name
    with_number = {t.name for t in TABLES.values() if "case_number" in t.c}
    assert with_number <= {t.name for t in belongs(False)}


def full(column: Column[Any]) -> Any:
    """A value that is there, with table and column in it where it is text."""
    kind, said = column.type, f"{MARKER} {column.table.name}.{column.name}"
    if isinstance(kind, EnumText):
        return list(kind.members)[-1]
    match kind:
        case JSON():
            return {"files": [{"name": said}]}
        case Text() | AutoString():
            return said
        case Instant():
            return T0
        case Date():
            return date(2026, 2, 10)
    return kind.python_type(1)


async def put_in(stage: Stage, number: int, problem: int, *, of_problem: bool) -> set[str]:
    """A row with a value in every column, in each table of which rows belong to one of the two.

    Answers the tables of which rows belong to the case, or with ``of_problem`` to the problem.
    """
    both = {table.name for problem in (False, True) for table in belongs(problem)}
    async with stage.database.engine.begin() as connection:
        for table in [t for t in SQLModel.metadata.sorted_tables if t.name in both]:
            values: dict[str, Any] = {}
            for column in table.c:
                by_key = bool(column.foreign_keys)
                named = HOLDINGS[table.name]
                values[column.name] = (
                    await value_of(connection, named, column, number, problem)
                    if by_key or column.name == "problem" else full(column)
                )  # fmt: skip
            key = [c for c in table.primary_key if not c.foreign_keys]
            values |= {c.name: ROW for c in key if c.type.python_type is int}
            own = problem if of_problem else number
            values |= {
                name: dict.fromkeys(said, own) if isinstance(said, dict)
                else own if said == "{}" else said.format(own)
                for name, said in JOINED.get(table.name, ({}, {}))[of_problem].items()
            }  # fmt: skip
            values |= await joined(connection, table, number)
            await connection.execute(insert(table).values(values))
    return {table.name for table in belongs(of_problem)}


async def joined(connection: Any, table: Table, number: int) -> dict[str, Any]:
    """What makes a row the same as one that belongs, where nothing else does."""
    case = TABLES["escalation"].c
    match table.name:
        case "form_request":  # the signal that is put in later has this key
            return {"key": full(TABLES["signal"].c.key)}
        case "known_ticket":
            query = select(case.helpdesk, case.ticket).where(case.number == number)
            return dict((await connection.execute(query)).mappings().one())
        case "tracked_bug":
            return {"key": full(TABLES["known_issue"].c.bug_key)}
        case "action_item":
            return {"bug_key": full(TABLES["known_issue"].c.bug_key)}
        case "mail":
            return {"receipt": ROW}
    return {}


@pytest.mark.parametrize("of_problem", [False, True], ids=["case", "problem"])
async def test_every_column_of_every_table_stands_in_the_record(
    kept: Stage, of_problem: bool
) -> None:
    number = await kept.opened()
    problem = await old_problem(kept, number)
    async with kept.database.engine.begin() as connection:
        case = TABLES["escalation"]
        marked = {c: f"{MARKER} {c}" for c in ("helpdesk", "ticket", "stake")}
        await connection.execute(case.update().where(case.c.number == number).values(marked))
    tables = await put_in(kept, number, problem, of_problem=of_problem)
    read = records.problem_record if of_problem else records.case_record
    found = await read(kept.database, problem if of_problem else number)
    assert found is not None
    for model in records.all_models():
        table = records.table_of(model)
        if table.name not in tables:
            continue
        rows = found[records.name_record(model)]
        [row] = [row for row in rows if MARKER in json.dumps(row)] or rows
        left = {column for name, column in LEFT_COLUMNS if name == table.name}
        assert set(row) == {column.name for column in table.c} - left
        for column in table.c:
            if column.name in left or column.name in JOINED.get(table.name, ({}, {}))[of_problem]:
                continue
            alone = column.foreign_keys or column.name in ("case_number", "problem")
            assert row[column.name] is not None or alone, (table.name, column.name)
            if isinstance(column.type, Text | AutoString | JSON) and not column.foreign_keys:
                assert MARKER in json.dumps(row[column.name]), (table.name, column.name)


async def test_rows_of_another_case_stay_out(kept: Stage) -> None:
    number, other = await kept.opened(), await kept.opened(customer="Beta")
    problem = await old_problem(kept, number)
    await put_in(kept, other, problem, of_problem=False)
    found = await records.case_record(kept.database, number)
    assert found is not None
    assert {t: r for t, r in found.items() if MARKER in json.dumps(r)} == {}
    assert {row["case_number"] for row in found["timeline_event"]} == {number}
    assert [row["number"] for row in found["case"]] == [number]


async def test_nothing_opens_by_what_stands_in_a_record(kept: Stage) -> None:
    number, tokens = await kept.opened(), Signer(b"k" * 32)
    link = tokens.link(LinkClaim(LinkKind.STATUS, 5, T0))
    reply, receipt = tokens.reply_tag(number), tokens.receipt_tag(12)
    text = f"See https://desk.example/c/{link}\nTo: {reply}@x.example, {receipt.upper()}@x"
    await kept.add(
        Mail(case_number=number, direction="in", kind="reply", message_id="m1",
             sender="a@x.example", recipient=f"{reply}@x.example", subject="x", text=text,
             state=MessageState.RECEIVED, at=T0),
    )  # fmt: skip
    found = await records.case_record(kept.database, number)
    assert found is not None
    [mail] = found["mail"]
    for token in (link, reply, receipt.upper()):
        assert token not in json.dumps(found)
        assert token[:-29] in mail["text"] or token[:-13] in mail["text"]
    assert mail["text"].count(UNSIGNED) == 3
    assert mail["text"].startswith("See https://desk.example/c/v5-")
