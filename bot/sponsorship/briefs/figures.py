"""The programme's figures, read from the store for those who lead it.

All memberships that ever began count, also those that are over: an account that left must not make
the programme look better. Rows are read whole and counted in ``bot/rules/sponsorship/metrics.py``;
there are as many as accounts in the programme, not as cases.
"""

from collections import defaultdict

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import WorkServices
from bot.rules.business.outcomes import OutcomeResult
from bot.rules.local_time import local_day
from bot.rules.money.matrix import convert_revenue
from bot.rules.policy.load import Policy
from bot.rules.sponsorship.metrics import (
    Member,
    ProgrammeFigures,
    RenewalRecord,
    count_programme,
)
from bot.rules.sponsorship.quarters import count_adherence
from storage.models import Case, CustomerLink, Outcome, Sponsorship, SponsorTouch


async def read_figures(services: WorkServices) -> ProgrammeFigures:
    """Every figure, over all memberships that ever began. A few statements.

    Restricted cases count, as figures name no one; the caller has asked whether the viewer may read
    them. Amounts of a currency without a rate are left out.
    """
    now, policy = services.clock.now(), services.policy
    async with services.database.read() as session:
        members = await _members(session, policy)
        renewals = await _renewals(session, policy, {each.account for each in members})
        touches = (await session.exec(select(SponsorTouch))).all()
    adherence = count_adherence(((each.due_at, each.done_at) for each in touches), now)
    return count_programme(members, renewals, adherence, local_day(now, policy.timezone))


async def _members(session: AsyncSession, policy: Policy) -> list[Member]:
    """Every membership that began, with its account's executive cases and answers.

    Days are those of the organisation's zone. An account that was in the programme twice has two
    members with the same cases and answers; each counts those of its own time.
    """
    began = select(Sponsorship).where(col(Sponsorship.began_at).is_not(None))
    rows = (await session.exec(began.order_by(col(Sponsorship.id)))).all()
    keys = {row.account_key for row in rows}
    cases, scores = defaultdict(list), defaultdict(list)
    grave = select(Case.account_key, Case.received_at).where(
        col(Case.account_key).in_(keys), col(Case.executive).is_(True)
    )
    for key, at in (await session.exec(grave)).all():
        cases[key].append(local_day(at, policy.timezone))
    answers = (
        select(Case.account_key, CustomerLink.answered_at, CustomerLink.score)
        .join(CustomerLink, col(CustomerLink.case_number) == col(Case.number))
        .where(col(Case.account_key).in_(keys), col(CustomerLink.score).is_not(None))
    )
    for key, answered, score in (await session.exec(answers)).all():
        if answered is not None and score is not None:
            scores[key].append((local_day(answered, policy.timezone), score))
    return [
        Member(
            row.account_key, local_day(row.began_at, policy.timezone),
            local_day(row.ended_at, policy.timezone) if row.ended_at else None,
            tuple(cases[row.account_key]), tuple(scores[row.account_key]),
        )
        for row in rows
        if row.began_at is not None
    ]  # fmt: skip


async def _renewals(session: AsyncSession, policy: Policy, keys: set[str]) -> list[RenewalRecord]:
    """The renewals of these accounts whose outcome was recorded, in any order.

    What was corrected counts as it stands now.
    """
    query = select(Outcome).where(
        col(Outcome.account_key).in_(keys), col(Outcome.renewal).is_not(None),
        col(Outcome.recorded_at).is_not(None),
    )  # fmt: skip
    return [
        RenewalRecord(
            row.account_key, row.renewal, OutcomeResult(row.result),
            convert_revenue(policy.concessions, row.before, row.currency),
            convert_revenue(policy.concessions, row.after, row.currency),
        )
        for row in (await session.exec(query)).all()
        if row.renewal is not None and row.result
    ]  # fmt: skip
