"""Socket Mode: Slack's requests over a WebSocket that we open, for a desk without an address."""

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

log = structlog.get_logger()


class SocketMode:
    """One connection, kept up by the SDK until it is stopped."""

    def __init__(self, bolt: AsyncApp, app_token: str, base_url: str) -> None:
        self._bolt = bolt
        self._app_token = app_token
        self._base_url = base_url
        self._handler: AsyncSocketModeHandler | None = None

    async def start(self) -> None:
        """Connect; returns once Slack can reach us."""
        # No retry handlers: the SDK's Socket Mode client already tries again by itself.
        client = AsyncWebClient(base_url=self._base_url, retry_handlers=[])
        self._handler = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=client)
        await self._handler.client.connect()  # type: ignore[no-untyped-call]  # the SDK's
        log.info("socket_mode_connected")

    async def connected(self) -> bool:
        """True while Slack can reach us."""
        return self._handler is not None and bool(await self._handler.client.is_connected())

    async def stop(self) -> None:
        """Take no more; what was accepted is carried out by whoever holds the store."""
        if self._handler is not None:
            await self._handler.client.close()  # type: ignore[no-untyped-call]  # the SDK's
            self._handler = None
            log.info("socket_mode_closed")
