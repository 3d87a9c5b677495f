"""Before something internal is said in a channel: no one else than our own people reads it.

What stands in a channel Slack shows to everybody in it, so each post, card and topic is held
against what is known when it is sent. Slack is asked to describe a channel once in ``DESCRIBED``
seconds and for its members once in ``LISTED``; in between the events of sharing, coming and going
tell (``handlers/slack/channel_events.py``). Whether a member is a guest the directory knows.
Apps are no guests.

Only an answer of Slack's withholds. One that does not come delays, for ``DOUBT`` seconds: from then
on what is known last holds until the next question. An escalation that waited for hours in
silence would harm more surely than a channel in which no guest was ever seen; the events tell of
guests by another way, and the list that comes next corrects it. An answer that is no answer about
the channel (a scope is missing) does not withhold either: no later try would tell more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog

from bot.clock import steady
from bot.engine.delivery import Delivery, Later
from bot.engine.directory import Directory
from bot.rules.words import Standing
from messages.clients.shared_channels import GUESTS, SHARED
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown

DESCRIBED = 300.0  # seconds for which Slack's description of a channel is believed
LISTED = 900.0  # seconds for which its list of members is
AGAIN = 5.0  # seconds, before anything is withheld by what is only remembered
DOUBT = 120.0  # seconds without an answer after which what is known last holds
ASKED = 20  # members whom Slack is asked about at one time; of the others the next question tells
MEMBERS_PAGE = 1000  # Slack's most at once
MEMBERS_PAGES = 10  # pages read; who is not in them is not known to be in the channel

Call = Callable[..., Awaitable[dict[str, Any]]]

log = structlog.get_logger()


async def require_insiders(delivery: Delivery, channel: str, method: str) -> None:
    """Let something internal be said in a channel that only our own people read.

    ``method`` names what is to be said, for the error. Raises SlackRefused ``externally_shared``,
    ``guest_in_channel``; Later, SlackRateLimited, SlackUnknown while Slack does not answer.
    """
    shared = delivery.services.slack.shared
    readers = shared.readers.of(channel)
    async with readers.lock:
        await _ask_what_is_old(delivery, channel, DESCRIBED, LISTED)
        if not await _refusal(delivery, channel):
            return
        await _ask_what_is_old(delivery, channel, AGAIN, AGAIN)  # another replica may know more
        if code := await _refusal(delivery, channel):
            raise SlackRefused(method, code)


async def _refusal(delivery: Delivery, channel: str) -> str | None:
    """Why nothing may be said in the channel, by what is known now."""
    shared = delivery.services.slack.shared
    if shared.is_known(channel):
        return SHARED
    known = shared.readers.of(channel)
    guests = await find_guests(delivery.services.people, known.members, known.inquired)
    return GUESTS if guests else None


async def _ask_what_is_old(
    delivery: Delivery, channel: str, described: float, listed: float
) -> None:
    """Have Slack describe the channel and list its members, each unless it did of late.

    ``described`` and ``listed`` are the seconds for which either is believed.
    """
    now, known = steady(), delivery.services.slack.shared.readers
    readers = known.of(channel)
    try:
        if _is_old(readers.described, now, described):
            await _describe(delivery, channel)
            readers.described = now
        if _is_old(readers.listed, now, listed):
            members, _ = await list_members(delivery.call, channel)
            known.note_members(channel, members, now)
        readers.unanswered = None
    except SlackRefused as refused:
        log.warning("channel_not_told", channel=channel, code=refused.code)
        readers.described, readers.listed, readers.unanswered = now, now, None
    except (SlackUnknown, SlackRateLimited, Later) as error:
        readers.unanswered = now if readers.unanswered is None else readers.unanswered
        if now - readers.unanswered < DOUBT:
            raise Later(error.seconds) if isinstance(error, Later) else error from error
        log.warning("channel_in_doubt", channel=channel, error=str(error))
        readers.described, readers.listed, readers.unanswered = now, now, None


def _is_old(told: float | None, now: float, period: float) -> bool:
    return told is None or now - told >= period


async def _describe(delivery: Delivery, channel: str) -> None:
    """Ask; what the answer says of sharing, Slack's client keeps in mind (``shared_channels``)."""
    await delivery.call("conversations.info", channel=channel)


async def list_members(call: Call, channel: str | None) -> tuple[frozenset[str], bool]:
    """The members of a channel, and whether these are all: at most ``MEMBERS_PAGES`` pages of them.

    Raises what ``call`` raises.
    """
    found: set[str] = set()
    cursor = ""
    for _ in range(MEMBERS_PAGES):
        answer = await call(
            "conversations.members", channel=channel, limit=MEMBERS_PAGE, cursor=cursor or None
        )
        found |= set(answer.get("members") or ())
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return frozenset(found), not cursor


async def find_guests(
    people: Directory, members: Iterable[str], inquired: set[str] | None = None
) -> frozenset[str]:
    """Those of the members who are guests of the workspace, by what the directory knows.

    Slack is asked about ``ASKED`` of those whom it does not know and who are not ``inquired``, to
    which these are added; who stays unknown counts as none.
    """
    asked = set() if inquired is None else inquired
    known = {user: await people.known_standing(user) for user in sorted(members)}
    unknown = [u for u, what in known.items() if what is None and u not in asked]
    asking = [user for user in unknown if not people.hides(user)][:ASKED]
    asked.update(asking)
    told = await asyncio.gather(*(people.standing(user) for user in asking))
    known |= dict(zip(asking, told, strict=True))
    return frozenset(user for user, what in known.items() if what is Standing.GUEST)
