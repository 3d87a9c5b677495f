"""Whether the store takes what is written, for ``/readyz``: a store that can only be read is away.

A full disk, a lock that another process holds, a standby that has not taken over: reading still
works then, and nothing that people ask for could be stored.
"""

import asyncio
from typing import Protocol

from bot.clock import steady
from bot.errors import say_broken
from storage.database import Database

FRESH = 5.0  # seconds for which an answer is good: probes come often, and each writes
PATIENCE = 3.0  # seconds after which a store that has not answered counts as away


class ReadyServices(Protocol):
    """What is asked of the process."""

    @property
    def database(self) -> Database:
        """The store."""


class Readiness:
    """Tries the store when it is asked, one try at a time."""

    def __init__(self, services: ReadyServices) -> None:
        self._services = services
        self._trying: asyncio.Task[bool] | None = None
        self._writable, self._until = True, 0.0

    async def is_writable(self) -> bool:
        """Whether the store took a small write just now, or up to ``FRESH`` seconds ago.

        A try that takes longer than ``PATIENCE`` goes on, and the answer meanwhile is False.
        """
        if self._trying is None and steady() < self._until:
            return self._writable
        if self._trying is None:
            self._trying = asyncio.create_task(self._try(), name="readiness")
        trying = self._trying
        done, _ = await asyncio.wait({trying}, timeout=PATIENCE)
        return trying in done and trying.result()

    async def _try(self) -> bool:
        """Try once; say in the log when the answer is another than before."""
        before = self._writable
        try:
            await self._services.database.write_nothing()
            self._writable = True
        except Exception as fault:  # noqa: BLE001 - whatever it is, nothing can be stored
            self._writable = False
            if before:
                say_broken(fault, "readiness")
        self._until, self._trying = steady() + FRESH, None
        return self._writable
