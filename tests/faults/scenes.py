"""What every kind of effect is about: cases, tickets, a bug, a problem, a mailbox."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from sandbox.state import Channel
from storage.models import ClockEvent, Outbox, Problem, TalkingPoints
from tests.bot.paging.double import PagerDouble
from tests.bot.paging.way_double import WayDouble
from tests.faults.processes import Nursery
from tests.faults.soak import accept
from tests.faults.world import World, world
from tests.helpdesk.helpscout import HelpScoutDouble
from tests.helpdesk.intercom import IntercomDouble
from tests.helpdesk.zendesk import ZendeskDouble
from tests.mail.server import Box, mail_server
from tests.tracker.jira import JiraDouble

MAYA, ELENI = "U0MAYA", "U0ELENI"
CUSTOMER = "k.dimou@aegean.example"
# Seconds. Few effects at once: on a busy machine each still comes to its call within its lease.
LEASE, CALL_TIMEOUT, IN_FLIGHT = 6.0, 2.0, 4


@dataclass
class Scene:
    """A world with an open case in a ticket of each help desk (1 to 3), and a problem."""

    world: World
    box: Box
    zendesk: ZendeskDouble
    helpscout: HelpScoutDouble
    intercom: IntercomDouble
    jira: JiraDouble
    pagers: PagerDouble
    ways: WayDouble
    asked: int = 0
    row: int = 0
    marked: str = ""  # the ts of what a customer wrote last in the channel that they share
    jump: timedelta | None = None

    def channel(self, start: str) -> list[Channel]:
        """Channels whose names begin like that."""
        return [c for c in self.world.workspace.channels.values() if c.name.startswith(start)]

    @property
    def home(self) -> Channel:
        """The channel of case 1."""
        return self.channel("esc-1-")[0]

    @property
    def bot(self) -> str:
        """Our user."""
        return self.world.app.bot_user_id

    async def ask(self, verb: str, who: str = MAYA, **fields: Any) -> None:
        """Somebody wants something."""
        self.asked += 1
        await accept(self.world, verb, fields, who, f"asked:{self.asked}")

    async def leave(self, kind: str, lane: str, case: int | None = 1, **payload: Any) -> None:
        """Leave an effect in the outbox."""
        await self.add(
            Outbox(
                kind=kind,
                lane=lane,
                case_number=case,
                payload=payload,
                queued_at=self.world.time(),
            )
        )

    async def add(self, *rows: Any) -> None:
        """Put rows into the store."""
        async with self.world.database.write() as session:
            session.add_all(rows)

    async def change(self, table: type[Any], key: Any, **values: Any) -> None:
        """Change a row of the store."""
        async with self.world.database.write() as session:
            row = await session.get(table, key)
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

    def said(self) -> int:
        """How often the struck row's message stands in the workspace."""
        return sum(
            (m.metadata or {}).get("event_payload", {}).get("outbox") == self.row
            for c in self.world.workspace.channels.values()
            for m in c.messages.values()
        )

    async def answered(self, case: int) -> int:
        """How often a customer counts as answered."""
        query = select(ClockEvent.id).where(
            col(ClockEvent.case_number) == case, col(ClockEvent.kind) == "agent_public"
        )
        return len(await self.world.get(query))


@asynccontextmanager
async def scene(
    nursery: Nursery,
    folder: Path,
    url: str,
    *,
    bots: int,
    skew: timedelta = timedelta(0),
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Scene]:
    """A world with everything that an effect of any kind is about."""
    desks = (ZendeskDouble(), HelpScoutDouble(), IntercomDouble(), JiraDouble())
    pagers, ways = PagerDouble(), WayDouble()
    async with AsyncExitStack() as stack:
        box = stack.enter_context(mail_server())
        settings = {
            "PUBLIC_URL": "http://127.0.0.1:9", "SMTP_HOST": "127.0.0.1", "SMTP_TLS": "none",
            "SMTP_PORT": str(box.port), "MAIL_FROM": "Northwind <help@northwind.example>",
            "LEASE": str(LEASE), "CALL_TIMEOUT": str(CALL_TIMEOUT), "BLOWS": str(folder),
            "IN_FLIGHT": str(IN_FLIGHT),
            **(env or {}),
        }  # fmt: skip
        for double in desks:
            double.requester = CUSTOMER
            address = await stack.enter_async_context(double.running())
            settings |= {k.upper(): v for k, v in double.settings(address).items()}
        paged = await stack.enter_async_context(pagers.running())
        settings |= {k.upper(): v for k, v in pagers.settings(paged).items()}
        await stack.enter_async_context(ways.running())
        settings["PAGE_WAYS"] = f"kate={ways.address('kate')}"
        here = await stack.enter_async_context(
            world(nursery, folder, url, bots=bots, env=settings, skew=skew)
        )
        for double in desks:
            double.now = here.workspace.clock.now
        found = Scene(here, box, *desks, pagers, ways)
        await _furnish(found)
        yield found


async def _furnish(here: Scene) -> None:
    tickets = (here.intercom.url(), here.zendesk.url(), here.helpscout.url())
    for number, ticket in enumerate(tickets, start=1):
        await here.ask(
            "open_case", account="aegean-ferries", customer="Aegean Ferries", stake="No tickets",
            trigger="technical", severity=2, language="en", ticket_url=ticket,
            contact_email=CUSTOMER, contact_name="Katerina",
        )  # fmt: skip
        await here.world.settled()
        await here.ask("claim", ELENI, case=number)
        await here.world.settled()
    await here.add(problem(here, 1, "No tickets"))
    await here.leave("problem_channel", "problem:1:channel", None, problem=1)
    await here.add(_points(here))
    await here.world.settled()
    await here.leave("problem_card", "problem:1:card", None, problem=1)
    await here.leave("problem_pin", "problem:1:card", None, problem=1)
    await here.world.settled()


def problem(here: Scene, number: int, title: str) -> Problem:
    now = here.world.time()
    return Problem(
        number=number, title=title, severity=2, owner=MAYA, opened_by=MAYA, opened_at=now,
        cycle_began_at=now,
    )  # fmt: skip


def _points(here: Scene) -> TalkingPoints:
    now = here.world.time()
    return TalkingPoints(
        id=1, problem=1, version=1, say="We know of it.", author=MAYA, asked_at=now,
        expires_at=now + timedelta(days=9), state="approved", approver=ELENI,
    )  # fmt: skip
