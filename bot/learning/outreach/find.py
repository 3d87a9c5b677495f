"""Finding the customers who may meet what a case was about, and whether there is a reason to.

Only public cases say that a customer uses a component; a restricted one never leads to its
customer, and nothing is looked for from one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select as sa_select
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import is_public_case
from bot.core.unreachable import list_unfit
from bot.rules.learning.outreach import (
    LOOKED_BACK,
    Likeness,
    RiskAccount,
    choose_accounts,
    is_worth_telling,
)
from bot.rules.learning.similar import what_worked
from bot.rules.lifecycle import LIVE
from bot.rules.words import Status
from storage.models import Account, Affected, Case, KnownIssue

NO_CASES = (Status.CANDIDATE.value, Status.DISMISSED.value)


async def is_reason(session: AsyncSession, case: Case) -> bool:
    """Whether customers are looked for who may meet the same, by the case as it stands.

    A known issue for which its customer waits counts, and its workaround as one of the case.
    """
    query = (
        select(KnownIssue.workaround)
        .join(Affected, col(Affected.problem) == col(KnownIssue.number))
        .where(col(Affected.case_number) == case.number, col(Affected.removed_at).is_(None))
    )
    issues = (await session.exec(query)).all()
    known = what_worked(case.workaround_note, case.resolution_note) or case.root_cause
    return is_worth_telling(
        severity=case.severity,
        linked=case.problem is not None or bool(issues),
        component=case.component,
        known=bool(known) or any(issues),
        status=case.status,
        restricted=case.sensitive,
    )


async def find_accounts(session: AsyncSession, case: Case, now: datetime) -> Sequence[RiskAccount]:
    """The customers who may meet the same, the most alike first; none of a restricted
    case, nor of a drill.

    Who has a live case about the component, or is listed with the case's problem, hears of it
    there; who threatens legal action hears nothing that is said to many.
    """
    if case.sensitive or case.drill or not case.component:
        return ()
    last = await _last_contacts(session, case, now - LOOKED_BACK)
    heard = await _who_hears_elsewhere(session, case, last)
    keys = sorted(set(last) - heard)
    accounts = (await session.exec(select(Account).where(col(Account.key).in_(keys)))).all()
    own = await session.get(Account, case.account_key) if case.account_key else None
    ours = Likeness(own.tier, own.region) if own else Likeness()
    tellers = await _find_tellers(session, accounts, case.owner)
    found = []
    for each in accounts:
        theirs = Likeness(each.tier, each.region)
        tier, region = ours.shares(theirs)
        found.append(
            RiskAccount(
                each.key, each.name, theirs, last[each.key], tellers[each.key], tier, region
            )
        )
    return choose_accounts(ours, found)


async def _last_contacts(session: AsyncSession, case: Case, since: datetime) -> dict[str, datetime]:
    """When each account last came about the component: by a public case, or a known issue.

    The case's own customer is not among them.
    """
    of_cases: Any = (
        sa_select(col(Case.account_key), func.max(Case.received_at))
        .where(
            col(Case.component) == case.component, col(Case.received_at) >= since,
            col(Case.account_key).is_not(None), is_public_case(),
            col(Case.status).not_in(NO_CASES),
        )
        .group_by(col(Case.account_key))
    )  # fmt: skip
    of_issues: Any = (
        sa_select(col(Affected.account_key), func.max(Affected.said_at))
        .join(KnownIssue, col(KnownIssue.number) == col(Affected.problem))
        .where(
            col(KnownIssue.component) == case.component, col(Affected.said_at) >= since,
            col(Affected.account_key).is_not(None), col(Affected.removed_at).is_(None),
        )
        .group_by(col(Affected.account_key))
    )  # fmt: skip
    found: dict[str, datetime] = {}
    for query in (of_cases, of_issues):
        for key, at in (await session.exec(query)).all():
            found[key] = max(at, found.get(key, at))
    found.pop(case.account_key or "", None)
    return found


async def _who_hears_elsewhere(session: AsyncSession, case: Case, keys: Iterable[str]) -> set[str]:
    """Those of the accounts that are told of it by another way, or are told nothing at all here.

    Restricted cases count, since leaving out is no word about them: the list does not say why a
    customer is not on it.
    """
    live = [status.value for status in LIVE]
    here = sorted(keys)
    query: Any = select(Case.account_key).where(
        col(Case.account_key).in_(here),
        col(Case.status).in_(live),
        or_(col(Case.component) == case.component, col(Case.legal).is_(True)),
    )
    heard = set((await session.exec(query)).all())
    if case.problem is not None:
        listed: Any = select(Affected.account_key).where(
            and_(col(Affected.problem) == case.problem, col(Affected.removed_at).is_(None))
        )
        heard |= set((await session.exec(listed)).all())
    return heard


async def _find_tellers(
    session: AsyncSession, accounts: Sequence[Account], owner: str
) -> Mapping[str, str]:
    """Who tells each account: its CSM, else its account executive, else the case's owner.

    Who has left is passed over.
    """
    people = {u for a in accounts for u in (a.csm, a.account_executive) if u}
    unfit = await list_unfit(session, people)
    return {
        a.key: next((u for u in (a.csm, a.account_executive) if u and u not in unfit), owner)
        for a in accounts
    }
