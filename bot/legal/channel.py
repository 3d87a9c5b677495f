"""Performing what ``bot/legal/room.py`` queues: channel, people, first words, end.

Each may run twice: a channel and a message of an earlier try are found, and what is so already
Slack refuses as such. Where there is no channel, because Slack refused it, nothing is done.
"""

from collections.abc import Awaitable, Callable, Iterator

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import on_case
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import RECOVERABLE_ERRORS, Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.legal.room import lose_room, tell_who_stays
from bot.people.channel_readers import require_insiders
from bot.rules.drift import HINTS
from bot.rules.names import legal_channel_name
from bot.rules.states import LegalRoomState
from bot.slack.case_presenter import case_facts
from bot.slack.channels import bring_in, create_first_free
from bot.slack.posts import post_once
from bot.slack.presenter import NAME_ATTEMPTS, team_language
from messages.clients.slack import SlackRefused
from messages.compose import compose_message
from storage.models import Case, LegalRoom

GONE = frozenset({*HINTS, "already_archived", "is_archived"})
OUT = frozenset({"not_in_channel", "user_not_found"})  # of the person; the app is looked for hourly
NOT_ALLOWED = frozenset(
    {"restricted_action", "missing_scope", "not_supported", "no_permission",
     "method_not_supported_for_channel_type"}
)  # fmt: skip


async def create_legal_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Make the private channel, or adopt an earlier try's; who waits for it hears of a refusal."""
    number = _number(job)
    room = await _room(delivery, number)
    if room is None or room.channel_id or room.state is not LegalRoomState.WANTED:
        return EffectResult()
    try:
        channel, name = await create_first_free(delivery, job, _names(number), private=True)
    except SlackRefused as refused:
        if refused.code in RECOVERABLE_ERRORS:
            raise
        return EffectResult({"refused": refused.code}, _losing(delivery, number, refused.code))

    async def save(session: AsyncSession) -> None:
        stored = await session.get_one(LegalRoom, number)
        stored.channel_id, stored.channel_name = channel, name
        if stored.state is LegalRoomState.WANTED:
            stored.state = LegalRoomState.OPEN
        session.add(stored)

    return EffectResult({"channel": channel}, save)


async def invite_to_legal(delivery: Delivery, job: Job) -> EffectResult:
    """Bring in those who may read the case still; the result has who could not come, by code."""
    number = _number(job)
    room = await _room(delivery, number)
    if room is None or not room.channel_id:
        return EffectResult()
    async with delivery.services.database.read() as session:
        case = await session.get_one(Case, number)
        users = [
            user
            for user in job.row.payload["users"]
            if not case.sensitive or await on_case(session, case, user)
        ]
    try:
        return await bring_in(delivery, room.channel_id, users)
    except SlackRefused as refused:
        return _lost_by(delivery, number, refused)


async def remove_from_legal(delivery: Delivery, job: Job) -> EffectResult:
    """Take people out, each by one call; Legal hears whom Slack does not let the app take out.

    The result has Slack's code by each of these. One who is out already, or has left the workspace,
    is no refusal.
    """
    number = _number(job)
    room = await _room(delivery, number)
    if room is None or not room.channel_id:
        return EffectResult()
    refusals: dict[str, str] = {}
    for user in job.row.payload["users"]:
        try:
            await delivery.call("conversations.kick", channel=room.channel_id, user=user)
        except SlackRefused as refused:
            if refused.code in NOT_ALLOWED:
                refusals[user] = refused.code
            elif refused.code not in OUT:
                return _lost_by(delivery, number, refused)
    return EffectResult(refusals, _staying(delivery, number, refusals) if refusals else None)


def _staying(
    delivery: Delivery, number: int, refusals: dict[str, str]
) -> Callable[[AsyncSession], Awaitable[None]]:
    """What tells Legal, with the effect's end, who is still in, by Slack's code."""

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, "legal"))
        case = await work.case(number)
        await tell_who_stays(work, case, list(refusals), next(iter(refusals.values())))

    return save


async def say_to_legal(delivery: Delivery, job: Job) -> EffectResult:
    """Say what the channel is for, who is in it, and where things are decided.

    Where others than our own people read it by then nothing is said, and the channel is lost.
    """
    number = _number(job)
    room = await _room(delivery, number)
    if room is None or not room.channel_id:
        return EffectResult()
    facts = await case_facts(delivery, job)
    said = {"people": room.invited.get("users", []), "by": room.opened_by}
    message = compose_message(
        "notice:legal_room_opened", said, facts, team_language(delivery), inside=True
    )
    try:
        await require_insiders(delivery, room.channel_id, job.row.kind)
        return EffectResult({"ts": await post_once(delivery, job, room.channel_id, message)})
    except SlackRefused as refused:
        return _lost_by(delivery, number, refused)


async def archive_legal_channel(delivery: Delivery, job: Job) -> EffectResult:
    """Archive it; one that is archived or gone is as it should be."""
    room = await _room(delivery, _number(job))
    if room is None or not room.channel_id or room.state is not LegalRoomState.ENDED:
        return EffectResult()
    try:
        await delivery.call("conversations.archive", channel=room.channel_id)
    except SlackRefused as refused:
        if refused.code not in GONE:
            raise
    return EffectResult()


def _names(number: int) -> Iterator[str]:
    for attempt in NAME_ATTEMPTS:
        yield legal_channel_name(number, attempt=attempt)


def _number(job: Job) -> int:
    assert job.row.case_number is not None  # each of these rows is about a case
    return job.row.case_number


async def _room(delivery: Delivery, number: int) -> LegalRoom | None:
    async with delivery.services.database.read() as session:
        return await session.get(LegalRoom, number)


def _lost_by(delivery: Delivery, number: int, refused: SlackRefused) -> EffectResult:
    """The room is lost where that is what Slack refused for. Raises it otherwise."""
    if refused.code not in GONE:
        raise refused
    return EffectResult({"lost": refused.code}, _losing(delivery, number, refused.code))


def _losing(
    delivery: Delivery, number: int, code: str
) -> Callable[[AsyncSession], Awaitable[None]]:
    """What stores, with the effect's end, that the channel is lost; ``code`` is Slack's.

    The case is locked. A channel that was closed meanwhile is not lost.
    """

    async def save(session: AsyncSession) -> None:
        work = UnitOfWork.join(session, delivery.services, Actor(SYSTEM, "legal"))
        case = await work.case(number)
        room = await session.get_one(LegalRoom, number)
        if room.state in (LegalRoomState.WANTED, LegalRoomState.OPEN):
            await lose_room(work, case, room, code)

    return save
