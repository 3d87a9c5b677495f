"""Socket Mode: connections, envelopes, acknowledgements.

An acknowledgement is matched per app, never per socket: the SDK closes its old connection
before it opens the next, and answers on the new one what came over the old one.
"""

import asyncio
import contextlib
import itertools
import json
from collections import deque
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from sandbox.delivery.outcome import Parcel, Timing, UnansweredError
from sandbox.state import AppInstallation, Json
from sandbox.workspace import Workspace

CONNECTIONS_MAX = 10  # per app; docs.slack.dev/apis/events-api/using-socket-mode
CONNECTION_SECONDS = 3600  # approximate_connection_time in hello
DEBUG_CONNECTION_SECONDS = 360  # with debug_reconnects=true
LATE_MAX = 1000  # late acknowledgements that are remembered
HOST = "applink-local-1"


@dataclass(eq=False)
class Connection:
    """One open socket; ``draining`` once it was told to go.

    ``acknowledged`` are the envelopes whose acknowledgement came over it, the latest ones.
    """

    socket: WebSocket
    app_id: str
    draining: bool = False
    acknowledged: deque[str] = field(default_factory=lambda: deque(maxlen=LATE_MAX))

    async def send(self, frame: Json) -> None:
        """One JSON text frame. Raises WebSocketDisconnect or RuntimeError when it is gone."""
        await self.socket.send_text(json.dumps(frame, separators=(",", ":")))


@dataclass
class SocketHub:
    """All connections of all apps, and what waits for an acknowledgement."""

    workspace: Workspace
    timing: Timing
    connections: list[Connection] = field(default_factory=list)
    _pending: dict[tuple[str, str], asyncio.Future[Json | None]] = field(default_factory=dict)
    _late: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=LATE_MAX))
    _turn: "itertools.count[int]" = field(default_factory=itertools.count)

    def of(self, app_id: str) -> list[Connection]:
        """The app's usable connections."""
        return [c for c in self.connections if c.app_id == app_id and not c.draining]

    async def send(self, app: AppInstallation, parcel: Parcel) -> Json | None:
        """Deliver once over any one of the app's connections. Returns the answer's payload.

        Raises :class:`UnansweredError`, at once when no socket is open, ``late`` when nobody
        acknowledged in time. Socket Mode knows the one reason ``timeout``. A retry that was
        acknowledged late meanwhile is not sent and counts as answered without a payload.
        """
        key = (app.app_id, parcel.envelope_id)
        if parcel.attempt and key in self._late:
            return None
        answer = self._pending.setdefault(key, asyncio.get_running_loop().create_future())
        try:
            await self._push(app.app_id, envelope(parcel))
            async with asyncio.timeout(self.timing.ack_seconds):
                payload = await asyncio.shield(answer)
        except TimeoutError as error:
            raise UnansweredError("timeout", late=True) from error
        finally:
            self._pending.pop(key, None)
        return payload if parcel.takes_answer else None

    async def _push(self, app_id: str, frame: Json) -> None:
        """Send a frame over one of the app's connections, by turns; one that is gone is skipped.

        Raises :class:`UnansweredError` (``timeout``) when none took it.
        """
        open_now = self.of(app_id)
        start = next(self._turn)
        for step in range(len(open_now)):
            connection = open_now[(start + step) % len(open_now)]
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await connection.send(frame)
                return
        raise UnansweredError("timeout")

    def acknowledge(self, app_id: str, frame: Json) -> None:
        """Take an acknowledgement from any of the app's sockets.

        A late one keeps an event from being sent again.
        """
        key = (app_id, str(frame.get("envelope_id")))
        waiting = self._pending.get(key)
        if waiting is None:
            self._late.append(key)
        elif not waiting.done():
            payload = frame.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) and payload else None)

    async def disconnect(self, app_id: str, reason: str = "refresh_requested") -> int:
        """Tell every connection of an app to go; returns how many were told.

        ``reason``: ``warning``, ``refresh_requested`` or ``link_disabled``. Only the last one
        closes from this side at once; otherwise the client reconnects by itself.
        """
        told = self.of(app_id)
        for connection in told:
            connection.draining = reason != "warning"
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await connection.send(_disconnect(reason))
                if reason == "link_disabled":
                    await connection.socket.close()
        return len(told)

    async def serve(self, socket: WebSocket) -> None:
        """The ``/link`` endpoint: one connection from its ticket to its end.

        A ticket that is unknown, used or older than 30 s is refused before the handshake ends.
        Beyond ten usable connections one more is accepted, told ``too_many_websockets`` and closed.
        """
        app_id = self.workspace.lifetimes.take_ticket(socket.query_params.get("ticket", ""))
        if app_id is None or app_id not in self.workspace.apps:
            await socket.close(code=1008)
            return
        await socket.accept()
        connection = Connection(socket, app_id)
        if len(self.of(app_id)) >= CONNECTIONS_MAX:
            await connection.send(_disconnect("too_many_websockets"))
            await socket.close()
            return
        self.connections.append(connection)
        self._publish(app_id)
        try:
            await connection.send(self._hello(socket, app_id))
            while True:
                self._receive(connection, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.connections.remove(connection)
            self._publish(app_id)

    def _publish(self, app_id: str) -> None:
        """Tell whoever watches how many connections the app has."""
        count = len(self.of(app_id))
        self.workspace.bus.publish({"type": "socket", "app_id": app_id, "connections": count})

    def _receive(self, connection: Connection, text: str) -> None:
        with contextlib.suppress(ValueError):
            frame = json.loads(text)
            if isinstance(frame, dict):
                connection.acknowledged.append(str(frame.get("envelope_id")))
                self.acknowledge(connection.app_id, frame)

    def _hello(self, socket: WebSocket, app_id: str) -> Json:
        debug = socket.query_params.get("debug_reconnects") == "true"
        return {
            "type": "hello",
            "num_connections": len(self.of(app_id)),
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": (
                    DEBUG_CONNECTION_SECONDS if debug else CONNECTION_SECONDS
                ),
            },
            "connection_info": {"app_id": app_id},
        }


def envelope(parcel: Parcel) -> Json:
    """A parcel as Socket Mode frames it."""
    frame: Json = {
        "envelope_id": parcel.envelope_id,
        "payload": parcel.body,
        "type": parcel.envelope,
        "accepts_response_payload": parcel.takes_answer,
    }
    if parcel.envelope == "events_api":
        frame |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return frame


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
