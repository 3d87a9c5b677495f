"""After which cases, and at which renewals, an outcome is asked for."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.reactions import CaseClosed, CaseReopened, SponsorNamed
from bot.engine.unit_of_work import UnitOfWork
from bot.people.sponsors import find_sponsor
from bot.rules.local_time import known_zone, local_day
from bot.rules.policy.load import Policy
from bot.rules.words import ClosureCode, Severity
from storage.in_hand import account_of
from storage.models import Account, Case, Outcome
from storage.upsert import take_turns

HOUR = time(10, 0)  # in the policy's zone, at which an outcome is asked for
TURN = "outcomes"  # those who plan take turns, before they lock a row
MOVED = timedelta(days=180)  # a renewal that is put off by more took place already


async def plan_outcome(work: UnitOfWork, event: CaseClosed) -> None:
    """Plan the question about a closed case that the policy names, and about the next renewal.

    A duplicate has none: the case that goes on has. What was recorded before a case was reopened
    stays, and is not asked again.
    """
    case, asks = event.case, work.policy.outcomes
    grave = Severity(case.severity) in asks.severities
    if case.closure_code == ClosureCode.DUPLICATE or not (
        grave or (case.executive and asks.executive_flag)
    ):
        return
    await take_turns(work.session, TURN)
    row = await find_case_outcome(work.session, case.number)
    day = local_day(work.now + asks.ask_after, work.policy.timezone)
    due = at_hour(work.policy, day)
    if row is None:
        row = Outcome(case_number=case.number, customer=case.customer, due_at=due)
    if row.recorded_at is None:
        row.account_key, row.customer = case.account_key or "", case.customer
        row.due_at = row.next_at = due
        row.asked, row.asked_of = 0, ""
    work.session.add(row)
    await work.session.flush()
    account = await account_of(work.session, case)
    if account is not None:
        await plan_renewals(work.session, work.policy, work.now, [account])


async def forget_outcome(work: UnitOfWork, event: CaseReopened) -> None:
    """Ask nothing about a case that goes on."""
    row = await find_case_outcome(work.session, event.case.number)
    if row is not None and row.recorded_at is None:
        row.next_at = None
        work.session.add(row)


async def plan_with_sponsor(work: UnitOfWork, event: SponsorNamed) -> None:
    """Plan the question about the next renewal of an account that has a sponsor from now on.

    One that is planned already stays as it is, whoever the sponsor was then.
    """
    await plan_renewals(work.session, work.policy, work.now, [event.account])


async def find_case_outcome(session: AsyncSession, number: int) -> Outcome | None:
    """The outcome of a case; None where none was planned."""
    return (await session.exec(select(Outcome).where(col(Outcome.case_number) == number))).first()


async def plan_renewals(
    session: AsyncSession, policy: Policy, now: datetime, accounts: Sequence[Account]
) -> None:
    """Plan the questions about the renewals that the accounts file names.

    Asked are accounts that had a case whose outcome is asked for, and those with a sponsor. A
    renewal that the file puts off moves its question; one that was put off by more than ``MOVED``
    took place, so it is asked about at its day, and the next one besides. The caller commits.
    """
    await take_turns(session, TURN)
    today = local_day(now, policy.timezone)
    wanted = [each for each in accounts if each.renewal and each.renewal >= today]
    known = await _known_rows(session, [each.key for each in wanted])
    for account in wanted:
        rows = known.get(account.key, [])
        assert account.renewal is not None
        if not rows and not find_sponsor(account):
            continue
        waiting = [r for r in rows if r.renewal and r.asked == 0 and r.recorded_at is None]
        if any(row.renewal == account.renewal for row in rows):
            continue
        moved = [row for row in waiting if _is_put_off(row.renewal, account.renewal, today)]
        due = at_hour(policy, account.renewal)
        if moved:
            moved[0].renewal, moved[0].due_at, moved[0].next_at = account.renewal, due, due
            session.add(moved[0])
            continue
        row = Outcome(
            account_key=account.key, customer=account.name, renewal=account.renewal,
            due_at=due, next_at=due,
        )  # fmt: skip
        session.add(row)
    await session.flush()


async def _known_rows(session: AsyncSession, keys: Sequence[str]) -> dict[str, list[Outcome]]:
    """The outcomes of these accounts, by key, locked."""
    found: dict[str, list[Outcome]] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        query = select(Outcome).where(col(Outcome.account_key).in_(part)).with_for_update()
        for row in (await session.exec(query)).all():
            found.setdefault(row.account_key, []).append(row)
    return found


def _is_put_off(planned: date | None, now: date, today: date) -> bool:
    """Whether a planned renewal is the one that the file names now, on another day."""
    return planned is not None and planned >= today and abs(now - planned) <= MOVED


def at_hour(policy: Policy, day: date) -> datetime:
    """The hour at which people are asked, on a day of the policy's zone; aware UTC."""
    zone = known_zone(policy.timezone)
    return datetime.combine(day, HOUR, zone).astimezone(known_zone("UTC"))


async def plan_all_renewals(session: AsyncSession, policy: Policy, now: datetime) -> None:
    """Plan for every account after the file was read; the caller commits."""
    asked = select(Outcome.account_key).where(col(Outcome.account_key) != "")
    sponsored = or_(col(Account.sponsor).is_not(None), col(Account.programme_sponsor).is_not(None))
    concerned = or_(sponsored, col(Account.key).in_(asked))
    query = select(Account).where(col(Account.renewal).is_not(None), concerned)
    await plan_renewals(session, policy, now, (await session.exec(query)).all())


async def case_of(session: AsyncSession, row: Outcome) -> Case | None:
    """The case of an outcome, not locked; None for a renewal."""
    return await session.get(Case, row.case_number) if row.case_number is not None else None


async def account_for(session: AsyncSession, row: Outcome) -> Account | None:
    """The account of an outcome; None for a customer without one."""
    return await session.get(Account, row.account_key) if row.account_key else None
