"""After a start, a gap in the connection, and every hour: which cases should be looked at.

One list of our channels tells of the names, topics and closed channels of all cases at once; what
it cannot tell (cards, people) is looked at case by case, those first that were longest not looked
at. Each look is an effect of the lowest priority, so no reminder or answer waits for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import structlog
from sqlmodel import col, select

from bot import effects
from bot.core import no_channel
from bot.drift.detect import is_live
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Later
from bot.engine.directory import Directory
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.legal.room import look_after_rooms, open_rooms
from bot.people.channel_readers import Call, find_guests, list_members
from bot.problems import no_channel as problem_channel
from bot.rules.drift import HINTS, Expected, Seen, drift_differences
from bot.rules.facts.sharing import is_shared_outside
from bot.rules.lifecycle import LIVE
from bot.rules.words import Drift
from messages.clients.slack import SlackError, SlackRefused
from storage.models import Case

HOUR = timedelta(hours=1)
LOOKS = 50  # cases looked at in one round at most: three calls each, of 50 a minute
PAGE = 999  # channels asked for at once; Slack allows fewer than 1000
PAGES = 20  # pages asked for at most
UNLISTED = frozenset({"card", "pin", "member"})  # what a list of channels does not tell

CHANNELS = 10  # missing ones tried again in one round; Slack allows 20 a minute
BREATH = 500  # cases compared without a pause

Listed = dict[str, Mapping[str, Any]]

log = structlog.get_logger()


class ReconcileServices(WorkServices, Protocol):
    """What looking for drift needs of the process, beside what a unit of work takes."""

    @property
    def people(self) -> Directory:
        """The directory."""

    def wake(self) -> None:
        """Deliver what was committed; called after a commit, never inside a transaction."""


class Kept(NamedTuple):
    """What of a case is compared with the list.

    Columns are read, not rows, as there may be many thousands.
    """

    number: int
    channel_id: str
    name: str | None
    topic: str | None
    drift: dict[str, Any]
    looked_at: datetime | None


async def reconcile_cases(services: ReconcileServices, call: Call, unseen_for: timedelta) -> int:
    """Queue looks at the cases that seem to differ and those not looked at for ``unseen_for``.

    Answers how many cases were chosen, at most ``LOOKS``; 0 where Slack gave no list, which the
    next round asks for again. First it tries once more to make the channels that Slack refused. The
    chosen cases are locked in the order of their numbers, in one transaction.
    """
    await _make_channels(services)
    cases = await _cases(services)
    async with services.database.read() as session:
        rooms = await open_rooms(session)
    if not cases and not rooms:
        return 0
    try:
        listed = await list_channels(call)
    except (SlackError, Later) as error:
        log.warning("not_reconciled", error=str(error))
        return 0
    await _look_at_rooms(services, call, rooms, listed)
    chosen = await _chosen(cases, listed, services.clock.now() - unseen_for)
    async with UnitOfWork.begin(services, Actor(SYSTEM, "reconcile")) as work:
        for number in sorted(chosen):
            case = await work.case(number)
            if is_live(case):
                await effects.queue_look(work, case)
    log.info("reconciled", cases=len(cases), looks=len(chosen))
    services.wake()
    return len(chosen)


async def _look_at_rooms(
    services: ReconcileServices, call: Call, rooms: Sequence[tuple[int, str]], listed: Listed
) -> None:
    """See whether the channels for Legal are there, and who belongs into them by now."""
    lost = {n for n, channel in rooms if await _is_lost(services, call, channel, listed)}
    if not rooms:
        return
    async with UnitOfWork.begin(services, Actor(SYSTEM, "reconcile")) as work:
        await look_after_rooms(work, [number for number, _ in rooms], lost)


async def _is_lost(services: ReconcileServices, call: Call, channel: str, listed: Listed) -> bool:
    """True for a channel that is archived, or not shown to us, or that others read: also guests.

    One that is missing in the list is asked for by itself: the list may be longer than we read.
    """
    shown = listed.get(channel)
    if shown is None:
        try:
            shown = (await call("conversations.info", channel=channel)).get("channel") or {}
        except SlackRefused as refused:
            return refused.code in HINTS
        except (SlackError, Later):
            return False
    gone = shown.get("is_archived") or shown.get("is_member") is False
    if gone or is_shared_outside(shown):
        return True
    try:
        members, _ = await list_members(call, channel)
    except (SlackError, Later):
        return False
    return bool(await find_guests(services.people, members))


async def _make_channels(services: ReconcileServices) -> None:
    """Ask once more for the channels that Slack refused: the reason may be gone.

    At most ``CHANNELS`` of cases and as many of problems, each in one transaction with the rest.
    """
    async with UnitOfWork.begin(services, Actor(SYSTEM, "reconcile")) as work:
        missing = await no_channel.cases_without_channel(work, CHANNELS)
        for case in missing:
            await no_channel.make_channel_again(work, case)
        missing_problems = await problem_channel.make_problem_channels_again(work, CHANNELS)
        missing_problems += await problem_channel.say_withheld_again(work)
    if missing or missing_problems:
        log.info("channels_missing", cases=len(missing), problems=missing_problems)
        services.wake()


async def _cases(services: ReconcileServices) -> list[Kept]:
    """Cases that ``is_live`` holds for, those not looked at for longest first."""
    wanted = (
        col(Case.number),
        col(Case.channel_id),
        col(Case.channel_name),
        col(Case.topic),
        col(Case.drift),
        col(Case.looked_at),
    )
    query = (
        select(*wanted)  # type: ignore[call-overload]  # typed for four columns at most
        .where(col(Case.status).in_([s.value for s in LIVE]), col(Case.channel_id).is_not(None))
        .order_by(col(Case.looked_at).asc().nulls_first(), col(Case.number))
    )
    async with services.database.read() as session:
        return [Kept(*row) for row in (await session.exec(query)).all()]


async def _chosen(cases: Sequence[Kept], listed: Listed, before: datetime) -> list[int]:
    """At most ``LOOKS`` numbers: cases that seem to differ, then those not looked at for longest.

    The latter only where the last look was at ``before`` or earlier. Yields to the event loop every
    ``BREATH`` cases.
    """
    odd: list[int] = []
    old: list[int] = []
    for count, case in enumerate(cases):
        if count % BREATH == 0:
            await asyncio.sleep(0)  # answers that a person waits for go first
        if _seems_odd(case, listed):
            odd.append(case.number)
        elif case.looked_at is None or case.looked_at <= before:
            old.append(case.number)
    return [*odd, *old][:LOOKS]


async def list_channels(call: Call, method: str = "users.conversations") -> Listed:
    """Every channel that we are in, by id, as Slack describes it.

    With ``method`` ``conversations.list``: all that we can see. At most ``PAGES`` pages of
    ``PAGE``; what is beyond them is missing from the answer. Raises what ``call`` raises.
    """
    found: Listed = {}
    cursor = ""
    for _ in range(PAGES):
        answer = await call(
            method,
            types="public_channel,private_channel",
            limit=PAGE,
            cursor=cursor or None,
        )
        found |= {str(channel["id"]): channel for channel in answer.get("channels") or ()}
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


def _seems_odd(case: Kept, listed: Listed) -> bool:
    """True where the list shows something else than the store, beyond what is known already.

    A channel that is not listed or is closed is odd only while nothing is known of it, so a case
    that is lost for good is looked at by age alone. Cards, pins and members do not count here.
    """
    channel = listed.get(case.channel_id)
    if channel is None or channel.get("is_archived"):
        return not case.drift
    if is_shared_outside(channel):
        return Drift.SHARED.value not in case.drift
    topic = (channel.get("topic") or {}).get("value")
    expected = Expected(case.name, case.topic)
    found = drift_differences(expected, Seen(name=channel.get("name"), topic=topic))
    return {what.value for what in found} != set(case.drift) - UNLISTED
