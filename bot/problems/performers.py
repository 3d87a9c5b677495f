"""Performing effects that only problems have: a post taken back, talking points for agents.

What is to be said in a problem's channel is withheld while others than our own people read it.

Payloads name ``problem``; ``post`` is an outbox row (``problem_take_back``), ``points`` and
``channel`` are the talking points' id and a Slack channel id (``points_push``, ``points_end``).
Both rows of one channel share a lane, so an end never overtakes its push.
"""

from collections.abc import Mapping

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import named_for
from bot.engine.delivery import Delivery, EffectResult, Performer
from bot.engine.outbox_claims import Job
from bot.people.channel_readers import find_guests
from bot.problems import snapshot as problem_snapshot
from bot.problems.no_channel import SPOKEN, WITHHELD, tell_exposed
from bot.problems.presenter import MissingProblemError, ProblemPresenter, problem_facts
from bot.rules.problems.facts import PointsFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Role
from bot.slack.performers import bind_performers
from bot.slack.posts import edit_message, posted
from bot.slack.presenter import begin_work, channel_of, team_language
from bot.subjects import PROBLEM
from messages.clients.shared_channels import GUESTS
from messages.clients.slack import SlackRefused
from messages.kit.blocks import Message
from messages.problems.notices import problem_notice
from messages.problems.talking_points import ended_points, pushed_points
from storage.models import Outbox, PointsPost, PointsReader, Problem, TalkingPoints
from storage.upsert import upsert_row

MEMBERS_MAX = 1000  # members of a channel who are asked to read; one page of Slack's
NOT_INSIDE = frozenset({"not_in_channel"})


async def perform_take_back(delivery: Delivery, job: Job) -> EffectResult:
    """Replace a post that named a case which is restricted by now; repeating it changes nothing.

    The line that takes its place is in the policy's first language. A post that was never made is
    left alone.
    """
    problem = await problem_facts(delivery, job)
    async with delivery.services.database.read() as session:
        said = await session.get(Outbox, job.row.payload["post"])
    ts = said.result.get("ts") if said is not None else None
    if ts is None:
        return EffectResult()  # it was never said
    message = problem_notice("taken_back", team_language(delivery), {}, inside=True)
    await edit_message(delivery, channel_of(problem, job.row), ts, message)
    return EffectResult()


# -- a channel that others read


def among_ourselves(perform: Performer) -> Performer:
    """The performer, of whose refusal owner and administrators hear where others read the channel.

    The row ends as refused and is queued again each hour (``no_channel.say_withheld_again``), so
    what was withheld is said in its order once those readers have gone.
    """

    async def performed(delivery: Delivery, job: Job) -> EffectResult:
        try:
            return await perform(delivery, job)
        except SlackRefused as refused:
            if refused.code in WITHHELD:
                guests = await _guests(delivery, job) if refused.code == GUESTS else []
                async with delivery.services.database.write() as session:
                    work = begin_work(delivery, session, job)
                    await tell_exposed(work, job.row.payload["problem"], guests)
            raise

    return performed


async def _guests(delivery: Delivery, job: Job) -> list[str]:
    """The guests in the problem's channel, by what is known now."""
    problem, services = await problem_facts(delivery, job), delivery.services
    members = services.slack.shared.readers.of(str(problem.channel_id)).members
    return sorted(await find_guests(services.people, members))


# -- talking points


async def _points(delivery: Delivery, job: Job) -> PointsFacts:
    """The talking points as they are now, whatever their state.

    Raises MissingProblemError when they or their problem are not stored.
    """
    async with delivery.services.database.read() as session:
        row = await session.get(TalkingPoints, job.row.payload["points"])
        problem = await session.get(Problem, job.row.payload["problem"])
        if row is None or problem is None:
            raise MissingProblemError(f"outbox {job.row.id}: no such talking points")
        return await problem_snapshot.load_points(session, row, problem.title)


async def push_points(delivery: Delivery, job: Job) -> EffectResult:
    """Post talking points to an agent channel, and note who is there to read them.

    Readers are the members, but for the app; where the policy names agents, only those and support
    leads. Up to ``MEMBERS_MAX`` members. Readers noted before are kept with what they read. Points
    that ended meanwhile are not posted.

    Where the post is (channel and ts) and its readers are stored in the transaction that ends the
    row; a retry finds the post and stores the same once more.
    """
    points, channel = await _points(delivery, job), job.row.payload["channel"]
    if points.state != ApprovalState.APPROVED:
        return EffectResult()  # they were withdrawn before anybody saw them
    message = pushed_points(points, team_language(delivery))
    ts = await _into(delivery, job, channel, message)
    answer = await delivery.call("conversations.members", channel=channel, limit=MEMBERS_MAX)
    me = (await delivery.services.slack.identity()).get("user_id")
    readers = [user for user in answer.get("members") or () if user != me]
    policy = delivery.services.policy
    agents = {*named_for(policy, Role.AGENT), *named_for(policy, Role.SUPPORT_LEAD)}
    if policy.names(Role.AGENT):  # others are in the channel to listen
        readers = [user for user in readers if user in agents]

    async def save(session: AsyncSession) -> None:
        await upsert_row(session, PointsPost(points=points.id, channel=channel, ts=ts))
        known = select(PointsReader.user_id).where(col(PointsReader.points) == points.id)
        there = set((await session.exec(known)).all())
        session.add_all(
            PointsReader(points=points.id, user_id=u) for u in readers if u not in there
        )

    return EffectResult({"ts": ts}, save)


async def _into(delivery: Delivery, job: Job, channel: str, message: Message) -> str:
    """Post in a public channel, which the app joins where it is not inside.

    A retry finds what an earlier try has posted (``bot/slack/posts.py``).
    """
    try:
        return (await posted(delivery, job, channel, message)).ts
    except SlackRefused as refused:
        if refused.code not in NOT_INSIDE:
            raise
    await delivery.call("conversations.join", channel=channel)
    return (await posted(delivery, job, channel, message)).ts


async def end_points(delivery: Delivery, job: Job) -> EffectResult:
    """Strike the talking points through where they were pushed; nothing where they were not.

    The post is replaced by ``ended_points``, which says who ended them and why.
    """
    points, channel = await _points(delivery, job), job.row.payload["channel"]
    async with delivery.services.database.read() as session:
        post = await session.get(PointsPost, (points.id, channel))
    if post is None:
        return EffectResult()
    message = ended_points(points, team_language(delivery))
    await edit_message(delivery, channel, post.ts, message)
    return EffectResult()


PROBLEM_PERFORMERS: Mapping[str, Performer] = {
    kind: among_ourselves(perform) if kind in SPOKEN else perform
    for kind, perform in bind_performers(PROBLEM, ProblemPresenter()).items()
} | {
    PROBLEM.kind_of("take_back"): perform_take_back,
    "points_push": push_points,
    "points_end": end_points,
}
