"""How a problem is shown in Slack: its channel, card and posts, and talking points for agents."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import named
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult, Job, Performer
from bot.engine.unit_of_work import UnitOfWork
from bot.problems import no_channel
from bot.problems import snapshot as problem_snapshot
from bot.rules import names as rules_names
from bot.rules.problems.facts import PointsFacts, ProblemFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Role
from bot.slack.cards import pinned
from bot.slack.channels import NAME_ATTEMPTS, bring_in, open_channel, team_language
from bot.slack.posts import posted
from messages.clients.slack import SlackRefused
from messages.compose import compose
from messages.kit.blocks import Message
from messages.problems.card import problem_card
from messages.problems.notices import problem_notice
from messages.problems.talking_points import ended_points, pushed_points
from storage.models import Outbox, PointsPost, PointsReader, Problem, TalkingPoints
from storage.upsert import put

MEMBERS_MAX = 1000  # members of a channel who are asked to read; one page of Slack's
NOT_INSIDE = frozenset({"not_in_channel"})


class MissingProblemError(Exception):
    """An effect names a problem that the store does not have."""


async def _problem(delivery: Delivery, job: Job) -> ProblemFacts:
    """The problem that the row is about, as it is now."""
    number = job.row.payload["problem"]
    async with delivery.services.database.read() as session:
        row = await session.get(Problem, number)
        if row is None:
            raise MissingProblemError(f"outbox {job.row.id}: no problem {number}")
        return await problem_snapshot.load(session, row, delivery.services.clock.now())


def _channel(problem: ProblemFacts, job: Job) -> str:
    if problem.channel_id is None:
        raise SlackRefused(job.row.kind, "no_channel_yet")
    return problem.channel_id


async def create_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Create the problem's channel, or adopt the one that an earlier try created."""
    problem = await _problem(delivery, job)
    if problem.channel_id:
        return EffectResult({"channel": problem.channel_id})
    names = (
        rules_names.problem_channel_name(problem.number, problem.title, attempt=attempt)
        for attempt in NAME_ATTEMPTS
    )
    channel, name = await open_channel(delivery, job, names, private=False)
    known = _save(problem, channel_id=channel, channel_name=name)

    async def save(session: AsyncSession) -> None:
        await known(session)
        actor = Actor(SYSTEM, "delivery")
        work = UnitOfWork.join(session, delivery.services, actor, job.row.correlation)
        await no_channel.made(work, problem.number, job.row)

    return EffectResult({"channel": channel}, save)


def _save(problem: ProblemFacts, **values: Any) -> Any:
    async def save(session: AsyncSession) -> None:
        where = col(Problem.number) == problem.number
        await session.exec(update(Problem).where(where).values(**values))

    return save


async def card(delivery: Delivery, job: Job) -> EffectResult:
    """Draw the card from the problem as it is now."""
    problem = await _problem(delivery, job)
    channel, ts, fresh = _channel(problem, job), problem.card_ts, False
    message = problem_card(problem, team_language(delivery))
    if ts is None:
        ts, _, fresh = await posted(delivery, job, channel, message)
    if not fresh:  # one that an earlier try posted shows the problem as it was then
        await delivery.call(
            "chat.update", channel=channel, ts=ts, text=message.text, blocks=message.blocks
        )
    return EffectResult({"ts": ts}, _save(problem, card_ts=ts))


async def pin(delivery: Delivery, job: Job) -> EffectResult:
    """Pin the card."""
    problem = await _problem(delivery, job)
    return await pinned(delivery, _channel(problem, job), problem.card_ts)


async def invite(delivery: Delivery, job: Job) -> EffectResult:
    """Bring people into the problem's channel."""
    problem = await _problem(delivery, job)
    return await bring_in(delivery, _channel(problem, job), job.row.payload["users"])


async def post(delivery: Delivery, job: Job) -> EffectResult:
    """Say something in the problem's channel."""
    problem, said = await _problem(delivery, job), job.row.payload
    message = compose(said["text"], said["extra"], None, team_language(delivery), inside=True)
    return EffectResult({"ts": (await posted(delivery, job, _channel(problem, job), message)).ts})


async def take_back(delivery: Delivery, job: Job) -> EffectResult:
    """Replace a post that named a case which is restricted by now; as often as you like."""
    problem = await _problem(delivery, job)
    async with delivery.services.database.read() as session:
        said = await session.get(Outbox, job.row.payload["post"])
    ts = said.result.get("ts") if said is not None else None
    if ts is None:
        return EffectResult()  # it was never said
    message = problem_notice("taken_back", team_language(delivery), {}, inside=True)
    await delivery.call(
        "chat.update",
        channel=_channel(problem, job),
        ts=ts,
        text=message.text,
        blocks=message.blocks,
    )
    return EffectResult()


# -- talking points


async def _points(delivery: Delivery, job: Job) -> PointsFacts:
    async with delivery.services.database.read() as session:
        row = await session.get(TalkingPoints, job.row.payload["points"])
        problem = await session.get(Problem, job.row.payload["problem"])
        if row is None or problem is None:
            raise MissingProblemError(f"outbox {job.row.id}: no such talking points")
        return await problem_snapshot.points(session, row, problem.title)


async def push(delivery: Delivery, job: Job) -> EffectResult:
    """Post talking points to an agent channel, and note who is there to read them."""
    points, channel = await _points(delivery, job), job.row.payload["channel"]
    if points.state != ApprovalState.APPROVED:
        return EffectResult()  # they were withdrawn before anybody saw them
    message = pushed_points(points, team_language(delivery))
    ts = await _into(delivery, job, channel, message)
    answer = await delivery.call("conversations.members", channel=channel, limit=MEMBERS_MAX)
    me = (await delivery.services.slack.identity()).get("user_id")
    readers = [user for user in answer.get("members") or () if user != me]
    policy = delivery.services.policy
    agents = {*named(policy, Role.AGENT), *named(policy, Role.SUPPORT_LEAD)}
    if policy.names(Role.AGENT):  # others are in the channel to listen
        readers = [user for user in readers if user in agents]

    async def save(session: AsyncSession) -> None:
        await put(session, PointsPost(points=points.id, channel=channel, ts=ts))
        known = select(PointsReader.user_id).where(col(PointsReader.points) == points.id)
        there = set((await session.exec(known)).all())
        session.add_all(
            PointsReader(points=points.id, user_id=u) for u in readers if u not in there
        )

    return EffectResult({"ts": ts}, save)


async def _into(delivery: Delivery, job: Job, channel: str, message: Message) -> str:
    """Post in a public channel, which we join where we are not inside."""
    try:
        return (await posted(delivery, job, channel, message)).ts
    except SlackRefused as refused:
        if refused.code not in NOT_INSIDE:
            raise
    await delivery.call("conversations.join", channel=channel)
    return (await posted(delivery, job, channel, message)).ts


async def end(delivery: Delivery, job: Job) -> EffectResult:
    """Strike the talking points through where they were pushed."""
    points, channel = await _points(delivery, job), job.row.payload["channel"]
    async with delivery.services.database.read() as session:
        post = await session.get(PointsPost, (points.id, channel))
    if post is None:
        return EffectResult()
    message = ended_points(points, team_language(delivery))
    await delivery.call(
        "chat.update", channel=channel, ts=post.ts, text=message.text, blocks=message.blocks
    )
    return EffectResult()


PROBLEM_PERFORMERS: Mapping[str, Performer] = {
    "problem_channel": create_channel,
    "problem_card": card,
    "problem_pin": pin,
    "problem_invite": invite,
    "problem_post": post,
    "problem_take_back": take_back,
    "points_push": push,
    "points_end": end,
}
