"""``POST /helpdesk/<name>``: the webhooks of the help desks, signed by each in its own way.

What a webhook says is only a reason to look (``bot.tickets.webhooks``). The answer is ``{"outcome":
…}``, with 401 for ``unsigned``, 400 for ``unreadable``, and 200 for the others.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rules.words import HelpDesk
from bot.tickets.webhooks import WebhookServices, may_be_signed, needs_no_reading, receive_webhook
from handlers.http.bodies import check_length, read_body

EVENT_MAX = 2 * 1024 * 1024  # bytes; Help Scout sends a whole conversation
STATUS = {"unsigned": 401, "unreadable": 400}  # all else is 200: sending it again would not help


def helpdesk_routes(services: WebhookServices) -> list[Route]:
    """A route for each help desk, which refuses everything while its secret is empty.

    The whole body is read only when its headers may be right, and up to ``EVENT_MAX``.
    """
    return [
        Route(f"/helpdesk/{name.value}", _handler(services, name.value), methods=["POST"])
        for name in HelpDesk
    ]


def _handler(services: WebhookServices, name: str) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of one help desk, for POST alone.

    A body that declares more than ``EVENT_MAX`` is 413 before anything else is looked at, and
    ``read_body`` may refuse with 400, 408 or 503. ``unsigned`` is the answer too where the help
    desk is not set up. Each outcome is counted by ``bot.tickets.webhooks``.
    """

    async def helpdesk(request: Request) -> Response:
        check_length(request, EVENT_MAX)
        headers = dict(request.headers)
        if may_be_signed(services, name, headers):
            outcome = await receive_webhook(
                services, name, headers, await read_body(request, EVENT_MAX)
            )
        else:
            outcome = needs_no_reading(name)
        return JSONResponse({"outcome": outcome}, status_code=STATUS.get(outcome, 200))

    return helpdesk
