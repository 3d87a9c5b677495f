"""Who is who: names, languages and time zones of the people in the workspace."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from sqlmodel import col, select

from bot.clock import Clock
from bot.errors import is_away
from bot.rules.facts import PersonFacts
from bot.rules.policy import Policy
from bot.rules.words import Language
from messages.slack import Slack, SlackError, SlackRateLimited, SlackRefused, SlackUnknown
from storage.database import Database
from storage.models import Person
from storage.upsert import put

FRESH = timedelta(hours=12)  # how long a name or a language is believed without asking again

KNOWN_OF = ("name", "email", "locale", "timezone", "fetched_at")  # what Slack tells of a person

log = structlog.get_logger()


class People:
    """The directory: from memory, else from the store, else from Slack."""

    def __init__(self, database: Database, clock: Clock, slack: Slack) -> None:
        self._database = database
        self._clock = clock
        self._slack = slack
        self._known: dict[str, Person] = {}
        self._asking: dict[str, asyncio.Task[Person | None]] = {}
        self._strangers: set[str] = set()  # of whom Slack says that there is nobody

    async def person(self, user_id: str) -> PersonFacts:
        """Somebody; in English and UTC while Slack does not tell.

        Nobody waits for Slack to confirm what was known: what is old is asked for meanwhile.
        """
        try:
            return await self._person(user_id)
        except Exception as fault:
            if not is_away(fault):
                raise
            return await self._by_slack_alone(user_id)

    async def _by_slack_alone(self, user_id: str) -> PersonFacts:
        """While the store is away, those who act are still told so in their language."""
        with suppress(Exception):
            await self._asked(user_id)
        known = self._known.get(user_id)
        return _facts(known) if known else PersonFacts(user_id, user_id)

    async def _person(self, user_id: str) -> PersonFacts:
        known = self._known.get(user_id) or await self._stored(user_id)
        if known is None:
            known = await self._asked(user_id)
        elif self._clock.now() - known.fetched_at > FRESH:
            self._ask_again(user_id)
        return _facts(known) if known else PersonFacts(user_id, user_id)

    async def surely(self, user_id: str) -> PersonFacts:
        """Somebody, in their language and zone for certain, for what is said only once.

        Raises SlackUnknown while Slack cannot tell.
        """
        found = await self.person(user_id)
        if user_id not in self._known and user_id not in self._strangers:
            raise SlackUnknown("users.info", "who it is could not be asked")
        return found

    async def people(self, user_ids: Iterable[str]) -> dict[str, PersonFacts]:
        """Several at once, by id."""
        return {u: await self.person(u) for u in sorted(set(user_ids))}

    async def _stored(self, user_id: str) -> Person | None:
        async with self._database.read() as session:
            stored = await session.get(Person, user_id)
        if stored is not None:
            self._known[user_id] = stored
        return stored

    async def _asked(self, user_id: str) -> Person | None:
        """What Slack says; several who ask at once share one call."""
        self._ask_again(user_id)
        return await asyncio.shield(self._asking[user_id])

    def _ask_again(self, user_id: str) -> None:
        if user_id not in self._asking:
            asking = asyncio.create_task(self._fetch(user_id), name="person")
            self._asking[user_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))

    async def _fetch(self, user_id: str) -> Person | None:
        try:
            answer = await self._slack.call("users.info", user=user_id, include_locale=True)
        except SlackError as error:
            log.warning("person_unknown", user=user_id, error=str(error))
            if isinstance(error, SlackRefused):
                self._strangers.add(user_id)
            return None
        return await self.remember(answer.get("user") or {"id": user_id})

    async def remember(self, user: Mapping[str, Any]) -> Person:
        """Store what Slack says of a user."""
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name")
        row = Person(
            user_id=str(user["id"]),
            name=str(name or user["id"]),
            email=profile.get("email"),
            locale=str(user.get("locale") or "en-US"),
            timezone=str(user.get("tz") or "UTC"),
            fetched_at=self._clock.now(),
        )
        self._known[row.user_id] = row
        async with self._database.write() as session:
            await put(session, row, update=KNOWN_OF)
        return row

    async def by_email(self, address: str) -> str | None:
        """The Slack id of whoever has this address; None when nobody does."""
        try:
            answer = await self._slack.call("users.lookupByEmail", email=address)
        except SlackRefused as refused:
            log.warning("email_unknown", code=refused.code)
            return None
        return (await self.remember(answer["user"])).user_id

    async def _surely_by_email(self, address: str) -> str | None:
        """The same from the store, while Slack cannot be asked."""
        try:
            return await self.by_email(address)
        except (SlackUnknown, SlackRateLimited):
            async with self._database.read() as session:
                query = select(Person.user_id).where(col(Person.email) == address)
                known = (await session.exec(query)).first()
            if known is None:
                raise
            return known

    async def resolved(self, policy: Policy) -> Policy:
        """``policy`` with every e-mail and user group in its roles turned into Slack ids.

        Raises SlackError while Slack cannot be asked for what the store does not know either.
        """
        roles = {}
        for role, references in policy.roles.items():
            found = [u for ref in references for u in await self._resolve(ref)]
            roles[role] = tuple(dict.fromkeys(found))
        return replace(policy, roles=roles)

    async def _resolve(self, reference: str) -> tuple[str, ...]:
        if "@" in reference:
            user = await self._surely_by_email(reference)
            return (user,) if user else ()
        if reference.startswith("S"):
            try:
                answer = await self._slack.call("usergroups.users.list", usergroup=reference)
            except SlackRefused as refused:
                log.warning("usergroup_unknown", usergroup=reference, code=refused.code)
                return ()
            return tuple(answer.get("users", ()))
        return (reference,)


def _facts(row: Person) -> PersonFacts:
    return PersonFacts(row.user_id, row.name, Language.of(row.locale), row.timezone, row.email)
