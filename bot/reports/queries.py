"""Who may have which report, and the link by which it is opened again.

A link says whole what it is of, so nothing is stored; roles are asked anew each time it is opened.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from bot.core.access import reads_row
from bot.customers.channels import Customers
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.people.directory import People
from bot.reports.access_review import list_access
from bot.reports.accounts import find_account_key
from bot.reports.quarterly_reading import read_review
from bot.reports.reading import read_report
from bot.rules.compliance.access import AccessList
from bot.rules.facts import PersonFacts
from bot.rules.local_time import local_day
from bot.rules.reports.figures import Report
from bot.rules.reports.periods import Period, read_period
from bot.rules.reports.quarterly import QuarterlyReviewFacts
from bot.rules.tokens import BadTokenError, ReportClaim
from messages.clients.own_files import OwnFile, send_own_files
from messages.clients.slack import Slack

GOOD_FOR = timedelta(days=30)  # a link; whoever needs it later asks again
FIGURES, REVENUE, WRITES = "figures", "read_revenue", "write_quarterly_review"
ACCESS, SIGNS = "access_review", "sign_access_review"


class ReportServices(WorkServices, Protocol):
    """What reading a report needs of the process."""

    @property
    def people(self) -> People:
        """The directory."""

    @property
    def slack(self) -> Slack:
        """The calls to Slack."""

    @property
    def customers(self) -> Customers | None:
        """The channels by which links are signed; None where nothing is set up."""


class ReportGoneError(Exception):
    """There is no such report; the reason is never told, so that a token cannot be probed."""


class ReportReading:
    """Reports for those whom the permissions name in ``figures``; amounts for ``read_revenue``."""

    def __init__(self, services: ReportServices) -> None:
        """Nothing is read yet."""
        self._services = services

    def may_read(self, viewer: str) -> bool:
        """Whether figures are for this person, by their roles in the organisation."""
        return reads_row(self._services.policy, viewer, FIGURES)

    def may_write(self, viewer: str) -> bool:
        """Whether this person leads quarterly reviews, by their roles in the organisation."""
        return reads_row(self._services.policy, viewer, WRITES)

    async def review(self, typed: str = "", number: int | None = None) -> QuarterlyReviewFacts:
        """A quarterly review, as ``read_review`` has it. Whether it may be read was asked."""
        return await read_review(self._services, typed, number)

    def may_review_access(self, viewer: str) -> bool:
        """Whether the list of who may know what is for this person."""
        return reads_row(self._services.policy, viewer, ACCESS)

    def may_sign_access(self, viewer: str) -> bool:
        """Whether this person may sign that list."""
        return reads_row(self._services.policy, viewer, SIGNS)

    async def access(self, number: int | None = None) -> AccessList:
        """Who may know what, as ``list_access`` has it. Whether it may be read was asked."""
        return await list_access(self._services, number)

    async def report(self, viewer: str, typed: str = "", customer: str = "") -> tuple[Report, str]:
        """The report of a period as it is typed, and its link, empty where there are no pages.

        Whether the viewer may read figures was asked. Raises UserError ``odd_period`` (``typed``),
        ``no_such_customer`` (``customer``), ``which_customer`` (``customers``).
        """
        period = self._period(typed)
        if period is None:
            raise UserError("odd_period", typed=typed)
        account = await find_account_key(self._services.database, customer) if customer else ""
        return await self._read(viewer, period, account), self._link(viewer, period, account)

    async def opened(self, token: str) -> tuple[Report, PersonFacts]:
        """The report behind a link, and whose it is. Raises ReportGoneError.

        So it does where the link was altered or is over, and where its reader has left or may not
        read figures any more.
        """
        claim = self._claim(token)
        people, period = self._services.people, self._period(claim.period)
        if (
            not self.may_read(claim.reader)
            or people.left(claim.reader) is not None
            or period is None
        ):
            raise ReportGoneError
        try:
            found = await self._read(claim.reader, period, claim.account)
        except UserError:
            raise ReportGoneError from None
        return found, await people.person(claim.reader)

    async def send(self, user: str, files: Sequence[OwnFile]) -> None:
        """Put files into a person's own conversation with the app, at once.

        Raises SlackError where Slack does not take them.
        """
        await send_own_files(self._services.slack, user, files)

    def _claim(self, token: str) -> ReportClaim:
        """Check signature and expiry, without the database. Raises ReportGoneError."""
        customers = self._services.customers
        if customers is None:
            raise ReportGoneError
        try:
            claim = customers.signer.read_report_link(token)
        except BadTokenError:
            raise ReportGoneError from None
        if claim.expires_at <= self._services.clock.now():
            raise ReportGoneError
        return claim

    def _period(self, typed: str) -> Period | None:
        """The period that was typed, by the organisation's day; empty: the one that goes on."""
        zone = self._services.policy.timezone
        return read_period(typed, local_day(self._services.clock.now(), zone), zone)

    def _link(self, viewer: str, period: Period, account: str) -> str:
        """The address of the page for this reader, good for ``GOOD_FOR``; empty without pages."""
        customers = self._services.customers
        if customers is None or not customers.pages:
            return ""
        until = self._services.clock.now() + GOOD_FOR
        return customers.report_url(ReportClaim(viewer, period.key, account, until))

    async def _read(self, viewer: str, period: Period, account: str) -> Report:
        """The report, with amounts as far as the reader may know them."""
        money = reads_row(self._services.policy, viewer, REVENUE)
        return await read_report(self._services, period, money=money, account=account)
