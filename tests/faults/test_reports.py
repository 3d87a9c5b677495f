"""Reports by the webhook while the bot dies around commits: each is there once, said once."""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from bot.rules.webhook.signature import make_signature
from storage.models import Candidate, Signal
from tests.faults.processes import Nursery
from tests.faults.world import World, world
from tests.ports import free_port

SECRET = "the-secret-of-the-shop"
REPORTS = 8
PATIENCE = 60.0  # seconds until a report that is not answered is given up
CRASHES = range(20, 600, 17)  # commits around which it dies; a start has fewer than between two


async def send(port: int, number: int) -> tuple[int, dict[str, str]]:
    """Report until an answer comes, as a sender does: signed anew each time."""
    raw = json.dumps(
        {"key": f"order-{number}", "text": "Nothing arrives", "customer": f"customer {number}"}
    ).encode()
    until = time.monotonic() + PATIENCE
    async with httpx.AsyncClient(timeout=5) as http:
        while time.monotonic() < until:
            stamp, nonce = str(int(time.time())), secrets.token_hex(16)
            headers = {
                "X-Desk-Timestamp": stamp, "X-Desk-Nonce": nonce,
                "X-Desk-Signature": make_signature(SECRET, stamp, nonce, raw),
            }  # fmt: skip
            try:
                url = f"http://127.0.0.1:{port}/intake/shop"
                answer = await http.post(url, content=raw, headers=headers)
            except httpx.TransportError:  # it died, with or without having stored the report
                await asyncio.sleep(0.05)
                continue
            if answer.status_code in (200, 202):
                return answer.status_code, answer.json()
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.05)
    raise AssertionError(f"report {number} was never answered")


def shown(here: World, number: int) -> int:
    """How many messages in the workspace tell of the report's candidate."""
    channels = here.workspace.channels.values()
    return sum(f"of customer {number}:" in m.text for c in channels for m in c.messages.values())


@pytest.mark.postgres
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("database", "when"), [("sqlite", "CRASH_AFTER"), ("postgresql", "CRASH_BEFORE")]
)
async def test_a_report_that_was_cut_off_is_there_once_and_said_once(
    database: str,
    when: str,
    bots: Nursery,
    new_store: Callable[[str], Awaitable[str]],
    tmp_path: Path,
) -> None:
    port = free_port()
    numbers = ",".join(str(number) for number in CRASHES)
    env = {"INTAKE_SECRETS": f"shop={SECRET}", "PORT": str(port), when: numbers}
    async with world(bots, tmp_path, await new_store(database), env=env) as here:
        await here.settled()
        answers = [await send(port, number) for number in range(REPORTS)]
        await here.settled()

        assert here.deaths >= 3
        signals = await here.get(select(Signal).order_by(col(Signal.id)))
        assert sorted(each.key for each in signals) == [f"order-{n}" for n in range(REPORTS)]
        found = {each.id: each for each in await here.get(select(Candidate))}
        assert len(found) == REPORTS
        for number, (_, said) in enumerate(answers):
            candidate = found[int(said["reference"].removeprefix("CAN-"))]
            assert candidate.customer == f"customer {number}"
            assert shown(here, number) == 1
        again = [await send(port, number) for number in range(REPORTS)]
        assert [said for _, said in again] == [said for _, said in answers]
        assert {code for code, _ in again} == {200}
