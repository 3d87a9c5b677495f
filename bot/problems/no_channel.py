"""A problem's channel that Slack does not let us make: who hears of it, and how it comes later.

What it has in common with a case's channel is in ``bot/core/no_channel.py``.
"""

from sqlalchemy import String, cast
from sqlmodel import col, select

from bot.core.no_channel import queue_anew, release_waiting, tell_refused
from bot.engine.unit_of_work import UnitOfWork
from bot.problems.steps import note_problem
from bot.rules.states import OutboxState, ProblemState
from bot.subjects import PROBLEM
from storage.models import Outbox, Problem

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
