"""Socket Mode: Slack's requests over a WebSocket that we open, for a desk without an address."""

import asyncio
import contextlib
from collections.abc import Callable

import structlog
from aiohttp import ClientError, WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import stopwatch

SILENCE = 900.0  # seconds without any delivery after which the connection is opened anew
WATCH_EVERY = 5.0  # seconds between looks
STOOD_STILL = 10.0  # seconds by which a look may be late before we think that we were stopped

AfterGap = Callable[[bool], None]

log = structlog.get_logger()


class SocketMode:
    """One connection, kept up by the SDK until it is stopped.

    The SDK's pings find a line that is dead, not one that lives and delivers nothing. A quiet
    workspace looks the same from here, so after a long silence the line is opened anew: that
    costs one call where nothing was wrong.

    ``after_gap`` is called when the line is up again after it was down (True), and when it was
    opened anew because it was silent (False: perhaps nothing was missed).
    """

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        base_url: str,
        *,
        silence: float = SILENCE,
        watch_every: float = WATCH_EVERY,
        after_gap: AfterGap = lambda certain: None,
    ) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._base_url = base_url
        self._handler: AsyncSocketModeHandler | None = None
        self._silence = silence
        self._watch_every = min(watch_every, silence / 2)
        self._after_gap = after_gap
        self._heard_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self.reopened = 0

    async def start(self) -> None:
        """Connect; returns once Slack can reach us."""
        # No retry handlers: the SDK's Socket Mode client already tries again by itself.
        client = AsyncWebClient(base_url=self._base_url, retry_handlers=[])
        self._handler = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=client)
        self._handler.client.on_message_listeners.append(self._hear)
        await self._handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK's
        self._heard_at = stopwatch()
        self._watch = asyncio.create_task(self._watch_line())
        log.info("socket_mode_connected")

    async def _hear(self, _message: WSMessage) -> None:
        self._heard_at = stopwatch()

    async def _watch_line(self) -> None:
        down, looked_at = False, stopwatch()
        while self._handler is not None:
            await asyncio.sleep(self._watch_every)
            late = stopwatch() - looked_at - self._watch_every
            looked_at = stopwatch()
            down = down or late > STOOD_STILL
            if not await self.connected():
                down = True
            elif down:
                down = False
                log.warning("socket_mode_was_down")
                self._after_gap(True)
            if stopwatch() - self._heard_at >= self._silence:
                await self._reopen(self._handler)

    async def _reopen(self, handler: AsyncSocketModeHandler) -> None:
        log.warning("socket_mode_silent", seconds=round(self._silence))
        self._heard_at = stopwatch()
        self.reopened += 1
        try:
            await handler.client.connect_to_new_endpoint(force=True)
        except (SlackClientError, ClientError, TimeoutError, OSError) as error:
            log.warning("socket_mode_not_reopened", error=type(error).__name__)
        else:
            self._after_gap(False)

    async def connected(self) -> bool:
        """True while Slack can reach us."""
        return self._handler is not None and bool(await self._handler.client.is_connected())

    async def stop(self) -> None:
        """Take no more; what was accepted is carried out by whoever holds the store."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        if self._handler is not None:
            await self._handler.client.close()  # type: ignore[no-untyped-call]  # the SDK's
            self._handler = None
            log.info("socket_mode_closed")
