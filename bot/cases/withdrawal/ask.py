"""A question to an executive that is taken back before it was answered."""

from collections.abc import Sequence

from bot.core.access import require_permission
from bot.core.notify import queue_redraw
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.words import Withdrawable
from storage.in_hand import rows_about
from storage.models import Ask, Case


async def withdraw_ask(work: UnitOfWork, case: Case, reason: str, which: str) -> Answer | None:
    """End the question ``which`` (an id; empty: the only one), and say so where it was asked.

    The one who asked may, and a manager. The message that asked says that it is withdrawn, for the
    deputy too; nobody gets another. Timeline ``withdraw``: ``what``, ``user``. Raises UserError
    ``nothing_to_withdraw``, ``which_ask``, and as ``require_permission``.
    """
    ask = _find_ask(await rows_about(work.session, Ask, case.number), which)
    if ask.asked_by != work.actor.user_id:
        await require_permission(work, case, "withdraw_ask")
    ask.answer, ask.remark = "withdrawn", reason
    ask.answered_at, ask.next_at = work.now, None
    work.session.add(ask)
    said = {"what": Withdrawable.ASK.value, "user": ask.asked_of}
    work.note(case, "withdraw", after=said, why=reason)
    ended = {"ended": "withdrawn", "ended_by": work.actor.user_id, "at": work.now.isoformat()}
    queue_redraw(work, case, "notice:ask_executive", {"ask": ask.id}, ended)
    return None


def _find_ask(rows: Sequence[Ask], which: str) -> Ask:
    """Raises UserError ``nothing_to_withdraw``, ``which_ask``."""
    waiting = [each for each in rows if each.answered_at is None]
    found = [each for each in waiting if which in ("", str(each.id))]
    if not found:
        raise UserError("nothing_to_withdraw")
    if len(found) > 1:
        raise UserError("which_ask")
    return found[0]
