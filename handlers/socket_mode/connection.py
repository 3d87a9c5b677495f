"""One WebSocket of Slack's Socket Mode, from its hello to its end.

Frames are JSON: ``hello``, ``disconnect`` with a ``reason``, and envelopes with an ``envelope_id``,
which the acknowledgement repeats. Anything else is left alone.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import ClientError, ClientWebSocketResponse, WSMsgType
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.clock import stopwatch
from handlers.http import metrics as http_metrics
from handlers.slack.requests import Body, read_json

GONE = (ConnectionError, ClientError, RuntimeError)  # what sending over a dead socket raises

Dispatch = Callable[[SocketModeRequest], Awaitable[BoltResponse]]
Elsewhere = Callable[[str], Awaitable[bool]]

log = structlog.get_logger()


class Line:
    """Hands over what comes, and acknowledges it where it came from, elsewhere if it is dead.

    ``ended`` is set with the reason as soon as this line is to be replaced: Slack's own
    (``refresh_requested``, ``warning``, ``link_disabled``, ``too_many_websockets``) or ``closed``.
    It still takes what comes until it is closed. ``heard_at``, ``opened_at`` and ``closed_at`` are
    instants of ``bot.clock.stopwatch``. Deliveries are handed over side by side.
    """

    def __init__(
        self, socket: ClientWebSocketResponse, dispatch: Dispatch, elsewhere: Elsewhere
    ) -> None:
        """Read from ``socket`` at once, in a task of its own; a loop must run.

        ``ended`` has the reason once it is over. Instants are those of the stopwatch, in seconds.
        """
        self._socket = socket
        self._dispatch = dispatch
        self._elsewhere = elsewhere
        loop = asyncio.get_running_loop()
        self._greeted: asyncio.Future[str] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.heard_at = self.opened_at = self.closed_at = stopwatch()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read())

    @property
    def open(self) -> bool:
        """True while Slack can reach us over it."""
        return self._greeted.done() and not self._socket.closed and not self._reading.done()

    async def welcome(self, patience: float) -> str | None:
        """Wait for Slack's hello, ``patience`` seconds at most; None when it came, else why it will
        not.
        """
        both = {self._greeted, self.ended}
        await asyncio.wait(both, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if self.open:
            return None
        return self.ended.result() if self.ended.done() else "no hello"

    async def _read(self) -> None:
        """Read frames until the socket ends; whatever ends it, the line then asks to be
        replaced.
        """
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    self.heard_at = stopwatch()
                    self._take(read_json(message.data))
        finally:
            self.closed_at = stopwatch()
            self._end("closed")

    def _take(self, frame: Body) -> None:
        """Take a frame: note the hello or the end, or begin to answer a delivery."""
        if frame.get("type") == "hello":
            if not self._greeted.done():
                self._greeted.set_result("")
        elif frame.get("type") == "disconnect":
            self._end(str(frame.get("reason")))
        elif (request := SocketModeRequest.from_dict(dict(frame))) is not None:
            task = asyncio.create_task(self._answer(request))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    def _end(self, reason: str) -> None:
        """Note why the line ends; the first reason stays."""
        if not self.ended.done():
            self.ended.set_result(reason)

    async def _answer(self, request: SocketModeRequest) -> None:
        """Hand a delivery to Bolt, and acknowledge it when it was taken (200).

        Without an acknowledgement Slack sends an event again; of the rest the person sees that it
        failed.
        """
        arrived = stopwatch()
        response = await self._dispatch(request)
        if response.status != 200:
            return  # no acknowledgement: Slack sends an event again
        ack: dict[str, object] = {"envelope_id": request.envelope_id}
        if response.body:
            ack["payload"] = _payload(response)
        text = json.dumps(ack)
        if await self.send(text) or await self._elsewhere(text):
            http_metrics.count_acknowledged("socket", arrived)
        else:
            log.warning("not_acknowledged", envelope=request.envelope_id)

    async def send(self, text: str) -> bool:
        """Send one frame; False when the line is dead. True says nothing of whether it arrived."""
        try:
            await self._socket.send_str(text)
        except GONE:
            return False
        return True

    async def over(self, patience: float) -> None:
        """Wait until Slack has closed it, ``patience`` seconds at most; does not close it."""
        await asyncio.wait({self._reading}, timeout=patience)

    async def close(self, patience: float) -> None:
        """Take nothing more, acknowledge what is in hand within ``patience`` seconds, hang up.

        What takes longer is cancelled: Slack sends an event again, and stored work is not lost.
        """
        self._reading.cancel()
        await asyncio.wait({self._reading})
        if self._in_hand:
            await asyncio.wait(set(self._in_hand), timeout=patience)
        for task in self._in_hand:
            task.cancel()
        with contextlib.suppress(*GONE, TimeoutError):
            await self._socket.close()
        self._end("closed")


def _payload(response: BoltResponse) -> object:
    """What the acknowledgement carries: the answer to a form or a menu, or words.

    Bolt's answer as JSON where it says that it is JSON, else ``{"text": …}``.
    """
    kind = response.first_headers().get("content-type", "")
    if kind.startswith("application/json"):
        return json.loads(response.body)
    return {"text": response.body}
