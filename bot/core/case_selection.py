"""Which cases, in which order: conditions and orderings in a shape that the indexes answer.

Nothing here runs a query; ``bot/cases/queries.py`` and the digests do. A restricted case is not
left out by itself: each reader adds ``readable_by`` or ``is_public_case``.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    false,
    literal_column,
    or_,
    true,
    union,
    union_all,
)
from sqlalchemy import select as sa_select
from sqlmodel import col, func, select

from bot.core import access
from bot.rules.compliance.readership import Readership
from bot.rules.facts import CaseFilter
from bot.rules.permissions import READING
from bot.rules.policy.load import Policy
from bot.rules.policy.routing import find_route
from bot.rules.states import HandoverState, ProblemState
from bot.rules.words import ClockKind, Severity, Status
from storage.columns import LATE, OPEN_CASE
from storage.models import (
    ActionItem,
    Ask,
    Case,
    CaseRole,
    Clock,
    Handover,
    Helper,
    Outcome,
    Problem,
)

DIGEST_CASES = 5  # cases of a kind that a ten-line digest could hold


def involves_viewer(viewer: str) -> ColumnElement[bool]:
    """The condition that a case is theirs: by owner, reporter, a role, or what waits for them.

    The same people as ``bot.core.access.on_case`` finds for one case.
    """
    parts = [exists().where(number == Case.number, *which) for number, which in _parts_in(viewer)]
    return or_(col(Case.owner) == viewer, col(Case.reporter) == viewer, *parts)


def _parts_in(viewer: str) -> list[tuple[Any, tuple[ColumnElement[bool], ...]]]:
    """What gives a person a part in a case beside its own row: the column with the case's number,
    and the conditions on that table. An offer, a question and an action item count while they wait.
    """
    offered = (col(Handover.offered_to) == viewer, col(Handover.state) == HandoverState.OFFERED)
    asked = (col(Ask.asked_of) == viewer, col(Ask.answered_at).is_(None))
    still = col(ActionItem.done_at).is_(None)
    to_do = (or_(col(ActionItem.owner) == viewer, col(ActionItem.offered_to) == viewer), still)
    return [
        (col(CaseRole.case_number), (col(CaseRole.user_id) == viewer,)),
        (col(Handover.case_number), offered),
        (col(Ask.case_number), asked),
        (col(ActionItem.case_number), to_do),
    ]


def select_cases(wanted: CaseFilter, conditions: Sequence[ColumnElement[bool]], limit: int) -> Any:
    """The cases of a list by priority, then by what is due next, the oldest first among equals.

    Conditions that lead to few are looked up first and sorted after; else the index is walked.
    """
    few = bool(wanted.mine or wanted.breaching or wanted.customer)
    order = (_rank(few=few), col(Case.next_due), col(Case.number))
    numbers = select(Case.number).where(*conditions).order_by(*order).limit(limit)
    query = select(Case).where(col(Case.number).in_(numbers))
    return query.order_by(_rank(few=True), *order[1:])


def _rank(*, few: bool) -> Any:
    # Where few meet the conditions not the bare column: PostgreSQL would rather walk its index
    # through all cases, in this order, until enough of them meet the conditions.
    rank: ColumnElement[int] = col(Case.rank) + 0
    return rank if few else col(Case.rank)


def by_priority() -> tuple[Any, ...]:
    """The order of every list of a few cases: by priority, what is due next, the oldest first."""
    return (_rank(few=True), col(Case.next_due), col(Case.number))


def select_people_on(cases: Collection[int], people: Collection[str]) -> Any:
    """Those of ``people`` who have a part in one of the cases, as ``involves_viewer`` has it.

    One column of user ids, each once; on which of the cases is not told.
    """
    return union(
        *(
            sa_select(col(who)).where(col(number).in_(cases), col(who).in_(people), *still)
            for who, number, still in _parts()
        )
    )


def select_parts() -> Any:
    """Who has a part in which case, of all cases: ``who`` and ``number``, each pair once."""
    return union(
        *(
            sa_select(col(who).label("who"), col(number).label("number")).where(*still)
            for who, number, still in _parts()
        )
    )


def _parts() -> tuple[tuple[Any, Any, tuple[ColumnElement[bool], ...]], ...]:
    """Where it stands who has a part in a case: the person, the case's number, and while what."""
    offered, open_ask = col(Handover.state) == HandoverState.OFFERED, col(Ask.answered_at).is_(None)
    to_do = col(ActionItem.done_at).is_(None)
    return (
        (CaseRole.user_id, CaseRole.case_number, ()),
        (Handover.offered_to, Handover.case_number, (offered,)),
        (Ask.asked_of, Ask.case_number, (open_ask,)),
        (ActionItem.owner, ActionItem.case_number, (to_do,)),
        (ActionItem.offered_to, ActionItem.case_number, (to_do,)),
        (Case.owner, Case.number, ()),
        (Case.reporter, Case.number, ()),
    )


def select_gravest(order: Any, limit: int, *conditions: ColumnElement[bool]) -> Any:
    """The first cases of SEV1 and SEV2, and those that an executive watches.

    By priority, then by severity and ``order``: a few of each severity from the index. Asked for in
    one go, the databases would sort every case that meets the conditions.
    """
    parts = []
    for severity in Severity:
        which = [col(Case.severity) == severity.value, *conditions]
        if severity > Severity.SEV2:
            which.append(col(Case.executive).is_(True))
        few = select(Case.number).where(*which).order_by(col(Case.rank), order).limit(limit)
        parts.append(few.subquery())
    return _whole(union_all(*(sa_select(p.c.number) for p in parts)), order, limit)


def select_sorted(order: Any, limit: int, *conditions: ColumnElement[bool]) -> Any:
    """As ``select_gravest``, where the conditions alone lead to a few cases: looked at once."""
    numbers = select(Case.number).where(*conditions).order_by(*_gravest_first(), order)
    numbers = numbers.limit(limit)
    return _whole(numbers, order, limit)


def _whole(numbers: Any, order: Any, limit: int) -> Any:
    query = select(Case).where(col(Case.number).in_(numbers))
    return query.order_by(*_gravest_first(), order).limit(limit)


def _gravest_first() -> tuple[Any, ...]:
    """By priority, and by severity where it is the same: so those that are solved, too."""
    severity: ColumnElement[int] = col(Case.severity) + 0
    return (_rank(few=True), severity)


def is_open_case() -> ColumnElement[bool]:
    """The condition of the partial indexes on open cases."""
    # Without a type: as a boolean, SQLite would compare it with 1 and not know its index again.
    return literal_column(OPEN_CASE.text)


def read_beside(policy: Policy) -> ColumnElement[bool]:
    """The condition that a case may be named in the channel of another.

    Where only a team reads, those who read the one need not read the other.
    """
    return false() if policy.reading is Readership.TEAM else is_public_case()


def is_public_case() -> ColumnElement[bool]:
    """The condition that a case is not restricted."""
    return col(Case.sensitive).is_(False)


def readable_by(policy: Policy, viewer: str, verb: str = "show") -> ColumnElement[bool]:
    """The condition that a case exists for ``viewer``, as ``access.exists_for`` has it for one.

    That is one which is not restricted, where the policy lets them know of it, and each that they
    are on; for an auditor each.
    """
    if policy.audits(viewer):
        return true()
    if access.reads_cases(policy, viewer, verb):
        return open_to(viewer)
    return _theirs(policy, viewer)


def open_to(viewer: str) -> ColumnElement[bool]:
    """The condition that a case is not restricted, or that ``viewer`` is on it.

    It is enough for what was asked of them, or is theirs otherwise; else ``readable_by``.
    """
    return or_(is_public_case(), involves_viewer(viewer))


def _theirs(policy: Policy, viewer: str) -> ColumnElement[bool]:
    """The condition that ``viewer`` is on a case; where a team reads, what waits for them too."""
    mine = involves_viewer(viewer)
    if policy.reading is not Readership.TEAM:
        return mine
    helps = (col(Helper.user_id) == viewer, col(Helper.ended_at).is_(None))
    deputy = (col(Ask.deputy) == viewer, col(Ask.answered_at).is_(None))
    asked = (
        exists().where(col(Helper.case_number) == Case.number, *helps),
        exists().where(col(Ask.case_number) == Case.number, *deputy),
    )
    return or_(mine, and_(is_public_case(), or_(*asked)))


def shown_to(policy: Policy, viewer: str, what: str) -> ColumnElement[bool]:
    """The condition that ``what`` (a key of ``READING``) may tell ``viewer`` of a case.

    All but the restricted ones and those the viewer is on; without the role for it, the latter
    only.
    """
    if reads_all(policy, viewer, what):
        return readable_by(policy, viewer, READING[what])
    return _theirs(policy, viewer)


def reads_all(policy: Policy, viewer: str, what: str) -> bool:
    """Whether the viewer may read this of every case that is not restricted."""
    return access.reads_row(policy, viewer, READING[what])


def involves_by_index(viewer: str, *, open_only: bool) -> ColumnElement[bool]:
    """As ``involves_viewer``, where it alone finds the cases: each part by its own index."""
    which = [is_open_case()] if open_only else []
    parts = (
        select(Case.number).where(col(Case.owner) == viewer, *which),
        select(Case.number).where(col(Case.reporter) == viewer, *which),
        *(select(number).where(*conditions) for number, conditions in _parts_in(viewer)),
    )
    return col(Case.number).in_(union(*parts))


def filter_cases(policy: Policy, viewer: str, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """The conditions of a list, but for the customer's name, which is compared outside SQL."""
    by_index = involves_by_index(viewer, open_only=wanted.open_only)
    route = find_route(policy.routing, wanted.component) if wanted.component else None
    part = route.component if route else wanted.component
    asked = (
        (wanted.open_only, is_open_case()),
        (wanted.mine, by_index),
        (wanted.others, ~by_index),
        (wanted.breaching, is_breaching()),
        (bool(wanted.component), col(Case.component) == part),
    )
    return [condition for is_asked, condition in asked if is_asked]


def select_customer_names() -> Any:
    """Every name of a customer with a case, each read once from the index of names."""
    names = sa_select(func.min(Case.customer).label("name")).cte("names", recursive=True)
    following = sa_select(func.min(Case.customer)).where(col(Case.customer) > names.c.name)
    step = sa_select(following.scalar_subquery()).where(names.c.name.is_not(None))
    names = names.union_all(step)
    return select(names.c.name).where(names.c.name.is_not(None))


def is_breaching() -> ColumnElement[bool]:
    """The condition that a clock of the case is late now."""
    late: ColumnElement[bool] = literal_column(LATE.text)
    return col(Case.number).in_(select(Clock.case_number).where(late))


def select_at_risk(seen: ColumnElement[bool]) -> Any:
    """Select a digest's open cases of SEV1 and SEV2, and those an executive watches.

    ``seen`` is the condition of who may read them; at most ``DIGEST_CASES``, as in the two below.
    """
    order = col(Case.number).asc()
    return select_gravest(order, DIGEST_CASES, seen, _live())


def select_breached_since(since: datetime, seen: ColumnElement[bool]) -> Any:
    """A digest's open cases with a clock that was breached since an instant, or is overdue still.

    What stays overdue is listed every day until it is done; what is only between colleagues
    counts on the day on which it was missed.
    """
    recent = select(Clock.case_number).where(col(Clock.breached_at) >= since)
    still: ColumnElement[bool] = literal_column(LATE.text)
    ours = col(Clock.name).not_like(f"{ClockKind.HANDOFF}%")
    overdue = select(Clock.case_number).where(still, ours)
    late = or_(col(Case.number).in_(recent), col(Case.number).in_(overdue))
    conditions = (late, seen, _live())
    return select_sorted(col(Case.number).asc(), DIGEST_CASES, *conditions)


def select_won_since(since: datetime, seen: ColumnElement[bool]) -> Any:
    """A digest's severe or watched cases that were resolved since an instant."""
    grave = or_(col(Case.severity) <= Severity.SEV2, col(Case.executive).is_(True))
    conditions = (col(Case.resolved_at) >= since, seen, grave)
    return select_sorted(col(Case.number).asc(), DIGEST_CASES, *conditions)


def _live() -> ColumnElement[bool]:
    done = (Status.RESOLVED, Status.REVIEW, Status.CLOSED, Status.DISMISSED, Status.MERGED)
    return and_(is_open_case(), col(Case.status).not_in([s.value for s in done]))


def count_issues(owner: str) -> Any:
    """The count of known issues, ended ones too, that a person owns, as a part of a query."""
    owned = (col(Problem.state) == ProblemState.KNOWN, col(Problem.owner) == owner)
    return select(func.count()).select_from(Problem).where(*owned).scalar_subquery()


def count_waiting_outcomes(viewer: str) -> Any:
    """How many outcomes were asked of a person and are not recorded, as a scalar query."""
    asked = (col(Outcome.asked_of) == viewer, col(Outcome.recorded_at).is_(None))
    return select(func.count()).select_from(Outcome).where(*asked).scalar_subquery()
