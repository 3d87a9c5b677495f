"""When people go off duty: planned for each person of the rota, asked about before it comes.

A row of ``ShiftEnd`` is the plan of one person. ``plan_shift_ends`` brings the rows up to date with
rota and absences, at the start, every hour and whenever the people of the policy change;
``ask_before_end`` says that the end is near, and plans the next one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.case_selection import by_priority
from bot.duty.on_duty import KEY, load_rota, read_absence
from bot.duty.summary import summarize_case
from bot.engine.due import Reminder, get_reminder
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.rules.duty import AHEAD, DutyEnd, Rota, find_ends
from bot.rules.lifecycle import LIVE
from bot.rules.states import HandoverState
from bot.rules.words import Role
from storage.models import Absence, Case, Handover, ShiftEnd

CASES_MAX = 40  # that one form hands over, by priority
MOMENT = timedelta(minutes=1)
LOCK = "shift_ends"


async def plan_shift_ends(services: WorkServices) -> None:
    """Bring the rows up to date; where nothing changed, nothing is written."""
    now = services.clock.now()
    async with services.database.read() as session:
        if not await _replan(session, services, now):
            return
    async with services.database.write() as session:
        await services.database.exclusive(session, LOCK)
        session.add_all(await _replan(session, services, now))


async def _replan(
    session: AsyncSession, services: WorkServices, now: datetime
) -> Sequence[ShiftEnd]:
    """The rows that are not as they should be, put right; not stored yet."""
    away = (await session.exec(select(Absence).where(col(Absence.ends) > now))).all()
    rota = services.policy.rota([read_absence(row) for row in away])
    known = {row.user_id: row for row in (await session.exec(select(ShiftEnd))).all()}
    ends = find_ends(rota, now - MOMENT, now + AHEAD)
    changed = []
    for user in dict.fromkeys([*known, *(end.user for end in ends)]):
        row = known.get(user) or ShiftEnd(user_id=user)
        if _plan(row, ends, services.policy.shift_change.offer_before):
            changed.append(row)
    return changed


async def replan_person(work: UnitOfWork, user: str, *, asked: bool = False) -> None:
    """Bring one person's row up to date, after an absence of theirs was noted or ended.

    ``asked``: the absence has begun, and the person is being asked to hand over in another message.
    What they leave open comes up as at the end of a shift.
    """
    await work.session.flush()
    work.session.info.pop(KEY, None)  # who is away has changed
    rota, change = await load_rota(work), work.policy.shift_change
    known = await work.session.get(ShiftEnd, user, with_for_update=True)
    row = known or ShiftEnd(user_id=user)
    if asked and await list_owned(work.session, user):
        row.handled, row.kept = work.now, {}
        row.heir = choose_heir(rota, user, work.now)
        row.decide_at = work.now + change.decide_after
    ends = find_ends(rota, work.now - MOMENT, work.now + AHEAD)
    if _plan(row, ends, change.offer_before) or row.handled == work.now:
        work.session.add(row)


def _plan(row: ShiftEnd, ends: Sequence[DutyEnd], before: timedelta) -> bool:
    """Set the person's next end that was not looked at yet, None for none; True if it is new."""
    known = (row.ends_at, row.ask_at)
    mine = [end.at for end in ends if end.user == row.user_id]
    row.ends_at = next((at for at in mine if row.handled is None or at > row.handled), None)
    row.ask_at = row.ends_at - before if row.ends_at else None
    return (row.ends_at, row.ask_at) != known


async def ask_before_end(work: UnitOfWork, row: ShiftEnd, says: Sequence[Reminder]) -> None:
    """Ask a person whose shift ends to hand over their cases; then plan the next end.

    Not asked are those who stay on duty by the rota as it is now, and those without a live case
    that waits for no answer. The DM has ``until``, ``user`` (the next on duty, "" for no one) and
    ``cases``, as ``summary_of`` makes them. What is unanswered comes up at ``decide_at``.
    """
    rota, end = await load_rota(work), row.ends_at
    row.handled = end
    change = work.policy.shift_change
    if end is not None and (found := _end_of(rota, row.user_id, end)):
        cases = await list_unoffered(work.session, row.user_id)
        if cases:
            row.heir, row.kept = next(iter(found.heirs), ""), {}
            row.decide_at = max(end, work.now) + change.decide_after
            lines = [await summarize_case(work.session, c, work.now) for c in cases]
            said = {"until": end.isoformat(), "user": row.heir, "cases": lines}
            words = get_reminder(says, "shift_ends").template
            await effects.queue_dm(work, row.user_id, words, None, said)
    _plan(row, find_ends(rota, max(end or work.now, work.now), work.now + AHEAD),
          change.offer_before)  # fmt: skip
    work.session.add(row)


def _end_of(rota: Rota, user: str, at: datetime) -> DutyEnd | None:
    """The end of the person's duty at this instant, if the rota still has it."""
    near = find_ends(rota, at - MOMENT, at + AHEAD)
    return next((end for end in near if end.user == user and end.at == at), None)


async def list_owned(session: AsyncSession, user: str) -> Sequence[Case]:
    """The live cases that the person owns, by priority; those on which nobody works come last."""
    query = select(Case).where(
        col(Case.owner) == user, col(Case.status).in_([status.value for status in LIVE])
    )
    return (await session.exec(query.order_by(*by_priority()))).all()


async def list_unoffered(session: AsyncSession, user: str) -> Sequence[Case]:
    """Those of ``list_owned`` that are offered to no one; at most ``CASES_MAX``."""
    cases = await list_owned(session, user)
    offers = await list_offers(session, [case.number for case in cases])
    return [case for case in cases if case.number not in offers][:CASES_MAX]


async def list_offers(session: AsyncSession, cases: Sequence[int]) -> Mapping[int, Handover]:
    """The offers of these cases' management that wait for an answer, by case."""
    query = select(Handover).where(
        col(Handover.case_number).in_(cases),
        col(Handover.role) == Role.ESCALATION_MANAGER.value,
        col(Handover.state) == HandoverState.OFFERED,
    )
    return {offer.case_number: offer for offer in (await session.exec(query)).all()}


def choose_heir(rota: Rota, user: str, now: datetime) -> str:
    """Who takes over from a person: the next on duty, for one who is off duty who is on it now.

    Empty where the rota names no other.
    """
    people = rota.watch_at(now).people
    if user in people:
        ends = (end.heirs for end in find_ends(rota, now, now + AHEAD) if end.user == user)
        return next(iter(next(ends, ())), "") or next((u for u in people if u != user), "")
    return next(iter(people), "")


def note_kept(row: ShiftEnd, numbers: Sequence[int]) -> None:
    """The person keeps these cases over the end of the shift."""
    known: Any = row.kept.get("cases", ())
    row.kept = {"cases": sorted({*known, *numbers})}
