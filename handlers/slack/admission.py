"""Who comes in: full members of our own workspace act and read, and no other people.

Of people from elsewhere Slack's own request tells it at once; of all others the directory knows it.
No acknowledgement waits for Slack: of a person whom the directory does not know yet, a request is
stored, and looked at again when it is carried out, and whatever they would be shown waits until
Slack has told who they are.
"""

from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any, cast

from bot.engine.actors import ReplyTo
from bot.errors import UserError
from bot.rules.facts import PersonFacts
from bot.rules.words import Standing
from handlers.ports import Services
from handlers.slack.requests import Body, mapping, request_of

UNCHECKED = (
    "unchecked"  # the refusal of a person of whom neither store nor Slack can tell who they are
)
# The refusals of people for what they are to the workspace, whatever they asked for.
NO_MEMBERS = frozenset(each.value for each in Standing) - {Standing.MEMBER.value} | {UNCHECKED}
# What may be read before we know for whom: nothing that they are shown.
INWARD = frozenset({"case_in_channel", "account"})
# What is no reading: the process's own parts, and what takes something in or finds out who asks.
OPEN = frozenset(
    {
        "slack", "clock", "policy", "homes", "answering", "accept", "note_step", "tell",
        "known_standing", "require_member", "person_changed", "group_changed",
    }
)  # fmt: skip


async def admit_sender(services: Services, body: Body) -> Services:
    """The app, as far as the sender of ``body`` may use it; asks nothing of Slack.

    Raises UserError under the name of their standing when they are no member. A body that is no
    person's request passes as it is. For a person who is not known yet the answer is ``Unchecked``.

    The key is ``guest``, ``outsider``, ``bot``, ``deactivated`` or ``unknown``; a request that
    names no user is refused as ``unknown``.
    """
    if not is_request(body):
        return services
    if from_elsewhere(body, services.slack.teams):
        raise UserError(Standing.OUTSIDER.value)
    user = request_of(body).user
    standing = await services.known_standing(user) if user else Standing.UNKNOWN
    if standing is None:
        return cast(Services, Unchecked(services, user))
    if standing is not Standing.MEMBER:
        raise UserError(standing.value)
    return services


def is_request(body: Body) -> bool:
    """True for what a person wants of us; of all that happens in channels only what is said to us.

    Other events, of channels, people and the App Home, only tell something: they are let through
    for all, and the App Home asks itself who opened it.
    """
    return body.get("type") != "event_callback" or said_to_us(mapping(body.get("event")))


def said_to_us(event: Body) -> bool:
    """True for a mention or a direct message; edits, joins and bots' messages are neither."""
    if event.get("bot_id") or event.get("bot_profile"):
        return False
    if event.get("type") == "app_mention":
        return True
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    return direct and not event.get("subtype")


def from_elsewhere(body: Body, ours: frozenset[str]) -> bool:
    """True when the request itself says that its sender is of another workspace (Slack Connect).

    ``ours`` are the ids of our own; while it is empty, only the directory can tell. A request that
    came through another workspace's installation counts as from elsewhere too.
    """
    if not ours:
        return False
    team = _team_of_sender(body)
    installed = {
        str(mapping(each).get("team_id") or "") for each in body.get("authorizations") or ()
    }
    elsewhere = bool(installed - {""}) and not installed & ours
    return elsewhere or (bool(team) and team not in ours)


def _team_of_sender(body: Body) -> str:
    """The workspace of the sender, as far as Slack says so: its fields differ by kind of request.

    Empty where it says nothing, which is not taken for "elsewhere".
    """
    event, user = mapping(body.get("event")), mapping(body.get("user"))
    told = (
        user.get("team_id"),
        event.get("user_team"),
        mapping(event.get("user_profile")).get("team"),
        event.get("team"),
        body.get("team_id") if "command" in body else None,  # elsewhere it is not the sender's
    )
    return next((str(team) for team in told if isinstance(team, str) and team), "")


class Unchecked:
    """The app for a person whom the directory does not know yet.

    It takes what they ask, since the inbox looks again, and shows them nothing before Slack has
    told that they are a member: until then only what is in ``OPEN`` is passed on to the real one.
    """

    def __init__(self, services: Services, user: str) -> None:
        self._services = services
        self._user = user
        self._member = False

    def __getattr__(self, name: str) -> Any:
        """What is not in ``OPEN`` is closed until it is known who asks, whatever it will be."""
        found = getattr(self._services, name)
        return found if self._member or name in OPEN else Closed(found)

    async def person(self, user_id: str) -> PersonFacts:
        """A person; of the asker nothing is known yet, and Slack is not waited for."""
        if user_id == self._user and not self._member:
            return PersonFacts(user_id, user_id)
        return await self._services.person(user_id)

    def background(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None = None,
        once: str = "",
        *,
        by_trigger: bool = False,
    ) -> None:
        """Do this once Slack has told that the asker is a member; else tell them why not.

        The refusal is raised inside the work, so that ``reply`` hears of it as of any other.
        """
        member = self._for_member(work)
        self._services.background(member, name, reply, once, by_trigger=by_trigger)

    async def _for_member(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work once Slack has told that the asker is a member; raises UserError else.

        From then on all queries are open to them, in this request. The work is closed in any case,
        so that one that never began is no fault.
        """
        try:
            await self._services.require_member(self._user)
            self._member = True
            await work
        finally:
            work.close()  # one that was not to begin


class Closed:
    """Queries for the app itself: those in ``INWARD``. Others raise UserError ``unchecked``."""

    def __init__(self, queries: object) -> None:
        self._queries = queries

    def __getattr__(self, name: str) -> Any:
        if name in INWARD:
            return getattr(self._queries, name)
        raise UserError(UNCHECKED)

    def __call__(self, *_: object, **__: object) -> Any:
        """The same of a use case that answers at once."""
        raise UserError(UNCHECKED)


async def ask_who(services: Services, user: str) -> None:
    """Have Slack tell who a person is, so that what they try again finds it known.

    A refusal is passed over here: the caller decides what the person is told.
    """
    with suppress(UserError):
        await services.require_member(user)


def empty_answer(body: Body) -> Mapping[str, Any] | None:
    """What answers a refused request that wants data, and no words; None for all others."""
    return {"options": []} if body.get("type") == "block_suggestion" else None
