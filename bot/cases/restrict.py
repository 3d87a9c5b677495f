"""A case that becomes restricted: out of its problem and its public channel, in one transaction.

Slack cannot make a public channel private for us, so the case goes on in a new private one
(``bot/slack/move_to_private.py``). The old channel is told only that it goes on elsewhere. What
people have read already cannot be taken back.
"""

from sqlmodel import col, select

from bot.core.access import on_case
from bot.core.reactions import CaseRestricted, react
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import OutboxState
from bot.slack.move_to_private import leave_channel
from storage.models import Case, Outbox


async def restrict_case(work: UnitOfWork, case: Case) -> None:
    """Show the case only to those on it from now on.

    The order matters: the row is flushed first, so that the reactions to CaseRestricted find it
    restricted when they take it out of its problem; the channel comes last. The caller notes the
    reason in the timeline.
    """
    case.sensitive = True
    work.session.add(case)
    await work.session.flush()
    await react(work, CaseRestricted(case))
    await _say_no_more(work, case)
    if case.channel_id is not None:  # one still to be made will be private
        await leave_channel(work, case)


async def _say_no_more(work: UnitOfWork, case: Case) -> None:
    """Drop the DMs about the case that wait for people who are not on it.

    Rows that delivery has claimed are not touched: delivery itself asks again who may read it.
    """
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind) == "dm",
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    )
    for row in (await work.session.exec(query.with_for_update())).all():
        if not await on_case(work.session, case, row.payload["user"]):
            row.state, row.done_at = OutboxState.DROPPED, work.now
            work.session.add(row)
