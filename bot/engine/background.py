"""Work after the acknowledgement: tasks of which failures are logged, and told to the asker.

A task begins when no request waits for its acknowledgement any more. Of it nothing is stored but
that it was begun: what must happen in spite of a crash goes through the inbox or the outbox.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

import structlog

from bot.clock import TimeSource, steady
from bot.engine.actors import ReplyTo
from bot.engine.request_gate import RequestGate
from bot.errors import UserError, new_reference
from storage.away import why_away
from storage.database import Database
from storage.receiving import remember_request

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


class SeenRequests:
    """Which requests were answered, in the memory that all processes of one store share.

    What changes something is known by its row in the inbox; what only shows something is remembered
    here, when it is answered. ``bot/operations/pruning.py`` removes it.
    """

    def __init__(self, database: Database, clock: TimeSource) -> None:
        self._database = database
        self._clock = clock

    async def first_time(self, key: str) -> bool:
        """Remember ``key``; False where any process did so before.

        On SQLite there is one process, and its own memory is enough. While the store is away
        nothing is remembered and everything is new: an answer that comes twice is better than none.
        """
        if self._database.is_sqlite:
            return True
        try:
            return await remember_request(self._database, key, self._clock.now())
        except Exception as fault:
            if (why := why_away(fault)) is None:
                raise
            log.warning("request_not_remembered", key=key, why=why)
            return True


async def _always(key: str) -> bool:
    """Nothing is remembered."""
    return True


class BackgroundTasks:
    """The tasks of one process; ``first_time`` remembers a key for all processes."""

    def __init__(
        self,
        gate: RequestGate,
        replies: FailureReplies,
        first_time: Callable[[str], Awaitable[bool]] = _always,
        refused: Callable[[str, str, UserError], None] = lambda _who, _door, _refusal: None,
    ) -> None:
        """Nothing runs yet; ``first_time`` says of a request's key whether it is new.

        ``refused`` hears of each refusal: who was refused, at which door, and why.

        ``running`` holds the tasks that were begun, so that none is forgotten before it ends.
        """
        self._gate = gate
        self._replies = replies
        self._first_time = first_time
        self._refused = refused
        self._begun = LatelySeen()
        self.running: set[asyncio.Task[None]] = set()

    def start_task(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None = None,
        once: str = "",
        *,
        by_trigger: bool = False,
    ) -> None:
        """Do ``work`` after the acknowledgement; tell a refusal or a fault through ``reply``.

        Without ``reply`` a refusal is dropped, and a fault is only logged. Under a key (``once``)
        the work of that name is begun a single time, by whichever process, so that a redelivered
        request shows nothing twice. ``by_trigger``: it opens a form, for which Slack's trigger is
        good once, for three seconds. So it does not wait for the store to remember it, and how it
        failed is not told where another process came to an end with it.
        """
        key = f"{name}:{once}" if once else ""
        if key and self._begun.before(key):
            work.close()
            log.info("request_seen_before", key=once, work=name)
            return
        guarded = self._guarded(work, name, reply, key, by_trigger=by_trigger)
        task = asyncio.create_task(guarded, name=name)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def wait_all(self, patience: float) -> None:
        """Wait until no task is left, those included that others start.

        Returns after ``patience`` seconds in all, whatever still runs.
        """
        ends = steady() + patience
        while self.running and (left := ends - steady()) > 0:
            await asyncio.wait(set(self.running), timeout=left)

    async def _guarded(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None,
        key: str,
        *,
        by_trigger: bool,
    ) -> None:
        """Do the work, and tell who asked what went wrong; of a repeated request only the first.

        A form that is opened by a trigger is remembered afterwards, all else before.
        """
        try:
            await self._gate.wait_until_idle()
            if by_trigger or await self._first_end(key):
                await work
                await self._first_end(key if by_trigger else "")
        except UserError as refused:
            if reply is not None:
                self._refused(reply.user_id, name, refused)
            if reply is not None and await self._first_end(key if by_trigger else ""):
                await self._replies.tell_refusal(reply, refused)
        except Exception as fault:
            reference = new_reference()
            log.error("background_failed", reference=reference, exc_info=fault)
            if reply is not None and await self._first_end(key if by_trigger else ""):
                await self._replies.tell_failure(reply, fault, reference)
        finally:
            work.close()  # one that was cancelled before it began

    async def _first_end(self, key: str) -> bool:
        """Remember that a request came to its end; False where a process did so before.

        True for an empty key, under which nothing is remembered.
        """
        if not key or await self._first_time(key):
            return True
        log.info("request_seen_before", key=key)
        return False
