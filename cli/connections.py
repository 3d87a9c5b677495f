"""Open connections: how many, from which addresses, and how long one may take to ask.

uvicorn waits for ever for a request that does not end, and takes every connection until the process
has no file descriptors left. Here a connection that has asked for nothing yet has little time, and
when there are too many, the address with most of those loses its oldest. A request counts once its
body is complete: anyone can begin one that looks signed.

Only connections are counted here; how fast a body must come and how long it may be is in
``handlers/http/bodies.py``. Times are in seconds by the event loop, sizes in bytes. Every
connection closed here is counted in ``desk_connections_cut_total`` by its reason:

- ``slow``: no complete header within ``ASK_MAX`` (``ASK_CROWDED`` for an address with too many).
- ``crowded``: too many connections, and its address had most of those that ask for nothing.
- ``pieces``: a body in chunks of a few bytes each.
- ``deaf``: the answer was not taken within ``TAKE_MAX``.
"""

import asyncio
import errno
import resource
from collections import Counter
from collections.abc import Sequence
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import h11
import structlog
from prometheus_client import Counter as Figure
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import say_no_descriptors

CONNECTIONS_MAX = 1_000  # open at once in this process; each is a file descriptor
SPARE = 64  # file descriptors for everything else: database, log, Slack, parsers
ADDRESS_MAX = 200  # without a whole request, from one address; a relay opens some twenty
ASK_MAX = 10.0  # seconds until a request's header fields are all there
TAKE_MAX = 30.0  # seconds in which an answer that fills the buffer must be taken
READ_MAX = 16 * 1024  # bytes read at once, so that nobody's pieces keep the others waiting
LINE_MIN = 8  # bytes between line ends of a body in chunks, on average; "1", "x" is one chunk
ASK_CROWDED = 3.0  # seconds, for an address that has too many

CUT = Figure("desk_connections_cut_total", "Connections that were closed on", ["why"])

Network = IPv4Network | IPv6Network

log = structlog.get_logger()


def proxies(said: str) -> list[Network]:
    """Read addresses and networks with commas between them: ``10.0.0.1, 10.1.0.0/16``.

    Empty text gives none. An address with host bits is widened to its network. Raises ValueError
    for what is neither.
    """
    return [ip_network(each.strip(), strict=False) for each in said.split(",") if each.strip()]


def room() -> int:
    """Return how many connections may be open at once: ``CONNECTIONS_MAX`` at most, 8 at least.

    Fewer where the process's soft limit of file descriptors, less ``SPARE``, is lower.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(min(CONNECTIONS_MAX, soft - SPARE), 8)


class Crowd:
    """All connections of one server; those that have asked for nothing yet the oldest first.

    A connection waits from ``came`` until ``asked``, and again from ``waits``. Addresses in
    ``trusted`` are proxies that bring many people, so they are not hurried; they count when room is
    made. ``most`` is by default ``room()``. Used from one event loop only, without locks.
    """

    def __init__(self, trusted: Sequence[Network] = (), most: int | None = None) -> None:
        self._trusted = trusted
        self._most = most or room()
        self._open = 0
        self._waiting: dict[Guarded, str] = {}
        self._by_address: Counter[str] = Counter()

    def came(self, who: "Guarded", address: str) -> float:
        """Count a new connection; return for how many seconds it may ask for nothing.

        When there are too many, one is closed at once, which may be this one.
        """
        self._open += 1
        self.waits(who, address)
        if self._open > self._most:
            self._make_room()
        crowded = self._by_address[address] > ADDRESS_MAX and not self._is_proxy(address)
        return ASK_CROWDED if crowded else ASK_MAX

    def waits(self, who: "Guarded", address: str) -> None:
        """Note that a connection may ask again; it is then the last to be closed for its address.

        One that waits already keeps its place.
        """
        if who not in self._waiting:
            self._waiting[who] = address
            self._by_address[address] += 1

    def asked(self, who: "Guarded") -> None:
        """Note that a connection asked for something: it is not closed to make room any more.

        Does nothing for one that does not wait.
        """
        address = self._waiting.pop(who, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def left(self, who: "Guarded") -> None:
        """Forget a connection that is closed; call it once for each that came."""
        self.asked(who)
        self._open -= 1

    def _make_room(self) -> None:
        """Close one that has asked for nothing: the oldest of the address that has most.

        Where all others have asked for something, that is the connection that has just come.
        """
        address, _ = self._by_address.most_common(1)[0]
        oldest = next(who for who, of in self._waiting.items() if of == address)
        oldest.cut("crowded")

    def _is_proxy(self, address: str) -> bool:
        """Return whether an address is a trusted proxy's; False for what is no IP address."""
        try:
            return any(ip_address(address) in network for network in self._trusted)
        except ValueError:
            return False


class Guarded(H11Protocol):
    """An HTTP connection of uvicorn that must ask for something soon.

    It has one timer, for what it is waited for: a header, or that an answer is taken. While a
    request is being carried out there is none.
    """

    def __init__(self, *arguments: Any, crowd: Crowd, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._crowd = crowd
        self._address = ""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection and begin to wait for its first request.

        At most ``READ_MAX`` bytes are read at once from then on.
        """
        super().connection_made(transport)
        transport.max_size = READ_MAX  # type: ignore[attr-defined]
        self._address = self.client[0] if self.client else ""
        patience = self._crowd.came(self, self._address)
        self._timer = self.loop.call_later(patience, self.cut, "slow")

    def data_received(self, data: bytes) -> None:
        """Take in what arrived, or cut a body that comes in too many small chunks.

        Such a body takes longer to read than to send. Pieces of ``LINE_MIN`` * 100 bytes or fewer
        are never judged.
        """
        if self._in_chunks() and data.count(b"\r\n") * LINE_MIN > len(data) > LINE_MIN * 100:
            self.cut("pieces")
        else:
            super().data_received(data)

    def _in_chunks(self) -> bool:
        """Return whether a body with a Transfer-Encoding is being received."""
        sending = self.cycle is not None and self.conn.their_state is h11.SEND_BODY
        return sending and any(name == b"transfer-encoding" for name, _ in self.headers)

    def handle_events(self) -> None:
        """Let uvicorn read requests from what arrived, and set the timer by what is there.

        With a complete header the timer ends; with the body too, the connection counts as having
        asked. Bytes that make no header yet start the timer unless it runs: more of them do not
        prolong it.
        """
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timer()
            if self.conn.their_state is not h11.SEND_BODY:  # else they only say that they will ask
                self._crowd.asked(self)
        elif self._timer is None:
            self._timer = self.loop.call_later(ASK_MAX, self.cut, "slow")

    def on_response_complete(self) -> None:
        """Note that the answer is sent, so that the connection may ask again, or be closed."""
        if not self.transport.is_closing():
            self._crowd.waits(self, self._address)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Begin to wait ``TAKE_MAX`` seconds for the other side to take the answer.

        asyncio calls this when the buffer of what is to be sent is full.
        """
        super().pause_writing()
        self._stop_timer()
        self._timer = self.loop.call_later(TAKE_MAX, self.cut, "deaf")

    def resume_writing(self) -> None:
        """Stop waiting: enough of the answer was taken."""
        super().resume_writing()
        self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, however it ended; asyncio calls this once."""
        self._stop_timer()
        self._crowd.left(self)
        super().connection_lost(exc)

    def cut(self, why: str) -> None:
        """Close the connection without an answer and count it under ``why``.

        What was not sent yet is lost.
        """
        CUT.labels(why).inc()
        self._stop_timer()
        self._crowd.asked(self)
        self.transport.abort()

    def _stop_timer(self) -> None:
        """Cancel the timer; without one nothing happens."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def guarded(crowd: Crowd) -> Any:
    """Return what uvicorn makes each connection of (its setting ``http``), all in one ``crowd``."""
    return partial(Guarded, crowd=crowd)


def watch_descriptors(loop: asyncio.AbstractEventLoop) -> None:
    """Say once a minute that no descriptor is left for a connection; asyncio says it each time.

    A limit that leaves room for fewer than ``CONNECTIONS_MAX`` is a warning in the log.
    """

    def failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Say that no descriptor is left; any other fault goes to asyncio's own handler."""
        fault = context.get("exception")
        if isinstance(fault, OSError) and fault.errno in (errno.EMFILE, errno.ENFILE):
            say_no_descriptors("connections")
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(failed)
    if room() < CONNECTIONS_MAX:
        log.warning("few_file_descriptors", connections=room(), wanted=CONNECTIONS_MAX + SPARE)
