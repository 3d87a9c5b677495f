"""Questions that change nothing: who may see which case, lists, the record, an App Home."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, literal_column, or_, union, union_all
from sqlalchemy import select as sa_select
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import access, snapshot
from bot.customers import approval, library
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.people.directory import People
from bot.rules.facts import (
    AccountFacts,
    CaseFacts,
    CaseFilter,
    DigestFacts,
    DraftFacts,
    HomeFacts,
    TemplateFacts,
    TimelineFacts,
)
from bot.rules.local_time import known_zone
from bot.rules.names import folded
from bot.rules.permissions import ANYONE, PERMISSIONS, READING
from bot.rules.words import MessageKind, Role, Severity, Status
from storage.columns import LATE, OPEN_CASE
from storage.models import (
    Account,
    Ask,
    Case,
    CaseRole,
    Clock,
    Digest,
    Draft,
    TicketReply,
    TimelineEvent,
)

PAGE = 15  # timeline entries a page: what a person reads at once
HOME_CASES = 10  # cases a list on App Home shows
FIRST_DIGEST = timedelta(days=1)  # how far back somebody's first digest looks
DIGEST_CASES = 5  # cases of a kind that a ten-line digest could hold
OPEN = [s.value for s in Status if s not in {Status.CLOSED, Status.DISMISSED, Status.MERGED}]


class ReadingServices(WorkServices, Protocol):
    """What the queries need of the process."""

    @property
    def people(self) -> People:
        """The directory."""


class Reading:
    """The store's answers; every method asks who is looking where that matters."""

    def __init__(self, services: ReadingServices) -> None:
        self._services = services

    async def case_in_channel(self, channel_id: str) -> int | None:
        """The number of the case whose channel this is."""
        async with self._services.database.read() as session:
            query = select(Case.number).where(col(Case.channel_id) == channel_id)
            return (await session.exec(query)).first()

    async def require(self, what: str, viewer: str) -> None:
        """Refuse what belongs to no case to somebody who may not read it.

        ``what`` is a key of ``READING``. Raises UserError ``not_your_role``.
        """
        if not self._reads(what, viewer):
            raise UserError("not_your_role", verb=READING[what])

    def _reads(self, what: str, viewer: str) -> bool:
        """Whether somebody may read this of every case, by what they are in the organisation."""
        wanted = PERMISSIONS[READING[what]]
        mine = access.organisational(self._services.policy, viewer)
        return wanted is ANYONE or bool(wanted & mine)

    def _seen(self, what: str, viewer: str) -> ColumnElement[bool]:
        """Which cases ``what`` may tell of: all but the sensitive ones, and those they are on."""
        return _seen_by(viewer) if self._reads(what, viewer) else _on_case(viewer)

    async def case(self, number: int, viewer: str, what: str = "show") -> CaseFacts:
        """A case of which ``viewer`` may read this.

        Raises UserError ``no_such_case``, also for one that is not theirs to read: of a sensitive
        case the existence is part of the secret.
        """
        async with self._services.database.read() as session:
            case = await session.get(Case, number)
            whole = self._reads(what, viewer)
            if case is None or not await _visible(session, case, viewer, whole=whole):
                raise UserError("no_such_case")
            return await snapshot.load(session, case, self._services.clock.now())

    async def cases(self, viewer: str, wanted: CaseFilter, limit: int = 20) -> list[CaseFacts]:
        """Cases by severity, then by what is due next."""
        async with self._services.database.read() as session:
            return await self._cases(session, viewer, wanted, limit)

    async def _cases(
        self, session: AsyncSession, viewer: str, wanted: CaseFilter, limit: int
    ) -> list[CaseFacts]:
        conditions = [self._seen("list", viewer)]
        if wanted.open_only:
            conditions.append(_open())
        if wanted.mine:
            conditions.append(_mine(viewer, open_only=wanted.open_only))
        if wanted.breaching:
            conditions.append(_breaching())
        if wanted.customer:
            names = (await session.exec(_customers(wanted.customer))).all()
            conditions.append(col(Case.customer).in_(names))
        few = wanted.mine or wanted.breaching or wanted.customer
        query = (_sorted if few else _gravest)(col(Case.number).desc(), limit, *conditions)
        found = (await session.exec(query)).all()
        return await snapshot.load_many(session, found, self._services.clock.now())

    async def draft(self, number: int, viewer: str, draft: int) -> DraftFacts:
        """A message that waits for approval, or did.

        Raises UserError ``no_such_draft``, or ``no_such_case`` as ``case`` does.
        """
        await self.case(number, viewer)
        async with self._services.database.read() as session:
            row = await session.get(Draft, draft)
        if row is None or row.case_number != number:
            raise UserError("no_such_draft")
        return DraftFacts(
            row.id,
            row.case_number,
            MessageKind(row.kind),
            row.text,
            row.recipient,
            row.digest,
            row.author,
            row.state,
            row.fields,
            row.approver,
            row.remark,
            approval.describe_draft(row) if row.bound else {},
        )

    async def answered_there(self, number: int, viewer: str, reply: int) -> Mapping[str, Any]:
        """What a colleague answered in the ticket, as fields of the composer; raises as ``case``.

        Empty for what is no such answer.
        """
        case = await self.case(number, viewer)
        async with self._services.database.read() as session:
            row = await session.get(TicketReply, reply)
        if row is None or row.case_number != number or row.state != "colleague":
            return {}
        return {
            "text": row.text, "route": "portal", "link": case.ticket_url, "sent_at": row.at,
        }  # fmt: skip

    async def templates(self) -> Sequence[TemplateFacts]:
        """Every version of the approved words, the newest first of each kind and language."""
        async with self._services.database.read() as session:
            return await library.everything(session)

    async def timeline(
        self, number: int, viewer: str, page: int = 1
    ) -> tuple[list[TimelineFacts], int]:
        """A page of the record, oldest first, and how many pages there are."""
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
            return [snapshot.timeline_facts(r) for r in rows.all()], pages

    async def accounts(self, query: str, limit: int = 50) -> list[AccountFacts]:
        """Customers whose name has ``query`` in it, without regard to case or accents."""
        async with self._services.database.read() as session:
            found = select(Account).where(
                col(Account.folded).contains(folded(query), autoescape=True)
            )
            rows = (await session.exec(found.order_by(col(Account.name)).limit(limit))).all()
            return [snapshot.account_facts(r) for r in rows]

    async def account(self, key: str) -> AccountFacts | None:
        """The customer with this key."""
        async with self._services.database.read() as session:
            row = await session.get(Account, key)
            return snapshot.account_facts(row) if row else None

    async def roles(self, user_id: str, number: int | None) -> set[Role]:
        """What somebody is: in the organisation, and on this case."""
        async with self._services.database.read() as session:
            case = await session.get(Case, number) if number is not None else None
            return await access.roles(session, self._services.policy, user_id, case)

    async def home(self, viewer: str) -> HomeFacts:
        """What somebody's App Home shows."""
        async with self._services.database.read() as session:
            mine = await self._cases(session, viewer, CaseFilter(mine=True), HOME_CASES)
            late = await self._cases(session, viewer, CaseFilter(breaching=True), HOME_CASES)
            return HomeFacts(
                tuple(sorted(mine, key=_next_due)),
                tuple(sorted(late, key=_next_due)),
                await _asks(session, viewer),
                await self._open_count(session, viewer),
            )

    async def _open_count(self, session: AsyncSession, viewer: str) -> int:
        """How many open cases somebody may read; each part is counted by its own index."""
        count = select(func.count()).select_from(Case).where(_open())
        if not self._reads("home", viewer):
            return (await session.exec(count.where(_on_case(viewer)))).one()
        public = await session.exec(count.where(_public()))
        secret = await session.exec(count.where(col(Case.sensitive).is_(True), _on_case(viewer)))
        return public.one() + secret.one()

    async def digest(self, viewer: str, since: datetime | None = None) -> DigestFacts:
        """What ``viewer`` should know: decisions, SEV1 and SEV2, breaches and wins since then.

        ``since`` is when they last had a digest; by default as the store knows it, or a day ago.
        """
        now, seen = self._services.clock.now(), self._seen("digest", viewer)
        person = await self._services.people.person(viewer)
        async with self._services.database.read() as session:
            if since is None:
                digest = await session.get(Digest, viewer)
                since = (digest and digest.last_at) or now - FIRST_DIGEST
            return DigestFacts(
                executive=viewer,
                local_day=now.astimezone(known_zone(person.timezone)).date(),
                asks=await _asks(session, viewer),
                at_risk=await self._some(session, _at_risk(seen)),
                breaches=await self._some(session, _breached_since(since, seen)),
                wins=await self._some(session, _won_since(since, seen)),
            )

    async def _some(self, session: AsyncSession, query: Any) -> tuple[CaseFacts, ...]:
        rows = (await session.exec(query)).all()
        return tuple(await snapshot.load_many(session, rows, self._services.clock.now()))


async def _visible(session: AsyncSession, case: Case, viewer: str, *, whole: bool) -> bool:
    """Whether somebody may read a case: anybody who reads ``whole`` what is not sensitive."""
    if whole and not case.sensitive:
        return True
    return await access.on_case(session, case, viewer)


def _on_case(viewer: str) -> ColumnElement[bool]:
    has_role = exists().where(
        and_(col(CaseRole.case_number) == Case.number, col(CaseRole.user_id) == viewer)
    )
    return or_(col(Case.owner) == viewer, col(Case.reporter) == viewer, has_role)


def _gravest(order: Any, limit: int, *conditions: ColumnElement[bool], grave: bool = False) -> Any:
    """The first cases by severity, then by ``order``: a few of each severity from the index.

    Asked for in one go, the databases would sort every case that meets the conditions. ``grave``
    leaves out what is neither SEV1 nor SEV2 nor watched by an executive.
    """
    parts = []
    for severity in Severity:
        which = [col(Case.severity) == severity.value, *conditions]
        if grave and severity > Severity.SEV2:
            which.append(col(Case.executive).is_(True))
        parts.append(select(Case.number).where(*which).order_by(order).limit(limit).subquery())
    return _whole(union_all(*(sa_select(p.c.number) for p in parts)), order, limit)


def _sorted(order: Any, limit: int, *conditions: ColumnElement[bool]) -> Any:
    """As ``_gravest``, where the conditions alone lead to a few cases: looked at once."""
    numbers = select(Case.number).where(*conditions).order_by(_severity(), order).limit(limit)
    return _whole(numbers, order, limit)


def _whole(numbers: Any, order: Any, limit: int) -> Any:
    query = select(Case).where(col(Case.number).in_(numbers))
    return query.order_by(_severity(), order).limit(limit)


def _severity() -> ColumnElement[int]:
    # Not the bare column: PostgreSQL would rather walk its index through all cases, in this
    # order, until enough of them meet the conditions.
    severity: ColumnElement[int] = col(Case.severity) + 0
    return severity


def _open() -> ColumnElement[bool]:
    # Without a type: as a boolean, SQLite would compare it with 1 and not know its index again.
    return literal_column(OPEN_CASE.text)


def _public() -> ColumnElement[bool]:
    return col(Case.sensitive).is_(False)


def _seen_by(viewer: str) -> ColumnElement[bool]:
    return or_(_public(), _on_case(viewer))


def _mine(viewer: str, *, open_only: bool) -> ColumnElement[bool]:
    """As ``_on_case``, for when it alone should find the cases, each part by its own index."""
    which = [_open()] if open_only else []
    parts = (
        select(Case.number).where(col(Case.owner) == viewer, *which),
        select(Case.number).where(col(Case.reporter) == viewer, *which),
        select(CaseRole.case_number).where(col(CaseRole.user_id) == viewer),
    )
    return col(Case.number).in_(union(*parts))


def _customers(part: str) -> Any:
    """The names that have ``part`` in them, each read once from the index of names."""
    names = sa_select(func.min(Case.customer).label("name")).cte("names", recursive=True)
    following = sa_select(func.min(Case.customer)).where(col(Case.customer) > names.c.name)
    step = sa_select(following.scalar_subquery()).where(names.c.name.is_not(None))
    names = names.union_all(step)
    return select(names.c.name).where(names.c.name.icontains(part, autoescape=True))


def _breaching() -> ColumnElement[bool]:
    late: ColumnElement[bool] = literal_column(LATE.text)
    return col(Case.number).in_(select(Clock.case_number).where(late))


def _at_risk(seen: ColumnElement[bool]) -> Any:
    order = col(Case.number).asc()
    return _gravest(order, DIGEST_CASES, seen, _live(), grave=True)


def _breached_since(since: datetime, seen: ColumnElement[bool]) -> Any:
    breached = select(Clock.case_number).where(col(Clock.breached_at) >= since)
    conditions = (col(Case.number).in_(breached), seen, _live())
    return _sorted(col(Case.number).asc(), DIGEST_CASES, *conditions)


def _won_since(since: datetime, seen: ColumnElement[bool]) -> Any:
    grave = or_(col(Case.severity) <= Severity.SEV2, col(Case.executive).is_(True))
    conditions = (col(Case.resolved_at) >= since, seen, grave)
    return _sorted(col(Case.number).asc(), DIGEST_CASES, *conditions)


def _live() -> ColumnElement[bool]:
    done = (Status.RESOLVED, Status.REVIEW, Status.CLOSED, Status.DISMISSED, Status.MERGED)
    return and_(_open(), col(Case.status).not_in([s.value for s in done]))


async def _asks(session: AsyncSession, viewer: str) -> tuple[Any, ...]:
    query = select(Ask).where(col(Ask.asked_of) == viewer, col(Ask.answered_at).is_(None))
    rows: Sequence[Ask] = (await session.exec(query.order_by(col(Ask.id)))).all()
    return tuple(snapshot.ask_facts(a) for a in rows)


def _next_due(case: CaseFacts) -> tuple[datetime, int]:
    dues = [c.due for c in case.clocks if c.due and not c.ended]
    return (min(dues, default=datetime.max.replace(tzinfo=case.now.tzinfo)), case.number)
