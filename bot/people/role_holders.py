"""Who has the roles of a policy: its names looked up, one after the other.

A name is a Slack user, an address, a user group, or a schedule of a pager. Groups are kept in the
store as Slack told them, and used while it does not answer; what a pager's schedule says is only
read there (``bot.duty.sources`` asks the pager).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import structlog
from sqlmodel import col, select

from bot.clock import TimeSource
from bot.people.managers import resolve_managers
from bot.people.route_people import resolve_teams
from bot.rules.duty import Stint
from bot.rules.duty.rota import staff_shifts
from bot.rules.duty.sources import STALE, SourceFault, is_group, is_schedule, read_spells
from bot.rules.membership import UNFIT, Unfilled
from bot.rules.policy.model import Policy, Vacancy
from bot.rules.words import Role, Standing
from messages.clients.slack import Slack, SlackRateLimited, SlackRefused, SlackUnknown
from storage.database import Database
from storage.models import DutySource, Person
from storage.upsert import upsert_row

NO_ADDRESS, NO_GROUP = "users_not_found", "no_such_subteam"
KNOWN_OF = ("known", "known_at", "fault")  # a user group
UNREAD: Mapping[str, Unfilled] = {
    SourceFault.KEY: Unfilled.PAGER_KEY,
    SourceFault.MISSING: Unfilled.NO_SCHEDULE,
    SourceFault.UNSET: Unfilled.PAGER_UNSET,
    SourceFault.REFUSED: Unfilled.PAGER_REFUSES,
}  # the others pass by themselves

log = structlog.get_logger()


class Members(Protocol):
    """What looking up people needs of the directory."""

    async def standing(self, user_id: str) -> Standing | None:
        """A person's status; None while no one can tell."""

    def hides(self, user_id: str) -> bool:
        """Whether Slack refuses to tell of a person."""

    async def remember(self, user: Mapping[str, Any], *, whole: bool = False) -> Person:
        """Store what Slack says of a user."""


class RoleHolders:
    """Looks up the names of one policy, once."""

    def __init__(
        self, database: Database, clock: TimeSource, slack: Slack, people: Members
    ) -> None:
        self._database, self._clock = database, clock
        self._slack, self._people = slack, people
        self._handles: dict[str, str] | None = None  # of user groups, to their ids; once asked
        self._stints: dict[str, list[Stint]] = {}  # by schedule

    async def resolve(self, policy: Policy) -> Policy:
        """Return ``policy`` with the roles given to those whom Slack knows as active full members.

        Addresses, user groups and schedules become Slack ids; a person who cannot have a role is a
        vacancy. Of teams and managers user groups become their members. Raises SlackError for
        what Slack cannot be asked, and the store does not know.
        """
        roles: dict[Role, tuple[str, ...]] = {}
        vacancies: list[Vacancy] = []
        holders: dict[str, list[str]] = {}  # by reference, for the rota
        for role, references in policy.roles.items():
            for reference in references:
                holders[reference], missing = await self._filled(role, reference)
                vacancies += missing
            roles[role] = tuple(dict.fromkeys(user for r in references for user in holders[r]))

        auditors = frozenset(roles.get(Role.AUDITOR, ()))
        vacancies += _auditors_elsewhere(roles, auditors)
        roles = {
            role: tuple(u for u in users if role is Role.AUDITOR or u not in auditors)
            for role, users in roles.items()
        }

        def always(name: str) -> Iterable[str]:
            found = () if is_schedule(name) else holders.get(name, ())
            return (user for user in found if user not in auditors)

        def in_turn(name: str) -> Iterable[Stint]:
            return (each for each in self._stints.get(name, ()) if each.user not in auditors)

        shifts = staff_shifts(policy.shifts, always, in_turn)
        routing = await resolve_teams(policy.routing, self._named)
        return replace(
            policy,
            roles=roles,
            shifts=shifts,
            vacancies=tuple(vacancies),
            routing=routing,
            skills=await resolve_teams(policy.skills, self._named),
            managers=await resolve_managers(policy.managers, self._named, self._unfit),
        )

    async def _filled(self, role: Role, reference: str) -> tuple[list[str], list[Vacancy]]:
        """Who has the role by this reference, and who cannot have it."""
        if is_schedule(reference):
            return await self._scheduled(role, reference)
        named = await self._named(reference)
        if isinstance(named, Unfilled):
            return [], [Vacancy(role, reference, named)]
        unfit = {user: await self._unfit(user) for user in named}
        missing = [Vacancy(role, reference, why, user) for user, why in unfit.items() if why]
        return [user for user, why in unfit.items() if not why], missing

    async def _unfit(self, user_id: str) -> Unfilled | None:
        """Return why a person can have no role; raises SlackUnknown while Slack is away."""
        standing = await self._people.standing(user_id)
        if standing is not None:
            return None if standing is Standing.MEMBER else Unfilled(standing.value)
        if self._people.hides(user_id):
            return Unfilled.UNCHECKED
        raise SlackUnknown("users.info", "what somebody is could not be asked")

    async def _named(self, reference: str) -> tuple[str, ...] | Unfilled:
        """Return the Slack ids behind an id, an address or a user group, whatever their status."""
        if is_group(reference):
            return await self._group(reference)
        return await self._with_address(reference) if "@" in reference else (reference,)

    # -- user groups

    async def _group(self, reference: str) -> tuple[str, ...] | Unfilled:
        """The members of a user group; while Slack does not answer, those that it had.

        Raises SlackError where it never answered.
        """
        try:
            group = await self._group_id(reference)
            if not group:
                return Unfilled.GROUP
            answer = await self._slack.call("usergroups.users.list", usergroup=group)
        except SlackRefused as refused:
            log.warning("usergroup_unknown", usergroup=reference, code=refused.code)
            return Unfilled.GROUP if refused.code == NO_GROUP else Unfilled.UNCHECKED
        except (SlackUnknown, SlackRateLimited) as silent:
            known = await self._read(reference)
            if known is None or known.known_at is None:
                raise
            log.warning("usergroup_as_known", usergroup=reference, error=str(silent))
            known.fault = SourceFault.AWAY.value
            await self._keep(known)
            return tuple(known.known["users"]) or Unfilled.EMPTY
        users = list(answer.get("users") or ())
        told = {"users": users, "group": group}
        await self._keep(DutySource(reference=reference, known=told, known_at=self._clock.now()))
        return tuple(users) or Unfilled.EMPTY

    async def _group_id(self, reference: str) -> str:
        """The id of a group that is named by its handle, in any case; empty for none."""
        if not reference.startswith("@"):
            return reference
        if self._handles is None:
            found = (await self._slack.call("usergroups.list")).get("usergroups") or ()
            self._handles = {str(g.get("handle")).casefold(): str(g["id"]) for g in found}
        return self._handles.get(reference[1:].casefold(), "")

    async def _read(self, reference: str) -> DutySource | None:
        async with self._database.read() as session:
            return await session.get(DutySource, reference)

    async def _keep(self, row: DutySource) -> None:
        async with self._database.write() as session:
            await upsert_row(session, row, update=KNOWN_OF)

    # -- schedules

    async def _scheduled(self, role: Role, reference: str) -> tuple[list[str], list[Vacancy]]:
        """Who is on call by a schedule in the time that is known of it, and who cannot be.

        Notes their stints. A schedule that was not looked at yet has no one, and no vacancy.
        """
        row = await self._read(reference)
        if row is None:
            return [], []
        why = _unread(row, self._clock.now())
        missing = [Vacancy(role, reference, why)] if why else []
        spells = [s for s in read_spells(row.known) if s.ends > self._clock.now()]
        users: dict[str, str] = {}  # by address
        for email, name in dict.fromkeys((spell.email, spell.name) for spell in spells):
            found, unfit = await self._on_call(role, reference, email, name)
            missing += unfit
            users |= dict.fromkeys((email,) * len(found), next(iter(found), ""))
        self._stints[reference] = [
            Stint(users[s.email], s.begins, s.ends) for s in spells if s.email in users
        ]
        return list(dict.fromkeys(users.values())), missing

    async def _on_call(
        self, role: Role, schedule: str, email: str, name: str
    ) -> tuple[list[str], list[Vacancy]]:
        """The member who is on call with an address, or why there is none."""
        if not email:
            return [], [Vacancy(role, f"{schedule} {name}".strip(), Unfilled.NO_PERSON)]
        found, missing = await self._filled(role, email)
        return found, [replace(each, reference=f"{schedule} {email}") for each in missing]

    async def _with_address(self, address: str) -> tuple[str, ...] | Unfilled:
        """Return who has an address; from the store, while Slack cannot be asked."""
        try:
            answer = await self._slack.call("users.lookupByEmail", email=address)
        except SlackRefused as refused:
            log.warning("email_unknown", code=refused.code)
            if refused.code != NO_ADDRESS:
                return Unfilled.UNCHECKED
            known = await self._had_address(address)
            return (known.user_id,) if known and known.standing in UNFIT else Unfilled.ADDRESS
        except (SlackUnknown, SlackRateLimited):
            known = await self._had_address(address)
            if known is None:
                raise
            return (known.user_id,)
        return ((await self._people.remember(answer["user"])).user_id,)

    async def _had_address(self, address: str) -> Person | None:
        async with self._database.read() as session:
            query = select(Person).where(col(Person.email) == address)
            return (await session.exec(query)).first()


def _auditors_elsewhere(
    roles: Mapping[Role, Iterable[str]], auditors: Collection[str]
) -> list[Vacancy]:
    """The roles for which an auditor is named too: they act on nothing, so they have none of them.

    Else who is paged at night could not take the case. One vacancy for each role and person, with
    the person as its reference; ``roles`` are resolved to Slack ids.
    """
    return [
        Vacancy(role, user, Unfilled.AUDITOR, user)
        for role, users in roles.items()
        for user in users
        if role is not Role.AUDITOR and user in auditors
    ]


def _unread(row: DutySource, now: datetime) -> Unfilled | None:
    """Why a schedule gives its role to no one, or soon will; None where it is read well enough."""
    if row.fault in UNREAD:
        return UNREAD[row.fault]
    if not row.fault and row.known_at is None:
        return None  # it is being looked at for the first time
    if row.fault and (row.known_at is None or now - row.known_at > STALE):
        return Unfilled.PAGER_SILENT
    return None if row.fault or row.known.get("spells") else Unfilled.EMPTY_SCHEDULE


def keep_members(policy: Policy, left: Callable[[str], Standing | None]) -> Policy:
    """A resolved ``policy`` without those who ``left``, as far as that tells their status."""
    gone = {
        (role, user): Unfilled(standing.value)
        for role, users in policy.roles.items()
        for user in users
        if (standing := left(user))
    }
    roles = {
        role: tuple(user for user in users if (role, user) not in gone)
        for role, users in policy.roles.items()
    }
    vacancies = [Vacancy(role, user, reason, user) for (role, user), reason in gone.items()]
    here = frozenset(roles.get(Role.ESCALATION_MANAGER, ()))
    shifts = tuple(shift.only(here) for shift in policy.shifts)
    return replace(policy, roles=roles, shifts=shifts, vacancies=(*policy.vacancies, *vacancies))
