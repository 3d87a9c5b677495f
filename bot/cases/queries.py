"""Questions that change nothing: who may see which case, lists, the record, an App Home.

Each answers facts (``bot/rules/facts``), read without locks, so they may be old when they are
shown. Lists know of a case's clocks what was stored last, a single case has them computed for now.
Problems have queries of their own (``bot/problems/queries.py``); the conditions in SQL are in
``bot/core/case_selection.py``.

A restricted case is found only by the people on it, in every query that knows its viewer; to all
others it does not exist.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases.correction.kept import read_corrected
from bot.cases.trends import find_trends
from bot.core import access, snapshot
from bot.core.case_selection import (
    filter_cases,
    involves_viewer,
    is_open_case,
    is_public_case,
    reads_all,
    select_at_risk,
    select_breached_since,
    select_cases,
    select_customer_names,
    select_won_since,
    shown_to,
)
from bot.core.facts.amounts import amounts_for, lists_for
from bot.core.facts.home_counts import count_for_home
from bot.core.facts.lists import load_lists
from bot.core.facts.owed import find_asks, find_owed
from bot.core.facts.rows import timeline_facts
from bot.core.involved import list_involved
from bot.customers import approval, library
from bot.duty.queries import read_own_absence, select_own_absence
from bot.engine.access_log import NotingServices
from bot.errors import UserError
from bot.people.directory import People
from bot.rules.facts import (
    AccountFacts,
    CaseFacts,
    CaseFilter,
    CasePageFacts,
    DigestFacts,
    DraftFacts,
    HomeFacts,
    MailFacts,
    TemplateFacts,
    TimelineFacts,
)
from bot.rules.local_time import local_day
from bot.rules.names import fold_name
from bot.rules.permissions import READING
from bot.rules.states import MessageState
from bot.rules.words import MessageKind, Role
from bot.subjects import find_by_channel
from storage.models import (
    Account,
    Case,
    Digest,
    Draft,
    Mail,
    TicketReply,
    TimelineEvent,
)

PAGE = 15  # timeline entries a page: what a person reads at once
LIST_CASES = 20  # cases a list shows at once
HOME_CASES = 10  # cases a list on App Home shows
FIRST_DIGEST = timedelta(days=1)  # how far back a first digest looks


class ReadingServices(NotingServices, Protocol):
    """What the queries need of the process; a directory for the viewer's time zone."""

    @property
    def people(self) -> People:
        """The directory."""


class Reading:
    """The store's answers; every method asks who is looking where that matters.

    ``viewer`` is a Slack user id, ``what`` a key of ``READING`` in ``bot/rules/permissions.py``,
    which names the row of the permission table that governs it.
    """

    def __init__(self, services: ReadingServices) -> None:
        self._services = services

    async def case_in_channel(self, channel_id: str) -> int | None:
        """The number of the case with this channel id; None for any other channel.

        A channel that a case has left is any other.
        """
        async with self._services.database.read() as session:
            return await find_by_channel(session, Case, channel_id)

    async def require(self, what: str, viewer: str) -> None:
        """Refuse what belongs to no case to a person who may not read it.

        Raises UserError ``not_your_role`` with ``verb``, the row of the permission table.
        """
        if not self._reads(what, viewer):
            raise UserError("not_your_role", verb=READING[what])

    def _reads(self, what: str, viewer: str) -> bool:
        """Whether the viewer may read this of every case, by roles in the organisation."""
        return reads_all(self._services.policy, viewer, what)

    def _seen(self, what: str, viewer: str) -> ColumnElement[bool]:
        """Which cases ``what`` may tell of, as a condition."""
        return shown_to(self._services.policy, viewer, what)

    async def case(self, number: int, viewer: str, what: str = "show") -> CaseFacts:
        """A case of which ``viewer`` may read this, with its clocks computed for now.

        Raises UserError ``no_such_case``.
        """
        async with self._services.database.read() as session:
            case = await session.get(Case, number)
            if case is None or not await self._visible(session, case, viewer, what):
                raise UserError("no_such_case").of_case(number)
            self._services.access.shown(viewer, what, [case])
            now, seen = self._services.clock.now(), self._seen("list", viewer)
            known = await snapshot.load_shown(session, case, now, seen)
        return amounts_for(self._services.policy, viewer, known)

    async def _visible(self, session: AsyncSession, case: Case, viewer: str, what: str) -> bool:
        """Whether the viewer may read this of a case: what ``_seen`` asks of many."""
        if self._reads(what, viewer):
            policy, row = self._services.policy, READING[what]
            return await access.exists_for(session, policy, case, viewer, row)
        return await access.has_part(session, self._services.policy, case, viewer)

    async def cases(self, viewer: str, wanted: CaseFilter, limit: int = 20) -> list[CaseFacts]:
        """Up to ``limit`` cases by priority, then by what is due next.

        ``wanted.customer`` is a part of a name, as ``fold_name`` compares them. Facts are those of
        a list: roles and stored clocks, nothing else that hangs on a case.
        """
        async with self._services.database.read() as session:
            conditions = await self._conditions(session, viewer, wanted)
            asked = select_cases(wanted, conditions, limit)
            (found,) = await load_lists(session, self._services.clock.now(), asked)
        self._services.access.shown(viewer, "list", found)
        return list(found)

    async def page(self, viewer: str, wanted: CaseFilter, page: int = 1) -> CasePageFacts:
        """A page of ``LIST_CASES``, and how many there are; ``page`` is moved into range."""
        async with self._services.database.read() as session:
            found = await self._page(session, viewer, wanted, LIST_CASES, page)
        self._services.access.shown(viewer, "list", found.cases)
        return found

    async def _page(
        self, session: AsyncSession, viewer: str, wanted: CaseFilter, size: int, page: int = 1
    ) -> CasePageFacts:
        """As ``page``, in the caller's session; a first page that is not full is not counted."""
        conditions = await self._conditions(session, viewer, wanted)
        total = await self._count(session, viewer, wanted, conditions) if page > 1 else size
        page = min(max(page, 1), _pages(total, size))
        rows = (await session.exec(select_cases(wanted, conditions, page * size))).all()
        if len(rows) < page * size:
            total = len(rows)
        elif page == 1:
            total = await self._count(session, viewer, wanted, conditions)
        shown = rows[(page - 1) * size :]
        found = await snapshot.load_many(session, shown, self._services.clock.now())
        return CasePageFacts(tuple(found), total, page, _pages(total, size))

    async def _count(
        self,
        session: AsyncSession,
        viewer: str,
        wanted: CaseFilter,
        conditions: Sequence[ColumnElement[bool]],
    ) -> int:
        """How many cases meet the conditions, which are those of ``wanted``."""
        if wanted == CaseFilter() and self._reads("list", viewer):
            return int((await session.exec(select(self._count_open(viewer)))).one())
        count = select(func.count()).select_from(Case).where(*conditions)
        return (await session.exec(count)).one()

    def _count_open(self, viewer: str) -> Any:
        """The count of open cases that the viewer may read; each part by its own index."""
        count = select(func.count()).select_from(Case).where(is_open_case())
        policy = self._services.policy
        most = self._reads("home", viewer) and access.reads_cases(policy, viewer)
        if policy.audits(viewer) or not most:
            return count.where(self._seen("home", viewer)).scalar_subquery()
        secret = count.where(col(Case.sensitive).is_(True), involves_viewer(viewer))
        public = count.where(is_public_case())
        return public.scalar_subquery() + secret.scalar_subquery()

    async def _conditions(
        self, session: AsyncSession, viewer: str, wanted: CaseFilter
    ) -> list[ColumnElement[bool]]:
        """The conditions of a list for this viewer; a part of a name is looked up in all names."""
        policy = self._services.policy
        conditions = [self._seen("list", viewer), *filter_cases(policy, viewer, wanted)]
        if wanted.customer:
            part = fold_name(wanted.customer)
            names = (await session.exec(select_customer_names())).all()
            conditions.append(col(Case.customer).in_([n for n in names if part in fold_name(n)]))
        return conditions

    async def draft(self, number: int, viewer: str, draft: int) -> DraftFacts:
        """A message that waits for approval, or did, with what the approval is bound to.

        The last field describes that; it is empty where nothing was stored of it. Raises UserError
        ``no_such_draft``, or ``no_such_case`` as ``case`` does.
        """
        await self.case(number, viewer)
        async with self._services.database.read() as session:
            row = await session.get(Draft, draft)
        if row is None or row.case_number != number:
            raise UserError("no_such_draft")
        return DraftFacts(
            row.id, row.case_number, MessageKind(row.kind), row.text, row.recipient, row.digest,
            row.author, row.state, row.fields, row.approver, row.remark,
            approval.describe_draft(row) if row.bound else {},
        )  # fmt: skip

    async def answered_there(self, number: int, viewer: str, reply: int) -> Mapping[str, Any]:
        """What a colleague answered in the ticket, as fields of the composer.

        The keys: ``text``, ``route`` (``portal``), ``link`` to the ticket, ``sent_at``. Empty for a
        reply that is no such answer, or of another case. Raises UserError ``no_such_case``.
        """
        case = await self.case(number, viewer)
        async with self._services.database.read() as session:
            row = await session.get(TicketReply, reply)
        if row is None or row.case_number != number or row.state is not MessageState.COLLEAGUE:
            return {}
        return {
            "text": row.text, "route": "portal", "link": case.ticket_url, "sent_at": row.at,
        }  # fmt: skip

    async def mail(self, number: int, viewer: str, mail: int) -> MailFacts:
        """A mail of the customer, whole.

        Raises UserError ``no_such_mail`` for one of another case or of ours, ``no_such_case`` as
        ``case`` does.
        """
        await self.case(number, viewer, "mail")
        async with self._services.database.read() as session:
            row = await session.get(Mail, mail)
        if row is None or row.case_number != number or row.direction != "in":
            raise UserError("no_such_mail")
        said = row.reading
        return MailFacts(
            row.sender, row.subject, row.whole or row.text, row.at, said.get("note", ""),
            tuple(said.get("files", ())),
        )  # fmt: skip

    async def templates(self) -> Sequence[TemplateFacts]:
        """Every version of the approved words, the newest first of each kind and language."""
        async with self._services.database.read() as session:
            return await library.all_versions(session)

    async def timeline(
        self, number: int, viewer: str, page: int = 1
    ) -> tuple[list[TimelineFacts], int]:
        """A page of the record, oldest first, and how many pages there are (at least 1).

        A page has ``PAGE`` entries. A page number out of range is moved into it. Raises UserError
        ``no_such_case``.
        """
        await self.case(number, viewer, "timeline")
        async with self._services.database.read() as session:
            of_case = col(TimelineEvent.case_number) == number
            query = select(func.count()).select_from(TimelineEvent).where(of_case)
            total = (await session.exec(query)).one()
            pages = max(1, -(-total // PAGE))
            page = min(max(page, 1), pages)
            rows = await session.exec(
                select(TimelineEvent)
                .where(of_case)
                .order_by(col(TimelineEvent.id))
                .offset((page - 1) * PAGE)
                .limit(PAGE)
            )
            return [timeline_facts(r) for r in rows.all()], pages

    async def corrected(
        self, number: int, viewer: str, entries: Sequence[int]
    ) -> dict[str, list[str]]:
        """What these entries of the record keep (``read_corrected``); raises ``no_such_case``."""
        await self.case(number, viewer, "timeline")
        async with self._services.database.read() as session:
            return await read_corrected(session, number, entries)

    async def agenda(self, number: int, viewer: str) -> tuple[list[str], int]:
        """Who is invited to a case's postmortem, and how many entries its record has.

        Raises UserError ``no_such_case``.
        """
        await self.case(number, viewer, "postmortem")
        async with self._services.database.read() as session:
            invited = await list_involved(session, await session.get_one(Case, number))
            of_case = col(TimelineEvent.case_number) == number
            query = select(func.count()).select_from(TimelineEvent).where(of_case)
            return invited, (await session.exec(query)).one()

    async def accounts(self, query: str, limit: int = 50) -> list[AccountFacts]:
        """Customers with ``query`` in their name, as ``fold_name`` compares names.

        One of that very name comes first, the others by name.
        """
        part, name = fold_name(query), col(Account.folded)
        found = select(Account).where(name.contains(part, autoescape=True))
        async with self._services.database.read() as session:
            order = found.order_by(name != part, col(Account.name))
            rows = (await session.exec(order.limit(limit))).all()
            return [snapshot.account_facts(r) for r in rows]

    async def account(self, key: str) -> AccountFacts | None:
        """The customer with this key; None without one."""
        async with self._services.database.read() as session:
            return snapshot.account_facts(r) if (r := await session.get(Account, key)) else None

    async def roles(self, user_id: str, number: int | None) -> set[Role]:
        """What a person is: in the organisation, and on case ``number`` unless that is None.

        A number without a case counts as None.
        """
        async with self._services.database.read() as session:
            case = await session.get(Case, number) if number is not None else None
            return await access.all_roles(session, self._services.policy, user_id, case)

    async def home(self, viewer: str) -> HomeFacts:
        """What a person's App Home shows; of each list the first ``HOME_CASES``."""
        async with self._services.database.read() as session:
            own, others = CaseFilter(mine=True), CaseFilter(others=True, breaching=True)
            mine, late = [await self._page(session, viewer, f, HOME_CASES) for f in (own, others)]
            away = select_own_absence(viewer, self._services.clock.now())
            asked: Any = select(
                self._count_open(viewer), *count_for_home(self._services.policy, viewer), *away
            )
            open_count, *more = (await session.exec(asked)).one()
            more[-3:] = [read_own_absence(viewer, more[-3:])]
            self._services.access.shown(viewer, "home", (*mine.cases, *late.cases))
            self._services.access.looked(viewer, "home")
            return HomeFacts(
                mine.cases,
                late.cases,
                await find_asks(session, viewer),
                open_count,
                mine.total,
                late.total,
                *more,
            )

    async def digest(self, viewer: str, since: datetime | None = None) -> DigestFacts:
        """What ``viewer`` should know: decisions, SEV1 and SEV2, breaches and wins since then.

        ``since`` is when they last had a digest; by default as the store knows it, or a day ago. It
        bounds breaches, wins and trends: questions and grave cases are listed as long as they are
        open. At most five cases a list. The viewer's time zone, which dates the digest, may be
        asked of Slack.
        """
        now, seen = self._services.clock.now(), self._seen("digest", viewer)
        person = await self._services.people.person(viewer)
        async with self._services.database.read() as session:
            if since is None:
                digest = await session.get(Digest, viewer)
                since = (digest and digest.last_at) or now - FIRST_DIGEST
            since_then = (select_breached_since(since, seen), select_won_since(since, seen))
            listed = await load_lists(session, now, select_at_risk(seen), *since_then)
            at_risk, breaches, wins = lists_for(self._services.policy, viewer, listed)
            self._services.access.shown(viewer, "digest", (*at_risk, *breaches, *wins))
            return DigestFacts(
                executive=viewer,
                local_day=local_day(now, person.timezone),
                asks=await find_asks(session, viewer),
                at_risk=at_risk,
                owed=tuple(await find_owed(session, viewer, now)),
                trends=await find_trends(session, [case.number for case in at_risk], since),
                breaches=breaches,
                wins=wins,
            )


def _pages(total: int, size: int) -> int:
    """How many pages of ``size`` hold so many, at least 1."""
    return max(1, -(-total // size))
