"""A year of two thousand cases: every figure against plain SQL and plain counting."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.engine.unit_of_work import Standalone
from bot.reports import reading
from bot.reports.ended import keep_ended
from bot.reports.reading import read_report
from bot.rules.policy.suspicious_pauses import Sign
from bot.rules.reports.figures import Report
from bot.rules.reports.handling import Span
from bot.rules.reports.periods import Period, read_period
from bot.rules.words import ClockKind, Severity
from storage.database import Database
from storage.models import EndedClocks
from tests.bot.policies import policy
from tests.bot.reports.year import ACCOUNTS, NOW, Told, build_year
from tests.bot.store import HandClock, Keeper
from tests.statements import counted_statements

Q3 = read_period("2026-Q3", NOW.date(), "UTC")
assert Q3 is not None
BEGINS, ENDS = Q3.begins.astimezone(UTC), Q3.ends.astimezone(UTC)
CASES = 2000
FEWER = 400  # where it is not the figures that are tried


def services(database: Database) -> Standalone:
    """What reading needs, at the end of the year, in UTC."""
    return Standalone(database, replace(policy(), timezone="UTC"), HandClock(NOW))


class Year:
    """The year, its report of the third quarter, and SQL to compare it with."""

    def __init__(self, database: Database, told: Told, report: Report) -> None:
        self.database, self.told, self.report = database, told, report

    async def sql(self, statement: str) -> list[Any]:
        """Rows of a plain statement; ``:begins`` and ``:ends`` are the quarter's."""
        form = "%Y-%m-%d %H:%M:%S.%f"
        given: dict[str, Any] = {"begins": BEGINS, "ends": ENDS}
        if self.database.is_sqlite:
            given = {name: at.strftime(form) for name, at in given.items()}
        async with self.database.engine.connect() as connection:
            bound = {name: at for name, at in given.items() if f":{name}" in statement}
            return list((await connection.execute(text(statement), bound)).all())


@pytest.fixture
async def year(keeper: Keeper) -> Year:
    """The whole year."""
    return await play(keeper.database, CASES)


@pytest.fixture
async def short_year(keeper: Keeper) -> Year:
    """A year with fewer cases."""
    return await play(keeper.database, FEWER)


async def play(database: Database, cases: int) -> Year:
    """Build a year, and read the report of its third quarter."""
    told = await build_year(database, cases)
    return Year(database, told, await read_report(services(database), Q3, money=True))


TOLD = "status NOT IN ('merged', 'dismissed') AND NOT sensitive"
IN_Q3 = "received_at >= :begins AND received_at < :ends"


async def test_every_figure_is_what_sql_says(year: Year) -> None:
    await volume(year)
    await promises(year)
    await times(year)
    await came_back(year)
    await asked(year)
    await business(year)
    await what_is_open(year)
    await statuses(year)
    await pauses(year)
    await one_customer(year)
    assert [day.isoformat() for day in year.report.policies] == ["2026-07-20"]


async def volume(year: Year) -> None:
    """What came, why, and from whom."""
    report = year.report
    rows = await year.sql(
        f"SELECT severity, count(*) FROM escalation WHERE {IN_Q3} AND"
        " status NOT IN ('merged', 'dismissed') GROUP BY severity"
    )
    found = dict(map(tuple, rows))
    assert {each.severity: each.count for each in report.volume} == {
        Severity(severity): count for severity, count in found.items()
    }
    assert sum(found.values()) == report.received > 400
    for each in report.volume:
        assert each.per_100 == Decimal(100 * each.count) / ACCOUNTS
    rows = await year.sql(
        f"SELECT trigger, count(*) FROM escalation WHERE {IN_Q3} AND {TOLD} GROUP BY trigger"
    )
    assert dict(report.triggers) == dict(map(tuple, rows))
    assert [n for _, n in report.triggers] == sorted((n for _, n in report.triggers), reverse=True)
    rows = await year.sql(
        f"SELECT customer, count(*) FROM escalation WHERE {IN_Q3} AND {TOLD} GROUP BY customer"
        " HAVING count(*) > 1 ORDER BY count(*) DESC LIMIT 10"
    )
    assert sorted(n for _, n in report.repeats) == sorted(row[1] for row in rows)
    assert {name for name, n in report.repeats if n > rows[-1][1]} <= {row[0] for row in rows}
    [[restricted]] = await year.sql(
        f"SELECT count(*) FROM escalation WHERE {IN_Q3} AND sensitive AND"
        " status NOT IN ('merged', 'dismissed')"
    )
    [[elsewhere]] = await year.sql(
        f"SELECT count(*) FROM escalation WHERE {IN_Q3} AND status IN ('merged', 'dismissed')"
    )
    assert (report.restricted, report.elsewhere) == (restricted, elsewhere)
    assert restricted
    assert elsewhere
    assert report.trend[-1][0].key == "2026-09"
    assert sum(sum(counts) for _, counts in report.trend[-3:]) == report.received


async def promises(year: Year) -> None:
    """What was broken, by clock, and updates in time."""
    shown = {row[0] for row in await year.sql(f"SELECT number FROM escalation WHERE {TOLD}")}
    decided: Counter[tuple[str, bool]] = Counter()
    for number, clock, due, met in year.told.cycles:
        broken = met is None or met > due
        at = due if broken else met
        if number in shown and at is not None and BEGINS <= at < ENDS and at <= NOW:
            decided[clock, broken] += 1
    for each in year.report.handling.clocks:
        assert (each.rate.part, each.rate.n) == (
            decided[each.clock, True], decided[each.clock, True] + decided[each.clock, False],
        ), each.clock  # fmt: skip
    assert {each.clock for each in year.report.handling.clocks} == {clock for clock, _ in decided}
    updates = year.report.handling.updates
    assert (updates.part, updates.n) == (
        decided[ClockKind.NEXT_UPDATE, False],
        decided[ClockKind.NEXT_UPDATE, False] + decided[ClockKind.NEXT_UPDATE, True],
    )
    assert updates.n > 500


async def times(year: Year) -> None:
    """Medians and ninetieth percentiles, gross and net."""
    rows = await year.sql(f"SELECT number, received_at, resolved_at FROM escalation WHERE {TOLD}")
    received = {row[0]: instant(row[1]) for row in rows}
    found = {each.span: each for each in year.report.handling.times}
    gross, net = [], []
    for number, start, end in ((r[0], instant(r[1]), instant(r[2])) for r in rows if r[2]):
        if BEGINS <= end < ENDS:
            minutes = (end - start).total_seconds() / 60
            gross.append(minutes)
            net.append(minutes - year.told.waits.get(number, 0))
    agree(found[Span.RESOLVE], gross)
    agree(found[Span.RESOLVE_NET], net)
    for span, clock in (
        (Span.ACKNOWLEDGE, ClockKind.ACKNOWLEDGE), (Span.RESPOND, ClockKind.FIRST_RESPONSE),
        (Span.MITIGATE, ClockKind.WORKAROUND),
    ):  # fmt: skip
        agree(found[span], [
            (met - received[number]).total_seconds() / 60
            for number, name, _, met in year.told.cycles
            if name == clock and number in received and met and BEGINS <= met < ENDS
        ])  # fmt: skip


def agree(found: Any, minutes: list[float]) -> None:
    """The median and the ninetieth percentile, interpolated by hand."""
    ordered = sorted(minutes)
    assert found.n == len(ordered) > 100
    for share, given in ((0.5, found.median), (0.9, found.p90)):
        place = share * (len(ordered) - 1)
        low = ordered[int(place)]
        high = ordered[min(int(place) + 1, len(ordered) - 1)]
        expected = low + (high - low) * (place % 1)
        assert given.total_seconds() / 60 == pytest.approx(expected, abs=0.01)


def instant(stored: Any) -> datetime:
    """An instant as either database gives it to plain SQL."""
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def came_back(year: Year) -> None:
    """Reopenings, and customers who escalated again."""

    def within(start: str, end: str, days: int) -> str:
        if year.database.is_sqlite:
            return f"julianday({end}) - julianday({start}) <= {days}"
        return f"{end} - {start} <= INTERVAL '{days} days'"

    [[reopened]] = await year.sql(
        "SELECT count(*) FROM timeline_event r JOIN timeline_event s USING (case_number)"
        " JOIN escalation ON number = case_number WHERE r.verb = 'reopen' AND s.verb = 'resolve'"
        f" AND r.at >= :begins AND r.at < :ends AND {within('s.at', 'r.at', 14)} AND {TOLD}"
    )
    [[held]] = await year.sql(
        f"SELECT count(*) FROM escalation WHERE {TOLD} AND status IN ('resolved', 'closed')"
        " AND resolved_at >= :begins AND resolved_at < :ends"
    )
    rate = year.report.handling.reopened
    assert (rate.part, rate.n) == (reopened, held + reopened)
    assert reopened > 10
    later = within("a.closed_at", "b.received_at", 90)
    shown = "{0}.status NOT IN ('merged', 'dismissed') AND NOT {0}.sensitive"
    [[again]] = await year.sql(
        "SELECT count(*) FROM escalation a WHERE a.closed_at >= :begins AND a.closed_at < :ends"
        f" AND {shown.format('a')} AND EXISTS (SELECT 1 FROM escalation b WHERE"
        f" b.account_key = a.account_key AND b.received_at > a.closed_at AND {later}"
        f" AND {shown.format('b')})"
    )
    rate = year.report.handling.again
    assert rate.part == again
    [[late]] = await year.sql(f"SELECT count(reported_at) FROM escalation WHERE {IN_Q3} AND {TOLD}")
    [[n]] = await year.sql(f"SELECT count(*) FROM escalation WHERE {IN_Q3} AND {TOLD}")
    assert (year.report.handling.late_discovery.part, year.report.handling.late_discovery.n) == (
        late, n,
    )  # fmt: skip


async def asked(year: Year) -> None:
    """What customers answered."""
    joined = (
        "FROM customer_link JOIN escalation e ON e.number = case_number"
        f" WHERE kind = 'survey' AND {TOLD}"
    )
    [[mean, n]] = await year.sql(
        f"SELECT avg(score), count(*) {joined} AND score IS NOT NULL"
        " AND answered_at >= :begins AND answered_at < :ends"
    )
    found = year.report.satisfaction
    assert found.mean.n == n > 50
    assert float(found.mean.value or 0) == pytest.approx(float(mean))
    [[part, questions]] = await year.sql(
        f"SELECT count(answered_at), count(*) {joined} AND made_at >= :begins AND made_at < :ends"
    )
    assert (found.response.part, found.response.n) == (part, questions)
    rows = await year.sql(f"SELECT account_key, answered_at, score {joined} AND score IS NOT NULL")
    answers = [(account, instant(at), score) for account, at, score in rows]
    deltas = []
    for account, at, score in answers:
        if BEGINS <= at < ENDS:
            before = [
                s for a, t, s in answers if a == account and at - timedelta(days=90) <= t < at
            ]
            deltas += [score - sum(before) / len(before)] if before else []
    assert found.delta.n == len(deltas) > 50
    assert float(found.delta.value or 0) == pytest.approx(sum(deltas) / len(deltas))


async def business(year: Year) -> None:
    """Causes, money, concessions, actions."""
    report = year.report
    solved = "resolved_at >= :begins AND resolved_at < :ends AND status IN ('resolved', 'closed')"
    rows = await year.sql(
        f"SELECT root_cause, count(*) FROM escalation WHERE {TOLD} AND {solved} GROUP BY root_cause"
    )
    causes: Mapping[str | None, int] = dict(map(tuple, rows))
    assert dict(report.causes) == {c: n for c, n in causes.items() if c}
    assert report.unknown_causes == causes[None] > 0
    rows = await year.sql(
        "SELECT o.result, count(*) FROM outcome o JOIN escalation ON number = case_number"
        " WHERE recorded_at >= :begins AND recorded_at < :ends AND NOT sensitive"
        " GROUP BY o.result"
    )
    found = Counter(dict(map(tuple, rows)))
    assert report.money is not None
    assert report.money.outcomes == sum(found.values())
    assert report.money.saved == 400 * (found["saved"] + found["reduced"])
    assert report.money.lost == 600 * (found["lost"] + found["reduced"])
    rows = await year.sql(
        "SELECT worth, fulfilled_at FROM concession JOIN escalation ON number = case_number"
        " WHERE promised_at >= :begins AND promised_at < :ends AND NOT sensitive"
    )
    assert report.concessions is not None
    assert report.concessions.count == len(rows) > 10
    assert report.concessions.worth == sum(Decimal(row[0]) for row in rows)
    assert report.concessions.fulfilled == sum(row[1] is not None for row in rows)
    said = "coalesce(action_item.reported_at, done_at)"
    day = f"date({said})" if year.database.is_sqlite else f"({said} AT TIME ZONE 'UTC')::date"
    day = f"CASE WHEN done_at IS NULL THEN NULL ELSE {day} END"
    [[due, kept, overdue]] = await year.sql(
        f"SELECT count(*), sum(CASE WHEN {day} <= due THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN done_at IS NULL OR {day} > '2026-09-30' THEN 1 ELSE 0 END)"
        " FROM action_item JOIN escalation ON number = case_number"
        f" WHERE due >= '2026-07-01' AND due <= '2026-09-30' AND {TOLD} AND dropped_why = ''"
    )
    assert (report.actions.in_time.part, report.actions.in_time.n) == (kept, due)
    assert report.actions.overdue == overdue > 10


async def statuses(year: Year) -> None:
    """How many cases have each status now, and how long they stayed in it."""
    rows = await year.sql("SELECT status, count(*) FROM escalation GROUP BY status")
    found = {each.status.value: each for each in year.report.statuses}
    assert {status: each.now for status, each in found.items() if each.now} == dict(
        map(tuple, rows)
    )
    shown = {row[0] for row in await year.sql(f"SELECT number FROM escalation WHERE {TOLD}")}
    stayed: dict[str, list[float]] = {}
    for number, status, entered, left in year.told.stays:
        if number in shown and BEGINS <= left < ENDS:
            stayed.setdefault(status, []).append((left - entered).total_seconds())
    assert set(stayed) == {"new", "acknowledged", "investigating", "resolved"}
    for status, each in found.items():
        seconds = sorted(stayed.get(status, []))
        assert each.left == len(seconds)
        if not seconds:
            assert each.median is None
            continue
        middle = (seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]) / 2
        assert each.median is not None
        assert each.median.total_seconds() == pytest.approx(middle, abs=0.01)
    assert found["investigating"].left > 100


async def pauses(year: Year) -> None:
    """Pauses that stand out, by sign, counted by hand."""
    shown = {row[0] for row in await year.sql(f"SELECT number FROM escalation WHERE {TOLD}")}
    half = timedelta(minutes=30)
    ours = [p for p in year.told.pauses if p[0] in shown and BEGINS <= p[1] < ENDS]
    before = [n for n, start, _, due in ours if timedelta() <= due - start <= half]
    after = {n for n, _, end, due in ours if timedelta() <= end - due <= half}
    often = Counter(n % 50 for n in before)
    repeated = [n for n in before if often[n % 50] >= 3]
    found = year.report.pauses
    assert (found.standing_out.part, found.standing_out.n) == (len({*before} | after), len(ours))
    assert dict(found.signs) == {
        Sign.JUST_BEFORE_DUE: len(before), Sign.ENDED_RIGHT_AFTER: len(after),
        Sign.REPEATED_ON_CLOCK: 0, Sign.REPEATED_BY_PERSON: len(repeated),
    }  # fmt: skip
    assert len(before) > len(after) > 0
    assert repeated


async def what_is_open(year: Year) -> None:
    """What was open at the quarter's end, by age, and what was at risk."""
    still = (
        "received_at < :ends AND status NOT IN ('merged', 'dismissed')"
        " AND (resolved_at IS NULL OR resolved_at >= :ends)"
    )
    rows = await year.sql(f"SELECT received_at FROM escalation WHERE {still}")
    ages = [(ENDS - instant(row[0])).total_seconds() / 86400 for row in rows]
    limits = [0, 1, 3, 7, 14, 30, 10_000]
    assert list(year.report.backlog.counts) == [
        sum(low <= age < high for age in ages) for low, high in pairwise(limits)
    ]
    assert year.report.backlog.total == len(rows) > 10
    rows = await year.sql(
        "SELECT DISTINCT account_key, arr FROM escalation JOIN account ON key = account_key"
        f" WHERE {still} AND NOT sensitive AND (severity <= 2 OR executive)"
    )
    assert year.report.money is not None
    assert year.report.money.accounts == len(rows)
    assert year.report.money.at_risk == sum(row[1] or 0 for row in rows)
    assert year.report.money.unknown == sum(row[1] is None for row in rows)


async def test_what_is_kept_of_closed_cases_changes_no_figure(short_year: Year) -> None:
    kept = await keep_ended(services(short_year.database))
    assert kept > 200
    assert await keep_ended(services(short_year.database)) == 0
    again = await read_report(services(short_year.database), Q3, money=True)
    assert again == short_year.report
    async with short_year.database.write() as session:
        row = (await session.exec(select(EndedClocks).limit(1))).one()
        row.version += 1  # the case has changed since
    assert await keep_ended(services(short_year.database)) == 1
    assert await read_report(services(short_year.database), Q3, money=True) == short_year.report


async def test_twice_as_many_cases_cost_no_statement_more(keeper: Keeper) -> None:
    await build_year(keeper.database, 150)
    asked_for = services(keeper.database)
    await keep_ended(asked_for)
    with counted_statements(keeper.database) as few:
        await read_report(asked_for, Q3, money=True)
    assert len(few) <= 20


async def test_more_open_cases_are_read_in_larger_windows(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build_year(keeper.database, 60)  # none of them is kept: all are replayed
    asked_for = services(keeper.database)
    whole = await read_report(asked_for, Q3, money=True)
    monkeypatch.setattr(reading, "WINDOWS_MAX", 3)
    counts = []
    for window in (1, 5, 10):  # all of these would be more than three windows
        monkeypatch.setattr(reading, "WINDOW", window)
        with counted_statements(keeper.database) as few:
            assert await read_report(asked_for, Q3, money=True) == whole
        counts.append(len(few))
    assert len(set(counts)) == 1
    assert counts[0] <= 20 + 2 * 5


async def one_customer(year: Year) -> None:
    """Of one customer only theirs is counted."""
    report = await read_report(services(year.database), Q3, money=True, account="a3")
    [[n]] = await year.sql(
        f"SELECT count(*) FROM escalation WHERE {IN_Q3} AND account_key = 'a3' AND {TOLD}"
    )
    assert (report.received, report.customer, report.restricted) == (n, "Customer 03", 0)
    assert all(each.per_100 is None for each in report.volume)


def test_the_quarter_is_read() -> None:
    assert isinstance(Q3, Period)
    assert (Q3.first.isoformat(), Q3.last.isoformat()) == ("2026-07-01", "2026-09-30")
