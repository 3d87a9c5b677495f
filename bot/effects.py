"""What a use case may ask Slack to show, each a few rows in the outbox.

Lanes keep order where it matters: a channel's posts, a person's DMs; all else runs side by side.
The card, the topic and every text are rendered when they are sent, from the case as it is then.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import OutboxState
from bot.rules.words import Drift
from storage.models import Case, Outbox

# Priorities: what a person waits for, then breaches, nudges, digests. Severity is added to
# opening, so that in a burst the most severe case gets its channel first.
OPENING = 10
INTERACTIVE = 20
BREACH = 30
NUDGE = 40
DIGEST = 50
LOOK = 60

HEARD = "heard"  # the lane of what customers write: nothing of ours waits behind it

# Kinds of effect that need the case's channel.
IN_CHANNEL = frozenset(
    {"post", "edited_post", "card", "pin", "topic", "invite", "bookmark", "file"}
)
RENDERED = ("card", "topic")  # kinds that show the case as it is when they are sent


def lane(case: Case, part: str = "") -> str:
    """The lane of a case, or of one part of it."""
    return f"case:{case.number}:{part}" if part else f"case:{case.number}"


async def open_channel(work: UnitOfWork, case: Case, invitees: Iterable[str]) -> None:
    """Everything that makes a case visible: one call first, then all the rest side by side."""
    urgent = OPENING + case.severity
    channel = await work.queue("create_channel", lane(case, "channel"), case=case, priority=urgent)
    work.creating[case.number] = channel
    card = await work.queue("card", lane(case, "card"), case=case, after=channel, priority=urgent)
    work.leave(
        "invite",
        lane(case, "people"),
        {"users": sorted(set(invitees))},
        case=case,
        after=channel,
        priority=urgent,
    )
    work.leave("pin", lane(case, "card"), case=case, after=card, priority=urgent)
    work.leave("topic", lane(case, "topic"), case=case, after=channel, priority=urgent)
    if case.ticket_url:
        work.leave("bookmark", lane(case, "bookmark"), case=case, after=channel, priority=urgent)


async def channel_row(work: UnitOfWork, case: Case) -> int | None:
    """The row that creates the case's channel, while the channel is still to come."""
    if case.channel_id:
        return None
    if case.number in work.creating:
        return work.creating[case.number]
    query = (
        select(Outbox.id)
        .where(col(Outbox.case_number) == case.number, col(Outbox.kind) == "create_channel")
        .order_by(col(Outbox.id).desc())  # a channel that was lost for good is made anew
    )
    return (await work.session.exec(query)).first()


async def refresh(work: UnitOfWork, case: Case, *, priority: int = INTERACTIVE) -> None:
    """The card will show the case as it is now, once, however often it changed."""
    work.changed(case)
    await _once(work, case, "card", priority)


async def retitle(work: UnitOfWork, case: Case) -> None:
    """The channel's topic will be the case's of now."""
    await _once(work, case, "topic")


async def _once(work: UnitOfWork, case: Case, kind: str, priority: int = INTERACTIVE) -> None:
    """Queue a row that is rendered when it is sent, unless one is still to come.

    A row that delivery already holds may have been rendered before this change, so only one
    that nobody has claimed counts. It becomes as urgent as the most urgent of its reasons.
    """
    if case.number not in work.unclaimed:
        await foresee(work, [case])
    waiting = work.unclaimed[case.number]
    if kind not in waiting:
        after = await channel_row(work, case)
        work.leave(kind, lane(case, kind), case=case, after=after, priority=priority)
    elif waiting[kind] > priority:
        row = update(Outbox).where(*_unclaimed([case.number]), col(Outbox.kind) == kind)
        await work.session.exec(row.values(priority=priority))
    waiting[kind] = min(priority, waiting.get(kind, priority))


async def foresee(work: UnitOfWork, cases: Sequence[Case]) -> None:
    """Ask for many cases at once what ``refresh`` and ``retitle`` would ask for each.

    The rows found are held until the transaction ends, so that delivery claims none meanwhile.
    """
    numbers = [case.number for case in cases]
    query = select(Outbox.case_number, Outbox.kind, Outbox.priority).where(*_unclaimed(numbers))
    work.unclaimed |= {number: {} for number in numbers}
    query = query.where(col(Outbox.kind).in_(RENDERED)).with_for_update()
    for number, kind, priority in (await work.session.exec(query)).all():
        work.unclaimed[number or 0][kind] = priority


def _unclaimed(numbers: Sequence[int]) -> list[ColumnElement[bool]]:
    return [
        col(Outbox.case_number).in_(numbers),
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    ]


async def look(work: UnitOfWork, case: Case, hint: Drift | None = None) -> None:
    """Somebody will see whether Slack shows what the store says; one look at a time waits."""
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind) == "look",
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
        col(Outbox.after).is_(None),
    )
    waiting = (await work.session.exec(query.with_for_update())).first()
    if waiting is None:
        given = {"hint": hint.value} if hint else {}
        work.leave("look", lane(case, "look"), given, case=case, priority=LOOK)
    elif hint is not None:
        waiting.payload = {**waiting.payload, "hint": hint.value}
        work.session.add(waiting)


async def invite(work: UnitOfWork, case: Case, users: Iterable[str]) -> None:
    """Bring people into the case's channel."""
    wanted = sorted(set(users))
    if wanted:
        after = await channel_row(work, case)
        work.leave(
            "invite",
            lane(case, "people"),
            {"users": wanted},
            case=case,
            after=after,
            priority=INTERACTIVE,
        )


async def post(
    work: UnitOfWork,
    case: Case,
    text: str,
    extra: Mapping[str, Any] | None = None,
    *,
    priority: int = INTERACTIVE,
    part: str = "",
) -> None:
    """Say something in the case's channel; ``text`` as in saying.py: ``notice:<name>`` …

    ``part`` is a lane of its own, for what others may send as often as they like.
    """
    after = await channel_row(work, case)
    if after is None and case.channel_id is None:
        return  # a case that never had a channel has nobody to tell there
    work.leave(
        "post",
        lane(case, part),
        {"text": text, "extra": dict(extra or {})},
        case=case,
        after=after,
        priority=priority,
    )


async def dm(
    work: UnitOfWork,
    user: str,
    text: str,
    case: Case | None = None,
    extra: Mapping[str, Any] | None = None,
    *,
    priority: int = INTERACTIVE,
    with_channel: bool = False,
) -> None:
    """Say something to one person. ``with_channel`` waits until the channel can be linked."""
    after = await channel_row(work, case) if case and with_channel else None
    work.leave(
        "dm",
        f"dm:{user}",
        {"user": user, "text": text, "extra": dict(extra or {})},
        case=case,
        after=after,
        priority=priority,
    )


async def attach(work: UnitOfWork, case: Case, document: str) -> None:
    """Put a rendered document (``postmortem``) into the channel as a file."""
    after = await channel_row(work, case)
    work.leave(
        "file", lane(case), {"document": document}, case=case, after=after, priority=INTERACTIVE
    )
