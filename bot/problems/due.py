"""What time brings to problems: the next update to all comes due, talking points age.

The sweep calls these with the problem's row locked, by the table in ``bot/due_table.py``, which
says who hears what (``says``).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select

from bot import effects
from bot.engine.due import Audience, Reminder, find_recipients
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import talking_points
from bot.problems.steps import note_problem, reschedule_update_clock
from bot.rules.problems import update_clock
from bot.rules.sla import Threshold, ThresholdKind, kind_of_threshold
from bot.rules.words import Role, Severity
from storage.models import Problem, TalkingPoints


async def fire_update_clock(work: UnitOfWork, problem: Problem, says: Sequence[Reminder]) -> None:
    """Say the last threshold that was passed, once; those skipped collapse into it.

    ``heard_to`` moves to the threshold said, so a repeated sweep says nothing. A missed update also
    goes into the channel and the record, even when a later level of the ladder is what is said.
    """
    due = problem.next_update_at
    if due is not None:
        severity = Severity(problem.severity)
        known = update_clock.update_thresholds(work.policy, severity, problem.cycle_began_at, due)
        passed = update_clock.thresholds_reached(known, problem.heard_to, work.now)
        # On the record and in the channel, also where the ladder is what is said by now.
        for reminder in (each for each in says if _passes(passed, each)):
            await _post_threshold(work, problem, reminder, due)
        if passed:
            await _say_threshold(work, problem, passed[-1], due, says)
            problem.heard_to = passed[-1].at
    reschedule_update_clock(work, problem)


def _passes(passed: Iterable[Threshold], reminder: Reminder) -> bool:
    return any(kind_of_threshold(each.name) == reminder.threshold for each in passed)


async def _post_threshold(
    work: UnitOfWork, problem: Problem, reminder: Reminder, due: datetime
) -> None:
    """Post in the channel if it is to hear it; note a miss in the record.

    Record: ``update_missed`` with ``due`` (ISO 8601, UTC), for a breach alone.
    """
    if Audience.CHANNEL in reminder.who:
        await effects.queue_post(work, problem, reminder.template, _extra(reminder, due))
    if reminder.threshold == ThresholdKind.BREACH:
        note_problem(work, problem, "update_missed", due=due.isoformat())


async def _say_threshold(
    work: UnitOfWork,
    problem: Problem,
    threshold: Threshold,
    due: datetime,
    says: Sequence[Reminder],
) -> None:
    """Tell those whom the threshold calls, each by DM, and redraw the card.

    A warning is queued with the priority of a nudge, all else with that of a breach.
    """
    warns = kind_of_threshold(threshold.name) is ThresholdKind.WARN
    priority = effects.NUDGE if warns else effects.BREACH
    for reminder in (each for each in says if _passes((threshold,), each)):
        for user in _recipients(work, problem, reminder, threshold):
            extra = _extra(reminder, due)
            await effects.queue_dm(work, user, reminder.template, problem, extra, priority=priority)
    await effects.queue_card(work, problem)


def _extra(reminder: Reminder, due: datetime) -> dict[str, str]:
    """What the notices carry: ``threshold`` (``warn``, ``breach``, ``ladder``) and ``due``.

    ``due`` is when the update was promised or due by the policy (ISO 8601).
    """
    return {"threshold": reminder.threshold, "due": due.isoformat()}


def _recipients(
    work: UnitOfWork, problem: Problem, reminder: Reminder, threshold: Threshold
) -> list[str]:
    """User ids of those called; the owner stands for the problem's escalation manager.

    Of any other role only the first whom the policy names is called.
    """
    owner = [problem.owner]
    known: dict[str, list[str]] = {Audience.OWNER: owner, Role.ESCALATION_MANAGER: owner}
    first = {role: users[:1] for role, users in work.policy.roles.items()}
    called = _ladder_roles(work, problem, threshold)
    known[Audience.LADDER] = find_recipients(called, known, first)
    return find_recipients(reminder.who, known, first)


def _ladder_roles(work: UnitOfWork, problem: Problem, threshold: Threshold) -> list[Role]:
    """The roles that the policy's ladder calls at this threshold.

    Its name is ``ladder:<minutes>``; none are called at others.
    """
    levels = work.policy.severity(Severity(problem.severity)).ladder
    names = {f"ladder:{level.after_minutes}": level.roles for level in levels}
    return list(names.get(threshold.name, ()))


async def age_points(work: UnitOfWork, problem: Problem, says: Sequence[Reminder]) -> None:
    """Remind of talking points of a locked problem that were not read, and end what expired.

    The points' rows are locked too, in the order of their ids.
    """
    query = select(TalkingPoints).where(
        col(TalkingPoints.problem) == problem.number, col(TalkingPoints.next_at) <= work.now
    )
    query = query.order_by(col(TalkingPoints.id)).with_for_update()
    for row in (await work.session.exec(query)).all():
        await talking_points.end_or_remind(work, problem, row, says)
