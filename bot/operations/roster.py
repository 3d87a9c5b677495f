"""Who has the roles of the policy, followed while the app runs.

People leave, become guests, change groups. Slack's events, another replica's word and a look every
hour lead to the same: the policy as it was written is resolved again. A role given only to people
who cannot have it has no holder, and the administrators are told once a change. What happens to the
cases of people who left is in ``bot.operations.departures``.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlmodel import col, select

from bot import effects
from bot.clock import TimeSource
from bot.core.access import administrators
from bot.customers.channels import Outside
from bot.duty.shift_ends import plan_shift_ends
from bot.duty.sources import LOOK_EVERY, forget_sources, list_schedules, look_at_schedules
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.engine.wiring import Wiring
from bot.errors import new_reference
from bot.operations import departures
from bot.people.directory import People
from bot.people.page_people import resolve_page_people
from bot.people.route_people import team_references
from bot.rules.membership import Unfilled
from bot.rules.policy.load import Policy
from bot.rules.policy.model import Vacancy
from messages.clients.slack import SlackError
from storage.database import Database
from storage.models import Outbox

PAUSE = 0.5  # seconds before Slack is asked again who is in the policy; then longer and longer
PAUSE_MAX = 10.0  # seconds
TOLD = "roster"  # the kind of the outbox row

log = structlog.get_logger()


class RosterServices(Protocol):
    """What the roster needs of the process. It replaces ``policy`` when people come or leave."""

    policy: Policy

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def outside(self) -> Outside:
        """What is reached outside Slack, pagers' schedules among it."""

    @property
    def customers(self) -> object:
        """The channels to customers."""

    @property
    def wiring(self) -> Wiring:
        """What reacts to events."""

    @property
    def people(self) -> People:
        """The directory."""

    def wake(self) -> None:
        """Deliver what was committed."""


class Roster:
    """Keeps the app's policy to those who can be reached.

    The policy as it was written stays unchanged beside the one in force, and is what is resolved
    again, so that people who come back have their roles again.
    """

    def __init__(self, desk: RosterServices) -> None:
        self._services = desk
        self._written = desk.policy
        self._turn = asyncio.Lock()
        self._schedules = list_schedules(desk.policy)
        self._looked_at: datetime | None = None

    async def begin(self) -> None:
        """Resolve the people of the policy, and wait for Slack as long as it is away.

        The waits double from ``PAUSE`` to ``PAUSE_MAX`` seconds, shortened at random so that
        replicas do not ask together.
        """
        pause = PAUSE
        while True:
            try:
                found = await self._resolve()
                break
            except SlackError as error:
                log.warning("policy_waits_for_slack", error=str(error))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
                pause = min(pause * 2, PAUSE_MAX)
        self._adopt(found)
        await forget_sources(self._services.database, self._written)
        await self._follow()

    async def refresh(self) -> None:
        """Resolve the people again; one call at a time.

        While Slack is away, or refuses to check a person, no new holder is found: only people known
        to have left lose their roles.
        """
        async with self._turn:
            try:
                found = await self._resolve()
            except SlackError as error:
                log.warning("policy_not_refreshed", error=str(error))
                found = self._services.people.still(self._services.policy)
            if any(each.reason is Unfilled.UNCHECKED for each in found.vacancies):
                # A token that Slack refuses for a while is nobody's departure.
                found = self._services.people.still(self._services.policy)
            self._adopt(found)
            await self._follow()

    @property
    def look_is_due(self) -> bool:
        """Whether the rota has schedules of pagers, and this process looked some time ago."""
        last, now = self._looked_at, self._services.clock.now()
        return bool(self._schedules) and (last is None or abs(now - last) >= LOOK_EVERY)

    async def look(self) -> None:
        """Look at the schedules of pagers; where one has changed, resolve the people again."""
        desk = self._services
        self._looked_at = desk.clock.now()
        readers = desk.outside.schedules
        if await look_at_schedules(desk.database, desk.clock, readers, self._schedules):
            await self.refresh()

    async def _resolve(self) -> Policy:
        """The policy as it was written with the people of now. Raises SlackError."""
        people = self._services.people
        return await resolve_page_people(people, await people.resolved(self._written))

    def drop(self) -> None:
        """Take the roles from people known to have left, at once and without asking Slack."""
        self._adopt(self._services.people.still(self._services.policy))

    def is_about(self, user: Mapping[str, Any]) -> bool:
        """Whether this person of Slack's is one to whom the policy could not give a role."""
        known = {user.get("id"), str((user.get("profile") or {}).get("email")).casefold()}
        return any(
            known & {v.user, v.reference, v.reference.casefold().rpartition(" ")[2]}
            for v in self._services.policy.vacancies
        )

    def names_group(self, group: str) -> bool:
        """Whether a role or a team of the policy is this user group; perhaps, by a handle."""
        roles = {name for names in self._written.roles.values() for name in names}
        named = roles | team_references(self._written)
        return any(name == group or name.startswith("@") for name in named)

    def _adopt(self, found: Policy) -> None:
        """Put the found people into the policy in force, and log what is new.

        Vacancies are logged as warnings, a role left without any holder as an error; each once a
        change.
        """
        before = self._services.policy
        self._services.policy = replace_people(before, found)
        for vacancy in sorted(set(found.vacancies) - set(before.vacancies), key=_order):
            log.warning(
                "role_given_to_nobody",
                role=vacancy.role.value,
                reference=vacancy.reference,
                user=vacancy.user,
                reason=vacancy.reason.value,
            )
        for role in found.deserted:
            if role not in before.deserted:
                log.error("role_is_nobodys", role=role.value)

    async def _follow(self) -> None:
        """Pass on what people who left had, tell the administrators, plan the ends of shifts."""
        moved = await departures.replace_departed(self._services)
        told = await self._tell()
        await plan_shift_ends(self._services)
        if moved or told:
            self._services.wake()

    async def _tell(self) -> bool:
        """Tell each administrator of vacancies, unless the last message said the same.

        Takes the exclusive lock ``TOLD``, so that replicas queue it once. The extra carries
        ``vacancies`` (see ``as_json``) and ``deserted``, the roles left without any holder. An
        empty list is told too, after one that was not.
        """
        policy = self._services.policy
        vacancies = [as_json(v) for v in sorted(policy.vacancies, key=_order)]
        async with self._services.database.write() as session:
            await self._services.database.exclusive(session, TOLD)
            query = select(Outbox).where(col(Outbox.kind) == TOLD).order_by(col(Outbox.id).desc())
            last = (await session.exec(query.limit(1))).first()
            deserted = [role.value for role in policy.deserted]
            extra = {"vacancies": vacancies, "deserted": deserted}
            before = last.payload["extra"] if last else {}
            if extra == {name: before.get(name, []) for name in extra}:
                return False
            actor = Actor(SYSTEM, TOLD)
            work = UnitOfWork.join(session, self._services, actor, new_reference())
            for user in administrators(policy):
                said = {"user": user, "text": "operations:roster", "extra": extra}
                await work.queue(TOLD, f"dm:{user}", said, priority=effects.INTERACTIVE)
            return True


def replace_people(policy: Policy, found: Policy) -> Policy:
    """``policy`` with the people and vacancies of ``found``; all else, its version too, stays."""
    return replace(
        policy, roles=found.roles, shifts=found.shifts, vacancies=found.vacancies,
        paging=found.paging, routing=found.routing, managers=found.managers,
    )  # fmt: skip


def as_json(vacancy: Vacancy) -> dict[str, str | None]:
    """A vacancy as it waits in the outbox: ``role``, ``reference``, ``reason`` and ``user``.

    ``reference`` is what the policy says; ``user`` is the id in Slack, None where none was found.
    """
    return {
        "role": vacancy.role.value,
        "reference": vacancy.reference,
        "reason": vacancy.reason.value,
        "user": vacancy.user,
    }


def _order(vacancy: Vacancy) -> tuple[str, str, str]:
    return vacancy.role.value, vacancy.reference, vacancy.user or ""
