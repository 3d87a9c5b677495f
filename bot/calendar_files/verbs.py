"""Planning the postmortem: a day, an hour and a length by form; moved by doing it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from bot import effects
from bot.calendar_files.entries import POSTMORTEM, cancel_meeting, set_meeting
from bot.calendar_files.invited import AnswerInvitation, answer_invitation
from bot.core.involved import list_involved
from bot.core.steps import as_utc, authorize_case, require_status
from bot.engine.inbox import Answer
from bot.engine.intent import Future, OnCase, OptionalLine, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from storage.models import Case, Meeting

USUAL = 60


class PlanPostmortem(OnCase):
    """Set when the postmortem takes place, or another time for it.

    ``place`` is a room or a link.
    """

    verb: ClassVar[str] = "plan_postmortem"
    at: Future[datetime]
    minutes: Annotated[int, Field(ge=5, le=480)] = USUAL
    place: OptionalLine = ""


class CancelPostmortem(OnCase):
    """The postmortem does not take place at the time that was set."""

    verb: ClassVar[str] = "cancel_postmortem"
    reason: Text


async def plan_postmortem(work: UnitOfWork, intent: PlanPostmortem) -> Answer | None:
    """Invite all who are involved; the channel reads it and gets the calendar file.

    Timeline ``plan_postmortem``: ``at``, ``minutes``. Raises UserError ``wrong_status``,
    ``meeting_in_past``, ``postmortem_already_held``.
    """
    case = await authorize_case(work, intent.case, "plan_postmortem")
    require_status(case, "plan_postmortem")
    if case.postmortem_at is not None:
        raise UserError("postmortem_already_held")
    begins = as_utc(intent.at)
    if begins <= work.now:
        raise UserError("meeting_in_past")
    people = await list_involved(work.session, case)
    row, moved = await set_meeting(
        work, case, POSTMORTEM, begins=begins, minutes=intent.minutes, place=intent.place,
        invited=people,
    )  # fmt: skip
    said = {**describe_meeting(row), "moved": moved}
    work.note(case, "plan_postmortem", after={"at": said["at"], "minutes": row.minutes})
    await _tell(work, case, "meeting_planned", people, said)
    return None


async def cancel_postmortem(work: UnitOfWork, intent: CancelPostmortem) -> Answer | None:
    """Cancel it, for the reason that all who were invited read. Raises UserError ``no_meeting``."""
    case = await authorize_case(work, intent.case, "cancel_postmortem")
    if not await drop_postmortem(work, case, intent.reason):
        raise UserError("no_meeting")
    return None


async def drop_postmortem(work: UnitOfWork, case: Case, reason: str = "") -> bool:
    """Cancel a postmortem that is still to come; False where there is none.

    Timeline ``cancel_postmortem``: ``at``. ``reason`` is a person's words; empty where the case
    itself goes on, or is over without one.
    """
    row = await cancel_meeting(work, case, POSTMORTEM)
    if row is None:
        return False
    said = {**describe_meeting(row), "reason": reason}
    work.note(case, "cancel_postmortem", after={"at": said["at"]}, why=reason)
    await _tell(work, case, "meeting_cancelled", row.invited["users"], said)
    return True


def describe_meeting(row: Meeting) -> dict[str, Any]:
    """What notices tell of it, as JSON: ``at`` (ISO 8601), ``minutes``, ``note`` and ``by``."""
    return {
        "at": row.begins.isoformat(),
        "minutes": row.minutes,
        "note": row.place,
        "by": row.planned_by,
    }


async def _tell(
    work: UnitOfWork, case: Case, notice: str, people: Sequence[str], said: dict[str, Any]
) -> None:
    """Say ``notice:<notice>`` in the channel, and to each of ``people`` but the actor by DM."""
    await effects.queue_post(work, case, f"notice:{notice}", said)
    for user in people:
        if user != work.actor.user_id:
            await effects.queue_dm(work, user, f"notice:{notice}", case, said)


MEETING_VERBS = (
    (PlanPostmortem, plan_postmortem),
    (CancelPostmortem, cancel_postmortem),
    (AnswerInvitation, answer_invitation),
)
