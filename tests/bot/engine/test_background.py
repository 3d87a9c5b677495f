"""Work after the acknowledgement, waited for."""

import asyncio

from bot.engine.actors import ReplyTo
from bot.engine.background import BackgroundTasks
from bot.engine.request_gate import RequestGate
from bot.errors import UserError


class Untold:
    """No person hears of what went wrong."""

    async def tell_refusal(self, reply: ReplyTo, refused: UserError) -> None:
        """Nothing."""

    async def tell_failure(self, reply: ReplyTo, fault: Exception, reference: str) -> None:
        """Nothing."""


async def test_waiting_ends_with_its_patience_whatever_still_runs() -> None:
    tasks, never = BackgroundTasks(RequestGate(), Untold()), asyncio.Event()

    async def wait() -> None:
        await never.wait()

    tasks.start_task(wait(), "endless")
    await asyncio.wait_for(tasks.wait_all(0.05), 5)
    assert len(tasks.running) == 1
    never.set()
    await tasks.wait_all(5)
    assert not tasks.running
