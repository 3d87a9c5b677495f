"""``POST /intake/podium``: Podium's webhooks, refused while no secret is set, signed or not.

The answer is ``{"outcome": …}``, with 401 for ``unsigned``, 400 for ``unreadable``, else 200.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.intake.reviews.podium import PodiumServices, may_be_read, receive_event
from handlers.http.bodies import check_length, read_body

EVENT_MAX = 1024 * 1024  # bytes
STATUS = {"unsigned": 401, "unreadable": 400}


def podium_routes(services: PodiumServices) -> list[Route]:
    """The route; it stands before those of the signed webhook, which has no source of the name."""
    return [Route("/intake/podium", _handler(services), methods=["POST"])]


def _handler(services: PodiumServices) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of Podium's webhook, for POST alone.

    A body that declares more than ``EVENT_MAX`` is 413 before the headers are judged.
    ``Podium-Timestamp`` and ``Podium-Signature`` are judged before a byte is read. ``read_body``
    may refuse with 400, 408, 413 or 503. Beyond these, all that was understood is 200, so that
    Podium does not send again what needs no person.
    """

    async def podium(request: Request) -> Response:
        check_length(request, EVENT_MAX)
        given = [request.headers.get(f"podium-{name}", "") for name in ("timestamp", "signature")]
        outcome = "unsigned"
        if may_be_read(services, *given):
            raw = await read_body(request, EVENT_MAX)
            outcome = await receive_event(services, given[0], given[1], raw)
        return JSONResponse({"outcome": outcome}, STATUS.get(outcome, 200))

    return podium
