"""``/b/<token>``: a colleague's quarterly brief; ``/b/<token>.pdf`` the same as a file."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.customers.channels import BRIEF
from bot.rules.sponsorship.brief import Brief
from bot.sponsorship.briefs.opening import BriefGoneError, OpeningServices, open_brief
from handlers.http.own.pages import OwnPageKind, OwnPages
from messages.customers.pages import page_headers
from messages.sponsorship.brief import compose_brief
from messages.sponsorship.brief_page import brief_page, no_brief_page
from messages.sponsorship.brief_pdf import draw_pdf


class Briefs:
    """The briefs' pages of one app."""

    def __init__(self, services: OpeningServices) -> None:
        opened = partial(open_brief, services)
        noted = partial(services.access.exported, door="brief_page")
        kind = OwnPageKind[Brief](opened, BriefGoneError, no_brief_page, page_headers, noted)
        self._pages = OwnPages(services.policy, kind)

    async def show(self, request: Request) -> Response:
        """The brief as a page."""
        found = await self._pages.find(request)
        if isinstance(found, Response):
            return found
        sheet = compose_brief(*found)
        pdf = f"{request.path_params['token']}.pdf?lang={sheet.language.value}"
        return self._pages.answer(brief_page(sheet, pdf, self._pages.company), "text/html")

    async def download(self, request: Request) -> Response:
        """The brief as a PDF, which the browser shows or keeps; drawn anew each time."""
        found = await self._pages.find(request)
        if isinstance(found, Response):
            return found
        content = await self._pages.draw(partial(draw_pdf, compose_brief(*found)))
        return self._pages.answer(content, "application/pdf", "brief.pdf")


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
