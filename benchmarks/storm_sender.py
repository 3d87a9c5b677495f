"""Sends what customers write: ``python -m benchmarks.storm_sender PORT COUNT SECONDS``.

Evenly over the time, each from another person of one customer, and again after a second where the
answer is to come later, as a mail server does. Prints as JSON how often each status was answered,
and the slowest answer in seconds.
"""

import asyncio
import json
import sys
from collections import Counter
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import httpx

from benchmarks.settings import AUTHSERV, INTAKE, SECRET
from bot.clock import SystemClock, stopwatch
from bot.mail.receive import inbound_signature

DOMAIN = "aegean.example"  # of the customer who writes
LATER = 503  # come back later
PAUSE = 1.0  # seconds before it is sent again


def compose_mail(number: int) -> bytes:
    """What one person writes to the intake address."""
    mail = EmailMessage()
    mail["From"] = f"Person {number} <p{number}@{DOMAIN}>"
    mail["To"] = INTAKE
    mail["Subject"] = f"Nothing prints at gate {number}"
    mail["Message-ID"] = f"<{number}.{SystemClock().real().timestamp()}@{DOMAIN}>"
    mail["Authentication-Results"] = f"{AUTHSERV}; dmarc=pass"
    mail.set_content(f"Gate {number} has printed no ticket since nine. Please call us back.")
    return mail.as_bytes(policy=SMTP)


async def send(port: int, count: int, seconds: float) -> dict[str, Any]:
    """Hand in so many, evenly over so long."""
    answers: Counter[str] = Counter()
    slowest = 0.0
    async with httpx.AsyncClient(timeout=60, base_url=f"http://127.0.0.1:{port}") as http:

        async def one(number: int) -> None:
            nonlocal slowest
            await asyncio.sleep(seconds * number / count)
            raw = compose_mail(number)
            status = LATER
            while status == LATER:
                stamp = str(int(SystemClock().real().timestamp()))
                signature = inbound_signature(SECRET, stamp, raw)
                headers = {"X-Desk-Timestamp": stamp, "X-Desk-Signature": signature}
                begun = stopwatch()
                answer = await http.post("/mail/inbound", content=raw, headers=headers)
                slowest = max(slowest, stopwatch() - begun)
                status = answer.status_code
                answers[str(status)] += 1
                if status == LATER:
                    await asyncio.sleep(PAUSE)

        await asyncio.gather(*(one(number) for number in range(count)))
    return {"answers": answers, "slowest": slowest}


def main() -> None:
    """Send, and say what was answered."""
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(send(port, count, seconds))))


if __name__ == "__main__":
    main()
