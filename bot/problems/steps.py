"""What every use case about a problem begins and ends with: the row, the record, the clock.

The counterpart for a case is ``bot/core/steps.py``; permissions are in ``bot/core/access.py``. What
is about a problem alone is permitted by roles in the organisation; opening, linking and taking a
case out also by roles on that case.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.engine.inbox import Answer
from bot.engine.intent import Hidden, Intent, Record
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.problems import update_clock
from bot.rules.states import ProblemState
from bot.rules.words import Severity
from bot.subjects import introduce_subject, is_known_issue
from storage.models import Problem, ProblemEvent


async def lock_problem(
    work: UnitOfWork, number: int, *, must_be_open: bool = True, or_known: bool = False
) -> Problem:
    """The problem, locked until the transaction ends; cases are always locked before problems.

    ``must_be_open`` is False for what a resolved problem still allows: taking a case out,
    withdrawing, recording what became of a message. A known issue is no problem yet, so it is
    refused where a problem must be open; ``or_known`` takes it as well. Raises UserError
    ``no_such_problem``, ``problem_resolved``.
    """
    query = select(Problem).where(col(Problem.number) == number).with_for_update()
    row = (await work.session.exec(query)).one_or_none()
    if row is None or (must_be_open and is_known_issue(row) and not or_known):
        raise UserError("no_such_problem")
    if must_be_open and row.state is ProblemState.RESOLVED:
        raise UserError("problem_resolved")
    return row


async def tell_problem(
    work: UnitOfWork, problem: Problem, text: str, extra: Mapping[str, Any]
) -> None:
    """Say something where those who work on it read: in the channel of a problem.

    A known issue has none, so its owner reads it in a direct message.
    """
    if is_known_issue(problem):
        await effects.queue_dm(work, problem.owner, text, problem, extra)
    else:
        await effects.queue_post(work, problem, text, extra)


def note_problem(
    work: UnitOfWork, problem: Problem, verb: str, why: str = "", **after: Any
) -> None:
    """Append to the problem's record. Values of ``after`` must be JSON.

    Keys that ``snapshot`` hides when the case they tell of is restricted: ``case`` (number) and
    ``customer`` (one name). A name under any other key would stay readable.

    ``verb`` is an intent's, or what happened by itself: ``update_missed``, ``receipt_failed``,
    ``receipt_replied``, ``no_channel``, ``channel_exposed``, ``owner_left``, ``void_broadcast``,
    ``points_expired``. Each needs a sentence under ``problem.event`` in the texts.
    """
    work.session.add(
        ProblemEvent(
            problem=problem.number,
            at=work.now,
            actor=work.actor.user_id,
            verb=verb,
            after=after,
            why=why,
        )
    )


def reschedule_update_clock(work: UnitOfWork, problem: Problem) -> None:
    """Store when the next threshold of the running cycle is said; None for a resolved problem.

    Needed after each change of severity, ``cycle_began_at``, ``next_update_at`` or ``heard_to``.
    """
    problem.next_fire_at = None
    if problem.state == ProblemState.OPEN and problem.next_update_at is not None:
        known = update_clock.update_thresholds(
            work.policy, Severity(problem.severity), problem.cycle_began_at, problem.next_update_at
        )
        problem.next_fire_at = update_clock.next_threshold_at(known, problem.heard_to)
    work.session.add(problem)


def problem_answer(name: str, problem: Problem, **extra: Any) -> Answer:
    """A private answer about the problem; ``extra`` must be JSON.

    The text is ``problem:<name>``; the problem's number, title and channel id are added.
    """
    said = {**introduce_subject(problem), **extra}
    return Answer(text=f"problem:{name}", extra=said)


class OnProblem(Intent):
    """An intent about one existing problem, by its number, which forms carry unseen."""

    record: ClassVar[Record] = Record.PROBLEM
    problem: Hidden[int]
