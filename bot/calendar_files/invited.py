"""Whether those who are invited to the postmortem will be there: yes or no, each for themselves.

The answers stand beside the names of the invited (``Meeting.invited``), under ``yes`` and ``no``.
Another time asks anew.
"""

from typing import ClassVar

from bot import effects
from bot.calendar_files.entries import POSTMORTEM, find_meeting
from bot.core.access import on_case
from bot.core.involved import refuse_unasked
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, OnCase
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError


class AnswerInvitation(OnCase):
    """Whether one will be at the postmortem that one is invited to.

    ``accept`` is carried by the button unseen. The last answer counts, so a wrong one is put right
    by pressing the other button.
    """

    verb: ClassVar[str] = "answer_postmortem"
    accept: Hidden[bool]


async def answer_invitation(work: UnitOfWork, intent: AnswerInvitation) -> Answer | None:
    """Keep the answer; of a no who planned the meeting hears, as they may choose another time.

    The same answer again changes nothing. Timeline ``answer_postmortem``: ``accept``. Raises
    UserError ``no_such_case``, ``no_meeting_now``, ``not_invited``.
    """
    case, actor = await work.case(intent.case), work.actor.user_id
    row = await find_meeting(work.session, case.number, POSTMORTEM)
    if row is None or row.cancelled or row.begins <= work.now:
        raise await refuse_unasked(work, case, "no_meeting_now")
    if actor not in row.invited["users"]:
        raise await refuse_unasked(work, case, "not_invited", user=row.planned_by)
    if case.sensitive and not await on_case(work.session, case, actor):
        raise UserError("no_such_case")
    yes, no = set(row.invited.get("yes", ())), set(row.invited.get("no", ()))
    if actor in (yes if intent.accept else no):
        return None
    (yes if intent.accept else no).add(actor)
    (no if intent.accept else yes).discard(actor)
    row.invited = {**row.invited, "yes": sorted(yes), "no": sorted(no)}
    work.session.add(row)
    work.note(case, "answer_postmortem", after={"accept": intent.accept})
    if not intent.accept and row.planned_by != actor:
        said = {"user": actor, "at": row.begins.isoformat()}
        await effects.queue_dm(work, row.planned_by, "notice:postmortem_declined", case, said)
    return None
