"""How a customer rated our answers in the help desk: the satisfaction with that case.

A rating counts like an answer to our own survey, and an unhappy one asks for a call as that does. A
rating that the customer changes changes its answer; each rating of a ticket is one.
"""

from collections.abc import Mapping

from sqlmodel import col, select

from bot.core.reactions import TicketRated
from bot.core.steps import follow_merged
from bot.engine.unit_of_work import UnitOfWork
from bot.feedback.surveys import record_answer
from bot.rules.helpdesks.terms import Score
from bot.rules.tokens import LinkKind
from storage.models import Case, CustomerLink

# On our scale, where 5 is best and 1 worst.
OF_FIVE: Mapping[Score, int] = {Score.GREAT: 5, Score.OKAY: 3, Score.BAD: 1}


async def record_rating(work: UnitOfWork, event: TicketRated) -> None:
    """Record the rating as an answer of the case's customer, in the case in which it goes on."""
    home = await work.case((await follow_merged(work.session, event.case)).number)
    link = await _row_of(work, home, event)
    score, comment = OF_FIVE[event.rating.score], event.rating.comment
    await record_answer(work, home, link, score, None, comment)


async def _row_of(work: UnitOfWork, case: Case, event: TicketRated) -> CustomerLink:
    """The rating's row, by when it was first given. It is no page: nobody can open it."""
    at = event.rating.at
    query = select(CustomerLink).where(
        col(CustomerLink.case_number) == case.number,
        col(CustomerLink.kind) == LinkKind.RATING.value,
        col(CustomerLink.made_at) == at,
    )
    row = (await work.session.exec(query)).first()
    if row is None:
        row = CustomerLink(
            case_number=case.number, kind=LinkKind.RATING.value, made_at=at, expires_at=at
        )
        work.session.add(row)
        await work.session.flush()
    return row
