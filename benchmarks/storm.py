"""10. A storm of mail to the intake address: whether all is taken, and commands are answered."""

import asyncio
import json
import sys
from collections import Counter
from typing import Any

from sqlmodel import col, func, select

from benchmarks.double import Double
from benchmarks.figures import Figure
from benchmarks.plan import Plan
from benchmarks.processes import subject
from benchmarks.storm_sender import DOMAIN
from benchmarks.strangers import MOST, Watch, be_quiet
from bot.rules.names import fold_name
from storage import schema
from storage.database import Database
from storage.models import Account, Signal

PART = "10. A storm of mail"
SECONDS = 60.0  # over which it comes


async def measure(plan: Plan) -> list[Figure]:
    """So many mails of one customer within a minute, on both databases."""
    figures: list[Figure] = []
    for name, fresh in plan.databases():
        url = await fresh()
        database = Database(url)
        await schema.upgrade_schema(database)
        async with database.write() as session:
            customer = "Aegean Ferries"
            session.add(
                Account(key="aegean", name=customer, folded=fold_name(customer), domains=DOMAIN)
            )
        async with Double(keep=False).serving() as slack:
            arguments = ("desk", "--api", f"{slack.url}/api/", "--database", url)
            async with subject(*arguments) as process:
                watch = Watch(process.port, f"{slack.url}/r", PART)
                await watch.begin()
                quiet = await watch.during(be_quiet())
                figures += watch.figures(f"{name}, nothing comes", quiet)
                said: dict[str, Any] = {}
                answers = await watch.during(_storm(process.port, plan.storm, said))
                figures += watch.figures(f"{name}, {plan.storm} mails in a minute", answers)
                await watch.end()
        figures += await _taken(database, name, plan.storm, said)
        plan.say(f"storm: {name} {dict(answers)}")
        await database.close()
    return figures


async def _storm(port: int, count: int, said: dict[str, Any]) -> Counter[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.storm_sender", str(port), str(count), str(SECONDS),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    said.update(json.loads(out))
    return Counter(said["answers"])


async def _taken(database: Database, name: str, sent: int, said: dict[str, Any]) -> list[Figure]:
    """How many were not stored, and how long a mail server waited at most."""
    async with database.read() as session:
        query = select(func.count()).select_from(Signal).where(col(Signal.source) == "mail")
        stored = (await session.exec(query)).one()
    label, slowest = f"{name}, {sent} mails in a minute", said["slowest"] * 1000
    return [
        Figure(PART, f"{label}: lost or twice", abs(sent - stored), "", None, 0, "value"),
        Figure(PART, f"{label}: a mail, max", slowest, "ms", None, MOST, "value"),
    ]
