"""Web routes served in this process, and the signals that end it.

uvicorn serves; ``cli/connections.py`` limits who may connect. The routes themselves are made in
``handlers/http``. No TLS here: a reverse proxy ends it.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from cli.connections import Crowd, guarded, proxies, room
from cli.listening import listen_on

BACKLOG = 2048  # connections that the system may keep for us until we take them


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves signals to the process that runs it."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Install no handler: signals are handled by ``stop_signal``."""
        yield


@asynccontextmanager
async def serving(web: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """Serve the web routes while the block runs; yield the port. Port 0 takes a free one.

    For the demo, the tour and tests, where no proxy stands in front.
    """
    async with web_server(web, host, port) as (taken, _):
        yield taken


@asynccontextmanager
async def web_server(
    web: Starlette, host: str, port: int, trusted_proxies: str = ""
) -> AsyncIterator[tuple[int, Callable[[], Awaitable[None]]]]:
    """Serve the web routes until the block ends or the function yielded with the port is called.

    Yields ``(port, close)`` once the socket listens. ``close`` may be called more than once: it
    lets no connection in any more and gives requests in hand 5 seconds to be answered.
    ``trusted_proxies`` are addresses or networks, with commas; only their X-Forwarded-For is
    believed, and without any no such header is. Raises ValueError for what is neither, and
    CannotListenError.
    """
    backlog = min(BACKLOG, room())
    config = uvicorn.Config(
        web,
        host=host,
        port=port,
        http=guarded(Crowd(proxies(trusted_proxies))),
        ws="none",
        log_config=None,
        lifespan="off",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        backlog=backlog,
        timeout_graceful_shutdown=5,
    )
    server = QuietServer(config)
    listening = listen_on(host, port, backlog)  # who connects from now on waits until served
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def close() -> None:
        """Stop accepting, wait until requests in hand are answered, release the port."""
        server.should_exit = True
        await task
        listening.close()

    try:
        yield int(listening.getsockname()[1]), close
    finally:
        await close()


def stop_signal() -> asyncio.Event:
    """Return an event that is set when SIGTERM or SIGINT (Ctrl-C) arrives.

    A second signal ends the process at once, with 128 plus the signal's number as exit code. That
    is safe, as ``kill -9`` is: what was accepted is in the store, and the next process carries on.
    Needs a running event loop in the main thread.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked(number: int) -> None:
        """Set the event at the first signal; end the process at the second."""
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, number)
    return stop
