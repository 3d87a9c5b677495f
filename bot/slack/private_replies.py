"""Private answers: by response URL, else visible to one person in a channel, else a direct message.

They are best effort: a person who was not answered asks again, and a request that was accepted is
never carried out twice. Nothing is stored and no retry follows a restart, except that an answer
which was stored with its request is told when the store comes back (``bot/engine/inbox.py``).
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol

import structlog

from bot.clock import TimeSource
from bot.core import snapshot
from bot.core.case_selection import read_beside
from bot.core.facts.amounts import amounts_for
from bot.engine.actors import ReplyTo
from bot.engine.inbox import Answer
from bot.errors import UserError, is_away
from bot.people.directory import People
from bot.rules.facts import CaseFacts
from bot.rules.policy.model import Policy
from messages.cases.answers import refusal_message, store_away, trouble_message
from messages.clients.slack import Slack, SlackError, SlackRateLimited
from messages.clients.slack_limits import Limits
from messages.compose import compose_message
from messages.kit.blocks import Message
from storage.database import Database

SAID_INSIDE = frozenset({"notice:claimed"})  # answers that the case's own channel reads anyhow
TRIES = 5  # of a private answer that Slack limits

log = structlog.get_logger()


class ReplyServices(Protocol):
    """What private answers need of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def people(self) -> People:
        """The directory, for the language of the person."""

    @property
    def policy(self) -> Policy:
        """Whether one case may be named where another is told of."""


class PrivateReplies:
    """Answers people privately, within Slack's ``limits``."""

    def __init__(self, services: ReplyServices, limits: Callable[[], Limits]) -> None:
        self.services = services
        self._current_limits = limits

    @property
    def _limits(self) -> Limits:
        """The limits that delivery goes by now: they can be exchanged while the app runs."""
        return self._current_limits()

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """Answer by the first way that works; the answer is lost only if none does."""
        said = {"text": message.text, "blocks": message.blocks}
        if reply.response_url and await self._by_response_url(reply.response_url, said):
            return
        here, who = reply.channel_id, reply.user_id
        if here and await self._say("chat.postEphemeral", channel=here, user=who, **said):
            return
        if not await self._say("chat.postMessage", channel=who, **said):
            await try_slack(self._say_in_dm(who, said))

    async def tell_answer(self, reply: ReplyTo, answer: Answer) -> None:
        """Tell what a use case answered: ``{"text": "notice:…", "extra": {…}, "case": number}``.

        Nothing is told in a case's own channel of what that channel reads anyway (``SAID_INSIDE``).
        """
        person = await self.services.people.person(reply.user_id)
        text, extra = str(answer["text"]), answer.get("extra") or {}
        family, _, name = text.partition(":")
        if family == "refusal":
            message = refusal_message(name, person.language, **extra)
        elif family == "trouble":
            message = trouble_message(str(extra["reference"]), person.language)
        else:
            case = await self._case_of(answer, reply.user_id)
            here = case.channel_id if case is not None else extra.get("channel")
            inside = bool(here) and reply.channel_id == here
            if inside and text in SAID_INSIDE:
                return
            message = compose_message(text, extra, case, person.language, inside=inside)
        await self.tell(reply, message)

    async def tell_refusal(self, reply: ReplyTo, refused: UserError) -> None:
        """Tell the person why they are refused."""
        person = await self.services.people.person(reply.user_id)
        await self.tell(reply, refusal_message(refused.key, person.language, **refused.facts))

    async def tell_failure(self, reply: ReplyTo, fault: Exception, reference: str) -> None:
        """Tell the person that the app failed, and under which reference it is logged."""
        person = await self.services.people.person(reply.user_id)
        apology = store_away if is_away(fault) else partial(trouble_message, reference)
        await self.tell(reply, apology(person.language))

    async def _case_of(self, answer: Answer, reader: str) -> CaseFacts | None:
        if (number := answer.get("case")) is None:
            return None
        now, seen = self.services.clock.now(), read_beside(self.services.policy)
        async with self.services.database.read() as session:
            case = await snapshot.load_number(session, number, now, seen)
        return amounts_for(self.services.policy, reader, case) if case else None

    async def _by_response_url(self, url: str, said: Mapping[str, Any]) -> bool:
        body = {"response_type": "ephemeral", "replace_original": False, **said}
        return await try_slack(self.services.slack.respond(url, body))

    async def _say_in_dm(self, user_id: str, said: Mapping[str, Any]) -> None:
        """For a Slack that takes no user id for the conversation with them."""
        slack = self.services.slack
        opened = await slack.call("conversations.open", users=user_id)
        channel = str((opened.get("channel") or {}).get("id") or user_id)
        await slack.call("chat.postMessage", channel=channel, **said)

    async def _say(self, method: str, *, channel: str, **said: Any) -> bool:
        """Say something in private within Slack's limits; whether it was said.

        Waits as long as a limit asks, up to ``TRIES`` times; never raises a SlackError.
        """
        limits = self._limits
        for _ in range(TRIES):
            while (wait := limits.take(method, channel)) > 0:
                await limits.sleep(wait)
            try:
                await self.services.slack.call(method, channel=channel, **said)
            except SlackRateLimited as limited:
                limits.close(method, channel, limited.retry_after)
            except SlackError as error:
                log.warning("answer_not_told", error=str(error))
                return False
            else:
                return True
        return False


async def try_slack(call: Awaitable[Any]) -> bool:
    """Await a call to Slack; False, and a line in the log, when Slack did not do it."""
    try:
        await call
    except SlackError as error:
        log.warning("answer_not_told", error=str(error))
        return False
    return True
