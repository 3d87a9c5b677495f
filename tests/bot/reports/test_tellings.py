"""Contacts that did not come: the figure against plain SQL, and what is in neither number."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.reports.tellings import read_tellings
from bot.rules.learning.outreach import OutreachState, Prevented, TellingRecord, count_prevented
from bot.rules.reports.periods import Period, PeriodKind
from storage.database import Database
from storage.models import Account, Affected, Case, KnownIssue, OutreachAccount, Problem
from tests.bot.store import Keeper
from tests.statements import counted_statements

BEGINS, ENDS = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 15, tzinfo=UTC)
Q3 = Period(PeriodKind.QUARTER, BEGINS.date(), date(2026, 9, 30), "UTC")
PARTS = ("Payments", "Search")


def case(number: int, account: str, at: datetime, **more: object) -> Case:
    """A case of an account, received at an instant."""
    return Case(
        number=number, account_key=account, customer=account, stake="It stopped.",
        trigger="technical", severity=2, status="closed", reporter="UANNA", owner="UEMMA",
        received_at=at, opened_at=at, changed_at=at, policy_version="v1", **more,
    )  # fmt: skip


async def build(session: AsyncSession, accounts: int) -> None:
    """Sources, customers who were told from one of them, and what they came with afterwards."""
    chance = random.Random(7)
    session.add_all(Account(key=f"a{n}", name=f"A{n}", folded=f"a{n}") for n in range(accounts))
    await session.flush()
    for number, part in enumerate((*PARTS, *PARTS), start=1):
        hidden = number == 4
        session.add(case(number, "a0", BEGINS, component=part, sensitive=hidden))
    session.add(Problem(number=9, title="Hangs", owner="UEMMA", opened_by="UEMMA", severity=4,
                        opened_at=BEGINS, state="known", cycle_began_at=BEGINS))  # fmt: skip
    await session.flush()
    session.add(KnownIssue(number=9, component="Search"))
    for n in range(1, accounts):
        told = BEGINS + timedelta(days=chance.uniform(-20, 110))
        source = chance.randint(1, 4)
        state = chance.choice([OutreachState.TOLD] * 4 + [OutreachState.SPARED])
        session.add(OutreachAccount(
            case_number=source, account_key=f"a{n}", component=PARTS[(source - 1) % 2],
            user_id="UCARL", language="en", state=state, answered_at=told,
        ))  # fmt: skip
        for extra in range(chance.randint(0, 2)):
            at = told + timedelta(days=chance.uniform(-30, 60))
            session.add(case(
                100 + 2 * n + extra, f"a{n}", at, component=chance.choice((*PARTS, "")),
                sensitive=chance.random() < 0.2,
            ))  # fmt: skip
        if chance.random() < 0.2:
            session.add(Affected(
                problem=9, folded=f"a{n}", customer=f"A{n}", account_key=f"a{n}", said_by="UEMMA",
                said_at=told + timedelta(days=chance.uniform(-30, 60)),
                removed_at=NOW if chance.random() < 0.3 else None,
            ))  # fmt: skip


def within(database: Database, column: str) -> str:
    """Plain SQL: the column lies in the thirty days after the customer was told."""
    if database.is_sqlite:
        days = f"julianday({column}) - julianday(o.answered_at)"
        return f"{column} > o.answered_at AND {days} <= 30"
    return f"{column} > o.answered_at AND {column} - o.answered_at <= INTERVAL '30 days'"


async def test_what_was_prevented_is_what_plain_sql_counts(keeper: Keeper) -> None:
    database = keeper.database
    async with database.write() as session:
        await build(session, 250)
    async with database.read() as session:
        with counted_statements(database) as seen:
            found = await read_tellings(session, Q3)
        assert len([each for each in seen if each.startswith("SELECT")]) == 3
        same = "c.account_key = o.account_key AND c.component = o.component"
        came = f"EXISTS (SELECT 1 FROM escalation c WHERE {same} AND {{}} AND "
        came += f"{within(database, 'c.received_at')})"
        listed = (
            "EXISTS (SELECT 1 FROM affected f JOIN known_issue k ON k.number = f.problem WHERE"
            " f.account_key = o.account_key AND k.component = o.component AND f.removed_at IS NULL"
            f" AND {within(database, 'f.said_at')})"
        )
        told = (
            "SELECT count(*) FROM outreach_account o JOIN escalation e ON e.number = o.case_number"
            " WHERE o.state = 'told' AND NOT e.sensitive AND o.answered_at >= :begins"
            f" AND o.answered_at < :ends AND NOT {came.format('c.sensitive')}"
        )
        stayed = f"NOT {came.format('NOT c.sensitive')} AND NOT {listed}"
        given = {"begins": _plain(database, BEGINS), "ends": _plain(database, ENDS)}
        over = given | {"over": _plain(database, NOW - timedelta(days=30))}
        counts = [
            (await session.exec(text(each), params=params)).one()[0]  # type: ignore[call-overload]
            for each, params in (
                (told, given),
                (f"{told} AND o.answered_at <= :over", over),
                (f"{told} AND o.answered_at <= :over AND {stayed}", over),
            )
        ]
    assert count_prevented(found, NOW) == Prevented(*counts)
    assert counts[0] > counts[1] > counts[2] > 20


def _plain(database: Database, at: datetime) -> object:
    """An instant as plain SQL compares it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f") if database.is_sqlite else at


@pytest.mark.parametrize(
    ("came_after", "now_after", "expected"),
    [
        (None, 29, Prevented(1, 0, 0)), (None, 30, Prevented(1, 1, 1)),
        (30, 31, Prevented(1, 1, 0)), (31, 40, Prevented(1, 1, 1)),
    ],
)  # fmt: skip
def test_thirty_days_decide(came_after: int | None, now_after: int, expected: Prevented) -> None:
    came = None if came_after is None else BEGINS + timedelta(days=came_after)
    record = TellingRecord(BEGINS, came)
    assert count_prevented([record], BEGINS + timedelta(days=now_after)) == expected
