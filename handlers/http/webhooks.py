"""One endpoint for all webhooks that others sign: help desks, trackers, pagers, review sites.

The answer is ``{"outcome": …}``, with 401 for ``unsigned``, 400 for ``unreadable``, and 200 for all
else: sending it again would not help. What becomes of a webhook is counted where it is decided.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from handlers.http.bodies import check_length, read_body

Headers = Mapping[str, str]  # names in lower case
STATUS = {"unsigned": 401, "unreadable": 400}


def signed_route(
    path: str,
    limit: int,
    may_be_read: Callable[[Headers], bool],
    receive: Callable[[Headers, bytes], Awaitable[str]],
) -> Route:
    """The route of one webhook, for POST alone.

    A body that declares more than ``limit`` bytes is 413 before anything else is looked at. No byte
    is read unless ``may_be_read`` says that the headers may prove who sends it, which also counts a
    refusal; ``read_body`` may refuse with 400, 408, 413 or 503. ``receive`` answers the outcome.
    """

    async def webhook(request: Request) -> Response:
        """Answer one POST: the length is judged first, then the headers, and the body last."""
        check_length(request, limit)
        headers, outcome = dict(request.headers), "unsigned"
        if may_be_read(headers):
            outcome = await receive(headers, await read_body(request, limit))
        return JSONResponse({"outcome": outcome}, STATUS.get(outcome, 200))

    return Route(path, webhook, methods=["POST"])
