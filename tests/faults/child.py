"""The bot as a process of its own, as ``app.py run`` builds it, with a clock set from outside.

Only what would make a test wait is changed: rate limits of ours, pauses between tries, and the
time of the case, which is read from a file. ``CRASH_AT`` kills the process around a commit.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

import messages.clients.slack
import storage.database
from bot.engine import delivery, inbox, inbox_loop, outbox_claims
from bot.mail import deliver as mail_delivery
from bot.operations import standing_watch
from bot.settings import RunSettings
from cli.logs import configure_logs
from cli.running import build, started
from cli.serving import serving, stop_signal
from cli.workspace.local import demo_policy
from messages.clients.slack_limits import Limits
from storage import receiving
from storage.database import Database
from storage.wakeups import NotingSession
from tests.faults import blows

CLOCK_POLL = 0.01  # seconds between looks at the clock's file


class FileClock:
    """The time of the case stands in a file; the machine's time is its own.

    Both are wrong by as many seconds as another file says.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._skew = skew_file(path)

    def now(self) -> datetime:
        """What the file says, aware UTC."""
        return datetime.fromisoformat(self.path.read_text()) + self._wrong()

    def real(self) -> datetime:
        """The machine's time, aware UTC."""
        return datetime.now(UTC) + self._wrong()

    def _wrong(self) -> timedelta:
        return timedelta(seconds=float(self._skew.read_text()))


def skew_file(clock: Path) -> Path:
    """By how many seconds the clocks of the bots are wrong, beside the file of their time."""
    return clock.with_suffix(".skew")


def hurry(call_timeout: float, lease: float) -> None:
    """Shorten what a test would otherwise wait for. All in seconds."""
    delivery.BACKOFF_FIRST = float(os.environ.get("BACKOFF_FIRST", "0.05"))
    standing_watch.WATCH_EVERY = 0.3
    mail_delivery.DOUBT = lease
    storage.database.STANDSTILL_MAX = timedelta(seconds=lease / 2)
    delivery.RELEASED = 0.1
    for module in (messages.clients.slack, delivery):
        vars(module)["CALL_TIMEOUT"] = call_timeout
    outbox_claims.LEASE = inbox.LEASE = timedelta(seconds=lease)
    delivery.IN_FLIGHT = int(os.environ.get("IN_FLIGHT", delivery.IN_FLIGHT))
    inbox_loop.STORE_PAUSE = delivery.STORE_PAUSE = 0.2
    if os.environ.get("KEEP_LIMITS") != "true":
        Limits.take = lambda self, method, channel="": 0.0  # type: ignore[method-assign]


def crash_around_commits(counter: Path, before: set[int], after: set[int]) -> None:
    """Count write transactions in a file that outlives us; kill -9 before or after some of them."""

    def count() -> int:
        with counter.open("ab") as file:
            file.write(b".")
        number = counter.stat().st_size
        if number in before:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    @event.listens_for(NotingSession, "before_commit")
    def _before(session: NotingSession) -> None:
        session.info["commit"] = count()

    @event.listens_for(NotingSession, "after_commit")
    def _after(session: NotingSession) -> None:
        if session.info.get("commit") in after:
            os.kill(os.getpid(), signal.SIGKILL)

    receive = receiving.store_requests

    async def _received(database: Database, rows: Sequence[receiving.Row]) -> set[str]:
        number = count()
        fresh = await receive(database, rows)
        if number in after:
            os.kill(os.getpid(), signal.SIGKILL)
        return fresh

    receiving.store_requests = _received


async def _follow(clock: FileClock, tick: Callable[[], Awaitable[None]]) -> None:
    seen, parent = clock.path.read_text(), os.getppid()
    while True:
        if os.getppid() != parent:  # the test is gone: nobody would end us
            os._exit(1)
        await asyncio.sleep(CLOCK_POLL)
        if (now := clock.path.read_text()) and now != seen:
            seen = now
            await tick()


async def _run() -> None:
    stop = stop_signal()
    clock = FileClock(Path(os.environ["CLOCK_FILE"]))
    settings = RunSettings(_env_file=None)
    configure_logs(settings.log_level)
    application = build(settings, clock=clock, policy=demo_policy())
    async with started(application), serving(application.web, "127.0.0.1", settings.port):
        following = asyncio.create_task(_follow(clock, application.services.tick))
        await stop.wait()
        following.cancel()


def numbers(name: str) -> set[int]:
    """Comma-separated numbers in the environment."""
    return {int(n) for n in os.environ.get(name, "").split(",") if n}


def main() -> None:
    """Run until SIGTERM or the end that was ordered."""
    hurry(float(os.environ.get("CALL_TIMEOUT", "2")), float(os.environ.get("LEASE", "20")))
    if counter := os.environ.get("COMMIT_COUNTER"):
        crash_around_commits(Path(counter), numbers("CRASH_BEFORE"), numbers("CRASH_AFTER"))
    if folder := os.environ.get("BLOWS"):
        blows.install(Path(folder))
    asyncio.run(_run())
