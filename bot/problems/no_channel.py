"""A problem's channel that Slack does not let us make: who hears of it, and how it comes later."""

from sqlalchemy import String, cast
from sqlmodel import col, or_, select

from bot.core.access import administrators
from bot.core.no_channel import each_once, queue_anew, say_now, why
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import effects
from bot.problems.steps import note
from bot.rules.states import OutboxState
from storage.models import Outbox, Problem

MAKES = "problem_channel"  # the kind of the row that makes it
IN_PROBLEM = frozenset({"problem_card", "problem_pin", "problem_invite", "problem_post"})


async def refused(work: UnitOfWork, row: Outbox, code: str) -> None:
    """Slack does not let us make a channel: in one transaction with what closes the row."""
    problem = await work.session.get(Problem, row.payload["problem"])
    if problem is None or problem.channel_id or problem.state != "open":
        return
    known, asked = row.payload.get("told"), row.payload.get("asked")
    note(work, problem, "no_channel", code=code)
    stored = await work.session.get(Outbox, row.id)
    assert stored is not None  # it was just refused
    stored.payload = {**row.payload, "told": code}
    work.session.add(stored)
    who = [] if known else [problem.owner, *administrators(work.policy)]
    for user in each_once(who, asked):
        await effects.dm(work, user, problem, "problem:no_channel", why(code))


async def made(work: UnitOfWork, number: int, row: Outbox) -> None:
    """The problem has its channel: what waited goes out, and whoever heard of the trouble hears."""
    problem = await work.session.get(Problem, number, populate_existing=True)
    assert problem is not None  # its channel was just made
    if row.payload.get("told"):
        for user in dict.fromkeys([problem.owner, *administrators(work.policy)]):
            await effects.dm(work, user, problem, "problem:channel_made")
    lane = effects.lane(problem)
    whose = or_(col(Outbox.lane) == lane, col(Outbox.lane).startswith(f"{lane}:"))
    await say_now(work, [whose, col(Outbox.kind).in_(IN_PROBLEM)])


async def again(work: UnitOfWork, limit: int) -> int:
    """Try once more to make the channels that open problems have not; answers how many."""
    lane = "problem:" + cast(col(Problem.number), String) + ":channel"
    query = (
        select(Outbox)
        .join(Problem, col(Outbox.lane) == lane)
        .where(
            col(Outbox.kind) == MAKES,
            col(Outbox.state) == OutboxState.REFUSED,
            col(Problem.channel_id).is_(None),
            col(Problem.state) == "open",
        )
    )
    rows = (await work.session.exec(query.limit(limit))).all()
    for row in rows:
        queue_anew(work, row, "")
    return len(rows)
