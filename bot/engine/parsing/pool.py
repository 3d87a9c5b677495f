"""Strangers' words are parsed in processes of their own: so many at once, each for so long.

The parsers hold Python's lock while they work, so a thread would stop everything else as well. A
process can be ended; it is a new program and not a fork, so it has none of our connections, and
nothing of our memory. ``parser_process`` is the other side and describes the exchange; what a job
finds is in ``bot/rules/mail``.
"""

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from prometheus_client import Counter

from bot.engine.parsing.process import ENVELOPE, LENGTH, MAIL, PAGE, WORDS
from bot.rules.mail.html_text import CUT
from bot.rules.mail.parsing import InboundMail, unpack_mail

PROCESSES = 2  # at once; more would only share the same cores
WAITING_MAX = 16  # jobs that wait for one of them; with more a caller comes again later
WALL_MAX = 30.0  # seconds for one job on a busy machine; the process itself counts its own time
ANSWER_MAX = 1024 * 1024  # bytes of an answer; 3,000 characters and some addresses
PIECE = 64 * 1024  # bytes handed over at once
CODE = Path(__file__).parents[3]  # where the process finds our modules

ENDED = Counter("desk_parsers_ended_total", "Processes that parse, ended in the middle of a job")

log = structlog.get_logger()


class Busy(Exception):
    """As many jobs wait as may wait: a sender that can should come again later."""


class Stuck(Exception):
    """A job took longer, or more memory, than any honest one."""


class _Died(Exception):
    """The process ended for a reason that need not be the job's."""


class Parsers:
    """The processes that parse. They are started when there is something to do."""

    def __init__(
        self,
        processes: int = PROCESSES,
        waiting: int = WAITING_MAX,
        module: str = "bot.engine.parsing.process",
    ) -> None:
        """Start nothing yet: a process is made when the first job comes.

        At most ``processes`` work at once and ``waiting`` more jobs wait; the next one is refused
        with Busy.
        """
        self.module = module
        self._free = asyncio.Semaphore(processes)
        self._room = processes + waiting
        self._jobs = 0
        self._idle: list[Process] = []
        self._all: set[Process] = set()
        self._closed = False

    @property
    def pids(self) -> set[int]:
        """The processes that live now."""
        return {each.pid for each in self._all if each.returncode is None}

    async def mail(self, raw: BinaryIO) -> InboundMail:
        """What a mail says; one that cannot be read in time is known by its first lines.

        Raises ValueError for what is no mail, Busy when too many wait.
        """
        if self._jobs >= self._room:
            raise Busy
        try:
            found = await self._do(MAIL, raw)
        except Stuck:
            log.warning("mail_not_read_in_time")
            found = await self._envelope(raw)
        if "refused" in found:
            raise ValueError(found["refused"])
        return unpack_mail(found)

    async def _envelope(self, raw: BinaryIO) -> dict[str, Any]:
        try:
            return await self._do(ENVELOPE, raw)
        except Stuck as stuck:  # this takes no time, so it is the machine that has none
            raise Busy from stuck

    async def words(self, text: str, *, html: bool) -> str:
        """Return what is new in a text, or a page of HTML; a mark alone where it cannot be read.

        Raises Busy after ``close``. Unlike ``mail`` it does not refuse when many wait.
        """
        kind = PAGE if html else WORDS
        try:
            return str((await self._do(kind, text.encode("utf-8", "replace")))["text"])
        except Stuck:
            return CUT.strip()

    async def close(self) -> None:
        """End all processes; jobs that have none yet raise Busy."""
        self._closed = True
        for process in list(self._all):
            await self._end(process)

    async def _do(self, kind: bytes, raw: BinaryIO | bytes) -> dict[str, Any]:
        """Do one job, once more if its process died for a reason that need not be the job's."""
        self._jobs += 1
        try:
            async with self._free:
                try:
                    return await self._once(kind, raw)
                except _Died:  # perhaps for lack of memory elsewhere, or by a person's hand
                    return await self._once(kind, raw)
        except _Died as died:
            raise Stuck from died
        finally:
            self._jobs -= 1

    async def _once(self, kind: bytes, raw: BinaryIO | bytes) -> dict[str, Any]:
        """Have one text parsed by a process, which is ended where it takes too long or goes.

        Raises Stuck for a text that no process gets through,
        _Died where the process went by itself.
        """
        process = await self._process()
        try:
            async with asyncio.timeout(WALL_MAX):
                found = await _asked(process, kind, raw)
        except TimeoutError as slow:
            await self._end(process)
            raise Stuck from slow
        except (OSError, EOFError, ValueError) as lost:
            code = await self._end(process)
            raise (Stuck if code == -signal.SIGPROF else _Died) from lost
        except asyncio.CancelledError:
            await asyncio.shield(self._end(process))
            raise
        self._idle.append(process)
        if "failed" in found:
            log.warning("parser_failed", error=found["failed"])
            raise Stuck
        return found

    async def _process(self) -> Process:
        """Take an idle process, or start one; raises Busy once the pool is closed.

        It sees no secret: its environment has the path and nothing else.
        """
        if self._closed:
            raise Busy
        while self._idle:
            process = self._idle.pop()
            if process.returncode is None:
                return process
            self._all.discard(process)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self.module,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=CODE, start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(CODE)},
        )  # fmt: skip
        self._all.add(process)
        return process

    async def _end(self, process: Process) -> int:
        """End a process, if it has not ended; how it ended."""
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        code = await process.wait()
        ENDED.inc()
        self._all.discard(process)
        return code


async def _asked(process: Process, kind: bytes, raw: BinaryIO | bytes) -> dict[str, Any]:
    """Hand a job over, piece by piece, and read its answer."""
    assert process.stdin is not None
    assert process.stdout is not None
    for piece in _pieces(kind, raw):
        process.stdin.write(piece)
        await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(LENGTH))
    if length > ANSWER_MAX:
        raise ValueError("an answer that no job has")
    found: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return found


def _pieces(kind: bytes, raw: BinaryIO | bytes) -> Iterator[bytes]:
    """A job as the process reads it."""
    file = io.BytesIO(raw) if isinstance(raw, bytes) else raw
    yield kind + size_of(file).to_bytes(LENGTH)
    while piece := file.read(PIECE):
        yield piece


def size_of(file: BinaryIO) -> int:
    """Bytes of a file, which is then at its begin."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size
