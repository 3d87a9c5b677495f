"""Blows that a bot deals itself: at a point of one effect's way it stops, dies or loses an answer.

The test orders a blow by a file; whichever bot comes to that point first takes the file away, so
it happens once. Points, in the order in which a row comes to them:

- ``claimed``: the row is claimed, nothing is begun
- ``before``: just before the call that brings the effect about
- ``after``: the effect is there, nothing of it is recorded
- ``saving``: inside the transaction that records it, before its commit
"""

import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from bot import services
from bot.calendar_files import deliver as calendar_delivery
from bot.customers.channels import Customers, Outside
from bot.engine import inbox
from bot.engine.delivery import Delivery, EffectResult, Performer
from bot.engine.outbox_claims import Job
from bot.mail import deliver as mail_delivery
from bot.people.directory import People
from bot.rules.facts import PersonFacts
from bot.rules.tokens import Signer
from bot.services import PERFORMED
from bot.setup import mail_trial
from messages.clients.helpdesks import Connector
from messages.clients.page_ways import PageWays
from messages.clients.pagers import Pager
from messages.clients.slack import SlackUnknown
from messages.clients.trackers import Tracker
from storage.models import Inbox, Outbox

POINTS = ("claimed", "before", "after", "saving")
INBOX = "inbox"  # the kind of blows at a request instead of an effect
# Calls that only look; what else an effect calls brings it about.
LOOKS = frozenset(
    {
        "auth.test", "bookmarks.list", "conversations.history", "conversations.info",
        "conversations.list", "conversations.members", "conversations.open", "pins.list",
        "users.conversations", "users.info", "conversations.replies",
    }
)  # fmt: skip
# The same of a help desk, a bug tracker, or a pager.
DESK_LOOKS = frozenset(
    {"name", "site", "ticket_of", "entries", "requester", "key_of", "url_of", "email_of"}
)

_row: ContextVar[Outbox] = ContextVar("row")


class Blows:
    """The blows that one bot may be ordered to deal itself."""

    def __init__(self, order: Path) -> None:
        self.order, self.dealt = order, order.with_suffix(".dealt")

    def at(self, kind: str, point: str, row: Outbox | Inbox) -> None:
        """Strike if that is ordered here. Raises SlackUnknown where an answer is lost."""
        try:
            wanted = json.loads(self.order.read_text())
        except FileNotFoundError:
            return
        if (kind, point) != (wanted["kind"], wanted["point"]):
            return
        mine = self.order.with_suffix(f".{os.getpid()}")
        try:
            self.order.rename(mine)
        except FileNotFoundError:  # another bot was faster
            return
        mine.write_text(json.dumps({"pid": os.getpid(), "row": row.id, "claims": row.claims}))
        mine.rename(self.dealt)
        match wanted["how"]:
            case "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "lose":
                raise SlackUnknown(kind, "the answer was lost")

    def performer(self, kind: str, perform: Performer) -> Performer:
        """The performer with the points on its way."""

        async def struck(delivery: Delivery, job: Job) -> EffectResult:
            self.at(kind, "claimed", job.row)
            _row.set(job.row)
            learned = await perform(delivery, job)
            self.at(kind, "after", job.row)
            save = learned.save

            async def saving(session: AsyncSession) -> None:
                if save is not None:
                    await save(session)
                await session.flush()
                self.at(kind, "saving", job.row)

            learned.save = saving
            return learned

        return struck

    def before(self) -> None:
        """The row in hand is about to take effect."""
        if (row := _row.get(None)) is not None:
            self.at(row.kind, "before", row)


def install(folder: Path) -> None:
    """Put the points into the program, before it is built."""
    blows = Blows(folder / "blow")
    PERFORMED.update({kind: blows.performer(kind, how) for kind, how in PERFORMED.items()})
    _before_calls(blows)
    _before_mails(blows)
    _before_help_desks(blows)
    _before_people(blows)
    _at_requests(blows)


def _before_calls(blows: Blows) -> None:
    call = Delivery.call

    async def struck(delivery: Delivery, method: str, **arguments: Any) -> dict[str, Any]:
        row = _row.get(None)
        if method not in LOOKS or (row is not None and row.kind == "look"):
            blows.before()
        return await call(delivery, method, **arguments)

    Delivery.call = struck  # type: ignore[method-assign]


def _before_mails(blows: Blows) -> None:
    handed = mail_delivery._handed

    async def handing(delivery: Delivery, job: Job, number: int) -> None:
        blows.before()
        await handed(delivery, job, number)

    mail_delivery._handed = handing
    give = calendar_delivery._give

    async def giving(delivery: Delivery, job: Job) -> None:
        blows.before()
        await give(delivery, job)

    calendar_delivery._give = giving
    trial = mail_trial._give

    async def giving_trial(delivery: Delivery, job: Job) -> None:
        blows.before()
        await trial(delivery, job)

    mail_trial._give = giving_trial


def _before_help_desks(blows: Blows) -> None:
    join = services.join_channels

    def struck(signer: Signer, outside: Outside) -> Customers:
        made = join(signer, outside)
        desks = {name: _Struck(desk, blows) for name, desk in made.helpdesks.items()}
        tracker = _Struck(made.tracker, blows) if made.tracker else None
        pagers: Any = {name: _Struck(each, blows) for name, each in made.pagers.items()}
        ways: Any = _Struck(made.ways, blows) if made.ways else None
        return replace(made, helpdesks=desks, tracker=tracker, pagers=pagers, ways=ways)

    services.join_channels = struck  # type: ignore[assignment]


class _Struck:
    """A help desk, tracker or pager, with the point before each call that is no look."""

    def __init__(self, desk: Connector | Tracker | Pager | PageWays, blows: Blows) -> None:
        self._desk, self._blows = desk, blows

    def __getattr__(self, name: str) -> Any:
        if name not in DESK_LOOKS:
            self._blows.before()
        return getattr(self._desk, name)


def _before_people(blows: Blows) -> None:
    """The point before a step of a workflow asks who its asker is: it calls for nothing else."""
    surely = People.surely

    async def asking(people: People, user_id: str) -> PersonFacts:
        if (row := _row.get(None)) is not None and row.kind == "workflow_step":
            blows.before()
        return await surely(people, user_id)

    People.surely = asking  # type: ignore[method-assign]


def _at_requests(blows: Blows) -> None:
    perform, transaction = inbox.InboxWorker._perform, inbox.InboxWorker.transaction
    take = inbox.take_lease
    performed: ContextVar[Inbox | None] = ContextVar("performed", default=None)

    async def performing(worker: inbox.InboxWorker, row: Inbox) -> Any:
        blows.at(INBOX, "claimed", row)
        performed.set(row)
        answer = await perform(worker, row)
        performed.set(None)
        blows.at(INBOX, "after", row)
        return answer

    async def taking(session: AsyncSession, row: Any, **values: Any) -> None:
        await take(session, row, **values)
        blows.at(INBOX, "before", row)

    @asynccontextmanager
    async def saving(worker: inbox.InboxWorker) -> AsyncIterator[AsyncSession]:
        async with transaction(worker) as session:
            yield session
            if (row := performed.get()) is not None:  # all is written, nothing is committed
                blows.at(INBOX, "saving", row)

    inbox.InboxWorker._perform = performing  # type: ignore[method-assign]
    inbox.InboxWorker.transaction = saving  # type: ignore[method-assign,assignment]
    inbox.take_lease = taking


__all__ = ["INBOX", "POINTS", "Blows", "install"]
