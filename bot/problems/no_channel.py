"""A problem's channel that Slack does not let us make: who hears of it, and how it comes later.

And one that others than our own people read: who hears that nothing is said there meanwhile.

What it has in common with a case's channel is in ``bot/core/no_channel.py``.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import String, cast, or_, update
from sqlmodel import col, select

from bot import effects
from bot.core.no_channel import list_concerned, queue_anew, release_waiting, tell_refused
from bot.engine.unit_of_work import UnitOfWork
from bot.problems.steps import lock_problem, note_problem
from bot.rules.states import OutboxState, ProblemState
from bot.subjects import PROBLEM
from messages.clients.shared_channels import GUESTS, SHARED
from storage.models import Outbox, Problem, ProblemEvent

EXPOSED = "channel_exposed"  # the verb in the problem's record, and the notice
SPOKEN = (PROBLEM.kind_of("card"), PROBLEM.kind_of("post"))  # what shows something in it
WITHHELD = (SHARED, GUESTS)  # the refusals of what others would read
KEPT_FOR = timedelta(days=7)  # for which it is tried again
TOLD_FOR = timedelta(days=1)  # for which the same readers are no news
MAKES = PROBLEM.kind_of("create_channel")  # the kind of the row that makes a problem's channel


async def problem_channel_refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Note that Slack refused the channel, in one transaction with what closes the row.

    The row's payload keeps the code in ``told``: those concerned have heard of it and are told
    again only that the channel is there. Nothing happens for a problem that is resolved or has one.
    """
    problem = await work.session.get(Problem, row.payload["problem"])
    if problem is None or problem.channel_id or problem.state != ProblemState.OPEN:
        return
    told_before = bool(row.payload.get("told"))
    note_problem(work, problem, "no_channel", code=code)
    stored = await work.session.get(Outbox, row.id)
    assert stored is not None  # it was just refused
    stored.payload = {**row.payload, "told": code}
    work.session.add(stored)
    await tell_refused(work, problem, row, code, told_before=told_before)


async def problem_channel_made(work: UnitOfWork, row: Outbox, channel: str, name: str) -> None:
    """Store the problem's channel: what waited goes out, and those concerned hear of it.

    The facts of the row were read outside the transaction, so the problem is read anew.
    """
    problem = await work.session.get(Problem, row.payload["problem"], populate_existing=True)
    assert problem is not None  # its facts were just read
    problem.channel_id, problem.channel_name = channel, name
    work.session.add(problem)
    await release_waiting(work, problem, told_before=bool(row.payload.get("told")))


async def make_problem_channels_again(work: UnitOfWork, limit: int) -> int:
    """Queue the refused channels of open problems anew; answers how many.

    At most ``limit``. The same rows are used again, and what waited for them waits on. The problem
    is found by the row's lane, ``problem:<number>:channel``; neither row is locked. No person is
    named as the one who asked, so a further refusal is told to no one who has heard of it.
    """
    lane = "problem:" + cast(col(Problem.number), String) + ":channel"
    query = (
        select(Outbox)
        .join(Problem, col(Outbox.lane) == lane)
        .where(
            col(Outbox.kind) == MAKES,
            col(Outbox.state) == OutboxState.REFUSED,
            col(Problem.channel_id).is_(None),
            col(Problem.state) == ProblemState.OPEN,
        )
    )
    rows = (await work.session.exec(query.limit(limit))).all()
    for row in rows:
        queue_anew(work, row, "")
    return len(rows)


async def tell_exposed(work: UnitOfWork, number: int, guests: Sequence[str]) -> None:
    """Tell owner and administrators why nothing is said in the problem's channel, and what to do.

    ``guests`` are their user ids; none where another organisation reads it. Once a day for the same
    readers, by the problem's record, whichever row is withheld. Locks the problem.
    """
    problem = await lock_problem(work, number, must_be_open=False)
    query = (
        select(ProblemEvent)
        .where(col(ProblemEvent.problem) == number, col(ProblemEvent.verb) == EXPOSED)
        .order_by(col(ProblemEvent.id).desc())
    )
    last = (await work.session.exec(query.limit(1))).first()
    said: dict[str, Any] = {"people": list(guests)}
    if last is not None and last.after == said and work.now - last.at < TOLD_FOR:
        return
    note_problem(work, problem, EXPOSED, **said)
    for user in list_concerned(work, problem):
        await effects.queue_dm(work, user, f"problem:{EXPOSED}", problem, said)


async def say_withheld_again(work: UnitOfWork) -> int:
    """Queue again what was withheld from problems' channels lately; answers how many rows.

    The same rows, in their lanes and order. Who reads the channel is asked as each is performed;
    where others still do, it is withheld as before.
    """
    withheld = update(Outbox).where(
        col(Outbox.kind).in_(SPOKEN),
        col(Outbox.state) == OutboxState.REFUSED,
        col(Outbox.queued_at) > work.now - KEPT_FOR,
        or_(*(col(Outbox.error).endswith(f": {code}") for code in WITHHELD)),
    )
    again = withheld.values(state=OutboxState.PENDING, error="", done_at=None)
    return (await work.session.exec(again)).rowcount
