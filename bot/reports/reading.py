"""What a report is counted from, read from the store: as many statements for many cases as for few.

Closed cases are read as they were kept (``bot/reports/ended.py``). Of the others the clocks are
replayed in windows: of ``WINDOW`` cases, or of so many that there are at most ``WINDOWS_MAX``.
Locks nothing; the loop goes on in between.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any

from sqlalchemy import and_
from sqlalchemy import select as sa_select
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.readiness.queries import list_people
from bot.reports.ended import WINDOW, read_courses
from bot.reports.tellings import read_tellings
from bot.rules.business.outcomes import OutcomeResult
from bot.rules.local_time import local_day
from bot.rules.money.matrix import convert_revenue
from bot.rules.names import fold_name
from bot.rules.policy.load import Policy
from bot.rules.reports.course import CaseCourse
from bot.rules.reports.figures import (
    Report,
    begin_of_records,
    build_report,
    end_of_records,
)
from bot.rules.reports.periods import Period
from bot.rules.reports.records import (
    ELSEWHERE,
    ActionRecord,
    AnswerRecord,
    CaseRecord,
    ConcessionRecord,
    OutcomeRecord,
    Records,
)
from bot.rules.words import RootCause, Severity, Status, Trigger
from storage.models import (
    Account,
    ActionItem,
    Case,
    Concession,
    CustomerLink,
    DrillDone,
    EndedClocks,
    Outcome,
    PolicyVersion,
    RoleCard,
    Sponsorship,
    SponsorTouch,
)

Conditions = Sequence[Any]  # on a case: that it is of one customer, or none

ASKED = ("survey", "pulse")
WINDOWS_MAX = 10  # each costs five statements
NUMBERS_MAX = 20_000  # cases in one window: a database takes some 32,000 values in a statement
# Whole rows would take many times as long: a case has eighty columns.
COLUMNS: tuple[Any, ...] = (
    col(Case.number), col(Case.account_key), col(Case.customer), col(Case.severity),
    col(Case.status), col(Case.trigger), col(Case.received_at), col(Case.reported_at),
    col(Case.resolved_at), col(Case.closed_at), col(Case.root_cause), col(Case.sensitive),
    col(Case.executive), col(Case.version), col(Account.arr), col(Account.currency),
    col(EndedClocks.version).label("kept_version"), col(EndedClocks.data),
)  # fmt: skip


async def read_report(
    services: WorkServices, period: Period, *, money: bool, account: str = ""
) -> Report:
    """Read and count a period's figures; ``account`` is a customer's key, empty for all.

    Whether the reader may have them, and ``money`` of them, was asked. Raises UserError
    ``no_such_account`` for a key that is not among the accounts.
    """
    now = services.clock.now()
    async with services.database.read() as session:
        name = await _account_name(session, account) if account else ""
        records = await _read(session, services.policy, period, now, account)
    return await asyncio.to_thread(build_report, records, period, now, money=money, customer=name)


async def _account_name(session: AsyncSession, key: str) -> str:
    """What a customer is called. Raises UserError ``no_such_account``."""
    found = await session.get(Account, key)
    if found is None:
        raise UserError("no_such_account", account=key)
    return found.name


async def _read(
    session: AsyncSession, policy: Policy, period: Period, now: datetime, account: str
) -> Records:
    """Everything that may be counted in the period or is compared with it.

    Instants are compared as instants, days of action items by the organisation's calendar.
    """
    since = begin_of_records(period)
    # Of one customer even the number of restricted cases would tell that there is one.
    ours = [col(Case.account_key) == account, col(Case.sensitive).is_(False)] if account else []
    accounts = select(func.count()).select_from(Account)
    policies = select(PolicyVersion.since).where(*_within(col(PolicyVersion.since), period))
    cases, names = await _cases(session, policy, since, end_of_records(period), now, ours)
    return Records(
        cases=tuple(cases),
        customers=0 if account else (await session.exec(accounts)).one(),
        answers=tuple(await _answers(session, period, since, ours)),
        outcomes=tuple(await _outcomes(session, policy, period, account)),
        concessions=tuple(await _concessions(session, period, ours)),
        actions=tuple(await _actions(session, period, ours)),
        touches=await _touches(session, period, account),
        cards=() if account else await _cards(session, period),
        drilled=() if account else await _drills(session, period),
        people=frozenset() if account else await list_people(session, policy),
        tellings=() if account else await read_tellings(session, period),
        policies=tuple((await session.exec(policies)).all()),
        now=await _by_status(session, ours),
        names=names,
    )


def _within(column: Any, period: Period) -> tuple[Any, Any]:
    """The conditions that an instant lies in the period."""
    return column >= period.begins, column < period.ends


async def _by_status(session: AsyncSession, ours: Conditions) -> dict[Status, int]:
    """How many cases have each status now."""
    query: Any = sa_select(col(Case.status), func.count()).where(*ours)
    rows = (await session.exec(query.group_by(col(Case.status)))).all()
    return {Status(status): count for status, count in rows}


async def _answers(
    session: AsyncSession, period: Period, since: datetime, ours: Conditions
) -> list[AnswerRecord]:
    """Questions and answers, also those before the period that one is compared with.

    Those of restricted cases are left out where they are counted.
    """
    link = CustomerLink
    query: Any = (
        sa_select(
            col(link.case_number), col(Case.account_key), col(Case.customer), col(link.kind),
            col(link.made_at), col(link.answered_at), col(link.score),
        )
        .join(Case, col(Case.number) == col(link.case_number))
        .where(
            col(link.kind).in_(ASKED), col(link.made_at) < period.ends,
            or_(col(link.made_at) >= since, col(link.answered_at) >= since), *ours,
        )
        .order_by(col(link.id))
    )  # fmt: skip
    rows = (await session.exec(query)).all()
    return [AnswerRecord(number, _account(key, name), *told) for number, key, name, *told in rows]


async def _concessions(
    session: AsyncSession, period: Period, ours: Conditions
) -> list[ConcessionRecord]:
    """What was promised in the period, but for restricted cases.

    Worth is in euro as it was when the concession was asked for.
    """
    query = select(Concession).join(Case, col(Case.number) == col(Concession.case_number))
    query = query.where(
        *_within(col(Concession.promised_at), period), col(Case.sensitive).is_(False), *ours
    )
    return [
        ConcessionRecord(row.promised_at, row.fulfilled_at, Decimal(row.worth))
        for row in (await session.exec(query)).all()
        if row.promised_at is not None
    ]


async def _actions(session: AsyncSession, period: Period, ours: Conditions) -> list[ActionRecord]:
    """The action items that are due in the period, but for those of restricted cases.

    One that was dropped is none. It is done on the day on which its owner said so, in the
    organisation's zone, and not before a colleague has looked.
    """
    query: Any = sa_select(
        col(ActionItem.due), col(ActionItem.done_at), col(ActionItem.reported_at)
    )
    query = query.join(Case, col(Case.number) == col(ActionItem.case_number))
    query = query.where(
        col(ActionItem.due) >= period.first, col(ActionItem.due) <= period.last,
        col(Case.sensitive).is_(False), col(Case.status).not_in(ELSEWHERE),
        col(ActionItem.dropped_why) == "", *ours,
    )  # fmt: skip
    return [
        ActionRecord(due, local_day(said or done, period.zone) if done else None)
        for due, done, said in (await session.exec(query)).all()
    ]


async def _cards(
    session: AsyncSession, period: Period
) -> tuple[tuple[datetime, datetime | None], ...]:
    """When cards of roles were given in the period, and understood; but for restricted cases."""
    query: Any = sa_select(col(RoleCard.told_at), col(RoleCard.read_at))
    query = query.join(Case, col(Case.number) == col(RoleCard.case_number))
    query = query.where(*_within(col(RoleCard.told_at), period), col(Case.sensitive).is_(False))
    return tuple((told, read) for told, read in (await session.exec(query)).all())


async def _drills(session: AsyncSession, period: Period) -> tuple[tuple[str, datetime], ...]:
    """Who did a drill in the period, and when; a drill is only played, and no case of these."""
    query = select(DrillDone.user_id, DrillDone.done_at)
    query = query.where(*_within(col(DrillDone.done_at), period))
    return tuple((await session.exec(query)).all())


async def _touches(
    session: AsyncSession, period: Period, account: str
) -> tuple[tuple[datetime | None, datetime | None], ...]:
    """When sponsors' contacts of the period were due, and made; None for not yet.

    Those of memberships that are over count too.
    """
    query = select(SponsorTouch.due_at, SponsorTouch.done_at)
    query = query.where(*_within(col(SponsorTouch.due_at), period))
    if account:
        theirs = select(Sponsorship.id).where(col(Sponsorship.account_key) == account)
        query = query.where(col(SponsorTouch.sponsorship).in_(theirs))
    return tuple((due, done) for due, done in (await session.exec(query)).all())


async def _cases(
    session: AsyncSession,
    policy: Policy,
    since: datetime,
    until: datetime,
    now: datetime,
    ours: Conditions,
) -> tuple[list[CaseRecord], dict[str, str]]:
    """The cases that came before ``until`` and were not over before ``since``, with their clocks.

    Answers what accounts are called as well. Candidates are no cases.
    """
    query = (
        sa_select(*COLUMNS)
        .select_from(Case)
        .outerjoin(Account, col(Account.key) == col(Case.account_key))
        .outerjoin(EndedClocks, col(EndedClocks.case_number) == col(Case.number))
        .where(
            col(Case.received_at) < until, col(Case.status) != Status.CANDIDATE,
            or_(col(Case.received_at) >= since, and_(
                col(Case.status).not_in(ELSEWHERE),
                or_(col(Case.closed_at).is_(None), col(Case.closed_at) >= since),
            )),
            *ours,
        )
        .order_by(col(Case.number))
    )  # fmt: skip
    found: list[CaseRecord] = []
    names: dict[str, str] = {}
    rows = await session.stream(query.execution_options(yield_per=WINDOW))
    to_replay = []
    async for window in rows.partitions(WINDOW):
        for row in window:
            names.setdefault(_account(row.account_key, row.customer), row.customer)
            if row.status in ELSEWHERE:
                found.append(_record(row, policy, CaseCourse()))
            elif row.kept_version == row.version and CaseCourse.is_whole(row.data):
                course = CaseCourse.from_spec(row.data, f"ESC-{row.number}")
                found.append(_record(row, policy, course))
            else:
                to_replay.append(row)
        await asyncio.sleep(0)
    size = min(NUMBERS_MAX, max(WINDOW, ceil(len(to_replay) / WINDOWS_MAX)))
    for start in range(0, len(to_replay), size):
        some = to_replay[start : start + size]
        told = await read_courses(session, [row.number for row in some], now)
        found += [_record(row, policy, told[row.number]) for row in some]
        await asyncio.sleep(0)
    return found, names


def _record(row: Any, policy: Policy, course: CaseCourse) -> CaseRecord:
    """A case as it is counted, of a row of ``COLUMNS`` and how it went."""
    return CaseRecord(
        number=row.number,
        account=_account(row.account_key, row.customer),
        severity=Severity(row.severity),
        status=Status(row.status),
        trigger=Trigger(row.trigger),
        received_at=row.received_at,
        reported_at=row.reported_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        root_cause=RootCause(row.root_cause) if row.root_cause else None,
        restricted=row.sensitive,
        executive=row.executive,
        reopened=course.reopened,
        arr=convert_revenue(policy.concessions, row.arr, row.currency),
        clocks=course.clocks,
        stays=course.stays,
        pauses=course.pauses,
    )


def _account(key: str | None, customer: str) -> str:
    """By what cases of one customer are known to be of one."""
    return key or fold_name(customer)


async def _outcomes(
    session: AsyncSession, policy: Policy, period: Period, account: str
) -> list[OutcomeRecord]:
    """What became of customers' business, as far as it was recorded in the period.

    That of a restricted case is left out.
    """
    query = (
        select(Outcome)
        .outerjoin(Case, col(Case.number) == col(Outcome.case_number))
        .where(
            col(Outcome.recorded_at) >= period.begins, col(Outcome.recorded_at) < period.ends,
            or_(col(Case.number).is_(None), col(Case.sensitive).is_(False)),
        )
    )  # fmt: skip
    if account:
        query = query.where(col(Outcome.account_key) == account)
    return [
        OutcomeRecord(
            row.account_key, row.recorded_at, OutcomeResult(row.result),
            convert_revenue(policy.concessions, row.before, row.currency),
            convert_revenue(policy.concessions, row.after, row.currency),
        )
        for row in (await session.exec(query)).all()
        if row.recorded_at is not None
    ]  # fmt: skip
