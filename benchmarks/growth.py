"""5. Growth: what people ask to see, as the cases pile up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import event

from benchmarks import data
from benchmarks.answers import BOT
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from bot.clock import SystemClock, stopwatch
from bot.duty.on_duty import on_duty
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.reports.reading import read_report
from bot.rules.facts import PersonFacts
from bot.rules.local_time import local_day
from bot.rules.reports.periods import quarter_of
from bot.services import Services
from handlers.slack.answers import SHOWN
from messages.cases.home import home_view
from messages.clients.slack import Slack
from storage.database import Database

PART = "5. Growth"
VIEWER = data.VIEWER
RATIO = 1.5  # the target: time at the most cases over time at the fewest

Read = Callable[[Services, PersonFacts, int], Awaitable[Any]]


def _shown(what: str, **given: Any) -> Read:
    async def read(services: Services, viewer: PersonFacts, case: int) -> Any:
        return await SHOWN[what].show(services, viewer, {"case": case, **given})

    return read


async def _home(services: Services, viewer: PersonFacts, _case: int) -> Any:
    seen = await services.reading.home(viewer.user_id)
    return home_view(viewer, seen.mine, seen.breaching, seen.asks, seen.open_count, viewer.language)


async def _search(services: Services, _viewer: PersonFacts, _case: int) -> Any:
    return await services.reading.accounts("0042")


async def _to_approve(services: Services, _viewer: PersonFacts, _case: int) -> Any:
    return await services.concessions.waiting_for(data.MANAGER)


async def _all_concessions(services: Services, _viewer: PersonFacts, _case: int) -> Any:
    return await services.concessions.listed(data.MANAGER)


async def _on_duty(services: Services, _viewer: PersonFacts, _case: int) -> Any:
    process = Standalone(services.database, services.policy, services.clock, None, services.wiring)
    async with UnitOfWork.begin(process, Actor(SYSTEM, "bench")) as work:
        return await on_duty(work)


async def _figures(services: Services, _viewer: PersonFacts, _case: int) -> Any:
    zone = services.policy.timezone
    period = quarter_of(local_day(services.clock.now(), zone), zone)
    return await read_report(services, period, money=True)


READS: Mapping[str, Read] = {
    "list": _shown("list"),
    "list mine": _shown("list", scope="mine"),
    "list breaching": _shown("list", scope="breaching"),
    "list customer": _shown("list", customer="er 0042"),
    "show": _shown("show"),
    "timeline": _shown("timeline"),
    "App Home": _home,
    "digest": _shown("digest"),
    "search of customers": _search,
    "what worked before": _shown("similar", words="Part5 stopped with sign5"),
    "concessions": _shown("concessions"),
    "concessions, all that a manager sees": _all_concessions,
    "App Home, concessions to decide": _to_approve,
    "who is on duty": _on_duty,
}
# What tells of all cases of a period reads all of them, and replays the clocks of those open yet.
REPORTS: Mapping[str, Read] = {"figures of the quarter": _figures}


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of the quickest of several reads, which others disturb least; statements."""

    time: float
    queries: int


class KnownSlack(Slack):
    """Slack that is never asked for anything but names."""

    async def _send(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"user": {"id": arguments.get("user", BOT), "tz": "Europe/Athens"}}


async def measure(plan: Plan) -> list[Figure]:
    """Every read at every size, on both databases."""
    figures: list[Figure] = []
    for name, _ in plan.databases():
        costs: dict[int, dict[str, Cost]] = {}
        reports: dict[int, dict[str, Cost]] = {}
        for cases in plan.cases:
            database = Database(plan.made(name, "history", cases))
            costs[cases] = await read_costs(database, plan, VIEWER, READS)
            reports[cases] = await read_costs(database, replace(plan, reads=2), VIEWER, REPORTS)
            await database.close()
        figures += growth_figures(PART, name, "cases", costs)
        figures += [replace(f, most=None) for f in growth_figures(PART, name, "cases", reports)]
    return figures


def growth_figures(
    part: str, name: str, what_grows: str, costs: Mapping[int, Mapping[str, Cost]]
) -> list[Figure]:
    """Figures of the same reads at several sizes, each over that at the fewest."""
    fewest, *more = sorted(costs)
    figures = []
    for what, least in costs[fewest].items():
        for cases in more:
            cost = costs[cases][what]
            same = f"{least.queries} queries at {fewest:,}, {cost.queries} at {cases:,}"
            label = f"{name}, {what}, {cases:,} {what_grows} over {fewest:,}"
            most = RATIO if cases == more[-1] else None
            figures.append(Figure(part, label, cost.time, "ms", least.time, most, note=same))
        last = costs[more[-1]][what] if more else least
        label = f"{name}, {what}: queries"
        figures.append(Figure(part, label, last.queries, "", least.queries, 1.0))
    return figures


async def read_costs(
    database: Database, plan: Plan, user: str, reads: Mapping[str, Read]
) -> dict[str, Cost]:
    """What each read costs a user of this database, once it is warm."""
    desk = Services(
        database, SystemClock(), data.bench_policy(), KnownSlack("xoxb-bench", "http://x")
    )
    viewer = await desk.person(user)
    statements: list[str] = []

    def seen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    for engine in database.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", seen)
    found: dict[str, Cost] = {}
    for what, read in reads.items():
        for number in (5, 10):
            await read(desk, viewer, number)  # statements compiled, pages in memory
        times = []
        statements.clear()
        for turn in range(plan.reads):
            begun = stopwatch()
            await read(desk, viewer, 5 + turn)
            times.append((stopwatch() - begun) * 1000)
        found[what] = Cost(min(times), len(statements) // plan.reads)
    return found
