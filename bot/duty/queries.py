"""What people see of the rota: who is on duty now, who is away, where no one will be."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.duty.on_duty import read_absence
from bot.duty.shift_ends import choose_heir, list_unoffered
from bot.duty.sources import read_sources
from bot.duty.summary import summarize_case
from bot.engine.unit_of_work import WorkServices
from bot.rules.duty import AHEAD
from bot.rules.duty import Absence as AbsenceFacts
from bot.rules.duty.plan import DAYS, plan_days
from bot.rules.facts import DutyDaysFacts, DutyFacts, LeavingFacts, SourceFacts
from storage.models import Absence


def select_own_absence(user: str, now: datetime) -> tuple[ColumnElement[Any], ...]:
    """Begin, end and deputy of the absence of a person that runs, else of the next, as columns."""
    away = col(Absence.user_id) == user, col(Absence.ends) > now
    return tuple(
        select(col(column)).where(*away).order_by(col(Absence.begins)).limit(1).scalar_subquery()
        for column in (Absence.begins, Absence.ends, Absence.deputy)
    )


def read_own_absence(user: str, row: Sequence[Any]) -> AbsenceFacts | None:
    """The absence of which ``select_own_absence`` told; None for none."""
    begins, ends, deputy = row
    return AbsenceFacts(user, begins, ends, deputy or "") if begins else None


class DutyReading:
    """Reads the rota; it is for every member, who wants to know whom to call.

    Nothing is locked or cached: the policy and the absences are those of the moment.
    """

    def __init__(self, services: WorkServices) -> None:
        self._services = services

    async def duty(self) -> DutyFacts:
        """Who is on duty, who is away now or within ``AHEAD``, and the gaps of that time."""
        now = self._services.clock.now()
        absences, sources = await self._read(now + AHEAD)
        rota = self._services.policy.rota(absences)
        gaps = tuple(rota.find_gaps(now, now + AHEAD))
        return DutyFacts(now, rota.watch_at(now), absences, gaps, sources)

    async def days(self, zone: str) -> DutyDaysFacts:
        """The shifts of the next ``DAYS`` days by the calendar of a zone."""
        now, policy = self._services.clock.now(), self._services.policy
        absences, sources = await self._read(now + timedelta(days=DAYS + 1))
        days = plan_days(policy.rota(absences), now, zone)
        return DutyDaysFacts(now, tuple(days), bool(policy.shifts), sources)

    async def _read(
        self, until: datetime
    ) -> tuple[tuple[AbsenceFacts, ...], tuple[SourceFacts, ...]]:
        """Who is away from now on, as far as it begins before ``until``; the rota's sources."""
        now = self._services.clock.now()
        query = select(Absence).where(col(Absence.ends) > now, col(Absence.begins) < until)
        async with self._services.database.read() as session:
            rows = (await session.exec(query.order_by(col(Absence.begins), col(Absence.id)))).all()
            sources = await read_sources(session, self._services.policy)
        return tuple(read_absence(row) for row in rows), tuple(sources)

    async def leaving(self, user: str) -> LeavingFacts:
        """What a person has to hand over: their live cases that are offered to no one, and to whom.

        For that person alone, since restricted cases are among them.
        """
        now = self._services.clock.now()
        query = select(Absence).where(col(Absence.ends) > now)
        async with self._services.database.read() as session:
            away = [read_absence(row) for row in (await session.exec(query)).all()]
            cases = await list_unoffered(session, user)
            lines = [await summarize_case(session, case, now) for case in cases]
        heir = choose_heir(self._services.policy.rota(away), user, now)
        return LeavingFacts(tuple(lines), heir)
