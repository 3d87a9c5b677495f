"""HTTP connections that can break the way real ones do."""

import asyncio
import socket
import struct

from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: close sends RST


class BreakableHttp(H11Protocol):
    """uvicorn's HTTP protocol that hands each request its transport, so it can be cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember the transport where ``request.state`` shows it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def drop(request: Request) -> Response:
    """Cut the caller's connection without an answer; the returned response goes nowhere.

    Outside of :func:`sandbox.server.serve` (no transport) it is an empty 502. The caller sees a
    reset (RST), and what was done before stays done.
    """
    transport = getattr(request.state, "transport", None)
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:  # the caller may have hung up already
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
    return Response(status_code=502)
