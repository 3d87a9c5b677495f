"""The webhooks of a bug tracker, which are a reason to look and never the source of what is said.

A webhook tells that something happened to an issue, or to a version with which issues are repaired.
What it was is then read from the tracker, in the lane of each bug that is tracked. What we show at
a bug may come back as a webhook: it tells nothing that is not known, so it is an echo.

The route is in ``handlers/http/trackers.py``, which answers 401 for ``unsigned``, 400 for
``unreadable`` and 200 for all else: sending those again would not help.
"""

from collections.abc import Mapping, Sequence

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.bugs.tracked import find_by_version, find_tracked, queue_bug_look
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import new_reference
from bot.rules.bugs.state import read_state
from bot.rules.states import InboxState
from bot.tickets.webhooks import WebhookServices
from messages.clients.trackers import BugEvent, Tracker
from storage.models import Inbox, TrackedBug

HEARD = Counter(
    "desk_tracker_events_total",
    "Webhooks of bug trackers, by what became of them",
    ["tracker", "outcome"],
)

log = structlog.get_logger()


def may_be_tracker(services: WebhookServices, name: str, headers: Mapping[str, str]) -> bool:
    """Whether the body is worth reading; counted where it is not.

    False for a tracker that is not set up. ``headers`` have names in lower case.
    """
    tracker = _tracker(services, name)
    able = tracker is not None and tracker.may_be_signed(headers)
    if not able:
        _count_event(name, "unsigned")
    return able


async def receive_bug_event(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Take in a webhook; answers what became of it, which is counted.

    One of ``unsigned``, ``unreadable``, ``ignored`` (about neither an issue nor a version),
    ``unknown`` (of nothing that is linked here), ``echo`` (nothing that matters has changed),
    ``repeated``, ``accepted``.
    """
    return _count_event(name, await _outcome(services, name, headers, raw))


def _tracker(services: WebhookServices, name: str) -> Tracker | None:
    tracker = services.customers.tracker
    return tracker if tracker is not None and tracker.name.value == name else None


def _count_event(name: str, outcome: str) -> str:
    HEARD.labels(name, outcome).inc()
    level = log.warning if outcome in ("unsigned", "unreadable") else log.debug
    level("tracker_event", tracker=name, outcome=outcome)
    return outcome


async def _outcome(
    services: WebhookServices, name: str, headers: Mapping[str, str], raw: bytes
) -> str:
    """Check the signature, read the event, and queue the looks.

    The store is touched only for a signed event. Any IntegrityError of that transaction is taken
    for a redelivery. Delivery is woken after the commit.
    """
    tracker = _tracker(services, name)
    if tracker is None or not tracker.is_signed(headers, raw):
        return "unsigned"
    try:
        event = tracker.event(raw)
    except ValueError:
        return "unreadable"
    if event is None:
        return "ignored"
    try:
        outcome = await _accept(services, tracker, event)
    except IntegrityError:
        return "repeated"
    if outcome == "accepted":
        await services.happened()
    return outcome


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
        session.add(
            Inbox(
                key=f"{tracker.name.value}:{event.key}",
                verb="bug_event",
                actor=SYSTEM,
                source=tracker.name.value,
                state=InboxState.DONE,
                correlation=work.correlation,
                received_at=work.now,
            )
        )
        await session.flush()
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
