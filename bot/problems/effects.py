"""What a use case may ask Slack to show of a problem: its channel, its card, its posts.

As ``effects`` does for a case; the rows carry the problem's number in their payload.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import OutboxState
from storage.models import Outbox, Problem


def lane(problem: Problem, part: str = "") -> str:
    """The lane of a problem, or of one part of it."""
    return f"problem:{problem.number}:{part}" if part else f"problem:{problem.number}"


async def open_channel(work: UnitOfWork, problem: Problem, invitees: Iterable[str]) -> None:
    """Everything that makes a problem visible: its channel first, then its card and people."""
    urgent = effects.OPENING + problem.severity
    about = {"problem": problem.number}
    channel = await work.queue("problem_channel", lane(problem, "channel"), about, priority=urgent)
    card = await work.queue(
        "problem_card", lane(problem, "card"), about, after=channel, priority=urgent
    )
    work.leave("problem_pin", lane(problem, "card"), about, after=card, priority=urgent)
    await invite(work, problem, invitees)


async def _channel_row(work: UnitOfWork, problem: Problem) -> int | None:
    """The row that creates the channel, while it is still to come."""
    if problem.channel_id:
        return None
    query = select(Outbox.id).where(
        col(Outbox.lane) == lane(problem, "channel"), col(Outbox.kind) == "problem_channel"
    )
    return (await work.session.exec(query)).first()


async def refresh(work: UnitOfWork, problem: Problem) -> None:
    """The card will show the problem as it is now, once, however often it changed."""
    work.session.add(problem)
    query = select(Outbox.id).where(
        col(Outbox.lane) == lane(problem, "card"),
        col(Outbox.kind) == "problem_card",
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    )
    if (await work.session.exec(query.with_for_update())).first() is None:
        await _leave(work, problem, "problem_card", "card", {})


async def invite(work: UnitOfWork, problem: Problem, users: Iterable[str]) -> None:
    """Bring people into the problem's channel."""
    if wanted := sorted(set(users)):
        await _leave(work, problem, "problem_invite", "people", {"users": wanted})


async def post(
    work: UnitOfWork, problem: Problem, text: str, extra: Mapping[str, Any] | None = None
) -> None:
    """Say something in the problem's channel; ``text`` is ``problem:<name>``."""
    said = {"text": text, "extra": {**about(problem), **(extra or {})}}
    await _leave(work, problem, "problem_post", "", said)


async def take_back(work: UnitOfWork, problem: Problem, post: Outbox) -> None:
    """Replace what an earlier row said in the channel by a line that names nobody."""
    await _leave(work, problem, "problem_take_back", "", {"post": post.id})


async def _leave(
    work: UnitOfWork, problem: Problem, kind: str, part: str, payload: Mapping[str, Any]
) -> None:
    after = await _channel_row(work, problem)
    said = {"problem": problem.number, **payload}
    work.leave(kind, lane(problem, part), said, after=after, priority=effects.INTERACTIVE)


async def dm(
    work: UnitOfWork,
    user: str,
    problem: Problem,
    text: str,
    extra: Mapping[str, Any] | None = None,
    *,
    priority: int = effects.INTERACTIVE,
) -> None:
    """Say something about a problem to one person."""
    said = {**about(problem), **(extra or {})}
    await effects.dm(work, user, text, None, said, priority=priority)


def about(problem: Problem) -> dict[str, Any]:
    """What every message about a problem names it by."""
    return {
        "problem": problem.number,
        "title": problem.title,
        "channel": problem.channel_id or "",
    }
