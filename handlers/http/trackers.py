"""``POST /tracker/<name>``: the webhooks of bug trackers, refused while no secret is set.

What a webhook says is only a reason to look (``bot.bugs.webhooks``). The answer is ``{"outcome":
…}``, with 401 for ``unsigned``, 400 for ``unreadable``, and 200 for the others.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.bugs.webhooks import may_be_tracker, receive_bug_event
from bot.rules.words import BugTracker
from bot.tickets.webhooks import WebhookServices
from handlers.http.bodies import check_length, read_body

EVENT_MAX = 2 * 1024 * 1024  # bytes; Jira sends a whole issue
STATUS = {"unsigned": 401, "unreadable": 400}


def tracker_routes(services: WebhookServices) -> list[Route]:
    """A route for each bug tracker, which refuses everything while its secret is empty."""
    return [
        Route(f"/tracker/{name.value}", _handler(services, name.value), methods=["POST"])
        for name in BugTracker
    ]


def _handler(services: WebhookServices, name: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of one bug tracker, for POST alone.

    A body that declares more than ``EVENT_MAX`` is 413 before anything else is looked at, and
    ``read_body`` may refuse with 400, 408, 413 or 503. Without a header that may be a signature no
    byte of it is read.
    """

    async def tracker(request: Request) -> Response:
        check_length(request, EVENT_MAX)
        headers, outcome = dict(request.headers), "unsigned"
        if may_be_tracker(services, name, headers):
            raw = await read_body(request, EVENT_MAX)
            outcome = await receive_bug_event(services, name, headers, raw)
        return JSONResponse({"outcome": outcome}, status_code=STATUS.get(outcome, 200))

    return tracker
