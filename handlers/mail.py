"""``POST /mail/inbound``: a raw mail, signed by whatever hands it in for us."""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.inbound import is_signed, receive
from bot.ports import Desk
from handlers.bodies import limited

MAIL_MAX = 25 * 1024 * 1024  # bytes; what large mail providers take, attachments included

log = structlog.get_logger()


def routes(desk: Desk) -> list[Route]:
    """The route, which refuses everything while MAIL_INBOUND_SECRET is empty."""
    return [Route("/mail/inbound", _handler(desk), methods=["POST"])]


def _handler(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def inbound(request: Request) -> Response:
        raw = await limited(request, MAIL_MAX)
        if raw is None:
            return PlainTextResponse("too large", status_code=413)
        stamp = request.headers.get("x-desk-timestamp", "")
        if not is_signed(desk, stamp, request.headers.get("x-desk-signature", ""), raw):
            return PlainTextResponse("unsigned", status_code=401)
        try:
            return JSONResponse({"outcome": await receive(desk, raw)})
        except ValueError as unreadable:
            log.warning("mail_unreadable", error=str(unreadable))
            return PlainTextResponse("not a mail", status_code=400)

    return inbound
