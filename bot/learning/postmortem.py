"""The postmortem's findings: written in several sittings, and reviewed once they are complete.

What is saved meanwhile is a row of ``Postmortem``, which the form opens with; the timeline keeps
each version, so nothing that was written is lost. Reviewed are they with a root cause, what is done
better, a category of prevention, and an action item or a reason for none. When it takes place is
set in ``bot/calendar_files/verbs.py``.
"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.calendar_files.entries import POSTMORTEM, find_meeting
from bot.calendar_files.verbs import drop_postmortem
from bot.core.access import give_card, on_case, role_giver
from bot.core.involved import list_involved, require_uninvolved
from bot.core.steps import (
    authorize_case,
    case_answer,
    give_role,
    refresh_card,
    require_status,
)
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase, OptionalText, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.facts.learning import PostmortemFacts
from bot.rules.membership import USER_ID
from bot.rules.states import PostmortemStep, Prevention
from bot.rules.words import ClockKind, Role
from bot.sla import clocks
from storage.models import ActionItem, Case, Person, Postmortem

# No colleague who is asked for anything: one who was there may have left since.
Attendee = Annotated[str, StringConstraints(pattern=f"^{USER_ID.pattern}$")]


class PostmortemHeld(OnCase):
    """The postmortem's findings: to go on with later, or reviewed.

    Every field may be empty while they are only saved. ``root_cause`` and ``better`` are texts of
    people, ``prevention`` says by what it is prevented that it happens again. ``facilitator`` led
    it, None leaves that role as it is. ``no_action`` is why no action item came of it. ``came`` are
    those who were there. ``step`` says whether the findings are complete.
    """

    verb: ClassVar[str] = "postmortem_held"
    root_cause: OptionalText = ""
    better: OptionalText = ""
    prevention: Prevention | None = None
    no_action: OptionalText = ""
    facilitator: SlackUser | None = None
    came: tuple[Attendee, ...] = ()
    step: PostmortemStep = PostmortemStep.REVIEWED


async def record_postmortem(work: UnitOfWork, intent: PostmortemHeld) -> Answer | None:
    """Save the findings; reviewed, they stop the meeting's clock and the channel reads them.

    Reviewed a second time is refused. Timeline ``postmortem_held``: ``root_cause`` (free text, not
    the category that closing asks for), ``better``, ``prevention``, ``facilitator`` (a user id or
    None), ``came`` (a count); saved only, ``postmortem_saved`` with the same. Who is named as
    facilitator gets the card of that role. Raises UserError ``wrong_status``,
    ``postmortem_already_held``, ``findings_wanted``, ``prevention_wanted``, ``action_needed``, and
    as ``require_uninvolved``.
    """
    case = await authorize_case(work, intent.case, "postmortem_held")
    require_status(case, "postmortem_held")
    if case.postmortem_at is not None:
        raise UserError("postmortem_already_held")
    if intent.facilitator:
        await require_uninvolved(work, case, intent.facilitator)
    reviewed = intent.step is PostmortemStep.REVIEWED
    if reviewed:
        await _require_complete(work, case, intent)
    await _keep(work, case, intent)
    after = {
        "root_cause": intent.root_cause,
        "better": intent.better,
        "prevention": intent.prevention.value if intent.prevention else None,
        "facilitator": intent.facilitator,
        "came": len(intent.came),
    }
    if not reviewed:
        work.note(case, "postmortem_saved", after=after, why=intent.no_action)
        own = await _give_card(work, case, intent.facilitator, held=False)
        return case_answer(case, "notice:postmortem_saved", **({"card": True} if own else {}))
    await _review(work, case, intent)
    work.note(case, "postmortem_held", after=after, why=intent.no_action)
    learned = {
        "cause": intent.root_cause,
        "better": intent.better,
        "by": work.actor.user_id,
        "prevention": after["prevention"],
        "count": len(intent.came),
    }
    await effects.queue_post(work, case, "notice:postmortem_learned", learned)
    await refresh_card(work, case)
    if await _give_card(work, case, intent.facilitator, held=True):
        return case_answer(case, "notice:role_card", role=Role.FACILITATOR.value, held=True)
    return None


async def _give_card(work: UnitOfWork, case: Case, facilitator: str | None, *, held: bool) -> bool:
    """Give who is named as facilitator the card of that role, where they did not get it lately.

    By DM ``role_card``: ``role``, ``user``, and ``held``, where the meeting is over and nothing
    comes next. Answers whether it is the actor, who gets it with their answer instead. Of a
    restricted case only one who is on it hears: the findings that are only saved bring nobody in.
    """
    if not facilitator or (case.sensitive and not await on_case(work.session, case, facilitator)):
        return False
    if not await give_card(work, case, Role.FACILITATOR, facilitator):
        return False
    if facilitator == work.actor.user_id:
        return True
    said = {"role": Role.FACILITATOR.value, "user": facilitator, "held": held}
    await effects.queue_dm(work, facilitator, "notice:role_card", case, said, with_channel=True)
    return False


async def _require_complete(work: UnitOfWork, case: Case, intent: PostmortemHeld) -> None:
    """Refuse to call findings reviewed that are not, by the reasons of ``record_postmortem``.

    The form holds them to the same (``handlers/forms/subjects/learning.py``), so that what was
    written stays in front of its writer.
    """
    if not intent.root_cause or not intent.better:
        raise UserError("findings_wanted")
    if intent.prevention is None:
        raise UserError("prevention_wanted")
    if not intent.no_action and not await count_actions(work.session, case.number):
        raise UserError("action_needed")


async def count_actions(session: AsyncSession, number: int) -> int:
    """How many action items a case has, done ones too, but none that was dropped."""
    query = select(func.count(col(ActionItem.id))).where(
        col(ActionItem.case_number) == number, col(ActionItem.dropped_why) == ""
    )
    return (await session.exec(query)).one()


async def _keep(work: UnitOfWork, case: Case, intent: PostmortemHeld) -> None:
    """Store what was written, with who saved it and when. Flushes.

    The row has the newest version only; what it replaces is in the timeline. The case is locked, so
    of two who save at once the later one's words stay in the row.
    """
    row = await work.session.get(Postmortem, case.number) or Postmortem(
        case_number=case.number, saved_by="", saved_at=work.now
    )
    row.root_cause, row.better, row.no_action = intent.root_cause, intent.better, intent.no_action
    row.prevention = intent.prevention.value if intent.prevention else ""
    row.facilitator, row.came = intent.facilitator or "", {"users": list(intent.came)}
    row.saved_by, row.saved_at = work.actor.user_id, work.now
    work.session.add(row)
    await work.session.flush()


async def _review(work: UnitOfWork, case: Case, intent: PostmortemHeld) -> None:
    """The meeting took place: its clock stops, and a time that was planned for later is off.

    Who led it has that role from now on, given by the actor, so that it counts as entrusted.
    """
    case.postmortem_at = work.now
    if intent.facilitator:
        who, by = intent.facilitator, work.actor.user_id
        given_by = await role_giver(work, case, Role.FACILITATOR, who, by)
        await give_role(work, case, Role.FACILITATOR, who, given_by=given_by)
    await clocks.stop_clock(work, case, ClockKind.POSTMORTEM_HELD)
    await drop_postmortem(work, case)


async def load_postmortem(session: AsyncSession, case: Case) -> PostmortemFacts:
    """What was saved, and who is invited with the names we know them by.

    Invited are those of the meeting that is planned, else all who are involved; before them, so
    that the next save does not lose them, who was saved as having been there and is none of these.
    """
    row = await session.get(Postmortem, case.number)
    meeting = await find_meeting(session, case.number, POSTMORTEM)
    planned = meeting is not None and not meeting.cancelled
    users = meeting.invited["users"] if meeting and planned else await list_involved(session, case)
    came = row.came.get("users", ()) if row else ()
    users = [*(user for user in came if user not in users), *users]
    query = select(Person.user_id, Person.name).where(col(Person.user_id).in_(users))
    names = dict((await session.exec(query)).all())
    invited = tuple((user, names.get(user, user)) for user in users)
    actions = await count_actions(session, case.number)
    answers = meeting.invited if meeting and planned else {}
    yes, no = tuple(answers.get("yes", ())), tuple(answers.get("no", ()))
    if row is None:
        return PostmortemFacts(invited=invited, actions=actions, yes=yes, no=no)
    return PostmortemFacts(
        row.root_cause,
        row.better,
        Prevention(row.prevention) if row.prevention else None,
        row.no_action,
        row.facilitator,
        tuple(came),
        row.saved_by,
        row.saved_at,
        invited,
        actions,
        yes,
        no,
    )
