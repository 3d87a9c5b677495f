"""Questions about the programme that change nothing, as far as the reader may know the answers."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import case as when
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import reading_roles
from bot.core.case_selection import shown_to
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.rules.facts.sponsorship import SponsorshipFacts, SponsorshipPage, TouchFacts
from bot.rules.names import fold_name
from bot.rules.permissions import PERMISSIONS
from bot.rules.sponsorship.metrics import ProgrammeFigures
from bot.rules.sponsorship.programme import Programme
from bot.rules.sponsorship.quarters import Adherence, count_adherence
from bot.rules.sponsorship.words import ExitGround, TouchKind
from bot.rules.states import IN_PROGRAMME, SponsorshipState
from bot.rules.words import Role
from bot.sponsorship.briefs.figures import read_figures
from bot.sponsorship.rows import MANAGE, list_touches, list_waiting, load_programme
from bot.sponsorship.score import suggest_score
from storage.columns import OPEN_CASE
from storage.models import Account, Case, Sponsorship, SponsorTouch

LISTED = 12  # of a list: each has two blocks, a message takes 50
CONTACTS = 8  # in a brief
LISTS, ALL = "sponsorships", "all_sponsorships"
FIRST = (SponsorshipState.ACTIVE, SponsorshipState.OFFERED, SponsorshipState.SEEKING)

Pair = tuple[Sponsorship, Account | None]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read for several memberships at once, by id, account or sponsor."""

    touches: Mapping[int, Sequence[SponsorTouch]]
    cases: Mapping[str, int]
    places: Mapping[int, int]


class SponsorshipReading:
    """The store's answers about the programme.

    Why an account is in it, its score, its consent and its revenue are for the people whom the
    permissions name in ``all_sponsorships``, and for its own sponsor, deputy and account team.
    """

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def programme(self) -> Programme:
        """The six texts, and the signature under them."""
        async with self._services.database.read() as session:
            return await load_programme(session)

    async def figures(self, viewer: str) -> ProgrammeFigures | None:
        """What the programme has brought; None for those who do not lead it.

        What concerns revenue is left out for those who may not read it.
        """
        roles = reading_roles(self._services.policy, viewer)
        if not roles & PERMISSIONS[MANAGE]:
            return None
        found = await read_figures(self._services)
        return found if roles & PERMISSIONS["read_revenue"] else replace(found, expansion=None)

    async def score(self, key: str) -> int:
        """What an entry score begins with for the account of this key."""
        async with self._services.database.read() as session:
            account = await session.get(Account, key)
            now = self._services.clock.now()
            return await suggest_score(session, account, now) if account else 0

    async def one(self, number: int, viewer: str) -> SponsorshipFacts:
        """A membership or nomination that is not over. Raises UserError ``no_such_sponsorship``."""
        found = await self._read(viewer, [col(Sponsorship.id) == number])
        if not found:
            raise UserError("no_such_sponsorship")
        return found[0]

    async def touches(self, number: int) -> Sequence[TouchFacts]:
        """The contacts that took place in a membership, the newest first; at most ``CONTACTS``.

        The caller has asked ``one`` whether the viewer may read them.
        """
        async with self._services.database.read() as session:
            found = await list_touches(session, number)
        now = self._services.clock.now()
        made = [touch_facts(each, now) for each in found if each.done_at is not None]
        return sorted(made, key=lambda each: each.done_at or now, reverse=True)[:CONTACTS]

    async def of_account(self, key: str, viewer: str) -> SponsorshipFacts | None:
        """The membership or nomination of an account; None for one that has none."""
        found = await self._read(viewer, [col(Sponsorship.live_key) == key])
        return found[0] if found else None

    async def mine(self, viewer: str) -> Sequence[SponsorshipFacts]:
        """What the viewer sponsors, or is asked to: offers first, then by what is due."""
        theirs = (col(Sponsorship.sponsor) == viewer) & (
            col(Sponsorship.state) == SponsorshipState.ACTIVE
        )
        found = await self._read(viewer, [or_(theirs, col(Sponsorship.offered_to) == viewer)])
        return sorted(found, key=_by_due)

    async def listed(self, viewer: str, customer: str = "") -> SponsorshipPage:
        """The programme and what is in it; of one customer where it is part of a name.

        Those who may not read the list read what they sponsor, are asked to, or look after.
        """
        wanted: list[ColumnElement[bool]] = []
        if customer:
            part = f"%{fold_name(customer)}%"
            wanted = [or_(col(Account.folded).like(part), col(Sponsorship.live_key) == customer)]
        if not reading_roles(self._services.policy, viewer) & PERMISSIONS[LISTS]:
            mine = (
                Sponsorship.sponsor, Sponsorship.deputy, Sponsorship.offered_to, Account.csm,
                Account.account_executive,
            )  # fmt: skip
            wanted.append(or_(*(col(part) == viewer for part in mine)))
        found = await self._read(viewer, wanted)
        unread = {
            each.sponsor
            for each in found
            if each.state is SponsorshipState.ACTIVE and each.sponsor and not each.read
        }
        shown = tuple(found[:LISTED])
        more = len(found) - len(shown)
        return SponsorshipPage(await self.programme(), shown, more, customer, tuple(sorted(unread)))

    async def _read(
        self, viewer: str, wanted: Sequence[ColumnElement[bool]]
    ) -> list[SponsorshipFacts]:
        """Memberships that are not over: first those that want something, then by score, by time.

        A few statements for all of them.
        """
        order = when(
            *((col(Sponsorship.state) == state, at) for at, state in enumerate(FIRST)), else_=9
        )
        query = (
            select(Sponsorship, Account)
            .outerjoin(Account, col(Account.key) == col(Sponsorship.account_key))
            .where(col(Sponsorship.state).in_(IN_PROGRAMME), *wanted)
            .order_by(order, col(Sponsorship.score).desc(), col(Sponsorship.nominated_at))
        )
        async with self._services.database.read() as session:
            pairs = (await session.exec(query)).all()
            beside = await self._beside(session, [row for row, _ in pairs], viewer)
        roles = reading_roles(self._services.policy, viewer)
        now = self._services.clock.now()
        return [_facts(pair, beside, viewer, now, roles) for pair in pairs]

    async def _beside(
        self, session: AsyncSession, rows: Sequence[Sponsorship], viewer: str
    ) -> _Beside:
        """Touches by membership, open cases by account, places on the waiting lists: by their ids.

        Counted are only cases that the viewer may read.
        """
        if not rows:
            return _Beside({}, {}, {})
        touches: dict[int, list[SponsorTouch]] = {}
        ids, keys = [row.id for row in rows], [row.account_key for row in rows]
        query = select(SponsorTouch).where(col(SponsorTouch.sponsorship).in_(ids))
        for touch in (await session.exec(query.order_by(col(SponsorTouch.id)))).all():
            touches.setdefault(touch.sponsorship, []).append(touch)
        readable = shown_to(self._services.policy, viewer, "list")
        counted = (
            select(Case.account_key, func.count())
            .where(col(Case.account_key).in_(keys), OPEN_CASE, readable)
            .group_by(col(Case.account_key))
        )
        cases = {str(key): count for key, count in (await session.exec(counted)).all()}
        places: dict[int, int] = {}
        waiting = [r for r in rows if r.state is SponsorshipState.WAITING and r.sponsor]
        for sponsor in {str(row.sponsor) for row in waiting}:
            listed = await list_waiting(session, sponsor)
            places |= {row.id: place for place, row in enumerate(listed, start=1)}
        return _Beside(touches, cases, places)


async def read_adherence(session: AsyncSession, membership: int, now: datetime) -> Adherence:
    """How many of the touches that were due in a membership were made in time."""
    touches = await list_touches(session, membership)
    return count_adherence(((each.due_at, each.done_at) for each in touches), now)


def is_near(row: Sponsorship, account: Account | None, user: str) -> bool:
    """Whether a person sponsors the account, is its deputy, is asked to, or looks after it.

    So too is who nominated it.
    """
    near = {row.sponsor, row.deputy, row.offered_to, row.nominated_by}
    near |= {account.csm, account.account_executive} if account else set()
    return user in near


def knows_whole(row: Sponsorship, account: Account | None, user: str, roles: Set[Role]) -> bool:
    """Whether a person, with these roles, may know why an account is in the programme."""
    return is_near(row, account, user) or bool(roles & PERMISSIONS[ALL])


def _facts(
    pair: Pair, beside: _Beside, viewer: str, now: datetime, roles: Set[Role]
) -> SponsorshipFacts:
    """What a viewer sees of a membership, with what was read ``beside`` it.

    Reason, score and consent are for the account's own people and those of ``all_sponsorships``;
    revenue and renewal for the former and those of ``read_revenue``.
    """
    row, account = pair
    leads, money = (bool(roles & PERMISSIONS[which]) for which in (MANAGE, "read_revenue"))
    touches = beside.touches.get(row.id, ())
    near, whole = is_near(row, account, viewer), knows_whole(row, account, viewer, roles)
    return SponsorshipFacts(
        row.id, row.account_key, account.name if account else row.customer, row.state,
        row.sponsor or "", row.deputy or "", row.offered_to or "", row.began_at, row.review_on,
        row.ends_on, read=row.read_at is not None,
        ground=ExitGround(row.exit_ground) if row.exit_ground else None,
        owed=_owed(touches, now),
        adherence=count_adherence(((each.due_at, each.done_at) for each in touches), now),
        place=beside.places.get(row.id, 0), mine=row.sponsor == viewer,
        asked=row.offered_to == viewer, leads=leads,
        open_cases=beside.cases.get(row.account_key, 0),
        **(_kept(row, account, money=money or near) if whole else {}),
    )  # fmt: skip


def _kept(row: Sponsorship, account: Account | None, *, money: bool) -> dict[str, Any]:
    """What only those may know who need to: keyword arguments of ``SponsorshipFacts``.

    ``arr`` is the yearly revenue in whole units of ``currency``, None without leave (``money``).
    """
    return {
        "whole": True,
        "reason": row.reason,
        "score": row.score,
        "consent_by": row.consent_by,
        "consent_on": row.consent_on,
        "case_number": row.case_number,
        "renewal": account.renewal if account else None,
        "arr": account.arr if account and money else None,
        "currency": account.currency if account else "",
        "money": money,
    }


def touch_facts(row: SponsorTouch, now: datetime) -> TouchFacts:
    """A touch as it is read."""
    late = row.due_at is not None and row.due_at < (row.done_at or now)
    how = TouchKind(row.how) if row.how else None
    return TouchFacts(row.id, row.sponsor, row.due_at, row.done_at, how, row.note, late)


def _owed(touches: Sequence[SponsorTouch], now: datetime) -> TouchFacts | None:
    """The touch that is due next; a late one as long as the sponsor is reminded of it."""
    open_ones = [each for each in touches if each.done_at is None and each.next_at is not None]
    return touch_facts(open_ones[0], now) if open_ones else None


def _by_due(each: SponsorshipFacts) -> tuple[bool, datetime, int]:
    """A key to sort by: what the viewer is asked to sponsor, then the earliest due touch.

    Without a touch that is owed it comes last; among equals the older id is first.
    """
    due = each.owed.due_at if each.owed else None
    return not each.asked, due or datetime.max.replace(tzinfo=UTC), each.id
