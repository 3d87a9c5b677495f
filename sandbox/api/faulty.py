"""Answers that go wrong as ordered on the fault board."""

from asyncio import sleep
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.connection import drop
from sandbox.workspace import Workspace

Answer = Callable[[Request], Awaitable[Response]]


async def with_faults(ws: Workspace, name: str, request: Request, answer: Answer) -> Response:
    """``answer(request)``, unless a rule for ``name`` strikes before or after it.

    ``applied_no_answer`` lets it happen and cuts the line; the others change nothing. ``latency``
    adds up with the rules after it; of those that end the call the first wins, and
    ``applied_no_answer`` waits its seconds after the call was made.
    """
    struck = ws.faults.take(name)
    if struck:
        ws.bus.publish({"type": "fault", "rules": [fault.as_json() for fault in struck]})
    for fault in struck:
        if fault.kind == "latency":
            await sleep(fault.seconds)
        elif fault.kind == "429":
            return limited(max(1, round(fault.seconds)))
        elif fault.kind == "500":
            return Response("Internal Server Error", status_code=500)
        elif fault.kind == "reset":
            return drop(request)
        elif fault.kind == "refused":
            return JSONResponse({"ok": False, "error": fault.error})
    response = await answer(request)
    for fault in struck:
        if fault.kind == "applied_no_answer":
            await sleep(fault.seconds)
            return drop(request)
    return response


def limited(seconds: int) -> Response:
    """Slack's HTTP 429: come back after so many whole seconds."""
    return JSONResponse(
        {"ok": False, "error": "ratelimited"},
        status_code=429,
        headers={"Retry-After": str(seconds)},
    )
