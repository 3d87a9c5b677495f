"""What Slack still shows of a case or a problem in which a person was erased, drawn anew.

The card and the topic of what is still open: they are rendered from the store when they are sent,
so they say the pseudonym. What was posted is rewritten by ``in_slack``.
"""

from collections.abc import Collection

from sqlmodel import col, select

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.lifecycle import OVER
from bot.rules.states import ProblemState
from storage.models import Case, Problem


async def draw_again(work: UnitOfWork, cases: Collection[int], problems: Collection[int]) -> None:
    """Queue the cards and topics, once each however many rows changed.

    In the transaction of the change, so that neither is without the other. Channels of cases that
    are over are archived, and Slack lets nothing be changed there.
    """
    if cases:
        query = select(Case).where(
            col(Case.number).in_(cases),
            col(Case.status).not_in([status.value for status in OVER]),
            col(Case.channel_id).is_not(None),
        )
        for case in (await work.session.exec(query)).all():
            await effects.queue_drawn(work, case, "card")
            await effects.queue_topic(work, case)
    if problems:
        going = select(Problem).where(
            col(Problem.number).in_(problems),
            col(Problem.state).not_in([ProblemState.RESOLVED, ProblemState.KNOWN]),
            col(Problem.channel_id).is_not(None),
        )
        for problem in (await work.session.exec(going)).all():
            await effects.queue_drawn(work, problem, "card")
