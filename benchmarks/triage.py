"""9. Triage: what people ask to see, and taking in one more, as ever more waits for a decision."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

from sqlmodel import insert

from benchmarks.data import analyse_tables
from benchmarks.figures import Figure
from benchmarks.growth import Cost, Read, growth_figures, read_costs
from benchmarks.plan import Plan
from bot.clock import SystemClock
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.intake.signals import take_in_signal
from bot.rules.facts import PersonFacts
from bot.rules.intake import Arrival
from bot.rules.names import fold_name
from bot.services import Services
from handlers.slack.answers import SHOWN
from storage import schema
from storage.database import Database
from storage.models import Candidate, Signal

PART = "9. Triage"
MANAGER = "U0ELENI"  # who decides
KEYS = count(1)
CHUNK = 1000  # rows in one statement


def _shown(what: str, **given: Any) -> Read:
    async def read(services: Services, viewer: PersonFacts, number: int) -> Any:
        return await SHOWN[what].show(services, viewer, {"candidate": number, **given})

    return read


async def _to_decide(services: Services, viewer: PersonFacts, _number: int) -> Any:
    return await services.intake.to_decide(viewer.user_id)


async def _take_in(services: Services, _viewer: PersonFacts, number: int) -> Any:
    """One more about a customer of whom something waits already."""
    now = services.clock.now()
    words = "The till is down again, and nobody answers. Please call back today."
    arrival = Arrival("form", f"more-{next(KEYS)}", words, now, customer=f"Customer {number}")
    process = Standalone(services.database, services.policy, services.clock, None, services.wiring)
    async with UnitOfWork.begin(process, Actor(SYSTEM, "form")) as work:
        return await take_in_signal(work, arrival)


READS: Mapping[str, Read] = {
    "triage": _shown("triage"),
    "triage mine": _shown("triage", scope="mine"),
    "candidate": _shown("candidate"),
    "App Home, to decide": _to_decide,
    "take in one more": _take_in,
}


async def measure(plan: Plan) -> list[Figure]:
    """Every read with few and many that wait, on both databases."""
    figures: list[Figure] = []
    for name, fresh in plan.databases():
        costs: dict[int, dict[str, Cost]] = {}
        for waiting in plan.cases[:2]:
            database = Database(await fresh())
            await schema.upgrade_schema(database)
            await _fill(database, waiting)
            await analyse_tables(database)
            costs[waiting] = await read_costs(database, plan, MANAGER, READS)
            await database.close()
            plan.say(f"triage: {name}, {waiting:,} that wait")
        figures += growth_figures(PART, name, "that wait", costs)
    return figures


async def _fill(database: Database, waiting: int) -> None:
    """So many candidates, each of a customer of its own with one signal."""
    now = SystemClock().now()
    words = "Nobody can pay, and nobody answers us."
    for first in range(1, waiting + 1, CHUNK):
        numbers = range(first, min(first + CHUNK, waiting + 1))
        candidates, signals = [], []
        for number in numbers:
            name, at = f"Customer {number}", now - timedelta(minutes=waiting - number)
            said: dict[str, Any] = {"customer": name, "folded": fold_name(name)}
            said |= {"received_at": at, "happened_at": at}
            candidates.append(
                Candidate(
                    id=number, language="en", stake=words, severity=3, trigger="technical", **said
                ).model_dump()
            )
            signals.append(
                Signal(
                    source="form", key=f"{number}", text=words, candidate=number, **said
                ).model_dump(exclude={"id"})
            )
        async with database.write() as session:
            await session.exec(insert(Candidate).values(candidates))
            await session.exec(insert(Signal).values(signals))
