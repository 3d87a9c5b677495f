"""Whose morning summaries are due, and when: of executives, and of the sponsors of customers."""

import asyncio
from datetime import datetime
from typing import Protocol

from bot.clock import TimeSource
from bot.people.directory import People
from bot.people.sponsors import list_sponsors
from bot.rules import daily_times
from bot.rules.local_time import begin_of_quarter
from bot.rules.policy.load import Policy
from bot.rules.words import Role
from messages.clients.slack import SlackUnknown
from storage.database import Database
from storage.models import Digest
from storage.upsert import upsert_row

EXECUTIVES = (Role.EXECUTIVE_OWNER, Role.DIRECTOR, Role.SPONSOR)


class MorningServices(Protocol):
    """What planning needs of the process; ``policy`` changes as people come and leave."""

    policy: Policy

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def people(self) -> People:
        """The directory."""


class Mornings:
    """Stores when each summary is due first; from then on the sweep moves it.

    The sponsors of the accounts file, which another process imports, are read once a quarter of an
    hour: in some zone a morning begins with each, so a new one misses none.
    """

    def __init__(self, services: MorningServices) -> None:
        self._services = services
        self._planned: set[str] = set()  # people with a morning in the store
        self._sponsors: set[str] = set()
        self._read_at: datetime | None = None  # the quarter of an hour of which they are

    async def plan(self) -> None:
        """Plan the first morning of those who have none; may ask Slack for their time zones.

        Who left and comes back, or has the role again, orders the summary anew.
        """
        services = self._services
        wanted = {u for role in EXECUTIVES for u in services.policy.roles.get(role, ())}
        wanted |= await self._find_sponsors()
        self._planned = {u for u in self._planned & wanted if not services.people.left(u)}
        await asyncio.gather(*(self._plan_morning(u) for u in sorted(wanted - self._planned)))

    async def _find_sponsors(self) -> set[str]:
        """The user ids of those who stand behind a customer, as ``list_sponsors`` has them."""
        quarter = begin_of_quarter(self._services.clock.now())
        if quarter != self._read_at:
            async with self._services.database.read() as session:
                self._sponsors = await list_sponsors(session)
            self._read_at = quarter
        return self._sponsors

    async def _plan_morning(self, user: str) -> None:
        """Store when a person's first digest is due; one that is stored already stays.

        A sponsor of the accounts file who is no active full member gets none.
        """
        services = self._services
        try:
            person = await services.people.surely(user)
        except SlackUnknown:
            return  # their zone decides when it is morning: the next tick asks again
        if services.people.left(user):
            return  # an account may go on naming them
        self._planned.add(user)
        now, hour = services.clock.now(), services.policy.digest_hour
        at = daily_times.next_morning(now, person.timezone, hour)
        async with services.database.write() as session:
            await upsert_row(session, Digest(user_id=user, next_at=at))
