"""A private channel for Legal: where Legal and the few who must talk do so, not in the case's own.

In it are the case's lawyers, its owner, its executive owner, who opened it, and whom one of these
brought in; of a restricted case only people on it. A former owner, or executive owner, is taken
out. It is opened by a person, for a case that is
legal or held, or by Legal for any. It is archived when the case has ended and the hold is over.
``bot/legal/channel.py`` performs what is queued here.
"""

from collections.abc import Collection, Sequence
from typing import ClassVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import named_for, on_case, role_holders
from bot.core.reactions import CaseClosed, CaseDismissed
from bot.core.steps import authorize_case, case_answer
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, OnCase, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.states import LegalRoomState
from bot.rules.words import Role
from bot.subjects import build_lane
from storage.models import Case, LegalRoom

LANE = "legal"  # the part of the case's lane in which all of it happens in order
THERE = (LegalRoomState.WANTED, LegalRoomState.OPEN)


class OpenLegalRoom(OnCase):
    """Have a private channel for Legal, or bring ``user`` into the one that there is."""

    verb: ClassVar[str] = "open_legal_room"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    user: SlackUser | None = None


async def open_legal_room(work: UnitOfWork, intent: OpenLegalRoom) -> Answer | None:
    """Open it where there is none, and bring in who belongs there and is not.

    Timeline ``open_legal_room`` or ``join_legal_room``: ``user``, who was brought in. Raises
    UserError ``no_legal_question``, ``no_lawyer_here``, ``not_on_legal_case`` (``user``).
    """
    case = await authorize_case(work, intent.case, "open_legal_room")
    me, lawyers = work.actor.user_id, await list_lawyers(work, case)
    held = case.legal_hold_at is not None
    if not held and not ((case.legal or me in lawyers) and case.status in LIVE):
        raise UserError("no_legal_question")
    if not lawyers:
        raise UserError("no_lawyer_here")
    guest = [intent.user] if intent.user else []
    if guest and case.sensitive and not await on_case(work.session, case, guest[0]):
        raise UserError("not_on_legal_case", user=guest[0])
    room = await work.session.get(LegalRoom, case.number)
    fresh = room is None or room.state not in THERE
    room = _begin(work, case, room) if room is None or fresh else room
    people = [me, *guest] if fresh else guest
    _remember_guests(work, room, people)
    new = await bring_in(work, case, room, [*people, *await list_members(work, case)])
    if fresh:
        work.leave("legal_post", build_lane(case, LANE), case=case)
    said = {"people": new, "fresh": fresh}
    if fresh or guest:
        verb = "open_legal_room" if fresh else "join_legal_room"
        work.note(case, verb, after={"user": guest[0]} if guest else {})
    return case_answer(case, "notice:legal_room", **said)


def _begin(work: UnitOfWork, case: Case, room: LegalRoom | None) -> LegalRoom:
    """A room that Slack still has to make, in the place of one that was lost or has ended."""
    room = room or LegalRoom(case_number=case.number, opened_by="", opened_at=work.now)
    room.state, room.channel_id, room.channel_name = LegalRoomState.WANTED, None, None
    room.opened_by, room.opened_at, room.invited = (
        work.actor.user_id,
        work.now,
        {"users": [], "guests": []},
    )
    work.session.add(room)
    lane = build_lane(case, LANE)
    work.leave("legal_channel", lane, case=case, priority=effects.OPENING + case.severity)
    return room


def _remember_guests(work: UnitOfWork, room: LegalRoom, people: Sequence[str]) -> None:
    """Keep who is in by a person's word and not by a part in the case: they stay in."""
    if "guests" in room.invited:  # a room of before did not tell them apart: all stay in
        guests = dict.fromkeys([*room.invited["guests"], *people])
        room.invited = {**room.invited, "guests": list(guests)}
        work.session.add(room)


async def bring_in(
    work: UnitOfWork, case: Case, room: LegalRoom, people: Sequence[str]
) -> list[str]:
    """Queue an invitation of those who were not invited yet; answers whom."""
    known = list(room.invited.get("users", ()))
    new = [user for user in dict.fromkeys(people) if user and user not in known]
    if new:
        room.invited = {**room.invited, "users": [*known, *new]}
        work.session.add(room)
        work.leave("legal_people", build_lane(case, LANE), {"users": new}, case=case)
    return new


async def take_out(work: UnitOfWork, case: Case, room: LegalRoom) -> list[str]:
    """Queue the removal of those who were let in by a part that they have no more; answers whom.

    A former owner or executive owner is one; Legal and guests are not. Who has the part again is
    invited again.
    """
    staying = {
        *room.invited.get("guests", room.invited.get("users", ())),
        *named_for(work.policy, Role.LEGAL),
        *await list_members(work, case),
        room.opened_by,
    }
    known = room.invited.get("users", ())
    gone = [user for user in known if user not in staying]
    if gone:
        room.invited = {**room.invited, "users": [user for user in known if user in staying]}
        work.session.add(room)
        work.leave("legal_leave", build_lane(case, LANE), {"users": gone}, case=case)
    return gone


async def list_lawyers(work: UnitOfWork, case: Case) -> Sequence[str]:
    """Who of Legal looks after the case: its holder of the role, else those named and on it."""
    holder = (await role_holders(work.session, case)).get(Role.LEGAL)
    named = named_for(work.policy, Role.LEGAL)
    if holder is not None:
        return (holder,)
    if not case.sensitive:
        return named
    return [user for user in named if await on_case(work.session, case, user)]


async def list_members(work: UnitOfWork, case: Case) -> Sequence[str]:
    """Who belongs there whoever opened it: lawyers, owner, executive owner."""
    executive = (await role_holders(work.session, case)).get(Role.EXECUTIVE_OWNER, "")
    return [*await list_lawyers(work, case), case.owner or "", executive]


# -- its end, and what happens to it in Slack


async def end_with_case(work: UnitOfWork, event: CaseClosed | CaseDismissed) -> None:
    """Archive it with a case that is held no longer; others wait for the end of their hold."""
    if event.case.sensitive or event.case.legal:
        await end_legal_room(work, event.case)


async def end_legal_room(work: UnitOfWork, case: Case) -> None:
    """Archive it once the case has ended and the hold is over; else, and twice, do nothing."""
    if case.status in LIVE or case.legal_hold_at is not None:
        return
    room = await work.session.get(LegalRoom, case.number)
    if room is not None and room.state in THERE:
        room.state = LegalRoomState.ENDED
        work.session.add(room)
        work.leave("legal_archive", build_lane(case, LANE), case=case)


async def open_rooms(session: AsyncSession) -> Sequence[tuple[int, str]]:
    """Case number and channel of each room that is open in Slack."""
    query = select(LegalRoom.case_number, LegalRoom.channel_id).where(
        LegalRoom.state == LegalRoomState.OPEN, col(LegalRoom.channel_id).is_not(None)
    )
    return [(number, str(channel)) for number, channel in (await session.exec(query)).all()]


async def look_after_rooms(work: UnitOfWork, rooms: Sequence[int], lost: Collection[int]) -> None:
    """Tell of those that are ``lost``; of the others let owners in and out, and end what is over.

    Locks the cases in the order of their numbers.
    """
    for number in sorted(rooms):
        case = await work.case(number)
        room = await work.session.get(LegalRoom, number)
        if room is None or room.state is not LegalRoomState.OPEN:
            continue
        if number in lost:
            await lose_room(work, case, room)
        elif case.status in LIVE:
            await bring_in(work, case, room, await list_members(work, case))
            await take_out(work, case, room)
        await end_legal_room(work, case)


async def tell_who_stays(work: UnitOfWork, case: Case, people: Sequence[str], code: str) -> None:
    """Tell Legal, and nobody else, whom Slack does not let the app take out of their channel."""
    said = {"people": list(people), "code": code}
    for user in await list_lawyers(work, case):
        await effects.queue_dm(work, user, "notice:legal_room_stays", case, said)


async def lose_room(work: UnitOfWork, case: Case, room: LegalRoom, code: str = "") -> None:
    """It cannot be used: Legal, the owner and who opened it hear of it once. The case is locked.

    ``code`` is Slack's, where it did not make the channel. Timeline ``legal_room_lost``.
    """
    room.state = LegalRoomState.LOST
    work.session.add(room)
    work.note(case, "legal_room_lost", after={"called": room.channel_name or ""})
    people = [*await list_lawyers(work, case), case.owner or "", room.opened_by]
    said = {"code": code}
    for user in dict.fromkeys(people):
        if user:
            await effects.queue_dm(work, user, "notice:legal_room_lost", case, said)
