"""``POST /mail/inbound``: a raw mail, signed by the mail server's script that hands it in.

Headers ``X-Desk-Timestamp`` and ``X-Desk-Signature`` as in ``bot.mail.receive``. The answer is
``{"outcome": …}``; 401 unsigned, 400 not a mail, 503 come again. Handing the same mail in twice
does no harm: it is known by its Message-ID.
"""

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.engine.parsing.pool import Busy
from bot.mail.receive import MailServices, Signature, receive_mail
from handlers.http.bodies import body_in_file, check_length, too_busy

MAIL_PATH = "/mail/inbound"
MAIL_MAX = 25 * 1024 * 1024  # bytes; what large mail providers take, attachments included

log = structlog.get_logger()


def mail_routes(services: MailServices) -> list[Route]:
    """The route, which refuses everything while MAIL_INBOUND_SECRET is empty.

    The mail is read in another process (``bot.engine.parsing.pool``), so that a hostile one cannot
    stop this one; while that has too much to do, the answer is 503.
    """
    return [Route(MAIL_PATH, _handler(services), methods=["POST"])]


def _handler(services: MailServices) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint that takes a mail while it holds the mail's file open.

    In turn: 413 for a mail that declares more than ``MAIL_MAX``, 401 for headers that can be no
    signature, 400, 408, 413 or 503 while it is read, 401 for a signature of other bytes, and only
    then the outcome with 200, 400 for what is no mail, or 503 while too many wait to be parsed.
    Nothing is stored before the last step.
    """

    async def inbound(request: Request) -> Response:
        check_length(request, MAIL_MAX)
        stamp = request.headers.get("x-desk-timestamp", "")
        signature = Signature(services, stamp, request.headers.get("x-desk-signature", ""))
        if not signature.possible:
            return PlainTextResponse("unsigned", status_code=401)
        async with body_in_file(request, MAIL_MAX, signature.add) as raw:
            if not signature.right:
                return PlainTextResponse("unsigned", status_code=401)
            try:
                return JSONResponse({"outcome": await receive_mail(services, raw)})
            except Busy:
                raise too_busy() from None
            except ValueError as unreadable:
                log.warning("mail_unreadable", error=str(unreadable))
                return PlainTextResponse("not a mail", status_code=400)

    return inbound
