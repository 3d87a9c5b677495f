"""A TCP line between a bot and its workspace that can be cut, or go silent while it stays open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Wire:
    """Passes bytes on, both ways, until told otherwise. New connections always work."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Every connection is reset, without a goodbye."""
        for writer in self._writers:
            writer.transport.abort()

    def freeze(self) -> None:
        """Every connection stays open, and nothing passes any more."""
        for task in self._passing:
            task.cancel()

    async def taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connects."""
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, sink in ((reader, there_writer), (there_reader, writer)):
            self._writers.add(sink)
            task = asyncio.create_task(self._pass(source, sink))
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
        sink.close()
        self._writers.discard(sink)


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[tuple[Wire, str]]:
    """A line to ``port`` on this machine while the block runs, and the address of its near end."""
    line = Wire(port)
    server = await asyncio.start_server(line.taken, "127.0.0.1", 0)
    near = server.sockets[0].getsockname()[1]
    try:
        yield line, f"http://127.0.0.1:{near}"
    finally:
        server.close()
        line.cut()
