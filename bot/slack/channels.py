"""Performing effects on a case's channel: creating it, people, topic, bookmark."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core import no_channel, snapshot
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult, Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules import drift as rules_drift
from bot.rules import names as rules_names
from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from bot.slack import find_earlier, left_channels
from bot.slack.refused_invitations import not_brought_in
from messages.cases.channel import bookmark_title, topic
from messages.clients.slack import SlackRefused
from storage.models import Case, Outbox

NAME_ATTEMPTS = range(1, 10)  # channel names tried when somebody else has ours


ALREADY = frozenset({"already_in_channel", "already_pinned", "already_reacted", "cant_invite_self"})


class MissingCaseError(Exception):
    """An effect names a case that the store does not have."""


async def case_facts(delivery: Delivery, job: Job) -> CaseFacts:
    """The case that the row is about, as it is now; effects claimed together read it once."""
    number = job.row.case_number
    if number is None:
        raise MissingCaseError(f"outbox {job.row.id}: no case")
    if number not in job.seen:
        job.seen[number] = asyncio.create_task(_load(delivery, number), name="facts")
    found = await asyncio.shield(job.seen[number])
    if found is None:
        raise MissingCaseError(f"outbox {job.row.id}: no case {number}")
    return found


async def _load(delivery: Delivery, number: int) -> CaseFacts | None:
    async with delivery.services.database.read() as session:
        return await snapshot.load_number(session, number, delivery.services.clock.now())


def channel_of(case: CaseFacts, row: Outbox) -> str:
    """The case's channel. Raises SlackRefused ``no_channel_yet``."""
    if case.channel_id is None:
        raise SlackRefused(row.kind, "no_channel_yet")
    return case.channel_id


async def create_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Create the case's channel, or adopt the one that an earlier try created."""
    case = await case_facts(delivery, job)
    if case.channel_id:
        return EffectResult({"channel": case.channel_id})
    names = (
        rules_names.channel_name(
            case.number, case.customer, sensitive=case.sensitive, attempt=attempt
        )
        for attempt in NAME_ATTEMPTS
    )
    channel, name = await open_channel(delivery, job, names, private=case.sensitive)

    async def save(session: AsyncSession) -> None:
        work = _work(delivery, session, job)
        stored = await no_channel.made(work, case.number, channel, name)
        if not case.sensitive:
            await left_channels.if_restricted_meanwhile(work, stored)

    return EffectResult({"channel": channel}, save)


def _work(delivery: Delivery, session: AsyncSession, job: Job) -> UnitOfWork:
    actor = Actor(SYSTEM, "delivery")
    return UnitOfWork.join(session, delivery.services, actor, job.row.correlation)


async def open_channel(
    delivery: Delivery, job: Job, names: Iterable[str], *, private: bool
) -> tuple[str, str]:
    """The id and name of a channel by the first free name, or of the one an earlier try made.

    Raises SlackRefused ``name_taken`` when others have all of the names.
    """
    for name in names:
        try:
            answer = await delivery.call("conversations.create", name=name, is_private=private)
        except SlackRefused as refused:
            if refused.code != "name_taken":
                raise
            ours = await find_earlier.our_channel(delivery, job, name) if job.tried_before else None
            if ours is not None:
                return ours, name
        else:
            return answer["channel"]["id"], answer["channel"].get("name", name)
    raise SlackRefused("conversations.create", "name_taken")


async def topic_of(delivery: Delivery, job: Job) -> EffectResult:
    """Set the channel's topic from the case as it is now."""
    case = await case_facts(delivery, job)
    said = topic(case, team_language(delivery))
    await delivery.call("conversations.setTopic", channel=channel_of(case, job.row), topic=said)
    return EffectResult(save=_save_case(job.row, topic=said))


async def invite(delivery: Delivery, job: Job) -> EffectResult:
    """Bring people in; somebody who cannot be invited does not keep the others out."""
    case = await case_facts(delivery, job)
    wanted = job.row.payload["users"]
    if case.sensitive:  # it may not have been when they were to be invited
        wanted = await left_channels.those_on(delivery, case.number, wanted)
    learned = await bring_in(delivery, channel_of(case, job.row), wanted)
    return await not_brought_in(delivery.services, case, learned)


async def bring_in(delivery: Delivery, channel: str, wanted: Sequence[str]) -> EffectResult:
    """Invite people to a channel, ourselves excepted."""
    me = (await delivery.services.slack.identity()).get("user_id")
    users = [u for u in wanted if u != me and not delivery.services.people.left(u)]
    if not users:
        return EffectResult()
    try:
        await delivery.call("conversations.invite", channel=channel, users=",".join(users))
    except SlackRefused as refused:
        if refused.code in rules_drift.HINTS:
            raise
        if len(users) == 1:
            return _invited_one(users[0], refused)
        return await _invite_each(delivery, channel, users)
    return EffectResult()


async def _invite_each(delivery: Delivery, channel: str, users: list[str]) -> EffectResult:
    refusals: dict[str, str] = {}
    for user in users:
        try:
            await delivery.call("conversations.invite", channel=channel, users=user)
        except SlackRefused as refused:
            refusals |= _invited_one(user, refused).result
    return EffectResult(refusals)


def _invited_one(user: str, refused: SlackRefused) -> EffectResult:
    return EffectResult() if refused.code in ALREADY else EffectResult({user: refused.code})


async def bookmark(delivery: Delivery, job: Job) -> EffectResult:
    """Bookmark the ticket; a retry looks first, since Slack would add it twice."""
    case = await case_facts(delivery, job)
    channel = channel_of(case, job.row)
    if job.tried_before:
        answer = await delivery.call("bookmarks.list", channel_id=channel)
        if any(b.get("link") == case.ticket_url for b in answer.get("bookmarks", [])):
            return EffectResult()
    await delivery.call(
        "bookmarks.add",
        channel_id=channel,
        title=bookmark_title(case, team_language(delivery)),
        type="link",
        link=case.ticket_url,
    )
    return EffectResult()


def team_language(delivery: Delivery) -> Language:
    """The language of what everybody in a channel reads."""
    return delivery.services.policy.languages[0]


def _save_case(row: Outbox, **values: Any) -> Any:
    async def save(session: AsyncSession) -> None:
        await session.exec(update(Case).where(col(Case.number) == row.case_number).values(**values))

    return save
