"""The loop that carries out accepted requests: woken by each new one, by polls beneath that."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.engine.actors import Actor, ReplyTo
from bot.engine.inbox import InboxWorker
from bot.engine.intent import Intent
from bot.errors import say_broken

POLL = 5.0  # seconds; the net beneath the wake-up
STORE_PAUSE = 1.0  # seconds before the next try when the store cannot be reached


class InboxLoop:
    """Runs one process's inbox worker; ``after`` is called when it has carried something out.

    A process carries out one request at a time; replicas work side by side.
    """

    def __init__(self, worker: InboxWorker, after: Callable[[], Awaitable[None]]) -> None:
        self._worker = worker
        self._after = after
        self._wake = asyncio.Event()
        self._quiet = asyncio.Event()
        self._stopping = False

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Store an intent durably under ``key``; False when that key was accepted before."""
        fresh = await self._worker.accept(intent, actor, key, reply)
        if fresh:
            self._quiet.clear()
            self.wake()
        return fresh

    def wake(self) -> None:
        """There may be a request to carry out."""
        self._wake.set()

    def stop(self) -> None:
        """End ``run`` after the request that is in hand."""
        self._stopping = True
        self.wake()

    @property
    def is_woken(self) -> bool:
        """True while something was accepted that the loop has not looked for yet."""
        return self._wake.is_set()

    async def wait_until_quiet(self, patience: float) -> bool:
        """Wait for a look that finds nothing to do; False when none comes within ``patience``."""
        self._quiet.clear()
        self.wake()
        try:
            await asyncio.wait_for(self._quiet.wait(), patience)
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Carry out requests until ``stop``; a store that is away is waited for."""
        while not self._stopping:
            self._wake.clear()
            try:
                if await self._worker.drain(lambda: self._stopping):
                    await self._after()
            except Exception as fault:  # noqa: BLE001 - what was accepted is never left for good
                say_broken(fault, "inbox")
                await asyncio.sleep(STORE_PAUSE)
                continue
            if not self._wake.is_set():
                self._quiet.set()
            try:
                await asyncio.wait_for(self._wake.wait(), POLL)
            except TimeoutError:
                continue
