"""Hours of many cases on three replicas, killed at random, with a Slack that fails one call in ten.

``make soak`` prints the audit; SOAK_CASES, SOAK_SEED and SOAK_REPLICAS change it.
"""

import asyncio
import os
import random
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from bot.engine.inbox import lane_of
from bot.registry import INTENTS
from sandbox.delivery import delivery_of
from sandbox.people import NoAnswer
from storage.models import Case, Inbox
from tests import postgres
from tests.faults.audit import Audit, audit
from tests.faults.processes import Nursery, nursery
from tests.faults.world import World, world

AGENTS = ("U0MAYA", "U0NIKOS")
MANAGER = "U0ELENI"
SPAN = timedelta(hours=3)  # of workspace time: first answers, promises, breaches, ladders
STEPS = 9  # parts of it; in each of them some cases are opened and some claimed
APART = 25  # calls to Slack between two killed processes, at most
AT_BIRTH = frozenset({"auth.test", "apps.connections.open", "users.info"})  # any start makes these
FAULTS = (("500", 0.03), ("reset", 0.03), ("applied_no_answer", 0.03), ("429", 0.01))
# Few effects at once: on a busy machine each of them still comes to its call within its lease.
ENV = {"CALL_TIMEOUT": "3", "LEASE": "10", "IN_FLIGHT": "8"}


@dataclass
class Soak:
    """What was survived, and what the audit says."""

    audit: Audit
    cases: int
    faults: int
    deaths: int
    redelivered: int

    def __str__(self) -> str:
        return (
            f"{self.cases} cases, {self.faults} failed calls, {self.deaths} killed processes,"
            f" {self.redelivered} redeliveries survived\n{self.audit}"
        )


async def soak(
    bots: Nursery,
    folder: Path,
    url: str,
    *,
    cases: int,
    replicas: int = 3,
    seed: int = 1,
    steps: int = STEPS,
    apart: int = APART,
) -> Soak:
    """Run it; raises AssertionError when it does not get done."""
    dice = random.Random(seed)
    async with world(bots, folder, url, bots=replicas, env=ENV) as here:
        here.look = 0.1
        for kind, probability in FAULTS:
            here.workspace.faults.add(kind, "*", seconds=0.0, probability=probability)  # type: ignore[arg-type]
        await here.settled()
        accidents = asyncio.create_task(_accidents(here, dice, apart))
        again = await _lives(here, cases, steps, dice)
        accidents.cancel()
        with suppress(asyncio.CancelledError):
            await accidents
        struck = sum(rule.hits for rule in here.workspace.faults.rules)
        here.workspace.faults.clear()
        await here.settled()
        return Soak(await audit(here), cases, struck, here.deaths, again)


async def _accidents(here: World, dice: random.Random, apart: int) -> None:
    """Kill a replica whenever some work was done; so a slow machine gets on as well."""
    dealt = _work_done(here)
    while True:
        dealt += dice.randint(1, apart)
        while _work_done(here) < dealt:  # noqa: ASYNC110 - what is counted is in other processes
            await asyncio.sleep(here.look)
        here.kill(dice.randrange(len(here.bots)))


def _work_done(here: World) -> int:
    """Calls to Slack, but for those that every start makes."""
    return sum(call.partition("#")[0] not in AT_BIRTH for call in here.script.seen)


async def _lives(here: World, cases: int, steps: int, dice: random.Random) -> int:
    """Cases are opened, claimed, answered, forgotten; answers how many requests came twice."""
    again = 0
    for number in range(steps):
        share = range(number, cases, steps)
        again += sum([await _open(here, n, dice) for n in share])
        await here.settled()
        again += await _claim_some(here, dice)
        await here.wait(SPAN / steps)
    return again


async def _open(here: World, number: int, dice: random.Random) -> int:
    fields = {
        "customer": f"Customer {number}",
        "stake": "They cannot work.",
        "trigger": "technical",
        "severity": dice.randint(1, 4),
    }
    twice = dice.random() < 0.3
    for _ in range(2 if twice else 1):
        await accept(here, "open_case", fields, dice.choice(AGENTS), f"open:{number}")
    return int(twice)


async def accept(here: World, verb: str, fields: dict[str, Any], who: str, key: str) -> None:
    """What a replica does when Slack delivers: one insert under the delivery's identity."""
    intent = INTENTS[verb].model_validate(fields)
    row = Inbox(
        key=key,
        verb=verb,
        actor=who,
        source="form",
        lane=lane_of(intent),
        intent=intent.model_dump(mode="json"),
        reply={"user_id": who, "channel_id": None, "response_url": None},
        correlation=key,
        received_at=here.workspace.clock.now(),
    )
    with suppress(IntegrityError):
        async with here.database.write() as session:
            session.add(row)


async def _claim_some(here: World, dice: random.Random) -> int:
    """Press the button of some cards for real; half of the deliveries come twice."""
    again = 0
    query = select(Case.number).where(col(Case.status) == "new").order_by(col(Case.number))
    for number in (await here.get(query))[:3]:
        channel = next(
            c for c in here.workspace.channels.values() if c.name.startswith(f"esc-{number}-")
        )
        if dice.random() < 0.5:
            delivery_of(here.workspace).duplicate_next()
            again += 1
        with suppress(NoAnswer):
            await here.people.click(
                MANAGER, channel_id=channel.id, ts=next(iter(channel.pins)), action_id="do:claim"
            )
    await here.settled()
    return again


async def _main() -> int:
    cases = int(os.environ.get("SOAK_CASES", "300"))
    seed, replicas = (
        int(os.environ.get(f"SOAK_{n}", d)) for n, d in (("SEED", 1), ("REPLICAS", 3))
    )
    with postgres.server() as server, tempfile.TemporaryDirectory() as folder:
        url = await postgres.fresh_database(server)
        async with nursery() as bots:
            told = await soak(bots, Path(folder), url, cases=cases, replicas=replicas, seed=seed)
    sys.stdout.write(f"{told}\n")
    return 0 if told.audit.clean else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
