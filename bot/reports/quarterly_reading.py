"""Quarterly reviews as they are read; who may is asked by the callers (``quarterly_review``)."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.reports.quarterly import open_decisions
from bot.rules.local_time import local_day
from bot.rules.reports.periods import LAST, read_period, read_stored
from bot.rules.reports.quarterly import QuarterDecisionFacts, QuarterlyReviewFacts
from bot.rules.states import Prevention
from storage.models import QuarterDecision, QuarterlyReview


async def read_review(
    services: WorkServices, typed: str = "", number: int | None = None
) -> QuarterlyReviewFacts:
    """The review of an id, else of the quarter that was typed, else the newest that is prepared.

    Whether the viewer may read it was asked. Raises UserError ``odd_quarter`` (``typed``) for what
    names no quarter, ``no_such_quarter``.
    """
    query = select(QuarterlyReview).where(col(QuarterlyReview.made_at).is_not(None))
    if number is not None:
        query = query.where(col(QuarterlyReview.id) == number)
    elif typed:
        query = query.where(col(QuarterlyReview.quarter) == _key(services, typed))
    query = query.order_by(col(QuarterlyReview.quarter).desc()).limit(1)
    async with services.database.read() as session:
        row = (await session.exec(query)).first()
        if row is None:
            raise UserError("no_such_quarter")
        return await _facts(session, services, row)


def _key(services: WorkServices, typed: str) -> str:
    """The key of the quarter that was typed, or of the last one. Raises ``odd_quarter``."""
    zone = services.policy.timezone
    period = read_period(typed or LAST, local_day(services.clock.now(), zone), zone)
    if period is None or "Q" not in period.key:
        raise UserError("odd_quarter", typed=typed)
    return period.key


async def _facts(
    session: AsyncSession, services: WorkServices, row: QuarterlyReview
) -> QuarterlyReviewFacts:
    """What is known of it, in four statements, however many decisions there are."""
    zone = services.policy.timezone
    period = read_stored(row.quarter, zone)
    query = select(QuarterDecision).where(col(QuarterDecision.review) == row.id)
    own = (await session.exec(query.order_by(col(QuarterDecision.id)))).all()
    before = await open_decisions(session, row.quarter)
    quarters = dict((await session.exec(select(QuarterlyReview.id, QuarterlyReview.quarter))).all())
    return QuarterlyReviewFacts(
        id=row.id,
        period=period,
        meets_at=row.meets_at,
        minutes=row.minutes,
        invited=tuple(row.invited["users"]),
        yes=tuple(row.invited["yes"]),
        no=tuple(row.invited["no"]),
        findings={Prevention(part): text for part, text in row.findings.items() if text},
        held_at=row.held_at,
        held_by=row.held_by,
        decisions=tuple(_decision(each, row.quarter) for each in own),
        open_before=tuple(_decision(each, quarters[each.review]) for each in before),
        changed_at=row.saved_at or row.made_at,
    )


def _decision(row: QuarterDecision, quarter: str) -> QuarterDecisionFacts:
    """A decision as it is shown.

    ``quarter`` is the key of its review's quarter, which its own row does not have.
    """
    return QuarterDecisionFacts(
        row.id, quarter, row.decision, row.owner, row.due, row.done_at, row.done_by, row.evidence,
        row.reported_at, row.verifier, row.remark,
    )  # fmt: skip
