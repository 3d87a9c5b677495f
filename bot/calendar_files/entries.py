"""A case's meeting of one kind: set, moved, cancelled, with all that tells of it."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.customers.channels import customer_channels
from bot.engine.unit_of_work import UnitOfWork
from bot.subjects import build_lane
from storage.models import Case, Meeting

POSTMORTEM = "postmortem"
FILE = "meeting"  # the document's name in a row of the outbox


async def find_meeting(session: AsyncSession, case: int, kind: str) -> Meeting | None:
    """The case's meeting of this kind, also one that was cancelled; None where none was set."""
    query = select(Meeting).where(col(Meeting.case_number) == case, col(Meeting.kind) == kind)
    return (await session.exec(query)).first()


async def set_meeting(
    work: UnitOfWork,
    case: Case,
    kind: str,
    *,
    begins: datetime,
    minutes: int,
    place: str,
    invited: Sequence[str],
) -> tuple[Meeting, bool]:
    """Set the meeting or move it; answers it, and whether it moved. The case is locked.

    Those who were invited before and are no longer keep the entry until it is cancelled.
    """
    row = await find_meeting(work.session, case.number, kind)
    moved = row is not None and not row.cancelled
    if row is None:
        uid = f"{secrets.token_hex(16)}@escalation-desk"
        row = Meeting(
            case_number=case.number, kind=kind, uid=uid, begins=begins, minutes=minutes,
            planned_by=work.actor.user_id, changed_at=work.now,
        )  # fmt: skip
    else:
        row.sequence += 1
    before = row.invited.get("users", ())
    row.begins, row.minutes, row.place, row.cancelled = begins, minutes, place, False
    row.invited = {"users": list(dict.fromkeys([*before, *invited]))}
    await _tell(work, case, row)
    return row, moved


async def cancel_meeting(work: UnitOfWork, case: Case, kind: str) -> Meeting | None:
    """Cancel a meeting that is still to come; None where there is none. The case is locked."""
    row = await find_meeting(work.session, case.number, kind)
    if row is None or row.cancelled or row.begins <= work.now:
        return None
    row.cancelled, row.sequence = True, row.sequence + 1
    await _tell(work, case, row)
    return row


async def _tell(work: UnitOfWork, case: Case, row: Meeting) -> None:
    """Queue the file for the channel, and a mail for each who is invited, where mail is sent.

    A row names the change that it tells of; once there is a later one it tells nothing.
    """
    row.planned_by, row.changed_at = work.actor.user_id, work.now
    work.session.add(row)
    await work.session.flush()
    about: dict[str, Any] = {"meeting": row.id, "sequence": row.sequence}
    after = await effects.channel_row(work, case)
    if after is not None or case.channel_id is not None:
        said = {"document": FILE, **about}
        lane, urgent = build_lane(case), effects.INTERACTIVE
        work.leave("file", lane, said, case=case, after=after, priority=urgent)
    channels = customer_channels(work)
    if channels is None or not channels.mails:
        return
    for user in row.invited["users"]:
        lane = f"calendar:{row.id}:{user}"
        work.leave(
            "calendar_mail", lane, {**about, "user": user}, case=case, priority=effects.NUDGE
        )
