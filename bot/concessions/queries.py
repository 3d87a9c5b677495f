"""Questions about concessions that change nothing, for those who need to know."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, TextClause, func, union
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.concessions.approval import list_seat_approvers
from bot.concessions.rows import (
    describe_standing,
    digest_concession,
    find_undone,
    list_all_seats,
)
from bot.core.access import all_roles, reading_roles
from bot.core.case_selection import readable_by
from bot.core.granted import concession_facts
from bot.customers.money import find_standings
from bot.engine.access_log import NotingServices
from bot.errors import UserError
from bot.rules.facts import ConcessionPage, ConcessionView, UndoneFulfilmentFacts
from bot.rules.money.matrix import Seat, Standing
from bot.rules.names import fold_name
from bot.rules.permissions import PERMISSIONS
from bot.rules.states import UNSETTLED, ApprovalState, ConcessionState
from bot.rules.words import ConcessionReason
from storage.columns import OPEN_CONCESSION
from storage.models import Account, Case, Concession, ConcessionApproval
from storage.sessions.drills import sees_drills

LISTED = 10  # of a list
COUNTED = 100  # more than these are not counted, so that a list costs the same in any year
ALL = "all_concessions"

Condition = ColumnElement[bool] | TextClause


class ConcessionReading:
    """The store's answers about concessions: figures are for those who need to know them.

    These are the author, the people whom the permissions name in ``all_concessions``, and those
    who may decide on it; of a restricted case only those on it.
    """

    def __init__(self, services: NotingServices) -> None:
        self._services = services

    async def one(self, number: int, viewer: str, concession: int) -> ConcessionView:
        """A concession of a case. Raises UserError ``no_such_concession``."""
        async with self._services.database.read() as session:
            row = await session.get(Concession, concession)
            readable = readable_by(self._services.policy, viewer, ALL)
            query = select(Case).where(col(Case.number) == number, readable)
            case = (await session.exec(query)).first()
            if row is None or case is None or row.case_number != number:
                raise UserError("no_such_concession")
            (view,) = await self._views(session, [(row, case)], viewer)
            roles = await all_roles(session, self._services.policy, viewer, case)
            knows = roles & PERMISSIONS[ALL] or view.mine or row.author == viewer
        if not knows:
            raise UserError("no_such_concession")
        self._services.access.shown(viewer, "concessions", [case])
        return view

    async def listed(self, viewer: str, customer: str = "") -> ConcessionPage:
        """Those that the viewer may see, of one customer where it is named; the open ones first.

        A name fits what it is a part of, of the customer of the case or of the account.
        """
        wanted: list[Condition] = [readable_by(self._services.policy, viewer, ALL)]
        if not reading_roles(self._services.policy, viewer) & PERMISSIONS[ALL]:
            wanted.append(_is_of(viewer))
        if customer:
            part = f"%{fold_name(customer)}%"
            known = select(Account.key).where(col(Account.folded).like(part))
            named = col(Concession.account_key).in_(known)
            wanted.append(or_(col(Concession.customer).like(part), named))
        async with self._services.database.read() as session:
            rows = await _find_rows(session, wanted)
            found = await self._views(session, rows, viewer)
            there = len(rows) if len(rows) < LISTED else await _count_rows(session, wanted)
        self._services.access.shown(viewer, "concessions", [case for _, case in rows])
        more = min(there, COUNTED) - len(rows)
        return ConcessionPage(tuple(found), more, customer, uncounted=there > COUNTED)

    async def waiting_for(self, viewer: str) -> Sequence[ConcessionView]:
        """Those that wait for the viewer's decision, the oldest first, at most ``LISTED``."""
        found: list[ConcessionView] = []
        after = 0
        while len(found) < LISTED:
            waiting: list[Condition] = [
                readable_by(self._services.policy, viewer, ALL),
                OPEN_CONCESSION,
                col(Concession.state) == ConcessionState.WAITING,
                col(Concession.author) != viewer,
                col(Concession.id) > after,
            ]
            async with self._services.database.read() as session:
                rows = await _find_rows(session, waiting)
                shown = await self._views(session, rows, viewer)
            mine = [(view, case) for view, (_, case) in zip(shown, rows, strict=True) if view.mine]
            self._services.access.shown(viewer, "concessions", [case for _, case in mine])
            found += [view for view, _ in mine]
            if len(rows) < LISTED:
                break
            after = rows[-1][0].id
        return found[:LISTED]

    async def _views(
        self, session: AsyncSession, rows: Sequence[tuple[Concession, Case]], viewer: str
    ) -> list[ConcessionView]:
        """Concessions as this viewer sees them, in the order of ``rows``.

        What only a decision needs is read for those that wait for one: the approvals given so
        far, and what the account has had. Three statements at most, however many rows there are.
        """
        now, policy = self._services.clock.now(), self._services.policy
        waiting = [(r, case) for r, case in rows if r.state is ConcessionState.WAITING]
        cases = {case.number: case for _, case in waiting}
        seats, standings = {}, {}
        undone = await find_undone(session, [row for row, _ in rows])
        if waiting:
            seats = await list_all_seats(session, [row for row, _ in waiting])
            standings = await find_standings(session, policy, list(cases.values()), now)
        return [
            await self._view(
                session,
                case,
                row,
                viewer,
                seats.get(row.id, ()),
                standings.get(case.number) if row.state is ConcessionState.WAITING else None,
                undone.get(row.id),
            )
            for row, case in rows
        ]

    async def _view(
        self,
        session: AsyncSession,
        case: Case,
        row: Concession,
        viewer: str,
        seats: Sequence[ConcessionApproval],
        standing: Standing | None,
        undone: UndoneFulfilmentFacts | None,
    ) -> ConcessionView:
        """One concession as this viewer sees it.

        ``seats`` are the approvals given so far, ``standing`` what the account has had beside it;
        both are empty where nothing waits for a decision. ``undone`` is a fulfilment that was
        taken back.
        """
        now, policy = self._services.clock.now(), self._services.policy
        late = row.fulfil_by is not None and row.fulfil_by <= now
        mine, beside = False, {}
        if standing is not None:
            beside = describe_standing(standing, policy.concessions.cumulative_months)
            taken = [each.approver for each in seats]
            for seat in seats:
                if seat.state is ApprovalState.WAITING and not mine:
                    people = await list_seat_approvers(
                        session, policy, case, row, Seat(seat.seat), standing, taken
                    )
                    mine = viewer in people
        return ConcessionView(
            concession_facts(row), case.number, case.customer, ConcessionReason(row.reason),
            row.why, row.author, digest_concession(row), row.fulfil_by, row.fulfilled_at,
            row.ended_at, mine=mine, late=late and row.state is ConcessionState.PROMISED,
            undone=undone, **beside,
        )  # fmt: skip


def _is_of(viewer: str) -> ColumnElement[bool]:
    """Whether the viewer asked for it, or owns its case.

    A union of two, each by its index: of an OR the planner reads every concession there is.
    """
    author = select(Concession.id).where(col(Concession.author) == viewer)
    of_case = select(Concession.id).join(Case, col(Case.number) == col(Concession.case_number))
    return col(Concession.id).in_(union(author, of_case.where(col(Case.owner) == viewer)))


async def _find_rows(
    session: AsyncSession, wanted: Sequence[Condition]
) -> list[tuple[Concession, Case]]:
    """At most ``LISTED``, the open ones first, then the oldest."""
    found: list[tuple[Concession, Case]] = []
    for some in (OPEN_CONCESSION, col(Concession.state).not_in(UNSETTLED)):
        if len(found) < LISTED:
            query = (
                select(Concession, Case)
                .join(Case, col(Case.number) == col(Concession.case_number))
                .where(some, *wanted)
                .order_by(col(Concession.id))
                .limit(LISTED - len(found))
            )
            found += (await session.exec(query)).all()
    return found


async def _count_rows(session: AsyncSession, wanted: Sequence[Condition]) -> int:
    """How many concessions meet the conditions, which may be about their cases too.

    One more than ``COUNTED`` where there are more: none beyond is read.
    """
    some = (
        select(Concession.id)
        .join(Case, col(Case.number) == col(Concession.case_number))
        .where(*wanted)
        .limit(COUNTED + 1)
        .subquery()
    )
    # A drill has none, and the condition would have every case walked through.
    count = sees_drills(select(func.count()).select_from(some))
    return (await session.exec(count)).one()
