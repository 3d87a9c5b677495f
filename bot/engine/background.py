"""Work after the acknowledgement: tasks of which failures are logged, and told to the asker.

A task begins when no request waits for its acknowledgement any more. Nothing of it is stored: what
must happen in spite of a crash goes through the inbox or the outbox.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, Protocol

import structlog

from bot.clock import steady
from bot.engine.actors import ReplyTo
from bot.engine.request_gate import RequestGate
from bot.errors import UserError, new_reference

REMEMBERED = 5000  # keys; far more than arrive in the minutes in which Slack repeats a request

log = structlog.get_logger()


class FailureReplies(Protocol):
    """What tells a person that what they asked for was not done."""

    async def tell_refusal(self, reply: ReplyTo, refused: UserError) -> None:
        """Tell the person why they are refused."""

    async def tell_failure(self, reply: ReplyTo, fault: Exception, reference: str) -> None:
        """Tell the person that the app failed, and under which reference it is logged."""


class LatelySeen:
    """Keys that came lately: the latest ``REMEMBERED``, in the memory of this process only."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()

    def before(self, key: str) -> bool:
        """True when this key came before; it is remembered from now on, in place of the oldest."""
        if key in self._keys:
            return True
        self._keys[key] = None
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)
        return False

    def forget(self, key: str) -> None:
        """Take the key as new the next time."""
        self._keys.pop(key, None)


class BackgroundTasks:
    """The tasks of one process."""

    def __init__(self, gate: RequestGate, replies: FailureReplies) -> None:
        self._gate = gate
        self._replies = replies
        self._begun = LatelySeen()
        self.running: set[asyncio.Task[None]] = set()

    def start_task(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None = None,
        once: str = "",
    ) -> None:
        """Do ``work`` after the acknowledgement; tell a refusal or a fault through ``reply``.

        Without ``reply`` a refusal is dropped, and a fault is only logged. Under a key (``once``)
        the work of that name is begun a single time, so that a redelivered request shows nothing
        twice.
        """
        if once and self._begun.before(f"{name}:{once}"):
            work.close()
            log.info("request_seen_before", key=once, work=name)
            return
        task = asyncio.create_task(self._guarded(work, reply), name=name)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def wait_all(self, patience: float) -> None:
        """Wait until no task is left, those included that others start.

        Returns after ``patience`` seconds in all, whatever still runs.
        """
        ends = steady() + patience
        while self.running and (left := ends - steady()) > 0:
            await asyncio.wait(set(self.running), timeout=left)

    async def _guarded(self, work: Coroutine[Any, Any, None], reply: ReplyTo | None) -> None:
        try:
            await self._gate.wait_until_idle()
            await work
        except UserError as refused:
            if reply is not None:
                await self._replies.tell_refusal(reply, refused)
        except Exception as fault:
            reference = new_reference()
            log.error("background_failed", reference=reference, exc_info=fault)
            if reply is not None:
                await self._replies.tell_failure(reply, fault, reference)
        finally:
            work.close()  # one that was cancelled before it began
