"""Time and what is known of an account move a case to another place in the order of priorities."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from storage.models import Account, Case
from storage.ranks import rank_row


async def load_with_accounts(
    work: UnitOfWork, cases: Sequence[Case], _: Any
) -> Sequence[tuple[Case, Account | None]]:
    """Each locked case of a batch with its customer's account, read for all of them at once."""
    keys = {case.account_key for case in cases if case.account_key}
    query = select(Account).where(col(Account.key).in_(keys))
    known = {each.key: each for each in (await work.session.exec(query)).all()} if keys else {}
    return [(case, known.get(case.account_key or "")) for case in cases]


async def rank_again(work: UnitOfWork, item: tuple[Case, Account | None], _: Any) -> None:
    """Rank a case anew, as of now; where its priority has changed the card says so.

    Nobody is told: what is due on the case was told when it was promised.
    """
    case, account = item
    if rank_row(case, account, work.now) and case.channel_id:
        await effects.queue_card(work, case, priority=effects.NUDGE)
    work.session.add(case)
