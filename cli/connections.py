"""Open connections: how many, from whom, and how long one may take to ask for something.

uvicorn waits for ever for a request that does not end, and takes every connection until the
process has no file descriptors left. Here whoever has asked for nothing yet has little time, and
when there are too many, whoever has most of those gives way. A request whose body is not all there
is none yet: anybody can begin one that looks signed.
"""

import asyncio
import resource
from collections import Counter
from collections.abc import Sequence
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import h11
from prometheus_client import Counter as Figure
from uvicorn.protocols.http.h11_impl import H11Protocol

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


def proxies(said: str) -> list[Network]:
    """Addresses and networks, with commas. Raises ValueError for what is neither."""
    return [ip_network(each.strip(), strict=False) for each in said.split(",") if each.strip()]


def room() -> int:
    """How many connections may be open: fewer where the system gives us few descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(min(CONNECTIONS_MAX, soft - SPARE), 8)


class Crowd:
    """Everybody who is connected; of those who have asked for nothing yet the longest first."""

    def __init__(self, trusted: Sequence[Network] = (), most: int | None = None) -> None:
        self._trusted = trusted
        self._most = most or room()
        self._open = 0
        self._waiting: dict[Guarded, str] = {}
        self._by_address: Counter[str] = Counter()

    def came(self, who: "Guarded", address: str) -> float:
        """Somebody connected; for how many seconds they may say nothing."""
        self._open += 1
        self.waits(who, address)
        if self._open > self._most:
            self._make_room()
        crowded = self._by_address[address] > ADDRESS_MAX and not self._is_proxy(address)
        return ASK_CROWDED if crowded else ASK_MAX

    def waits(self, who: "Guarded", address: str) -> None:
        """They may ask again."""
        if who not in self._waiting:
            self._waiting[who] = address
            self._by_address[address] += 1

    def asked(self, who: "Guarded") -> None:
        """They asked for something, and are not in the way any more."""
        address = self._waiting.pop(who, None)
        if address is not None:
            self._by_address[address] -= 1
            if not self._by_address[address]:
                del self._by_address[address]

    def left(self, who: "Guarded") -> None:
        """They are gone."""
        self.asked(who)
        self._open -= 1

    def _make_room(self) -> None:
        """Close one that has asked for nothing: the oldest of the address that has most.

        Where all the others have asked for something, that is whoever has just come.
        """
        address, _ = self._by_address.most_common(1)[0]
        oldest = next(who for who, of in self._waiting.items() if of == address)
        oldest.cut("crowded")

    def _is_proxy(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._trusted)
        except ValueError:
            return False


class Guarded(H11Protocol):
    """A connection that must ask for something soon."""

    def __init__(self, *arguments: Any, crowd: Crowd, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._crowd = crowd
        self._address = ""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected."""
        super().connection_made(transport)
        transport.max_size = READ_MAX  # type: ignore[attr-defined]
        self._address = self.client[0] if self.client else ""
        patience = self._crowd.came(self, self._address)
        self._timer = self.loop.call_later(patience, self.cut, "slow")

    def data_received(self, data: bytes) -> None:
        """Something arrived; a body in chunks of a few bytes takes longer to read than to send."""
        if self._in_chunks() and data.count(b"\r\n") * LINE_MIN > len(data) > LINE_MIN * 100:
            self.cut("pieces")
        else:
            super().data_received(data)

    def _in_chunks(self) -> bool:
        sending = self.cycle is not None and self.conn.their_state is h11.SEND_BODY
        return sending and any(name == b"transfer-encoding" for name, _ in self.headers)

    def handle_events(self) -> None:
        """Something arrived: a request, or a part of one, or what nobody waits for any more."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timer()
            if self.conn.their_state is not h11.SEND_BODY:  # else they only say that they will ask
                self._crowd.asked(self)
        elif self._timer is None:
            self._timer = self.loop.call_later(ASK_MAX, self.cut, "slow")

    def on_response_complete(self) -> None:
        """They have their answer, and may ask again, as long as nobody needs the room."""
        if not self.transport.is_closing():
            self._crowd.waits(self, self._address)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """They do not take our answer: they may for so long."""
        super().pause_writing()
        self._stop_timer()
        self._timer = self.loop.call_later(TAKE_MAX, self.cut, "deaf")

    def resume_writing(self) -> None:
        """They take it."""
        super().resume_writing()
        self._stop_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._stop_timer()
        self._crowd.left(self)
        super().connection_lost(exc)

    def cut(self, why: str) -> None:
        """Close the connection without a word."""
        CUT.labels(why).inc()
        self._stop_timer()
        self._crowd.asked(self)
        self.transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def guarded(crowd: Crowd) -> Any:
    """What uvicorn makes a connection of."""
    return partial(Guarded, crowd=crowd)
