"""Sends what strangers send: ``python -m benchmarks.strangers_sender PORT NAME COUNT``.

Prints how often each status was answered, as JSON. All is made before the first is sent.
"""

import asyncio
import hashlib
import itertools
import json
import sys
from collections import Counter
from collections.abc import Sequence

import httpx

from benchmarks.settings import SECRET
from bot.clock import SystemClock
from bot.mail.receive import inbound_signature
from bot.rules.tokens import Signer
from tests.mail.hostile import hostile

UNSIGNED, FORGED = "unsigned", "forged"
CONNECTIONS = 100  # at once
MADE_MAX = 100 * 1024 * 1024  # bytes of different mails; then they are sent again
BODY = b"x" * (24 * 1024 * 1024)

Mail = tuple[bytes, dict[str, str]]


def made(name: str, count: int) -> list[Mail]:
    """Different mails of this name, signed; or a body that nobody signed."""
    stamp = str(int(SystemClock().real().timestamp()))
    if name == UNSIGNED:
        return [(BODY, {})]
    if name == FORGED:
        return [(BODY, {"X-Desk-Timestamp": stamp, "X-Desk-Signature": "v1=" + "0" * 64})]
    key = hashlib.sha256(SECRET.encode()).digest()
    to = f"help+{Signer(key).reply_tag(1)}@northwind.example"
    different = max(min(count, MADE_MAX // len(hostile(name, to))), 1)
    raws = [hostile(name, to, int(stamp) * 1000 + number) for number in range(different)]
    return [
        (
            raw,
            {"X-Desk-Timestamp": stamp, "X-Desk-Signature": inbound_signature(SECRET, stamp, raw)},
        )
        for raw in raws
    ]


async def send(port: int, mails: Sequence[Mail], count: int) -> Counter[str]:
    """Hand in so many, as fast as connections allow."""
    limits = httpx.Limits(max_connections=CONNECTIONS)
    url = f"http://127.0.0.1:{port}/mail/inbound"
    async with httpx.AsyncClient(timeout=300, limits=limits) as http:

        async def one(raw: bytes, headers: dict[str, str]) -> str:
            try:
                return str((await http.post(url, content=raw, headers=headers)).status_code)
            except httpx.TransportError as cut:
                return type(cut).__name__

        every = itertools.islice(itertools.cycle(mails), count)
        return Counter(await asyncio.gather(*(one(*mail) for mail in every)))


def main() -> None:
    """Send, and say what was answered."""
    port, name, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(send(port, made(name, count), count))))


if __name__ == "__main__":
    main()
