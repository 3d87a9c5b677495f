"""Socket Mode: Slack's requests over a WebSocket that we open, for an app without an address.

There is always one line, and two while one takes over from the other: the new one is greeted before
the old one is let go, and each delivery is acknowledged where it came from. Slack replaces each
line every few hours and says so before. What it could not deliver meanwhile it may send again or
not, so a gap is reported (``OnGap``) and looked after by comparing Slack with the store.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.clock import stopwatch
from handlers.http import metrics as http_metrics
from handlers.slack.shape import MalformedError, require_shape
from handlers.socket_mode.connection import Line
from handlers.socket_mode.credentials import WRONG_TOKEN, TokenRefusedError
from messages.clients.slack import Slack, SlackError, SlackRateLimited, SlackRefused

SILENT, FULL = "silent", "too_many_websockets"
LOOK_EVERY = 0.05  # seconds between looks of an acknowledgement that has lost its line
EXPECTED = frozenset({"refresh_requested", "warning"})  # Slack moves its connections every hours

OnGap = Callable[[float], Coroutine[Any, Any, None]]
"""Told when Slack can reach us again, with the seconds during which perhaps it could not."""

log = structlog.get_logger()


class NotGreetedError(Exception):
    """Slack took a connection and sent it away: the message is its reason, or ``no hello``."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what. All in seconds.

    The defaults are for production; tests shorten them. Slack's own limit is ``ack``.
    """

    ping: float = 10.0  # between our pings; a line that leaves one unanswered for half is dead
    silence: float = 900.0  # without any delivery, then the line is opened anew
    hello: float = 10.0  # that Slack may take to greet
    linger: float = 5.0  # that an old line is left open for what is on its way
    ack: float = 3.0  # that Slack waits for an acknowledgement
    steady: float = 30.0  # a line that lived so long was a good one
    first: float = 0.5  # before the second try at most; doubled for each one after
    longest: float = 60.0  # between tries
    gap: float = 1.0  # without a line that are worth looking after


class SocketMode:
    """Keeps a line open until it is stopped.

    Our pings find a line that is dead, not one that lives and delivers nothing. A quiet workspace
    looks the same from here, so after a long silence the line is opened anew: that costs one call
    where nothing was wrong. Tries go on for ever, farther and farther apart, but for a token that
    Slack refuses at the start; once connected, even that is waited for.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        base_url: str,
        *,
        timing: Timing | None = None,
        on_gap: OnGap | None = None,
    ) -> None:
        """Connect to nothing yet; ``on_gap`` is called when messages may have been missed.

        ``timing`` has all waits, in seconds, so that tests need not wait.
        """
        self._bolt = bolt
        self._token = app_token
        self._slack = Slack("", base_url)
        self._timing = timing or Timing()
        self._on_gap = on_gap
        self._session: aiohttp.ClientSession | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: list[Line] = []  # the last one is the newest
        self._there = asyncio.Event()
        self._tries = 0
        self._gone_at: float | None = None

    def start(self) -> None:
        """Begin to connect, and try until it succeeds; returns at once, within a running loop."""
        self._keeping = asyncio.create_task(self._keep(), name="socket_mode")

    async def wait(self) -> None:
        """Until Slack can reach us. Raises TokenRefusedError when it does not take our token.

        Returns at once when it could before, even if the line is gone again.
        """
        there = asyncio.create_task(self._there.wait())
        refused = asyncio.create_task(self.refused())
        await asyncio.wait({there, refused}, return_when=asyncio.FIRST_COMPLETED)
        there.cancel()
        if refused.done():
            refused.result()
        refused.cancel()

    async def refused(self) -> None:
        """Wait for ever; raises TokenRefusedError when Slack refuses the token at the start.

        Raises RuntimeError before ``start``.
        """
        if self._keeping is None:
            raise RuntimeError("not started")
        await asyncio.shield(self._keeping)

    def connected(self) -> bool:
        """True while Slack can reach us over any line, an old one included."""
        return any(line.open for line in self._lines)

    async def stop(self) -> None:
        """Take no more deliveries, acknowledge those in hand, and close every line.

        What was accepted stands in the store, and is carried out by the process that holds it next.
        """
        tasks = [t for t in (self._keeping, *self._tasks) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(line.close(self._timing.ack) for line in self._lines))
        self._lines.clear()
        if self._session is not None:
            await self._session.close()
        await self._slack.close()
        log.info("socket_mode_closed")

    # -- keeping a line

    async def _keep(self) -> None:
        """Connect, hand over to the new line, wait until it is spent, and again, for ever.

        Ends only by cancelling, or with TokenRefusedError, which ``wait`` and ``refused`` raise.
        """
        while True:
            line = await self._connect()
            self._take_over(line)
            reason = await self._spent(line)
            http_metrics.SOCKET_RENEWED.labels(reason).inc()
            say = log.info if reason in EXPECTED else log.warning
            say("socket_mode_renewing", reason=reason)

    async def _connect(self) -> Line:
        """A new line, however long it takes.

        A rate limit of Slack's is kept even where it is longer than our pause. Raises
        TokenRefusedError for a token that is wrong from the start.
        """
        pause = self._pause()
        while True:
            await asyncio.sleep(pause)
            try:
                return await self._open()
            except SlackRateLimited as limited:
                pause = max(self._failed(limited), limited.retry_after)
            except SlackRefused as refused:
                if refused.code in WRONG_TOKEN and not self._there.is_set():
                    raise TokenRefusedError("SLACK_APP_TOKEN", refused.code) from refused
                pause = self._failed(refused)
            except (SlackError, NotGreetedError, aiohttp.ClientError, OSError) as error:
                pause = self._failed(error)

    def _failed(self, error: Exception) -> float:
        """Note a try that failed; answers the seconds until the next one.

        The log never has the address of the WebSocket, which is a secret.
        """
        self._tries += 1
        pause = self._pause()
        ours = isinstance(error, SlackError | NotGreetedError)
        why = str(error) if ours else type(error).__name__  # others quote the secret address
        log.warning("socket_mode_not_connected", why=why, tries=self._tries, wait=round(pause, 1))
        return pause

    def _pause(self) -> float:
        """Nothing before a first try, then longer and longer, never all replicas at once.

        Half to all of ``first`` doubled with each try, ``longest`` at most.
        """
        if not self._tries:
            return 0.0
        longest = min(self._timing.longest, self._timing.first * 2.0 ** min(self._tries - 1, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - only to spread tries

    async def _open(self) -> Line:
        """A line that Slack has greeted. Raises what a try can fail with.

        SlackError, aiohttp.ClientError, OSError (a timeout included), or NotGreetedError. Where
        Slack says that we hold too many lines, our own are closed first.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession()
        proxy = self._slack.client.proxy
        try:
            answer = await self._slack.call("apps.connections.open", app_token=self._token)
        finally:
            await self._slack.close()  # when a line has died, what else was open then is dead too
        async with asyncio.timeout(self._timing.hello):
            socket = await self._session.ws_connect(
                str(answer.get("url")),
                heartbeat=self._timing.ping,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                proxy=proxy,
            )
        line = Line(socket, self._dispatch, self._elsewhere)
        if (reason := await line.welcome(self._timing.hello)) is None:
            return line
        await line.close(0)
        if reason == FULL:  # ours are among those that are too many
            await self._let_go()
        raise NotGreetedError(reason)

    async def _dispatch(self, request: SocketModeRequest) -> BoltResponse:
        """What Bolt answers to a delivery; the same app serves HTTP.

        What Slack cannot have sent is acknowledged, so that it does not come again, and logged.
        """
        try:
            require_shape(request.payload)
        except MalformedError as malformed:
            log.warning("malformed_request", why=str(malformed))
            return BoltResponse(status=200, body="")
        response: BoltResponse = await run_async_bolt_app(self._bolt, request)
        return response

    async def _elsewhere(self, text: str) -> bool:
        """Send what its own line could not take any more over another one.

        Slack takes an acknowledgement from any line of the app within three seconds.
        """
        until = stopwatch() + self._timing.ack
        while stopwatch() < until:
            for line in reversed(self._lines):
                if line.open and await line.send(text):
                    return True
            await asyncio.sleep(LOOK_EVERY)
        return False

    def _take_over(self, line: Line) -> None:
        """From now on this is the line; those before it are left when they are done.

        A gap that is long enough is counted and reported.
        """
        gap = self._gap(line.opened_at)
        for old in self._lines:
            self._background(self._leave(old))
        self._lines.append(line)
        self._there.set()
        log.info("socket_mode_connected", gap=round(gap, 1))
        if gap >= self._timing.gap:
            http_metrics.SOCKET_GAP.inc(gap)
            if self._on_gap is not None:
                self._background(self._on_gap(gap))

    def _gap(self, now: float) -> float:
        """Seconds during which perhaps nothing reached us: of two guesses, the longer one.

        An open line that was silent for long may have been dead all the while. Of a closed one
        nothing is certain since it last delivered, or since the ping before it closed.
        """
        if not self._lines:
            return now - self._gone_at if self._gone_at is not None else 0.0
        last = self._lines[-1]
        if last.open:
            silent = now - last.heard_at
            return silent if silent >= self._timing.silence else 0.0
        return now - max(last.heard_at, last.closed_at - 1.5 * self._timing.ping)

    async def _spent(self, line: Line) -> str:
        """Wait until another line is needed; answers why: Slack's reason, ``closed`` or ``silent``.

        A line that lived for less than ``Timing.steady`` counts as a failed try.
        """
        while not line.ended.done():
            left = line.heard_at + self._timing.silence - stopwatch()
            if left <= 0:
                self._tries = 0
                return SILENT
            await asyncio.wait({line.ended}, timeout=left)
        steady = stopwatch() - line.opened_at >= self._timing.steady
        self._tries = 0 if steady else self._tries + 1
        reason = line.ended.result()
        if reason == "link_disabled":
            log.error("socket_mode_disabled", remedy="turn Socket Mode on at api.slack.com/apps")
        return reason

    async def _leave(self, line: Line) -> None:
        """Close a line that another one follows, when nothing is on its way there any more.

        Slack may still deliver over it for ``linger`` seconds, and what is in hand is acknowledged.
        """
        await line.over(self._timing.linger)
        await line.close(self._timing.ack)
        with contextlib.suppress(ValueError):
            self._lines.remove(line)

    async def _let_go(self) -> None:
        """Close our own lines, to make room for the one that follows them. The gap begins here."""
        while self._lines:
            line = self._lines.pop()
            self._gone_at = stopwatch()
            await line.close(self._timing.ack)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work that ``stop`` cancels; its failures are not looked at."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
