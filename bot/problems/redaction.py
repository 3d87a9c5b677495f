"""A restricted case leaves its problem, and what the problem said of it is said no more.

A customer who was affected only by the case's word is taken off the list, not kept as "a customer":
a line that cannot be checked is of no use, and a broadcast must not reach a customer to whom
nothing may be said about fault before Legal has spoken. What others saw themselves stays, without
the case.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select

from bot import effects
from bot.core.reactions import CaseRestricted
from bot.customers.channels import BY_HAND
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import case_lines
from bot.problems.affected import remove_line
from bot.problems.steps import lock_problem, note_problem
from bot.rules.names import fold_name
from bot.rules.states import OutboxState, RecipientState
from bot.subjects import build_lane
from storage.models import Affected, BroadcastRecipient, Case, Outbox, Problem


async def leave_problems(work: UnitOfWork, event: CaseRestricted) -> None:
    """Take the case out of its problem, and its words out of every problem it was part of.

    Reacts to CaseRestricted, with the case locked; problems are locked in ascending order. Also of
    resolved problems, and of those that the case had left before.
    """
    case = event.case
    now = case.problem
    for number in await _problems(work, case):
        problem = await lock_problem(work, number, must_be_open=False)
        if number == now:
            await _unlink(work, problem, case)
        await _take_back_words(work, problem, case)
        await _stop_receipts(work, problem, case)
        await _take_back_posts(work, problem, case)
        await effects.queue_card(work, problem)


async def _problems(work: UnitOfWork, case: Case) -> Sequence[int]:
    """The problems that know of the case, in the order in which they are locked.

    It is known by its number on a line, or by its stake as the evidence for its customer.
    """
    by_its_word = (col(Affected.evidence) == case.stake) & (
        col(Affected.folded) == await _known_as(work, case)
    )
    query = select(Affected.problem).where(
        or_(col(Affected.case_number) == case.number, by_its_word)
    )
    found = set((await work.session.exec(query)).all())
    return sorted(found | ({case.problem} if case.problem is not None else set()))


async def _known_as(work: UnitOfWork, case: Case) -> str:
    """The folded name by which lines know the customer of the case."""
    return fold_name(await case_lines.customer_of(work, case))


async def _unlink(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Take the case out as ``unlink_case`` does; timeline: ``problem``, ``title``, ``why``.

    ``why`` is ``restricted``. It works on a resolved problem too.
    """
    case.problem = None
    said = {"problem": problem.number, "title": problem.title}
    work.note(case, "unlink_case", after={**said, "why": "restricted"})
    note_problem(work, problem, "unlink_case", case=case.number)
    await work.session.flush()
    await case_lines.case_left(work, problem, case)
    await work.session.flush()


async def _take_back_words(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Let another case of the customer speak for them in its own words; else remove the line.

    The removed line keeps the case's number: by that it is known what to hide.
    """
    query = select(Affected).where(
        col(Affected.problem) == problem.number,
        col(Affected.folded) == await _known_as(work, case),
        col(Affected.evidence) == case.stake,
        col(Affected.removed_at).is_(None),
    )
    row = (await work.session.exec(query)).first()
    if row is None:
        return
    other = await work.session.get(Case, row.case_number) if row.case_number else None
    if other is not None and other.number != case.number and not other.sensitive:
        case_lines.speak_for(row, other)
    else:
        row.case_number = case.number
        remove_line(work, row, "")
    work.session.add(row)
    await work.session.flush()


async def _stop_receipts(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Leave out the lines of the customer that are planned or wait for a person to send them.

    A mail or reply that is queued already is not stopped. The person who was asked to send one by
    hand is not told, but can no longer record it as sent.
    """
    planned = col(BroadcastRecipient.state) == RecipientState.PLANNED
    by_hand = (col(BroadcastRecipient.state) == RecipientState.QUEUED) & (
        col(BroadcastRecipient.route) == BY_HAND
    )
    query = (
        select(BroadcastRecipient)
        .join(Affected, col(Affected.id) == col(BroadcastRecipient.affected))
        .where(*_gone(problem, case), or_(planned, by_hand))
    )
    for receipt in (await work.session.exec(query)).all():
        receipt.state = RecipientState.LEFT
        work.session.add(receipt)


async def _take_back_posts(work: UnitOfWork, problem: Problem, case: Case) -> None:
    """Drop what the problem's channel was to be told of the case, and take back what it was told.

    A post is about the case by ``case`` in its ``extra``, or by ``customer`` where that is a
    customer for whom only the case spoke. A post that delivery has claimed may be said already: it
    is taken back by a row behind it in the lane.
    """
    names = set(await work.session.exec(select(Affected.customer).where(*_gone(problem, case))))
    query = select(Outbox).where(
        col(Outbox.lane) == build_lane(problem), col(Outbox.kind) == "problem_post"
    )
    for row in (await work.session.exec(query.order_by(col(Outbox.id)))).all():
        extra = row.payload["extra"]
        if extra.get("case") != case.number and extra.get("customer") not in names:
            continue
        if row.state == OutboxState.PENDING and row.lease_until is None:
            row.state, row.done_at = OutboxState.DROPPED, work.now
            work.session.add(row)
        else:
            await effects.queue_take_back(work, problem, row)


def _gone(problem: Problem, case: Case) -> tuple[ColumnElement[bool], ...]:
    """The conditions of the customer's line, where only the case spoke of them."""
    return (
        col(Affected.problem) == problem.number,
        col(Affected.case_number) == case.number,
        col(Affected.removed_at).is_not(None),
    )
