"""How each kind of effect is brought about in Slack; ``looking`` finds what an earlier try did."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases.postmortem_file import document
from bot.core import snapshot
from bot.drift import detect as drift
from bot.drift import performers as drift_performers
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, Job, Later, Learned, Performer
from bot.engine.unit_of_work import Work
from bot.mail.deliver import mail
from bot.operations import alerts, no_channel
from bot.rules import names as rules_names
from bot.rules.facts import CaseFacts
from bot.rules.words import Drift, HelpDesk, Language
from bot.slack import find_earlier, left_channels
from bot.slack.refused_invitations import not_brought_in
from bot.tickets.deliver import ticket
from messages.cases.card import case_card
from messages.cases.channel import bookmark_title, topic
from messages.cases.digest import digest as digest_message
from messages.cases.operations import clock_differs, trouble_alert
from messages.clients.slack import SlackRefused
from messages.compose import compose
from messages.kit.blocks import Message
from storage.models import Case, Outbox, Person

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
    async with delivery.desk.database.read() as session:
        return await snapshot.load_number(session, number, delivery.desk.clock.now())


def channel_of(case: CaseFacts, row: Outbox) -> str:
    """The case's channel. Raises SlackRefused ``no_channel_yet``."""
    if case.channel_id is None:
        raise SlackRefused(row.kind, "no_channel_yet")
    return case.channel_id


# -- the channel


async def create_channel(delivery: Delivery, job: Job) -> Learned:
    """Create the case's channel, or adopt the one that an earlier try created."""
    case = await case_facts(delivery, job)
    if case.channel_id:
        return Learned({"channel": case.channel_id})
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

    return Learned({"channel": channel}, save)


def _work(delivery: Delivery, session: AsyncSession, job: Job) -> Work:
    desk = delivery.desk
    actor = Actor(SYSTEM, "delivery")
    return Work(session, desk.clock.now(), desk.policy, actor, job.row.correlation)


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


async def topic_of(delivery: Delivery, job: Job) -> Learned:
    """Set the channel's topic from the case as it is now."""
    case = await case_facts(delivery, job)
    said = topic(case, team_language(delivery))
    await delivery.call("conversations.setTopic", channel=channel_of(case, job.row), topic=said)
    return Learned(save=_save_case(job.row, topic=said))


async def invite(delivery: Delivery, job: Job) -> Learned:
    """Bring people in; somebody who cannot be invited does not keep the others out."""
    case = await case_facts(delivery, job)
    wanted = job.row.payload["users"]
    if case.sensitive:  # it may not have been when they were to be invited
        wanted = await left_channels.those_on(delivery, case.number, wanted)
    learned = await bring_in(delivery, channel_of(case, job.row), wanted)
    return await not_brought_in(delivery.desk, case, learned)


async def bring_in(delivery: Delivery, channel: str, wanted: Sequence[str]) -> Learned:
    """Invite people to a channel, ourselves excepted."""
    me = (await delivery.desk.slack.identity()).get("user_id")
    users = [u for u in wanted if u != me and not delivery.desk.people.left(u)]
    if not users:
        return Learned()
    try:
        await delivery.call("conversations.invite", channel=channel, users=",".join(users))
    except SlackRefused as refused:
        if refused.code in drift.HINTS:
            raise
        if len(users) == 1:
            return _invited_one(users[0], refused)
        return await _invite_each(delivery, channel, users)
    return Learned()


async def _invite_each(delivery: Delivery, channel: str, users: list[str]) -> Learned:
    refusals: dict[str, str] = {}
    for user in users:
        try:
            await delivery.call("conversations.invite", channel=channel, users=user)
        except SlackRefused as refused:
            refusals |= _invited_one(user, refused).result
    return Learned(refusals)


def _invited_one(user: str, refused: SlackRefused) -> Learned:
    return Learned() if refused.code in ALREADY else Learned({user: refused.code})


async def bookmark(delivery: Delivery, job: Job) -> Learned:
    """Bookmark the ticket; a retry looks first, since Slack would add it twice."""
    case = await case_facts(delivery, job)
    channel = channel_of(case, job.row)
    if job.tried_before:
        answer = await delivery.call("bookmarks.list", channel_id=channel)
        if any(b.get("link") == case.ticket_url for b in answer.get("bookmarks", [])):
            return Learned()
    await delivery.call(
        "bookmarks.add",
        channel_id=channel,
        title=bookmark_title(case, team_language(delivery)),
        type="link",
        link=case.ticket_url,
    )
    return Learned()


# -- the card


async def card(delivery: Delivery, job: Job) -> Learned:
    """Show the case as it is now: post its card the first time, then keep that one true."""
    case = await case_facts(delivery, job)
    channel = channel_of(case, job.row)
    message = case_card(case, team_language(delivery))
    ts, fresh = case.card_ts, False
    if ts is not None and any(each.what is Drift.CARD for each in case.drift):
        return Learned({"gone": ts})  # somebody deleted it; it is posted again when they say so
    if ts is None:
        ts, _, fresh = await posted(delivery, job, channel, message)
    if not fresh:  # one that an earlier try posted shows the case as it was then
        await delivery.call(
            "chat.update", channel=channel, ts=ts, text=message.text, blocks=message.blocks
        )
    shown = Posted(ts, channel, fresh)
    return Learned({"ts": ts, "version": case.version}, _save_card(job.row, shown, case.version))


def _save_card(row: Outbox, shown: "Posted", version: int) -> Any:
    """Remember the card's ts; queue it again if the case changed while it was being shown.

    In a channel that the case has left meanwhile the card is taken back.
    """

    async def save(session: AsyncSession) -> None:
        case = await session.get(Case, row.case_number)
        if case is None:
            return
        if case.sensitive and case.channel_id != shown.channel:
            session.add(_another(row, "old_card", {"channel": shown.channel, "ts": shown.ts}))
            return
        case.card_ts = shown.ts
        session.add(case)
        if case.version != version and not await _card_waits(session, row):
            session.add(_another(row, "card"))

    return save


def _another(row: Outbox, kind: str, payload: Mapping[str, Any] | None = None) -> Outbox:
    return Outbox(
        lane=row.lane,
        kind=kind,
        case_number=row.case_number,
        payload=dict(payload or {}),
        priority=row.priority,
        correlation=row.correlation,
        queued_at=row.queued_at,
    )


async def _card_waits(session: AsyncSession, row: Outbox) -> bool:
    query = select(Outbox.id).where(
        col(Outbox.lane) == row.lane,
        col(Outbox.kind) == "card",
        col(Outbox.state) == "pending",
        col(Outbox.id) > row.id,
    )
    return (await session.exec(query)).first() is not None


async def pin(delivery: Delivery, job: Job) -> Learned:
    """Pin the card."""
    case = await case_facts(delivery, job)
    return await pinned(delivery, channel_of(case, job.row), case.card_ts)


async def pinned(delivery: Delivery, channel: str, ts: str | None) -> Learned:
    """Pin a message; one that is pinned already is fine."""
    try:
        await delivery.call("pins.add", channel=channel, timestamp=ts)
    except SlackRefused as refused:
        if refused.code not in ALREADY:
            raise
    return Learned()


# -- what is said


async def post(delivery: Delivery, job: Job) -> Learned:
    """Say something in the case's channel."""
    case = await case_facts(delivery, job)
    payload = job.row.payload
    message = compose(payload["text"], payload["extra"], case, team_language(delivery), inside=True)
    return Learned({"ts": await _post(delivery, job, channel_of(case, job.row), message)})


async def old_post(delivery: Delivery, job: Job) -> Learned:
    """Say in the channel that the case has left that it goes on elsewhere, and nothing more."""
    message = left_channels.elsewhere(delivery)
    return Learned({"ts": await _post(delivery, job, job.row.payload["channel"], message)})


async def dm(delivery: Delivery, job: Job) -> Learned:
    """Say something to one person, in their language."""
    row, user = job.row, job.row.payload["user"]
    case = await case_facts(delivery, job) if row.case_number else None
    if case is not None and await left_channels.is_hidden(
        delivery, case, row.payload["text"], user
    ):
        return Learned()
    person = await delivery.desk.people.surely(user)
    message = compose(row.payload["text"], row.payload["extra"], case, person.language)
    return await _say_to(delivery, job, user, message)


async def digest(delivery: Delivery, job: Job) -> Learned:
    """An executive's morning, as things stand when it is sent."""
    user = job.row.payload["user"]
    person = await delivery.desk.people.surely(user)
    since = datetime.fromisoformat(job.row.payload["since"])
    news = await delivery.desk.reading.digest(user, since)
    return await _say_to(delivery, job, user, digest_message(news, person.language))


async def alert(delivery: Delivery, job: Job) -> Learned:
    """Tell an administrator that effects keep failing, as things stand when it can be said."""
    user = job.row.payload["user"]
    person = await delivery.desk.people.surely(user)
    failing, waiting, oldest = await alerts.failing(delivery.desk.database)
    error = oldest.error if oldest else "-"
    since = oldest.queued_at if oldest else job.row.queued_at
    message = trouble_alert(error, failing, waiting, since, person.language)
    return await _say_to(delivery, job, user, message)


async def clock_alert(delivery: Delivery, job: Job) -> Learned:
    """Tell an administrator that a machine's clock is not Slack's."""
    said = job.row.payload
    person = await delivery.desk.people.surely(said["user"])
    message = clock_differs(said["host"], timedelta(seconds=said["ahead"]), person.language)
    return await _say_to(delivery, job, said["user"], message)


async def _say_to(delivery: Delivery, job: Job, user: str, message: Message) -> Learned:
    """Say it in the app's own conversation with somebody.

    A message to a user id reaches that conversation and teaches its id: one call, where opening
    it first would be two. A retry must know it before, to look into it, and so must we where
    user ids are not taken for it.
    """
    if (standing := delivery.desk.people.left(user)) is not None:
        return Learned({"left": standing.value})  # nobody would read it, or nobody of ours
    channel = await _dm_channel(delivery, user, needed=job.tried_before)
    try:
        sent = await posted(delivery, job, channel, message)
    except SlackRefused as refused:
        if refused.code != "channel_not_found" or channel != user:
            raise
        opened = await _dm_channel(delivery, user, needed=True)
        sent = await posted(delivery, job, opened, message)
    return Learned({"channel": sent.channel, "ts": sent.ts}, _save_dm(user, sent.channel))


async def _dm_channel(delivery: Delivery, user: str, *, needed: bool) -> str:
    async with delivery.desk.database.read() as session:
        person = await session.get(Person, user)
    if person is not None and person.dm_channel:
        return person.dm_channel
    if not needed:
        return user
    try:
        answer = await delivery.call("conversations.open", users=user)
    except SlackRefused as refused:
        if refused.code not in find_earlier.UNKNOWN_METHOD:
            raise
        return user  # a message to a user id reaches the app's own conversation with them
    return str(answer["channel"]["id"])


def _save_dm(user: str, channel: str) -> Any:
    async def save(session: AsyncSession) -> None:
        await session.exec(
            update(Person).where(col(Person.user_id) == user).values(dm_channel=channel)
        )

    return save


async def _post(delivery: Delivery, job: Job, channel: str, message: Message) -> str:
    return (await posted(delivery, job, channel, message)).ts


class Posted(NamedTuple):
    """A message's ts and conversation; ``fresh`` when it was posted now, not by an earlier try."""

    ts: str
    channel: str
    fresh: bool


async def posted(delivery: Delivery, job: Job, channel: str, message: Message) -> Posted:
    """Post once: a retry first looks for a message that carries this row's id."""
    if job.tried_before:
        found = await find_earlier.our_message(delivery.call, channel, job.row)
        if found is not None:
            return Posted(str(found["ts"]), channel, fresh=False)
    metadata = find_earlier.signature(job.row)
    arguments: dict[str, Any] = {
        "channel": channel,
        "text": message.text,
        "metadata": metadata,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    try:
        answer = await delivery.call("chat.postMessage", blocks=message.blocks, **arguments)
    except SlackRefused as refused:
        if "block" not in refused.code:
            raise
        answer = await delivery.call("chat.postMessage", **arguments)
    return Posted(str(answer["ts"]), str(answer.get("channel") or channel), fresh=True)


async def attach(delivery: Delivery, job: Job) -> Learned:
    """Upload a document to the channel; a retry looks for a file of that name first."""
    case = await case_facts(delivery, job)
    channel = channel_of(case, job.row)
    paper = await document(delivery.desk, job.row, case)
    name = paper.filename
    if (
        job.tried_before
        and await find_earlier.our_file(delivery.call, channel, job.row, name) is not None
    ):
        return Learned()
    content = paper.text.encode()
    place = await delivery.call(
        "files.getUploadURLExternal", filename=paper.filename, length=len(content)
    )
    await delivery.desk.slack.upload(place["upload_url"], content)
    await delivery.call(
        "files.completeUploadExternal",
        files=[{"id": place["file_id"], "title": paper.title}],
        channel_id=channel,
    )
    return Learned({"file": place["file_id"]})


def team_language(delivery: Delivery) -> Language:
    """The language of what everybody in a channel reads."""
    return delivery.desk.policy.languages[0]


def _save_case(row: Outbox, **values: Any) -> Any:
    async def save(session: AsyncSession) -> None:
        await session.exec(update(Case).where(col(Case.number) == row.case_number).values(**values))

    return save


PERFORMERS: Mapping[str, Performer] = {
    "create_channel": create_channel,
    "rejoin": drift_performers.rejoin,
    "rename": drift_performers.rename,
    "look": drift_performers.look,
    "card": card,
    "pin": pin,
    "topic": topic_of,
    "bookmark": bookmark,
    "invite": invite,
    "post": post,
    "dm": dm,
    "digest": digest,
    "alert": alert,
    "roster": dm,
    "clock_alert": clock_alert,
    "file": attach,
    "old_card": left_channels.old_card,
    "old_topic": left_channels.old_topic,
    "old_bookmark": left_channels.old_bookmark,
    "old_name": left_channels.old_name,
    "old_post": old_post,
    "mail": mail,
    **{desk.value: ticket for desk in HelpDesk},
}

__all__ = ["PERFORMERS", "Later"]
