"""Being away: from when to when, who stands in, and being back sooner.

A person says it for themselves; a manager also for a colleague, since who is ill cannot. While a
person is away nothing new is theirs. The cases that they own stay theirs until they are handed over
(the answer names them), as a case without anybody who accepted it has no one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import organisational_roles, require_permission
from bot.core.case_selection import by_priority
from bot.core.steps import as_utc
from bot.duty.shift_ends import replan_person
from bot.engine.inbox import Answer
from bot.engine.intent import Future, Intent, OptionalLine, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.lifecycle import LIVE
from bot.rules.permissions import MANAGERS
from storage.models import Absence, Case

LONGEST = timedelta(days=366)
CASES_NAMED = 10  # of those who go, in the answer


class GoAway(Intent):
    """Be away until an instant; ``colleague`` is who, where it is another, None for oneself.

    ``begins`` None means from now on.
    """

    verb: ClassVar[str] = "away"
    until: Future[datetime]
    begins: Future[datetime | None] = None
    deputy: SlackUser | None = None
    colleague: SlackUser | None = None
    note: OptionalLine = ""


class ComeBack(Intent):
    """Be back: the absence that runs ends now, or the next one is dropped.

    ``colleague`` is who, where it is another.
    """

    verb: ClassVar[str] = "back"
    colleague: SlackUser | None = None


async def go_away(work: UnitOfWork, intent: GoAway) -> Answer | None:
    """Note the absence in place of those that it overlaps, and name what stays with the person.

    A ``begins`` in the past counts as now. Of an absence that runs already what lies before the new
    one stays, what lies after it is gone; one that has not begun is deleted whole. Instants without
    a zone are UTC. Nothing is handed over by itself: the person is asked to, by the answer where it
    begins now, else before it begins; what no one takes the lead decides. The answer
    ``duty:away_noted`` has the numbers of the
    live cases in ``cases`` (at most ``CASES_NAMED``), and ``yours`` where the actor spoke for
    themselves.

    Raises UserError ``absence_of_another``, ``away_backwards``, ``away_too_long`` (beyond
    ``LONGEST``), ``own_deputy``, ``deputy_away`` (``user``, ``begins``, ``ends``).
    """
    user = await _whose(work, intent.colleague, "away")
    begins = max(as_utc(intent.begins), work.now) if intent.begins else work.now
    ends = as_utc(intent.until)
    if ends <= begins:
        raise UserError("away_backwards")
    if ends - begins > LONGEST:
        raise UserError("away_too_long")
    if intent.deputy == user:
        raise UserError("own_deputy")
    await _require_there(work, intent.deputy, begins, ends)
    await _end_overlapping(work, user, begins, ends)
    work.session.add(
        Absence(
            user_id=user, begins=begins, ends=ends, deputy=intent.deputy, note=intent.note,
            noted_by=work.actor.user_id, noted_at=work.now,
        )
    )  # fmt: skip
    said = {
        "user": user, "by": work.actor.user_id, "from_at": begins.isoformat(),
        "until": ends.isoformat(), "deputy": intent.deputy or "", "note": intent.note,
    }  # fmt: skip
    await _tell(work, "away", user, intent.deputy, said)
    yours = user == work.actor.user_id
    await replan_person(work, user, asked=yours and begins == work.now)
    own = await _live_cases(work, user)
    return Answer(text="duty:away_noted", extra={**said, "cases": own, "yours": yours})


async def come_back(work: UnitOfWork, intent: ComeBack) -> Answer | None:
    """End the absence that runs; where none does, drop the next one, which has not begun yet.

    What is planned for later stays. Its deputy is told, and the person where another said it.
    Raises UserError ``absence_of_another``, and ``not_away`` where no absence runs or is to come.
    """
    user = await _whose(work, intent.colleague, "back")
    known = await _rows(work, user, work.now, datetime.max.replace(tzinfo=work.now.tzinfo))
    if not known:
        raise UserError("not_away")
    absence = known[0]
    absence.begins, absence.ends = min(absence.begins, work.now), work.now
    work.session.add(absence)
    said = {"user": user, "by": work.actor.user_id, "deputy": absence.deputy or ""}
    await _tell(work, "back", user, absence.deputy, said)
    await replan_person(work, user)
    return Answer(text="duty:back_noted", extra={**said, "yours": user == work.actor.user_id})


async def _whose(work: UnitOfWork, who: str | None, verb: str) -> str:
    """Return the person who is away: the actor, or a colleague for whom only managers may say it.

    Raises UserError ``absence_of_another``. Who is a manager is decided by roles in the
    organisation alone.
    """
    await require_permission(work, None, verb)
    me = work.actor.user_id
    if who in (None, me):
        return me
    if not organisational_roles(work.policy, me) & MANAGERS:
        raise UserError("absence_of_another")
    return str(who)


async def _rows(work: UnitOfWork, user: str, begins: datetime, ends: datetime) -> Sequence[Absence]:
    """The absences of a person that overlap a time, locked, the earliest first."""
    query = select(Absence).where(
        col(Absence.user_id) == user, col(Absence.begins) < ends, col(Absence.ends) > begins
    )
    query = query.order_by(col(Absence.begins)).with_for_update()
    return (await work.session.exec(query)).all()


async def _require_there(
    work: UnitOfWork, deputy: str | None, begins: datetime, ends: datetime
) -> None:
    """Refuse a deputy who is away for a part of the time: then no one would stand in."""
    query = select(Absence).where(
        col(Absence.user_id) == deputy, col(Absence.begins) < ends, col(Absence.ends) > begins
    )
    away = (await work.session.exec(query.order_by(col(Absence.begins)))).first()
    if deputy and away is not None:
        raise UserError("deputy_away", user=deputy, begins=away.begins, ends=away.ends)


async def _end_overlapping(work: UnitOfWork, user: str, begins: datetime, ends: datetime) -> None:
    """What was said before of the same time no longer counts; what of it is past stays."""
    for row in await _rows(work, user, begins, ends):
        if row.begins < work.now:
            row.ends = min(row.ends, begins)
            work.session.add(row)
        else:
            await work.session.delete(row)


async def _tell(
    work: UnitOfWork, name: str, user: str, deputy: str | None, said: dict[str, Any]
) -> None:
    """Tell the deputy, and the person where another said it for them.

    The text is ``duty:<name>`` with ``said`` as its ``extra``. For ``away``: ``user``, ``by``,
    ``from_at`` and ``until`` (ISO 8601, UTC), ``deputy`` (empty without one), ``note``; for
    ``back``: ``user``, ``by``, ``deputy``. The actor is told nothing.
    """
    for each in dict.fromkeys(filter(None, (deputy, user))):
        if each != work.actor.user_id:
            await effects.queue_dm(work, each, f"duty:{name}", None, said)


async def _live_cases(work: UnitOfWork, user: str) -> list[int]:
    """The numbers of the live cases that the person owns, by priority.

    At most ``CASES_NAMED``. Restricted ones are named to the person alone, not to a manager who
    speaks for them.
    """
    query = select(Case.number).where(
        col(Case.owner) == user, col(Case.status).in_([s.value for s in LIVE])
    )
    if user != work.actor.user_id:
        query = query.where(col(Case.sensitive).is_(False))
    query = query.order_by(*by_priority()).limit(CASES_NAMED)
    return list((await work.session.exec(query)).all())
