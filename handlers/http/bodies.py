"""Reading a request's body so that no sender can fill the memory, or keep us waiting.

What arrives is counted over all requests; beyond the limit a sender that goes on is told to come
again. Long bodies go to a file without a name, which is gone when it is closed. A refusal is an
HTTPException, which Starlette answers:

- 400: the sender hung up before the end.
- 408: too slow, by ``IDLE_MAX`` between pieces or by ``SPEED_MIN`` on the whole.
- 413: longer than the route takes, as declared or as it came.
- 503: all requests together have taken too much; ``Retry-After`` says when to come again.

The routes name their own limits: 16 kB for a page's form, 1 MB for Slack, 2 MB for a help desk, 25
MB for a mail.
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
COME_AGAIN = "15"  # seconds after which a sender that was too many may try again


@dataclass
class Budget:
    """Bytes that all requests of a process may take together, beyond the first ``FREE`` of each.

    One that takes all of them would else keep out Slack's commands, which are small.

    Nothing is locked: both methods run without a pause in the one event loop of the process. The
    caller remembers how many bytes its body has (``had``), and gives exactly those back.
    """

    most: int
    taken: int = 0

    def take(self, size: int, had: int) -> None:
        """Take ``size`` more than ``had``. Raises HTTPException 503, having taken nothing, at the
        limit.
        """
        more = counted_bytes(had + size) - counted_bytes(had)
        if more and self.taken + more > self.most:
            raise too_busy()
        self.taken += more

    def give_back(self, had: int) -> None:
        """A body of ``had`` bytes is not here any more."""
        self.taken -= counted_bytes(had)


@dataclass
class Bodies:
    """What the bodies of one process take: ``held`` in memory, ``filed`` in files.

    It stands in the application's state, so that all routes share it. A body in a file counts for
    ``filed`` alone.
    """

    held: Budget = field(default_factory=lambda: Budget(HELD_MAX))
    filed: Budget = field(default_factory=lambda: Budget(FILED_MAX))


def counted_bytes(size: int) -> int:
    """How much of a body of ``size`` bytes counts: what is beyond ``FREE``."""
    return max(size - FREE, 0)


def too_busy() -> HTTPException:
    """The refusal to come again later (503): there is too much to do now."""
    return HTTPException(503, "come again", {"Retry-After": COME_AGAIN})


def too_large() -> HTTPException:
    """The refusal for good (413): it would be no better later."""
    return HTTPException(413, "too large")


async def read_body(request: Request, most: int) -> bytes:
    """The body, of ``most`` bytes at most. Raises HTTPException 400, 408, 413 or 503.

    The bytes stop counting when this returns: the caller holds them only shortly.
    """
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

    The file stands at its end: seek before reading. The bytes count until the block ends. Raises
    HTTPException 400, 408, 413 or 503.

    A body of up to ``IN_MEMORY`` bytes stays in memory, and counts as ``filed`` all the same. Where
    the body is refused the block does not run, the file is closed, and nothing counts any more.
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
    """Raise HTTPException 413 for a body that declares itself longer; costs no reading.

    A length of more than twelve digits is refused without being read as a number. One that is
    missing, or no number, is let through: ``_arriving`` counts what comes.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > most):
        raise too_large()


def _bodies(request: Request) -> Bodies:
    """The counts of the process, which ``web_app`` put into the application's state."""
    bodies = request.app.state.bodies
    assert isinstance(bodies, Bodies)
    return bodies


async def _arriving(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body piece by piece, as long as it comes fast enough and is not longer than ``most``.

    A sender may pause for ``IDLE_MAX`` seconds between two pieces, and has ``BEGIN_MAX`` seconds on
    the whole, to which each ``SPEED_MIN`` bytes that have come add one. Raises HTTPException 400
    for one that hung up, 408 for one that is too slow, and 413; the piece that goes over the limit
    is not handed on.
    """
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
