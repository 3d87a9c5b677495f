"""Reading a request's body without letting anybody fill the memory, or keep us waiting.

What arrives is counted over all requests; beyond the limit whoever still sends is told to come
again. Long bodies go to a file without a name, which is gone when nobody has it open.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

IDLE_MAX = 10.0  # seconds between two pieces of a body
BEGIN_MAX = 10.0  # seconds for any body, to which its length adds
SPEED_MIN = 32 * 1024  # bytes a second at least, on the whole: a quarter of a megabit
HELD_MAX = 64 * 1024 * 1024  # bytes of unfinished bodies in memory, of all requests together
FILED_MAX = 512 * 1024 * 1024  # bytes of bodies in files, of all requests together
FREE = 32 * 1024  # bytes of each body that are not counted: as many as there are connections
IN_MEMORY = 128 * 1024  # bytes of a mail that are kept in memory before it goes to a file
COME_AGAIN = "15"  # seconds after which somebody who was too many may try again


@dataclass
class Budget:
    """Bytes that all requests of a process may take together, beyond the first of each.

    Whoever takes all of them would else keep out Slack's commands, which are small.
    """

    most: int
    taken: int = 0

    def take(self, size: int, had: int) -> None:
        """Take some more than ``had``. Raises HTTPException 503 when there are not so many."""
        more = counted_bytes(had + size) - counted_bytes(had)
        if more and self.taken + more > self.most:
            raise too_busy()
        self.taken += more

    def give_back(self, had: int) -> None:
        """A body is not here any more."""
        self.taken -= counted_bytes(had)


@dataclass
class Bodies:
    """What the bodies of one process take."""

    held: Budget = field(default_factory=lambda: Budget(HELD_MAX))
    filed: Budget = field(default_factory=lambda: Budget(FILED_MAX))


def counted_bytes(size: int) -> int:
    """How much of a body counts."""
    return max(size - FREE, 0)


def too_busy() -> HTTPException:
    """Come again: there is too much to do now."""
    return HTTPException(503, "come again", {"Retry-After": COME_AGAIN})


def too_large() -> HTTPException:
    """It would be no better later."""
    return HTTPException(413, "too large")


async def read_body(request: Request, most: int) -> bytes:
    """The body. Raises HTTPException 408, 413 or 503; what was read until then is forgotten."""
    budget = _bodies(request).held
    parts: list[bytes] = []
    size = 0
    try:
        async for part in _arriving(request, most):
            budget.take(len(part), size)
            size += len(part)
            parts.append(part)
    finally:
        budget.give_back(size)
    return b"".join(parts)


@asynccontextmanager
async def body_in_file(
    request: Request, most: int, also: Callable[[bytes], None]
) -> AsyncIterator[BinaryIO]:
    """The body in a file while the block runs; ``also`` sees each piece as it arrives.

    Raises HTTPException 408, 413 or 503.
    """
    budget = _bodies(request).filed
    size = 0
    with SpooledTemporaryFile(IN_MEMORY, prefix="desk-mail-") as file:
        try:
            async for part in _arriving(request, most):
                budget.take(len(part), size)
                size += len(part)
                file.write(part)
                also(part)
            yield cast("BinaryIO", file)
        finally:
            budget.give_back(size)


def check_length(request: Request, most: int) -> None:
    """Raise HTTPException 413 for a body that says itself that it is longer."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and (len(declared) > 12 or int(declared) > most):
        raise too_large()


def _bodies(request: Request) -> Bodies:
    bodies = request.app.state.bodies
    assert isinstance(bodies, Bodies)
    return bodies


async def _arriving(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body piece by piece, as long as it comes fast enough and is not longer than said."""
    check_length(request, most)
    stream = request.stream()
    size = 0
    loop = asyncio.get_running_loop()
    begun = loop.time()
    while True:
        allowed = begun + BEGIN_MAX + size / SPEED_MIN
        try:
            async with asyncio.timeout_at(min(loop.time() + IDLE_MAX, allowed)):
                part = await anext(stream, None)
        except TimeoutError:
            raise HTTPException(408, "too slow") from None
        except ClientDisconnect:
            raise HTTPException(400, "not the whole body") from None
        if part is None:
            return
        size += len(part)
        if size > most:
            raise too_large()
        yield part
