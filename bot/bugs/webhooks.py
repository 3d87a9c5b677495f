"""The webhooks of a bug tracker, which are a reason to look and never the source of what is said.

A webhook tells that something happened to an issue, or to a version with which issues are repaired.
What it was is then read from the tracker, in the lane of each bug that is tracked. What we show at
a bug may come back as a webhook: it tells nothing that is not known, so it is an echo.

The route is in ``handlers/http/trackers.py``.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from prometheus_client import Counter
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.bugs.tracked import find_by_version, find_tracked, queue_bug_look
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import new_reference
from bot.rules.bugs.state import read_state
from bot.tickets.webhooks import WebhookServices
from bot.webhooks import Hearing, remember_event, take_once
from messages.clients.trackers import BugEvent, Tracker
from storage.models import TrackedBug

HEARD = Counter(
    "desk_tracker_events_total",
    "Webhooks of bug trackers, by what became of them",
    ["tracker", "outcome"],
)

HEARING = Hearing(HEARD, "tracker_event", "tracker")


def may_be_tracker(services: WebhookServices, name: str, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth reading; counted where it is not.

    False for a tracker that is not set up. ``headers`` have names in lower case.
    """
    tracker = _tracker(services, name)
    able = tracker is not None and tracker.may_be_signed(headers)
    if not able:
        HEARING.count_outcome(name, "unsigned")
    return able


async def receive_bug_event(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Take in a webhook; answers what became of it, which is counted.

    One of ``unsigned``, ``unreadable``, ``ignored`` (about neither an issue nor a version),
    ``unknown`` (of nothing that is linked here), ``echo`` (nothing that matters has changed),
    ``repeated``, ``accepted``.
    """
    return HEARING.count_outcome(name, await _outcome(services, name, headers, raw))


def _tracker(services: WebhookServices, name: str) -> Tracker | None:
    tracker = services.customers.tracker
    return tracker if tracker is not None and tracker.name.value == name else None


async def _outcome(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Check the signature, read the event, and queue the looks, as ``take_once`` says.

    The store is touched only for a signed event.
    """
    tracker = _tracker(services, name)
    if tracker is None or not tracker.is_signed(headers, raw):
        return "unsigned"
    return await take_once(
        services, partial(tracker.event, raw), partial(_accept, services, tracker)
    )


async def _accept(services: WebhookServices, tracker: Tracker, event: BugEvent) -> str:
    """Queue a look at each bug that the webhook is about, under the webhook's key.

    The key is stored as a row of the inbox that is done already, as of a help desk's webhook. What
    is unknown or an echo leaves no row. Raises IntegrityError for a key that was here before.
    """
    async with services.database.write() as session:
        found = await _bugs_of(session, event)
        if not found:
            return "unknown"
        if len(found) == 1 and _is_echo(found[0], event):
            return "echo"
        work = UnitOfWork.join(session, services, Actor(SYSTEM, tracker.name), new_reference())
        await remember_event(work, tracker.name.value, event.key, "bug_event")
        for row in found:
            await queue_bug_look(work, tracker.name, row.key, deleted=event.deleted)
        return "accepted"


async def _bugs_of(session: AsyncSession, event: BugEvent) -> Sequence[TrackedBug]:
    """The tracked bugs that an event is about: one, or all that wait for a version."""
    if event.version:
        return await find_by_version(session, event.version)
    row = await find_tracked(session, event.bug, event.id)
    return [row] if row is not None else []


def _is_echo(row: TrackedBug, event: BugEvent) -> bool:
    """Whether the event tells the bug as it is known."""
    return event.told is not None and read_state(row.seen) == event.told
