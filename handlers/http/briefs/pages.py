"""``/b/<token>``: a colleague's quarterly brief; ``/b/<token>.pdf`` the same as a file.

By the token alone, which is one reader's: no login, but what it shows is what that reader may know
at this moment. Never cached, never indexed, limited for each address and each link. A token that
does not hold answers 404 whatever the reason, too many requests 429. ``?lang=`` chooses another
language than the reader's. Limits are of this process.
"""

import asyncio
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.customers.channels import BRIEF
from bot.rules.words import Language
from bot.sponsorship.briefs.opening import BriefGoneError, OpeningServices, open_brief
from handlers.http.pages import browser_language, chosen_language
from handlers.http.throttle import Clock, Throttle
from messages.customers.pages import page_headers
from messages.sponsorship.brief import Sheet, compose_brief
from messages.sponsorship.brief_page import brief_page, no_brief_page
from messages.sponsorship.brief_pdf import draw_pdf

PER_MINUTE = 120  # requests from one address, which may be a whole office's
PER_LINK = 20  # requests for one link
DRAWN_AT_ONCE = 2  # PDFs; each takes the processor for a fraction of a second


class Briefs:
    """The briefs' pages of one app."""

    def __init__(self, services: OpeningServices, clock: Clock = time.monotonic) -> None:
        self._services = services
        self._addresses, self._links = Throttle(PER_MINUTE, clock), Throttle(PER_LINK, clock)
        self._drawing = asyncio.Semaphore(DRAWN_AT_ONCE)

    async def show(self, request: Request) -> Response:
        """The brief as a page."""
        found = await self._find(request)
        if isinstance(found, Response):
            return found
        pdf = f"{request.path_params['token']}.pdf?lang={found.language.value}"
        shown = brief_page(found, pdf, self._services.policy.customer_company)
        return _private(Response(shown, media_type="text/html"))

    async def download(self, request: Request) -> Response:
        """The brief as a PDF, which the browser shows or keeps.

        Drawn anew each time, in a thread; further ones wait while ``DRAWN_AT_ONCE`` are drawn.
        """
        found = await self._find(request)
        if isinstance(found, Response):
            return found
        async with self._drawing:
            content = await asyncio.to_thread(draw_pdf, found)
        response = _private(Response(content, media_type="application/pdf"))
        response.headers["Content-Disposition"] = 'inline; filename="brief.pdf"'
        return response

    async def _find(self, request: Request) -> Sheet | Response:
        """The sheet behind the token, in the language that was chosen; else why there is none.

        A request counts for its link only where its address may go on.
        """
        token, address = request.path_params["token"], request.client.host if request.client else ""
        if not (self._addresses.allows(address) and self._links.allows(token)):
            busy = self._sorry(request, "busy", 429)
            busy.headers["Retry-After"] = "60"
            return busy
        try:
            brief, reader = await open_brief(self._services, token)
        except BriefGoneError:
            return self._sorry(request, "gone", 404)
        return compose_brief(brief, chosen_language(request) or reader.language)

    def _sorry(self, request: Request, what: str, status: int) -> Response:
        """Say why there is no brief, in a language that the reader has."""
        policy = self._services.policy
        spoken: Language = chosen_language(request) or browser_language(request, policy.languages)
        shown = no_brief_page(spoken, what, policy.customer_company)
        return _private(Response(shown, status, media_type="text/html"))


def _private(response: Response) -> Response:
    """With the headers of all our pages, and kept by nobody."""
    response.headers.update({**page_headers(), "Cache-Control": "no-store"})
    return response


def brief_routes(services: OpeningServices) -> list[Route]:
    """The routes of briefs, which share their limits; a token is one part of the path.

    The file's stands first, as its ending would else be read as a part of the token. HEAD is as
    GET; there is nothing to be sent.
    """
    briefs = Briefs(services)
    return [
        Route(BRIEF + "{token:str}.pdf", briefs.download, methods=["GET"]),
        Route(BRIEF + "{token:str}", briefs.show, methods=["GET"]),
    ]
