"""What the doubles share: an account of ``sandbox.helpdesk``, served while a test runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cli.serving import serving
from sandbox.helpdesk.base import Account, Asked, Json, Lost, unknown

__all__ = ["Asked", "Double", "Json", "Lost", "unknown"]


class Double(Account):
    """A help desk of a test."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Served while the block runs; yields the address."""
        async with serving(self.app(), "127.0.0.1", 0) as port:
            await listens(port)
            yield f"http://127.0.0.1:{port}"


async def listens(port: int) -> None:
    """Wait until somebody can connect: the server begins in a task of its own."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0)
        else:
            writer.close()
            return
