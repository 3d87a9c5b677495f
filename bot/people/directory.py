"""Who is who: names, languages and time zones of the people in the workspace.

Memory is asked first, then the store, then Slack; what is older than ``FRESH`` is used and asked
for meanwhile. Replicas hear of changes by ``storage.wakeups`` and call ``forget``. Only ``surely``,
``resolved`` and ``by_email`` raise because Slack is away.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import TimeSource
from bot.errors import UserError, is_away
from bot.people.person_rows import make_person, read_person
from bot.people.role_holders import NO_ADDRESS, RoleHolders, keep_members
from bot.rules.facts import PersonFacts
from bot.rules.membership import UNFIT, standing_of
from bot.rules.policy.load import Policy
from bot.rules.words import Language, Standing
from messages.clients.slack import Slack, SlackError, SlackRateLimited, SlackRefused, SlackUnknown
from storage import wakeups
from storage.database import Database
from storage.models import Person
from storage.upsert import upsert_row

FRESH = timedelta(hours=12)  # how long a name or a language is believed without asking again

# What Slack tells of a person.
KNOWN_OF = ("name", "email", "locale", "timezone", "standing", "fetched_at")
NOBODY = frozenset({"user_not_found", "user_not_visible"})  # Slack's codes for: no such person
# How giving a part in a case to a person is refused, by what they are.
REFUSALS: Mapping[Standing | None, str] = {
    Standing.GUEST: "guest_named",
    Standing.OUTSIDER: "outsider_named",
    Standing.BOT: "bot_named",
    Standing.DEACTIVATED: "deactivated_named",
    Standing.UNKNOWN: "unknown_person",
}

log = structlog.get_logger()


class People:
    """The directory: from memory, else from the store, else from Slack."""

    def __init__(
        self,
        database: Database,
        clock: TimeSource,
        slack: Slack,
        spoken: Callable[[], Language] = lambda: Language.ENGLISH,
    ) -> None:
        """Know no person yet: store and Slack are asked when one is first needed.

        ``spoken`` is the language of people who chose none. Of one person Slack is asked by one
        task at a time; the others wait for it.
        """
        self._database = database
        self._clock = clock
        self._slack = slack
        self._spoken = spoken  # by people who chose no language, and in whose Slack is none of ours
        self._known: dict[str, Person] = {}
        self._asking: dict[str, asyncio.Task[Person | None]] = {}
        self._conversations: dict[str, str] = {}  # by user: the app's own with them
        self._strangers: set[str] = set()  # of whom Slack refuses to tell
        self._nobodies: set[str] = set()  # ids of which Slack says that no one has them

    async def person(self, user_id: str) -> PersonFacts:
        """Return a person; named by their id, in UTC, while Slack does not tell.

        Does not wait for Slack to confirm what was known: what is old is asked for meanwhile.
        """
        try:
            return await self._person(user_id)
        except Exception as fault:
            if not is_away(fault):
                raise
            return await self._by_slack_alone(user_id)

    async def _by_slack_alone(self, user_id: str) -> PersonFacts:
        """Return the person while the store is away, to be told so in their language."""
        with suppress(Exception):
            await self._asked(user_id)
        known = self._known.get(user_id)
        return self._facts(user_id, known)

    async def _person(self, user_id: str) -> PersonFacts:
        known = self._known.get(user_id) or await self._stored(user_id)
        if known is None:
            known = await self._asked(user_id)
        elif self._is_old(known):
            self._ask_again(user_id)
        return self._facts(user_id, known)

    async def surely(self, user_id: str) -> PersonFacts:
        """Return a person, in their language and zone for certain, for what is said only once.

        Raises SlackUnknown while Slack cannot tell.
        """
        found = await self.person(user_id)
        if user_id not in self._known and user_id not in self._strangers:
            raise SlackUnknown("users.info", "who it is could not be asked")
        return found

    async def known_standing(self, user_id: str) -> Standing | None:
        """Return what ``standing`` does from memory or the store; None when Slack must be asked."""
        known = self._known.get(user_id) or await self._stored(user_id)
        if known is None or known.standing is None:
            return Standing.UNKNOWN if user_id in self._nobodies else None
        if self._is_old(known):
            self._ask_again(user_id)
        return Standing(known.standing)

    async def standing(self, user_id: str) -> Standing | None:
        """Return a person's status in the workspace; None while neither we nor Slack can tell.

        Where it is known, Slack is not waited for.
        """
        known = self._known.get(user_id) or await self._stored(user_id)
        if known is None or known.standing is None:
            known = await self._asked(user_id)
        elif self._is_old(known):
            self._ask_again(user_id)
        if known is not None and known.standing is not None:
            return Standing(known.standing)
        return Standing.UNKNOWN if user_id in self._nobodies else None

    async def require_member(self, user_id: str) -> None:
        """Let full members act and read, and no one else.

        Raises UserError under the name of the person's status (``guest``, ``bot`` …), or
        ``unchecked`` when neither the store nor Slack can tell it.
        """
        standing = await self.standing(user_id)
        if standing is not Standing.MEMBER:
            raise UserError(standing.value if standing else "unchecked")

    def left(self, user_id: str) -> Standing | None:
        """Return the status of a person known to be no active full member; None for all others."""
        known = self._known.get(user_id)
        return Standing(known.standing) if known and known.standing in UNFIT else None

    def ask_again(self, user_id: str) -> None:
        """Ask Slack in the background about a person: it refused something for their sake."""
        self._ask_again(user_id)

    async def refused(self, user_id: str) -> str | None:
        """Return the refusal of giving a person a part in a case; None where they may have it."""
        standing = await self.standing(user_id)
        return None if standing is Standing.MEMBER else REFUSALS.get(standing, "unchecked_named")

    def _is_old(self, known: Person) -> bool:
        """Whether what is known must be asked again: it is not all, or not of late."""
        return known.standing is None or self._clock.now() - known.fetched_at > FRESH

    async def people(self, user_ids: Iterable[str]) -> dict[str, PersonFacts]:
        """Return several persons by id, each as ``person`` does; an unknown id is in it as well."""
        return {u: await self.person(u) for u in sorted(set(user_ids))}

    def _facts(self, user_id: str, known: Person | None) -> PersonFacts:
        """The facts of a person, of whom nothing may be known."""
        spoken = self._spoken()
        return read_person(known, spoken) if known else PersonFacts(user_id, user_id, spoken)

    async def _stored(self, user_id: str) -> Person | None:
        async with self._database.read() as session:
            stored = await session.get(Person, user_id)
        if stored is not None:
            self._known[user_id] = stored
        return stored

    async def _asked(self, user_id: str) -> Person | None:
        """Return what Slack says; several who ask at once share one call."""
        self._ask_again(user_id)
        return await asyncio.shield(self._asking[user_id])

    async def settled(self) -> None:
        """Wait until everything that Slack is being asked is answered."""
        if self._asking:
            await asyncio.wait(set(self._asking.values()))

    def _ask_again(self, user_id: str) -> None:
        if user_id not in self._asking:
            asking = asyncio.create_task(self._fetch(user_id), name="person")
            self._asking[user_id] = asking
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))

    async def _fetch(self, user_id: str) -> Person | None:
        """Ask Slack who a person is, and keep it; None where Slack does not say.

        A person whom Slack refuses is remembered as a stranger, and as gone where they were known.
        """
        try:
            answer = await self._slack.call("users.info", user=user_id, include_locale=True)
        except SlackError as error:
            log.warning("person_unknown", user=user_id, error=str(error))
            if isinstance(error, SlackRefused):
                self._strangers.add(user_id)
                return await self._gone(user_id, error.code)
            return None
        return await self.remember(answer.get("user") or {"id": user_id}, whole=True)

    async def _gone(self, user_id: str, code: str) -> Person | None:
        """End what was known of a person of whom Slack says that no one has this id."""
        if code not in NOBODY:
            return None
        self._nobodies.add(user_id)
        known = self._known.get(user_id)
        if known is None:
            return None
        gone = known.model_copy(update={"standing": Standing.UNKNOWN.value})
        gone.fetched_at = self._clock.now()
        return await self._keep(gone)

    async def remember(self, user: Mapping[str, Any], *, whole: bool = False) -> Person:
        """Store what Slack says of a user.

        Unless it is the ``whole`` of it, Slack leaves out the language, as it does when it finds a
        person by address: then what was known holds, and is asked for at the next need.
        """
        before = await self._before(str(user["id"]))
        standing = standing_of(user, await self._identity())
        asked = self._clock.now() if whole or "locale" in user else self._clock.now() - 2 * FRESH
        return await self._keep(make_person(user, before, standing, asked))

    async def _before(self, user_id: str) -> Person | None:
        """Return what we knew of a person; while the store is away, what memory holds."""
        try:
            return self._known.get(user_id) or await self._stored(user_id)
        except Exception as fault:
            if not is_away(fault):
                raise
            return None

    async def changed(self, user: Mapping[str, Any]) -> bool:
        """Take in Slack's news of a person; answers whether their status is another.

        Most of a workspace is nothing to us: only people whom we knew are kept.
        """
        user_id = str(user.get("id") or "")
        self._nobodies.discard(user_id)
        before = self._known.get(user_id) or await self._stored(user_id)
        if before is None:
            return False
        after = await self.remember(user)
        return after.standing != before.standing

    async def find_conversation(self, user_id: str) -> str | None:
        """The id of the app's own conversation with a person; None before the first message."""
        if user_id not in self._conversations:
            async with self._database.read() as session:
                stored = await session.get(Person, user_id)
            if stored is None or not stored.dm_channel:
                return None
            self._conversations[user_id] = stored.dm_channel
        return self._conversations[user_id]

    async def save_conversation(self, session: AsyncSession, user_id: str, channel: str) -> None:
        """Store the id of that conversation, unless it is known to be stored.

        Should the transaction roll back, this process knows the id all the same.
        """
        if self._conversations.get(user_id) == channel:
            return
        change = update(Person).where(col(Person.user_id) == user_id)
        await session.exec(change.values(dm_channel=channel))
        self._conversations[user_id] = channel

    def forget_person(self, user_id: str) -> None:
        """Ask the store again for one person: they changed what we know of them."""
        self._known.pop(user_id, None)

    def forget(self) -> None:
        """Ask the store again from now on: another replica learned something."""
        self._known.clear()
        self._conversations.clear()
        self._nobodies.clear()

    async def _identity(self) -> Mapping[str, Any]:
        """Which workspace is ours; empty while Slack does not say."""
        try:
            return await self._slack.identity()
        except SlackError:
            return {}

    async def _keep(self, row: Person) -> Person:
        """Keep a person in memory and in the store; a changed status is told to all replicas."""
        before = self._known.get(row.user_id)
        self._known[row.user_id] = row  # what we heard holds even while the store is away
        async with self._database.write() as session:
            await upsert_row(session, row, update=KNOWN_OF)
            if before is not None and before.standing not in (None, row.standing):
                wakeups.note_wakeup(session, wakeups.PEOPLE)
        self._nobodies.discard(row.user_id)
        self._strangers.discard(row.user_id)
        return row

    async def by_email(self, address: str) -> str | None:
        """Return the Slack id of the person who has this address; None when no one has.

        Waits as Slack's limits say. Raises SlackRefused, SlackUnknown where Slack does not tell.
        """
        try:
            answer = await self._slack.call("users.lookupByEmail", email=address)
        except SlackRateLimited as limited:
            await asyncio.sleep(limited.retry_after)
            return await self.by_email(address)
        except SlackRefused as refused:
            if refused.code == NO_ADDRESS:
                return None
            raise
        return (await self.remember(answer["user"])).user_id

    async def resolved(self, policy: Policy) -> Policy:
        """Return ``policy`` with the roles given to those whom Slack knows as active full members.

        As ``RoleHolders.resolve`` does it. Raises SlackError.
        """
        return await RoleHolders(self._database, self._clock, self._slack, self).resolve(policy)

    def still(self, policy: Policy) -> Policy:
        """A resolved ``policy`` without those who are known not to be members any more."""
        return keep_members(policy, self.left)

    def hides(self, user_id: str) -> bool:
        """Whether Slack refuses to tell of this person."""
        return user_id in self._strangers
