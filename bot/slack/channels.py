"""Performing effects on a subject's channel: creating it, people; a case's topic and bookmark.

Results kept in the row: ``channel`` of a channel that was made; of an invitation Slack's code by
each user who could not be invited. All of them may be performed twice: what is there already is
found or refused by Slack as such (``ALREADY``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import steady
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.people.channel_readers import list_members
from bot.rules import drift as rules_drift
from bot.rules.words import Standing
from bot.slack import find_earlier
from bot.slack.case_presenter import case_facts
from bot.slack.presenter import (
    F,
    Presenter,
    begin_work,
    channel_of,
    inner_channel_of,
    team_language,
)
from messages.cases.channel import bookmark_title, channel_topic
from messages.clients.slack import SlackRefused
from storage.models import Case, Outbox

ALREADY = frozenset({"already_in_channel", "already_pinned", "already_reacted", "cant_invite_self"})


async def create_channel(presenter: Presenter[F], delivery: Delivery, job: Job) -> EffectResult:
    """Create the subject's channel, or adopt the one that an earlier try created.

    A subject that has a channel keeps it: nothing is called. Raises SlackRefused when Slack
    refuses, upon which ``bot/core/no_channel.py`` takes over.
    """
    facts = await presenter.load_row_facts(delivery, job)
    if facts.channel_id:
        return EffectResult({"channel": facts.channel_id})
    private = presenter.is_private(facts, delivery.services.policy)
    names = presenter.channel_names(facts)
    channel, name = await create_first_free(delivery, job, names, private=private)

    async def save(session: AsyncSession) -> None:
        work = begin_work(delivery, session, job)
        await presenter.save_channel(work, facts, job.row, channel, name)

    return EffectResult({"channel": channel}, save)


async def create_first_free(
    delivery: Delivery, job: Job, names: Iterable[str], *, private: bool
) -> tuple[str, str]:
    """Return id and name of a new channel by the first free name, or of an earlier try's.

    A name that is taken is looked into only on a retry. Raises SlackRefused ``name_taken`` when
    others have all of the names.
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
            made = str(answer["channel"]["id"])
            delivery.services.slack.shared.readers.note_made(made, steady())
            return made, answer["channel"].get("name", name)
    raise SlackRefused("conversations.create", "name_taken")


async def perform_invite(presenter: Presenter[F], delivery: Delivery, job: Job) -> EffectResult:
    """Bring people in; a person who cannot be invited does not keep the others out.

    Left out without a word are the app itself and people known to be no active full members.
    """
    facts = await presenter.load_facts(delivery, job)
    users = await presenter.select_invitees(delivery, facts, await _wanted(delivery, job))
    refusals = await bring_in(delivery, channel_of(facts, job.row), users)
    return await presenter.report_refused(delivery, job, facts, refusals)


async def _wanted(delivery: Delivery, job: Job) -> Sequence[str]:
    """The row's users, and our own people in the channel that it names; apps are not invited."""
    users, left = job.row.payload["users"], job.row.payload.get("members_of")
    if not left:
        return list(users)
    try:
        there, _ = await list_members(delivery.call, left)
    except SlackRefused:  # it is gone meanwhile
        return list(users)
    people = delivery.services.people
    ours = [u for u in sorted(there) if await people.known_standing(u) is Standing.MEMBER]
    return list(dict.fromkeys([*users, *ours]))


async def bring_in(delivery: Delivery, channel: str, wanted: Sequence[str]) -> EffectResult:
    """Invite people to a channel in one call, and one by one where Slack refuses that.

    A refusal that is about the channel itself (``HINTS``) is raised.
    """
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
    """Invite one after the other; return Slack's code by each user who could not be invited.

    One who is there already is no refusal.
    """
    refusals: dict[str, str] = {}
    for user in users:
        try:
            await delivery.call("conversations.invite", channel=channel, users=user)
        except SlackRefused as refused:
            refusals |= _invited_one(user, refused).result
    return EffectResult(refusals)


def _invited_one(user: str, refused: SlackRefused) -> EffectResult:
    return EffectResult() if refused.code in ALREADY else EffectResult({user: refused.code})


async def topic_of(delivery: Delivery, job: Job) -> EffectResult:
    """Set the channel's topic from the case as it is now, and store it in ``Case.topic``.

    Drift compares Slack's topic with the stored one.
    """
    case = await case_facts(delivery, job)
    said = channel_topic(case, team_language(delivery))
    channel = await inner_channel_of(delivery, case, job.row)
    await delivery.call("conversations.setTopic", channel=channel, topic=said)
    return EffectResult(save=_save_case(job.row, topic=said))


async def add_bookmark(delivery: Delivery, job: Job) -> EffectResult:
    """Bookmark the ticket; a retry looks first, since Slack would add it twice.

    It is known again by its link, ``Case.ticket_url``.
    """
    case = await case_facts(delivery, job)
    channel = await inner_channel_of(delivery, case, job.row)
    if not case.ticket_url:  # it was taken away meanwhile
        return EffectResult()
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


def _save_case(row: Outbox, **values: Any) -> Any:
    async def save(session: AsyncSession) -> None:
        await session.exec(update(Case).where(col(Case.number) == row.case_number).values(**values))

    return save
