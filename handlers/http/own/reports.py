"""``/g/<token>``: a colleague's figures of a period; ``.pdf`` and ``.csv`` the same as files."""

from functools import partial
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.customers.channels import REPORT
from bot.engine.access_log import AccessLog
from bot.reports.queries import ReportGoneError, ReportReading
from bot.rules.policy.load import Policy
from bot.rules.reports.figures import Report
from handlers.http.own.pages import OwnPageKind, OwnPages
from messages.reports.compose import compose_report
from messages.reports.page import no_report_page, report_headers, report_page
from messages.reports.pdf import draw_report
from messages.reports.rows import report_rows


class ReportPageServices(Protocol):
    """What the pages need of the process."""

    @property
    def policy(self) -> Policy:
        """The policy in force."""

    @property
    def access(self) -> AccessLog:
        """The record of who takes something out."""

    @property
    def reports(self) -> ReportReading:
        """The reports."""


class Reports:
    """The reports' pages of one app."""

    def __init__(self, services: ReportPageServices) -> None:
        kind = OwnPageKind[Report](
            services.reports.opened,
            ReportGoneError,
            no_report_page,
            report_headers,
            partial(services.access.exported, door="figures_page"),
        )
        self._pages = OwnPages(services.policy, kind)

    async def show(self, request: Request) -> Response:
        """The report as a page, with its charts; drawn anew each time, in a thread."""
        found = await self._pages.find(request)
        if isinstance(found, Response):
            return found
        sheet, token = compose_report(*found), request.path_params["token"]
        pdf, csv = (f"{token}.{kind}?lang={sheet.language.value}" for kind in ("pdf", "csv"))
        draw = partial(report_page, sheet, pdf, csv, self._pages.company)
        return self._pages.answer(await self._pages.draw(draw), "text/html")

    async def download(self, request: Request) -> Response:
        """The report as a PDF, which the browser shows or keeps; drawn anew each time."""
        found = await self._pages.find(request)
        if isinstance(found, Response):
            return found
        sheet = compose_report(*found)
        content = await self._pages.draw(partial(draw_report, sheet))
        return self._pages.answer(content, "application/pdf", f"figures-{sheet.key}.pdf")

    async def rows(self, request: Request) -> Response:
        """The report as rows for a spreadsheet, which the browser keeps.

        In the language that was chosen, numbers as that language writes them.
        """
        found = await self._pages.find(request)
        if isinstance(found, Response):
            return found
        sheet = compose_report(*found)
        name = f"figures-{sheet.key}.csv"
        return self._pages.answer(report_rows(sheet), "text/csv", name, keep=True)


def report_routes(services: ReportPageServices) -> list[Route]:
    """The routes of reports, which share their limits; the files' stand first."""
    reports = Reports(services)
    return [
        Route(REPORT + "{token:str}.pdf", reports.download, methods=["GET"]),
        Route(REPORT + "{token:str}.csv", reports.rows, methods=["GET"]),
        Route(REPORT + "{token:str}", reports.show, methods=["GET"]),
    ]
