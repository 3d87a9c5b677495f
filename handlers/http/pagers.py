"""``POST /pager/pagerduty`` and ``/pager/opsgenie``: refused while no secret is set.

The answer is ``{"outcome": …}``, with 401 for ``unsigned``, 400 for ``unreadable``, else 200.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.paging.webhooks import PagerServices, may_be_told, receive_told
from bot.rules.duty.pagers import PagerName
from handlers.http.bodies import check_length, read_body

EVENT_MAX = 1024 * 1024  # bytes
STATUS = {"unsigned": 401, "unreadable": 400}


def pager_routes(services: PagerServices) -> list[Route]:
    """A route for each pager."""
    return [
        Route(f"/pager/{name.value}", _handler(services, name), methods=["POST"])
        for name in PagerName
    ]


def _handler(services: PagerServices, name: PagerName) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of one pager, for POST alone.

    A body that declares more than ``EVENT_MAX`` is 413 before the headers are judged, and
    ``read_body`` may refuse with 400, 408, 413 or 503.
    """

    async def pager(request: Request) -> Response:
        check_length(request, EVENT_MAX)
        headers, outcome = dict(request.headers), "unsigned"
        if may_be_told(services, name, headers):
            raw = await read_body(request, EVENT_MAX)
            outcome = await receive_told(services, name, headers, raw)
        return JSONResponse({"outcome": outcome}, STATUS.get(outcome, 200))

    return pager
