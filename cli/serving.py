"""Web routes served in this process, and the signals that end it."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette

from cli.connections import Crowd, guarded, proxies, room

BACKLOG = 2048  # connections that the system may keep for us until we take them


class QuietServer(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Ours are handled by ``stop_signal``."""
        yield


@asynccontextmanager
async def serving(web: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """The web routes served while the block runs; yields the port. Port 0 takes a free one."""
    async with web_server(web, host, port) as (taken, _):
        yield taken


@asynccontextmanager
async def web_server(
    web: Starlette, host: str, port: int, trusted_proxies: str = ""
) -> AsyncIterator[tuple[int, Callable[[], Awaitable[None]]]]:
    """The web routes served until the block ends or what is yielded with the port is called.

    Then nobody is let in any more, and who is in gets an answer. Of ``trusted_proxies`` alone
    it is believed for whom they ask.
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
    listening = config.bind_socket()
    listening.listen(backlog)  # whoever connects from now on waits until it is served
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def close() -> None:
        server.should_exit = True
        await task
        listening.close()

    try:
        yield int(listening.getsockname()[1]), close
    finally:
        await close()


def stop_signal() -> asyncio.Event:
    """Set when SIGTERM or Ctrl-C arrives. A second one ends the process at once.

    That is safe, as ``kill -9`` is: the next process carries on.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, number)
    return stop
