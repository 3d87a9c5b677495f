"""Moving a case from its channel to a private one, in one transaction.

It moves because it is restricted now, or because others than our own people read the channel
(``EXPOSED``). Slack cannot make a public channel private for us, and of who is in a channel only
people dispose. The old channel is told only that the case goes on elsewhere.
"""

from sqlalchemy import update
from sqlmodel import col

from bot import effects
from bot.core.access import role_holders
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.states import ChannelState, OutboxState
from bot.subjects import build_lane
from storage.models import Case, Outbox

# What was to be shown in the old channel and is shown anew in the new one, or not at all.
SHOWN_ANEW = ("card", "pin", "topic", "bookmark", "invite", "look", "rejoin", "rename")
RESTRICTED = "restricted"  # why a case leaves its channel, where Slack is not the reason
SAID = ("post", "edited_post", "file")  # what is said in the new channel instead


async def people_on(work: UnitOfWork, case: Case) -> set[str]:
    """Return who belongs in the private channel: all who may read the case by a role of theirs."""
    return {case.reporter, case.owner, *(await role_holders(work.session, case)).values()}


async def leave_channel(work: UnitOfWork, case: Case, why: str = RESTRICTED) -> dict[str, str]:
    """Move the case to a private channel; its old one keeps nothing that can be taken back.

    What still waits for the old channel is said in the new one. The case must be locked. In one
    transaction: rows not claimed that only show something are dropped, the old channel's rows are
    queued, the case forgets channel, card and topic, and a new channel is queued, for which posts
    and files that are still to be sent then wait. Timeline ``moved``: ``called`` and ``old``, the
    former channel's name and id, and ``what``, which is ``why``: ``RESTRICTED`` or a value of
    ``Drift``. Answers the facts of the notice.

    Of a case that is not restricted all our own people who are in the old channel are invited.
    """
    old = {"channel": case.channel_id or "", "ts": case.card_ts, "link": case.ticket_url}
    called = case.channel_name or ""
    await _drop_unclaimed(work, case)
    _take_leave(work, case, old)
    case.channel_id = case.channel_name = case.card_ts = case.topic = case.looked_at = None
    case.channel_state, case.drift, case.private_channel = ChannelState.WANTED, {}, True
    said = {"what": why, "old": old["channel"] or "", "called": called}
    work.note(case, "moved", after=said)
    made = await effects.open_channel(
        work,
        case,
        await people_on(work, case),
        members_of="" if case.sensitive else said["old"],
    )
    await _wait_for(work, case, made)
    await effects.queue_post(work, case, "notice:moved", said)
    await work.queue("look", build_lane(case, "look"), case=case, after=made)
    await effects.queue_card(work, case)
    return said


def _take_leave(work: UnitOfWork, case: Case, old: dict[str, str | None]) -> None:
    """Card, topic, name and bookmark of the old channel tell nothing.

    Each in the lane of what may be on its way there, and so after it; of a name that is a repair,
    in the lane of looks.
    """
    steps = [("old_topic", "topic"), ("old_name", "look"), ("old_post", "old")]
    steps += [("old_card", "card")] if old["ts"] else []
    steps += [("old_bookmark", "bookmark")] if old["link"] else []
    for kind, part in steps:
        lane = build_lane(case, part)
        work.leave(kind, lane, old, case=case, priority=effects.OPENING)


async def _drop_unclaimed(work: UnitOfWork, case: Case) -> None:
    """Drop rows that are not under way and would only show something in the old channel."""
    rows = update(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind).in_(SHOWN_ANEW),
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    )
    await work.session.exec(rows.values(state=OutboxState.DROPPED, done_at=work.now))
    work.unclaimed.pop(build_lane(case), None)


async def _wait_for(work: UnitOfWork, case: Case, made: int) -> None:
    """What was to be said in the old channel waits for the new one."""
    waiting = update(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.id) < made,
        col(Outbox.kind).in_(SAID),
        col(Outbox.state) == OutboxState.PENDING,
    )
    await work.session.exec(waiting.values(after=made))
