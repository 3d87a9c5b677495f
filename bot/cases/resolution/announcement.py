"""Telling all stakeholders, once, that a case is resolved; the agenda from which all learn."""

from bot import effects
from bot.core import notify
from bot.core.involved import list_involved
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import ClockKind, Notice, Role
from bot.sla import clock_history
from storage.models import Case


async def announce_resolution(work: UnitOfWork, case: Case) -> None:
    """Tell all stakeholders once, and upload the agenda from which all learn.

    One DM to a person: ``extra`` has ``invited``, true for those involved when there is a meeting.
    Those involved who are no stakeholders by the policy's matrix get the invitation alone.
    """
    await effects.queue_post(work, case, "notice:resolved", {"agenda": True})
    await effects.queue_document(work, case, "postmortem")
    meeting = await clock_history.is_running(work, case, ClockKind.POSTMORTEM_HELD)
    invited = set(await list_involved(work.session, case)) if meeting else set()
    people = await notify.find_audience(work, case, MatrixEvent.RESOLVED)
    notify.add_hearer(people, case.reporter, notify.Hears(Role.REPORTER, Notice.DM))
    people.pop(work.actor.user_id, None)
    for user, hears in people.items():
        extra = {"invited": user in invited}
        await notify.tell_audience(work, case, "resolved", {user: hears}, extra)
    for user in sorted(invited - set(people)):
        await effects.queue_dm(work, user, "notice:postmortem_invitation", case)


async def post_agenda(work: UnitOfWork, case: Case) -> None:
    """Post the agenda in the channel and upload it as a file, with the facts as they are then."""
    await effects.queue_post(work, case, "notice:review")
    await effects.queue_document(work, case, "postmortem")
