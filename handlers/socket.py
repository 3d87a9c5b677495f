"""Socket Mode: Slack's requests over a WebSocket that we open, for a desk without an address."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import ClientError, WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import stopwatch

SILENCE = 900.0  # seconds without any delivery after which the connection is opened anew
WATCH_EVERY = 30.0  # seconds between looks
LOOK_EVERY = 1.0  # seconds between looks whether the line is there

OnGap = Callable[[float], Awaitable[None]]
"""Told when Slack can reach us again, with the seconds during which it could not."""

log = structlog.get_logger()


class SocketMode:
    """One connection, kept up by the SDK until it is stopped.

    The SDK's pings find a line that is dead, not one that lives and delivers nothing. A quiet
    workspace looks the same from here, so after a long silence the line is opened anew: that
    costs one call where nothing was wrong.
    """

    def __init__(
        self,
        bolt: AsyncApp,
        app_token: str,
        base_url: str,
        *,
        silence: float = SILENCE,
        on_gap: OnGap | None = None,
    ) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._base_url = base_url
        self._handler: AsyncSocketModeHandler | None = None
        self._silence = silence
        self._heard_at = 0.0
        self._on_gap = on_gap
        self._watches: list[asyncio.Task[None]] = []
        self.reopened = 0

    async def start(self) -> None:
        """Connect; returns once Slack can reach us."""
        # No retry handlers: the SDK's Socket Mode client already tries again by itself.
        client = AsyncWebClient(base_url=self._base_url, retry_handlers=[])
        self._handler = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=client)
        self._handler.client.on_message_listeners.append(self._hear)
        await self._handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK's
        self._heard_at = stopwatch()
        self._watches = [
            asyncio.create_task(self._watch_silence()),
            asyncio.create_task(self._watch_gaps()),
        ]
        log.info("socket_mode_connected")

    async def _hear(self, _message: WSMessage) -> None:
        self._heard_at = stopwatch()

    async def _watch_silence(self) -> None:
        while self._handler is not None:
            await asyncio.sleep(min(WATCH_EVERY, self._silence / 2))
            if stopwatch() - self._heard_at < self._silence:
                continue
            log.warning("socket_mode_silent", seconds=round(self._silence))
            self._heard_at = stopwatch()
            self.reopened += 1
            try:
                await self._handler.client.connect_to_new_endpoint(force=True)
            except (SlackClientError, ClientError, TimeoutError, OSError) as error:
                log.warning("socket_mode_not_reopened", error=type(error).__name__)

    async def _watch_gaps(self) -> None:
        gone_at: float | None = None
        while self._handler is not None:
            await asyncio.sleep(LOOK_EVERY)
            there = await self.connected()
            if not there and gone_at is None:
                gone_at = stopwatch()
            elif there and gone_at is not None:
                seconds, gone_at = stopwatch() - gone_at, None
                log.warning("socket_mode_gap", seconds=round(seconds))
                if self._on_gap is not None:
                    await self._on_gap(seconds)

    async def connected(self) -> bool:
        """True while Slack can reach us."""
        return self._handler is not None and bool(await self._handler.client.is_connected())

    async def stop(self) -> None:
        """Take no more; what was accepted is carried out by whoever holds the store."""
        for watch in self._watches:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch
        if self._handler is not None:
            await self._handler.client.close()  # type: ignore[no-untyped-call]  # the SDK's
            self._handler = None
            log.info("socket_mode_closed")
