"""The connection to PostgreSQL is cut at every point of every request of a whole story."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.engine.actors import Actor, ReplyTo
from bot.engine.inbox import Answer, InboxWorker
from bot.errors import is_away
from bot.registry import INTENTS, USE_CASES
from bot.wiring import WIRING
from storage.database import Database
from storage.models import Case, Inbox, Outbox, TimelineEvent
from tests import postgres
from tests.bot.cuts import Cutter, cutter
from tests.bot.stage import ANNA, CARL, EMMA, EXEC, LEAH, TINA, TOM, acme
from tests.bot.store import NOW, Keeper
from tests.postmortems import REVIEWED

pytestmark = pytest.mark.postgres

SOON = NOW + timedelta(hours=2)
WORDS = {"text": "We are on it.", "recipient": "Maria", "route": "email"}
STORY: Sequence[tuple[str, str, Mapping[str, Any]]] = (
    (
        ANNA,
        "open_case",
        {"account": "acme", "customer": "Acme", "stake": "Down", "trigger": "technical",
         "severity": 2},
    ),
    (EMMA, "claim", {}),
    (ANNA, "update", {**WORDS, "kind": "acknowledgement", "next_update_at": SOON}),
    (EMMA, "assign", {"role": "technical_lead", "user": TOM}),
    (TOM, "hand_over", {"role": "technical_lead", "user": TINA, "summary": "All is said."}),
    (EMMA, "severity", {"severity": 1, "reason": "All shops"}),
    (EMMA, "hold", {"reason": "waiting_customer", "until": SOON}),
    (ANNA, "customer_replied", {"summary": "Still down"}),
    (EMMA, "ask_executive", {"user": EXEC, "question": "May we call?"}),
    (EMMA, "resolve", {**WORDS, "type": "fix", "note": "Rolled back"}),
    (TOM, "confirm", {"party": "technical_lead", "comfortable": True}),
    (ANNA, "confirm", {"party": "customer", "comfortable": True}),
    (EMMA, "postmortem_held", dict(REVIEWED)),
    (LEAH, "close", {"code": "fixed", "root_cause": "configuration", "no_action": "None"}),
    (CARL, "claim", {}),  # refused: it is closed
)  # fmt: skip


class Scene:
    """An app whose inbox is worked by hand, and what it tells people."""

    def __init__(self, database: Database) -> None:
        self.keeper = Keeper(database, wiring=WIRING)
        self.told: list[Answer] = []
        self.worker = InboxWorker(self.keeper, USE_CASES, INTENTS, self._tell)

    async def _tell(self, _reply: ReplyTo, answer: Answer) -> None:
        self.told.append(answer)

    async def ask(self, number: int) -> None:
        """Accept one request of the story."""
        who, verb, fields = STORY[number]
        given = fields if verb == "open_case" else {**fields, "case": await self.number()}
        intent = INTENTS[verb].model_validate(given)
        await self.worker.accept(intent, Actor(who, "test"), f"story:{number}", ReplyTo(who))

    async def number(self) -> int:
        """The one case's; PostgreSQL skips those that were not committed."""
        async with self.keeper.database.read() as session:
            return (await session.exec(select(Case.number))).one()

    async def record(self) -> dict[str, list[Any]]:
        """What the story left behind."""
        said = select(Outbox.kind, Outbox.lane).order_by(col(Outbox.id))
        done = select(TimelineEvent.actor, TimelineEvent.verb).order_by(col(TimelineEvent.id))
        states = select(Inbox.state, Inbox.attempts, Inbox.crashes).order_by(col(Inbox.id))
        async with self.keeper.database.read() as session:
            return {
                "said": [(kind, part(lane)) for kind, lane in (await session.exec(said)).all()],
                "done": [tuple(row) for row in (await session.exec(done)).all()],
                "inbox": [tuple(row) for row in (await session.exec(states)).all()],
                "told": [answer.get("text") for answer in self.told],
            }


def part(lane: str) -> str:
    """A lane without the number of its case."""
    return lane.translate({ord(digit): None for digit in "0123456789"})


async def drained(scene: Scene, cutting: Cutter, at: int, *, unheard: bool = False) -> bool:
    """Carry out what waits, cut at one point; whether there was no such point any more."""
    with cutting.counting(at, unheard=unheard):
        (ended,) = await asyncio.gather(scene.worker.drain(), return_exceptions=True)
    assert isinstance(ended, int) or is_away(ended), repr(ended)
    return cutting.points < at


@pytest.fixture
async def scene(postgres_url: str) -> AsyncIterator[Scene]:
    """An app on an empty store."""
    database = Database(await postgres.database_with_tables(postgres_url))
    scene = Scene(database)
    await scene.keeper.fill(acme())
    yield scene
    await database.close()


@pytest.fixture
async def undisturbed(postgres_url: str) -> dict[str, list[Any]]:
    """What the story leaves behind when nothing happens to it."""
    database = Database(await postgres.database_with_tables(postgres_url))
    scene = Scene(database)
    await scene.keeper.fill(acme())
    for number in range(len(STORY)):
        await scene.ask(number)
        await scene.worker.drain()
    record = await scene.record()
    await database.close()
    return record


@pytest.mark.parametrize("unheard", [False, True])
async def test_a_request_is_carried_out_once_however_often_its_connection_is_cut(
    scene: Scene, undisturbed: dict[str, list[Any]], unheard: bool
) -> None:
    async with cutter(scene.keeper.database) as cutting:
        for number in range(len(STORY)):
            await scene.ask(number)
            point = 1
            while not await drained(scene, cutting, point, unheard=unheard):
                point += 1
        assert cutting.cuts > (2 * len(STORY) if unheard else 4 * len(STORY))

    assert await scene.record() == undisturbed
    assert "trouble" not in undisturbed["told"]
    assert {row[0] for row in undisturbed["inbox"]} == {"done"}
