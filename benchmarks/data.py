"""Years of cases in seconds: a few opened by the app itself, the rest copied by the database.

python -m benchmarks.data URL CASES KIND EVENTS_A_CASE
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import insert, literal, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col, select

from bot.cases.open import OpenCase
from bot.clock import SystemClock
from bot.concessions.request import RequestConcession
from bot.engine.actors import Actor
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.registry import USE_CASES
from bot.reports.ended import read_courses
from bot.rules.duty import Shift
from bot.rules.names import fold_name
from bot.rules.policy.load import Policy
from bot.rules.words import ConcessionReason, Severity, Status, Trigger
from bot.wiring import WIRING
from cli.workspace.local import demo_policy
from storage import schema
from storage.database import Database
from storage.models import (
    Account,
    Case,
    CaseRole,
    Clock,
    ClockEvent,
    Concession,
    ConcessionApproval,
    EndedClocks,
    TimelineEvent,
)

KINDS = ("history", "open")  # one case in five open and a timeline each; every case open, none
TEMPLATES = 4  # cases that the app opens, one a severity; all others are copies of them
CASES_A_PERSON = 40  # cases a person owns, however many there are: people come with cases
VIEWER = "U0NIKOS"  # an agent, whose lists are measured
MANAGER = "U0ELENI"  # who decides on what is asked for
PEOPLE = 2  # at least; so that at 100 cases too the measured list of somebody's cases is full
CUSTOMERS = 400
BUSY = 42  # the customer with one case in five of the first hundred: their list is always full
OPEN_EVERY = 5  # one case in so many is open
LATE_EVERY = 100  # one case in so many is open and has a clock that breached; 20 at least
SPREAD = 300  # seconds between two cases; 100,000 of them are a year
FAR = timedelta(days=400)  # when the copied clocks will next be heard of


def bench_policy() -> Policy:
    """The local workspace's policy with a rota: three shifts, the manager always on one of them."""
    lead, agents = ("U0KATE",), ("U0MAYA", VIEWER)
    shifts = (
        Shift("Always", "always", (MANAGER,), lead),
        Shift("Weekdays", "business", agents, lead),
        Shift("Everybody", "always", agents, (MANAGER,)),
    )
    return replace(demo_policy(), shifts=shifts)


async def build(database: Database, cases: int, events: int, *, all_open: bool = False) -> None:
    """Fill an empty database with so many cases, each with so many timeline events."""
    await schema.upgrade_schema(database)
    await _templates(database)
    now = SystemClock().now()
    async with database.engine.begin() as connection:
        await _copy(connection, database, cases - TEMPLATES, events, now, all_open=all_open)
    await _keep_clocks(database, now)
    await analyse_tables(database)


async def _keep_clocks(database: Database, now: datetime) -> None:
    """Keep how the clocks of closed cases went, as the app does each hour, for figures."""
    kept = SQLModel.metadata.tables[str(EndedClocks.__tablename__)]
    async with database.write() as session:
        for number, course in (await read_courses(session, range(1, TEMPLATES + 1), now)).items():
            like = select(Case.severity).where(col(Case.number) == number).scalar_subquery()
            spec = literal(course.to_spec(), kept.c.data.type)
            rows = select(Case.number, Case.version, spec).where(
                col(Case.status) == Status.CLOSED, col(Case.severity) == like
            )
            into = insert(EndedClocks).from_select(["case_number", "version", "data"], rows)
            await session.exec(into)


async def analyse_tables(database: Database) -> None:
    """Tell the planner what was copied in bulk, as the database itself does after a while."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))


async def _templates(database: Database) -> None:
    services = Standalone(database, bench_policy(), SystemClock(), wiring=WIRING)
    async with database.write() as session:
        for number in range(CUSTOMERS):
            name = customer(number)
            session.add(Account(key=f"a{number}", name=name, folded=fold_name(name)))
    for severity in Severity:
        intent = OpenCase(
            account="a0", customer="Template", stake="It stopped.", trigger=Trigger.TECHNICAL,
            severity=severity,
        )  # fmt: skip
        async with UnitOfWork.begin(services, Actor("U0MAYA", "form"), "bench") as work:
            await USE_CASES["open_case"](work, intent)
            await USE_CASES["request_concession"](work, _concession(severity))
            session = work.session
            await session.exec(text("UPDATE outbox SET state = 'done'"))  # type: ignore[call-overload]
            await session.exec(text("UPDATE escalation SET channel_id = 'C' || number"))  # type: ignore[call-overload]


def _concession(number: int) -> RequestConcession:
    """More than an agent gives alone, so it waits for a manager."""
    reason = ConcessionReason.MISSED_PROMISE
    return RequestConcession(case=number, amount="500 EUR", reason=reason, why="We were late.")


def customer(number: int) -> str:
    """A customer's name."""
    return f"Customer {number:04} Works"


async def _copy(
    connection: AsyncConnection,
    database: Database,
    cases: int,
    events: int,
    now: datetime,
    *,
    all_open: bool,
) -> None:
    sqlite = database.is_sqlite
    number = f"(n.i + {TEMPLATES})"
    is_open = "1 = 1" if all_open else f"n.i % {OPEN_EVERY} = 0"
    ago = f"n.i * {SPREAD}"
    people = max(PEOPLE, cases // CASES_A_PERSON)
    account = f"CASE WHEN n.i <= 100 AND n.i % 5 = 3 THEN {BUSY} ELSE n.i % {CUSTOMERS} END"
    then = _shifted("t.received_at", ago, sqlite=sqlite)
    await _insert(connection, Case, cases, f"t.number = 1 + n.i % {TEMPLATES}", {
        "number": number,
        "account_key": f"'a' || ({account})",
        "customer": f"'Customer ' || {_padded(f'({account})', sqlite=sqlite)} || ' Works'",
        "status": f"CASE WHEN {is_open} THEN 'investigating' ELSE 'closed' END",
        "owner": _somebody(f"(n.i / {OPEN_EVERY}) % {people}"),
        "reporter": _somebody(f"(n.i / 7) % {people}"),
        "channel_id": f"'C' || {number}",
        "received_at": then,
        "changed_at": then,
        "similar_at": "NULL",
        "playbooks_at": "NULL",
        "learn_at": "NULL",
        "resolved_at": f"CASE WHEN {is_open} THEN NULL ELSE {then} END",
    })  # fmt: skip
    for word in ("'stoppe'", "'part' || (number % 37)", "'sign' || (number % 997)"):
        words = f"SELECT {word}, number FROM escalation WHERE status = 'closed'"
        await connection.execute(text(f"INSERT INTO solved_word (word, case_number) {words}"))
    same = f"t.case_number = 1 + n.i % {TEMPLATES}"
    await _insert(connection, CaseRole, cases, same, {"case_number": number})
    moved = {"case_number": number, "id": None}
    await _insert(connection, ClockEvent, cases, f"{same} AND {is_open}", moved)
    # Spread over the severities, which follow from the number; all of them are open.
    every = max(1, min(LATE_EVERY, cases // 20) // OPEN_EVERY)
    opened = f"(n.i / {OPEN_EVERY})"
    late = f"{opened} % {every} = ({opened} / {every}) % {every} AND t.name = 'acknowledge'"
    late = "1 = 0" if all_open else late
    far = f"'{(now + FAR).strftime('%Y-%m-%d %H:%M:%S.%f')}{'' if sqlite else '+00'}'"
    await _insert(connection, Clock, cases, f"{same} AND {is_open}", {
        "case_number": number,
        "state": f"CASE WHEN {late} THEN 'breached' ELSE t.state END",
        "breached_at": f"CASE WHEN {late} THEN {then.replace('received_at', 'started_at')} END",
        "next_fire_at": far if sqlite else f"{far}::timestamptz",
    })  # fmt: skip
    await _insert(connection, Concession, cases, same, {
        "id": number,
        "case_number": number,
        "account_key": f"'a' || ({account})",
        "customer": f"'customer ' || {_padded(f'({account})', sqlite=sqlite)} || ' works'",
        "state": f"CASE WHEN {is_open} THEN 'waiting' ELSE 'fulfilled' END",
        "asked_at": then.replace("received_at", "asked_at"),
    })  # fmt: skip
    asked = {"case_number": number, "concession": number, "id": None}
    await _insert(connection, ConcessionApproval, cases, f"{same} AND {is_open}", asked)
    for _ in range(events):  # one after another, as time brings them: a case's lie far apart
        await _insert(connection, TimelineEvent, cases, same, moved)


def _somebody(number: str) -> str:
    """People by number; one of them is the viewer, who may read."""
    return f"CASE {number} WHEN 1 THEN '{VIEWER}' ELSE 'U' || ({number}) END"


async def _insert(
    connection: AsyncConnection,
    model: type[SQLModel],
    copies: int,
    where: str,
    changed: Mapping[str, str | None],
) -> None:
    """Copy the templates' rows of a table ``copies`` times; None leaves a column to the database.

    Templates are those of the first cases; ``n.i`` counts from 1.
    """
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    names = [c.name for c in table.columns if changed.get(c.name, "") is not None]
    values = [changed.get(n) or f't."{n}"' for n in names]
    key = "number" if model is Case else "case_number"
    once = (
        f"AND t.id IN (SELECT min(id) FROM {table.name} WHERE {key} <= {TEMPLATES} GROUP BY {key})"
    )
    columns = ", ".join(f'"{n}"' for n in names)
    count = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies})"
    into = f"INSERT INTO {table.name} ({columns})"
    rows = f"SELECT {', '.join(values)} FROM n JOIN {table.name} t ON t.{key} <= {TEMPLATES}"
    also = f"AND {where} {once if model is TimelineEvent else ''}"
    if copies > 0:
        first, last = (count, into) if connection.dialect.name == "sqlite" else (into, count)
        await connection.execute(text(f"{first} {last} {rows} {also}"))


def _shifted(column: str, seconds: str, *, sqlite: bool) -> str:
    if sqlite:
        shift = f"'-' || ({seconds}) || ' seconds'"
        return f"strftime('%Y-%m-%d %H:%M:%f', {column}, {shift}) || '000'"
    return f"{column} - ({seconds}) * interval '1 second'"


def _padded(value: str, *, sqlite: bool) -> str:
    return f"printf('%04d', {value})" if sqlite else f"lpad(({value})::text, 4, '0')"


async def _main() -> None:
    url, cases, kind, events = sys.argv[1:]
    database = Database(url)
    history = kind == KINDS[0]
    await build(database, int(cases), int(events) if history else 0, all_open=not history)
    await database.close()


if __name__ == "__main__":
    asyncio.run(_main())
