"""Requests sent as fast as sockets allow, each signed as Slack signs it."""

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from benchmarks.settings import SECRET
from bot.clock import SystemClock, stopwatch

FORM = "application/x-www-form-urlencoded"


def signed(body: Mapping[str, Any]) -> bytes:
    """The bytes of a signed HTTP request."""
    if body.get("type") == "event_callback":
        kind, content = "application/json", json.dumps(body).encode()
    elif "command" in body:
        kind, content = FORM, urlencode(body).encode()
    else:
        kind, content = FORM, urlencode({"payload": json.dumps(body)}).encode()
    stamp = str(int(SystemClock().real().timestamp()))
    base = b"v0:" + stamp.encode() + b":" + content
    signature = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: {signature}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def envelope(body: Mapping[str, Any]) -> tuple[str, str]:
    """A Socket Mode envelope: its id and its text."""
    kinds = {"event_callback": "events_api"}
    kind = "slash_commands" if "command" in body else kinds.get(str(body["type"]), "interactive")
    name = str(uuid.uuid4())
    frame = {
        "type": kind, "envelope_id": name, "payload": dict(body), "accepts_response_payload": True,
    }  # fmt: skip
    return name, json.dumps(frame)


class Wire:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Wire":
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, request: bytes) -> float:
        """Send a request; the seconds until it was answered. Raises RuntimeError unless 200."""
        begun = stopwatch()
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        if length:
            await self._reader.readexactly(length)
        took = stopwatch() - begun
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(head.decode())
        return took

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def wires(port: int, number: int) -> list[Wire]:
    """Several connections."""
    return [await Wire.open(port) for _ in range(number)]


async def burst(lines: Sequence[Wire], requests: Sequence[bytes]) -> list[float]:
    """All requests at once, one on each connection; the latencies in seconds."""
    return list(await asyncio.gather(*(w.send(r) for w, r in zip(lines, requests, strict=True))))
