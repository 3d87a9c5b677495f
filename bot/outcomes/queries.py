"""Questions about outcomes that change nothing; amounts only for those who may read revenue."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel import case as when

from bot.core.access import reading_roles
from bot.core.case_selection import open_to, readable_by
from bot.engine.access_log import NotingServices
from bot.errors import UserError
from bot.outcomes.people import may_record
from bot.rules.business.outcomes import OutcomePage, OutcomeResult, OutcomeView, RevenueChange
from bot.rules.names import fold_name
from bot.rules.permissions import PERMISSIONS
from storage.models import Account, Case, Outcome

LISTED = 10  # of a list
ALL, REVENUE = "all_outcomes", "read_revenue"


class OutcomeReading:
    """The store's answers about outcomes.

    All of them are for those whom the permissions name in ``all_outcomes``; others find what was
    asked of them, and what concerns their accounts and cases. Of a restricted case only those on it
    find any.
    """

    def __init__(self, services: NotingServices) -> None:
        self._services = services

    async def one(self, viewer: str, outcome: int) -> OutcomeView:
        """An outcome that the viewer may record. Raises UserError ``no_such_outcome``."""
        found, _ = await self._views(viewer, [col(Outcome.id) == outcome])
        if not found or not found[0].mine:
            raise UserError("no_such_outcome")
        return found[0]

    async def listed(self, viewer: str, customer: str = "") -> OutcomePage:
        """Those that the viewer may see, of one customer where it is named; the open ones first.

        A name fits what it is a part of.
        """
        wanted: list[ColumnElement[bool]] = []
        if not reading_roles(self._services.policy, viewer) & PERMISSIONS[ALL]:
            wanted.append(_concerns(viewer))
        if customer:
            wanted.append(col(Account.folded).contains(fold_name(customer), autoescape=True))
        found, more = await self._views(viewer, wanted)
        return OutcomePage(tuple(found), more, customer)

    async def waiting_for(self, viewer: str) -> Sequence[OutcomeView]:
        """Those that were asked of the viewer and are not recorded, the oldest first."""
        asked = (col(Outcome.asked_of) == viewer, col(Outcome.recorded_at).is_(None))
        found, _ = await self._views(viewer, asked)
        return found

    async def _views(
        self, viewer: str, wanted: Sequence[ColumnElement[bool]]
    ) -> tuple[list[OutcomeView], int]:
        """At most ``LISTED`` of what fits ``wanted``, and how many more there are.

        What is due comes first, then what is planned, then what is recorded; each by when it is
        due. Of a restricted case only those who may read it find any.
        """
        now = self._services.clock.now()
        readable = readable_by(self._services.policy, viewer, ALL)
        asked = and_(col(Outcome.asked_of) == viewer, open_to(viewer))
        order = when(
            (col(Outcome.recorded_at).is_not(None), 2), (col(Outcome.due_at) > now, 1), else_=0
        )
        query = (
            select(Outcome, Case, Account)
            .outerjoin(Case, col(Case.number) == col(Outcome.case_number))
            .outerjoin(Account, col(Account.key) == col(Outcome.account_key))
            .where(or_(col(Outcome.case_number).is_(None), readable, asked), *wanted)
            .order_by(order, col(Outcome.due_at), col(Outcome.id))
        )
        async with self._services.database.read() as session:
            rows = (await session.exec(query)).all()
            views = [self._view(row, account, viewer) for row, _, account in rows[:LISTED]]
        cases = [case for _, case, _ in rows[:LISTED] if case is not None]
        self._services.access.shown(viewer, "outcomes", cases)
        return views, max(len(rows) - LISTED, 0)

    def _view(self, row: Outcome, account: Account | None, viewer: str) -> OutcomeView:
        """What a viewer sees of an outcome: amounts only with leave to read them."""
        policy = self._services.policy
        mine = may_record(policy, row, account, viewer)
        roles = reading_roles(policy, viewer)
        reads = mine or bool(roles & PERMISSIONS[REVENUE])
        return OutcomeView(
            row.id,
            row.customer,
            f"ESC-{row.case_number}" if row.case_number is not None else "",
            row.renewal,
            row.due_at,
            row.asked_of,
            OutcomeResult(row.result) if row.result else None,
            _revenue(row, account) if reads else None,
            row.note,
            row.recorded_by,
            row.recorded_at,
            bool(row.corrections.get("rows")),
            mine,
        )


def _revenue(row: Outcome, account: Account | None) -> RevenueChange:
    """What was recorded; before that what the accounts file says is paid now."""
    if row.recorded_at is None and account is not None:
        return RevenueChange(account.arr, None, account.currency)
    return RevenueChange(row.before, row.after, row.currency)


def _concerns(viewer: str) -> ColumnElement[bool]:
    """What concerns a viewer: asked of them, of a case that they own, or of an account of theirs.

    An account is theirs as its account executive or its CSM. The query must join ``Case`` and
    ``Account``.
    """
    theirs = (Account.account_executive, Account.csm)
    return or_(
        col(Outcome.asked_of) == viewer,
        col(Case.owner) == viewer,
        *(col(column) == viewer for column in theirs),
    )
