"""The app's own messages that name who was erased are rewritten where they stand, else deleted.

One row of the outbox goes through one page of a conversation and leaves the next page to another.
A message is read as Slack shows it, so it does not matter of which row it was, nor whether that row
is still there. Doing it twice finds nothing to do. What Slack does not let the app change is
counted: people must delete that.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compliance.erasure.finding import ERASES
from bot.compliance.erasure.places import Wanted, forget_wanted, read_wanted, rows_of
from bot.engine.delivery import RECOVERABLE_ERRORS, Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from bot.rules.compliance.persons import Finder, Sought, texts_in
from bot.rules.states import OutboxState
from bot.slack.posts import edit_message
from messages.clients.shared_channels import speaking_to_all
from messages.clients.slack import SlackRefused
from messages.kit.blocks import Message
from storage.models import Case, Outbox

PAGE = 100  # messages that are read at a time
BUSY = 5.0  # seconds until what was on its way when the erasure ended is asked for again
COUNTS = ("rewritten", "deleted", "files", "left", "unread", "held")
GONE = frozenset({"message_not_found", "file_not_found", "file_deleted"})  # what is not there
BRIEF = "brief-"  # how the names of files begin that tell of several cases


async def erase_messages(delivery: Delivery, job: Job) -> EffectResult:
    """Go through one page of a conversation, the newest first, or of a thread, the oldest first.

    Payload: ``rule``, ``channel``, ``thread`` (its ts or empty), ``where``, and on later pages
    ``seen``, the ts of the last message, and ``counts`` until then. The result has a count for each
    of ``COUNTS``; ``unread`` is 1 for a conversation that the app cannot read, ``held`` for one of
    a case that is held for Legal by now. Raises Later while messages are on their way that were
    composed before the erasure ended.
    """
    place = job.row.payload
    async with delivery.services.database.read() as session:
        wanted = await read_wanted(session, place["rule"])
        busy = not place.get("seen") and await _on_their_way(session, job.row)
        held = await _is_held(session, place["where"])
    if wanted is None or "channel" not in place:
        return EffectResult()
    if busy:
        raise Later(BUSY)
    counts = dict.fromkeys(COUNTS, 0) | place.get("counts", {})
    if held:
        counts["held"] = 1
        return EffectResult(counts, _ending(job.row))
    try:
        page = await _read(delivery, place)
    except SlackRefused as refused:
        if refused.code in RECOVERABLE_ERRORS:
            raise
        counts["unread"] = 1
        return EffectResult(counts, _ending(job.row))
    me = (await delivery.services.slack.identity()).get("user_id")
    shown = page.get("messages") or []
    with speaking_to_all(place["channel"]):  # less is said there than was
        for message in shown:
            if message.get("user") == me:
                await _erase(delivery, wanted, place["channel"], message, counts)
    if page.get("has_more") and shown:
        last = str(shown[-1]["ts"])
        return EffectResult(counts, _going_on(job.row, {"seen": last, "counts": counts}))
    return EffectResult(counts, _ending(job.row))


async def _is_held(session: AsyncSession, where: str) -> bool:
    """Whether a place is of a case that is held for Legal.

    ``where`` as in ``Place``: only ``ESC-7`` names a case; of other places nothing is held.
    """
    short, _, number = where.partition("-")
    case = await session.get(Case, int(number)) if short == "ESC" else None
    return case is not None and case.legal_hold_at is not None


async def _on_their_way(session: AsyncSession, row: Outbox) -> bool:
    """Whether a process holds a row that was queued before: it may show what was there then."""
    query = select(func.count(col(Outbox.id))).where(
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_not(None),
        col(Outbox.queued_at) < row.queued_at,
        col(Outbox.kind) != ERASES,
    )
    return bool((await session.exec(query)).one())


async def _read(delivery: Delivery, place: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a conversation, or of a thread, as Slack answers it.

    Of a thread the first message stands on every page. Raises SlackError.
    """
    channel, seen = place["channel"], place.get("seen")
    if place["thread"]:
        return await delivery.call(
            "conversations.replies", channel=channel, ts=place["thread"], oldest=seen, limit=PAGE
        )
    return await delivery.call("conversations.history", channel=channel, latest=seen, limit=PAGE)


async def _erase(
    delivery: Delivery,
    wanted: Wanted,
    channel: str,
    message: Mapping[str, Any],
    counts: dict[str, int],
) -> None:
    """Take the names out of one message of ours, and files out of it that may have them.

    Adds to ``counts``. Raises SlackError where Slack cannot be asked now.
    """
    text, blocks = message.get("text") or "", message.get("blocks") or []
    said: dict[str, Any] = {"text": text, "blocks": blocks}
    sought = _named_in(wanted, said)
    for file in message.get("files") or ():
        names = {name: file.get(name) or "" for name in ("name", "title")}
        if sought or _tells_of(wanted, names["name"]) or _named_in(wanted, names):
            done = await _try(delivery, "files.delete", file=file["id"])
            counts["files" if done else "left"] += 1
    if not sought:
        return
    for each in sought:
        said = each.erase_in(said)
    words = Message(said["text"], said["blocks"])
    if await _rewrite(delivery, channel, message["ts"], words):
        counts["rewritten"] += 1
    elif await _try(delivery, "chat.delete", channel=channel, ts=message["ts"]):
        counts["deleted"] += 1
    else:
        counts["left"] += 1


def _named_in(wanted: Wanted, said: Mapping[str, Any]) -> list[Sought]:
    """Who of those that are looked for is named there, with the names as they are written."""
    finder = Finder([wanted.kept], wanted.key)
    for text in texts_in(said):
        finder.look(text)
    return finder.sought()


def _tells_of(wanted: Wanted, name: str) -> bool:
    """Whether a file, by its name, is of a case that named them; what it says cannot be read."""
    short, _, rest = name.partition("-")
    number = rest.partition("-")[0]
    own = short == "esc" and number.isdigit() and int(number) in wanted.cases
    return own or name.startswith(BRIEF)


async def _rewrite(delivery: Delivery, channel: str, ts: str, words: Message) -> bool:
    """Show other words in its place; False where Slack does not let the app."""
    try:
        await edit_message(delivery, channel, ts, words)
    except SlackRefused as refused:
        if refused.code in RECOVERABLE_ERRORS:
            raise
        return refused.code in GONE
    return True


async def _try(delivery: Delivery, method: str, **arguments: str) -> bool:
    """Delete something; True too where it is gone, False where Slack does not let the app."""
    try:
        await delivery.call(method, **arguments)
    except SlackRefused as refused:
        if refused.code in RECOVERABLE_ERRORS:
            raise
        return refused.code in GONE
    return True


def _going_on(row: Outbox, seen: Mapping[str, Any]) -> Any:
    """Leave the next page to another row; this one tells no place any more."""

    async def save(session: AsyncSession) -> None:
        payload = {**row.payload, **seen}
        given: dict[str, Any] = {"priority": row.priority, "queued_at": row.queued_at}
        session.add(Outbox(kind=ERASES, lane=row.lane, payload=payload, **given))
        await _close(session, row)

    return save


def _ending(row: Outbox) -> Any:
    """Forget the place; with the last one of an erasure, what was looked for."""

    async def save(session: AsyncSession) -> None:
        rule = row.payload["rule"]
        await _close(session, row)
        await session.flush()
        open_ = (OutboxState.PENDING, OutboxState.DROPPED)
        others = [each for each in await rows_of(session, rule) if each.id != row.id]
        if not any(each.state in open_ for each in others):
            await forget_wanted(session, rule)

    return save


async def _close(session: AsyncSession, row: Outbox) -> None:
    """Of a row that is done only the erasure and what administrators read stay.

    Not the channel: that of a direct conversation stands for the person.
    """
    stored = await session.get_one(Outbox, row.id)
    stored.payload = {name: row.payload[name] for name in ("rule", "where")}
    session.add(stored)
