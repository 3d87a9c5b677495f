"""A look into a thread and a decision about it at the same moment: one waits, none is refused."""

from bot.engine.unit_of_work import UnitOfWork
from bot.intake.connect.threads import lock_thread_in_order
from bot.intake.signals import take_in_signal
from bot.registry import INTENTS, USE_CASES
from bot.rules.intake import Arrival
from bot.rules.states import CandidateState
from storage.models import Candidate, ConnectThread
from tests.bot.at_once import at_once
from tests.bot.stage import EMMA, Stage

CHANNEL, TS = "C0ACME", "1.1"


async def read(stage: Stage) -> int:
    """A thread that is read, and the candidate that waits of it."""
    thread = {"channel_id": CHANNEL, "ts": TS, "since": TS, "account_key": "acme"}
    await stage.add(ConnectThread(**thread))
    async with stage.database.write() as session:
        taken = await take_in_signal(stage.work(session), arrival(stage, "1"))
    assert taken.candidate is not None
    return taken.candidate


def arrival(stage: Stage, key: str) -> Arrival:
    """What the customer wrote in the thread."""
    where = {"source": "slack", "thread": f"{CHANNEL}:{TS}"}
    return Arrival(key=key, text="Down", happened_at=stage.now, account="acme", **where)


async def test_a_look_waits_for_the_decision_and_finds_it_decided(stage: Stage) -> None:
    number = await read(stage)
    intent = INTENTS["dismiss_candidate"].model_validate({"candidate": number, "reason": "No"})

    async def decides(work: UnitOfWork) -> None:
        await USE_CASES["dismiss_candidate"](work, intent)

    await at_once(stage, decides, look(stage))
    first, second = await stage.rows(Candidate)
    assert (first.state, second.state) == (CandidateState.DISMISSED, CandidateState.WAITING)


async def test_a_decision_waits_for_the_look_and_takes_along_what_it_read(stage: Stage) -> None:
    number = await read(stage)

    async def looks(work: UnitOfWork) -> None:
        await _look(work, stage)

    await at_once(stage, looks, stage.do(EMMA, "dismiss_candidate", candidate=number, reason="No"))
    (only,) = await stage.rows(Candidate)
    assert (only.state, only.signals) == (CandidateState.DISMISSED, 2)


async def look(stage: Stage) -> None:
    """The thread is looked into, in a transaction of its own."""
    async with stage.database.write() as session:
        await _look(stage.work(session), stage)


async def _look(work: UnitOfWork, stage: Stage) -> None:
    assert await lock_thread_in_order(work, CHANNEL, TS) is not None
    await take_in_signal(work, arrival(stage, "2"))
