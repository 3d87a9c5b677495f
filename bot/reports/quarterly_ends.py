"""How decisions of a quarter end: said to be done, with evidence, and looked at by another.

As with action items (``bot/learning/action_ends.py``) neither the owner nor who said that it is
done looks at it. Who is asked is chosen in ``bot/reports/quarterly.py``, which reminds them.
"""

from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import organisational_roles, require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, OptionalText, Text
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.reports.quarterly import choose_verifier, describe_decision, look_again_at
from bot.rules.daily_times import next_action_reminder
from bot.rules.permissions import PERMISSIONS
from storage.models import QuarterDecision


class EndQuarterDecision(Intent):
    """What was decided is said to be done; ``evidence`` says by what that can be seen.

    Attributes:
        decision: The id that the button carries.
        evidence: Read by who looks whether it is done, and kept with it.

    """

    verb: ClassVar[str] = "end_quarter_decision"
    decision: Hidden[int]
    evidence: Text


class VerifyQuarterDecision(Intent):
    """What a look at a decision found: it is done, or not yet, with what is missing.

    Attributes:
        decision: The id that button and form carry.
        accept: Whether it is done.
        remark: What is missing; may be empty only where it is done.

    """

    verb: ClassVar[str] = "verify_quarter_decision"
    decision: Hidden[int]
    accept: Hidden[bool]
    remark: OptionalText = ""


async def end_quarter_decision(work: UnitOfWork, intent: EndQuarterDecision) -> Answer | None:
    """Have another look whether it is done, as its owner or one of those who lead says.

    Who is asked reads ``quarterly:decision_done``. Raises UserError ``no_such_quarter_decision``,
    also for one that is another's, ``quarter_decision_done``, ``action_waits_already`` (``user``).
    """
    await require_permission(work, None, intent.verb)
    row = await _lock(work, intent.decision)
    me = work.actor.user_id
    leads = bool(organisational_roles(work.policy, me) & PERMISSIONS["decide_quarter"])
    if row is None or (row.owner != me and not leads):
        raise UserError("no_such_quarter_decision")
    if row.done_at is not None:
        raise UserError("quarter_decision_done")
    if row.reported_at is not None:
        raise UserError("action_waits_already", user=row.done_by)
    row.reported_at, row.done_by, row.evidence = work.now, me, intent.evidence
    row.verifier = await choose_verifier(work, row)
    row.next_at = look_again_at(work)
    work.session.add(row)
    said = await describe_decision(work.session, row)
    if row.verifier:
        await effects.queue_dm(work, row.verifier, "quarterly:decision_done", None, said)
    text = "done_noted" if row.verifier else "done_unseen"
    return Answer(text=f"quarterly:{text}", extra=said)


async def verify_quarter_decision(work: UnitOfWork, intent: VerifyQuarterDecision) -> Answer | None:
    """Close a decision that is said to be done, or give it back to its owner, who hears of either.

    Raises UserError ``not_your_role``, ``no_such_quarter_decision``, ``quarter_decision_done``,
    ``quarter_decision_open`` (``user``), ``verify_your_decision``, ``say_what_is_missing``.
    """
    await require_permission(work, None, intent.verb)
    row = await _lock(work, intent.decision)
    if row is None:
        raise UserError("no_such_quarter_decision")
    if row.done_at is not None:
        raise UserError("quarter_decision_done")
    if row.reported_at is None:
        raise UserError("quarter_decision_open", user=row.owner)
    me = work.actor.user_id
    if me in (row.owner, row.done_by):
        raise UserError("verify_your_decision")
    if not intent.accept and not intent.remark:
        raise UserError("say_what_is_missing")
    row.remark = intent.remark
    if intent.accept:
        row.done_at, row.verifier, row.next_at = work.now, me, None
    else:
        row.reported_at, row.done_by, row.verifier = None, "", ""
        row.next_at = next_action_reminder(row.due, work.now, work.policy)
    work.session.add(row)
    said = {**await describe_decision(work.session, row), "by": me}
    name = "decision_verified" if intent.accept else "decision_returned"
    await effects.queue_dm(work, row.owner, f"quarterly:{name}", None, said)
    text = "verified_noted" if intent.accept else "returned_noted"
    return Answer(text=f"quarterly:{text}", extra=said)


async def _lock(work: UnitOfWork, decision: int) -> QuarterDecision | None:
    """The decision of that id, locked."""
    query = select(QuarterDecision).where(col(QuarterDecision.id) == decision).with_for_update()
    return (await work.session.exec(query)).one_or_none()
