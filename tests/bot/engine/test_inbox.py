"""What was accepted is carried out once, in the order in which it was asked of a case."""

import asyncio

import pytest
from sqlmodel import select

from bot.cases.claim import Claim
from bot.engine import inbox
from bot.engine.actors import Actor, ReplyTo
from bot.engine.inbox import Answer, InboxWorker
from bot.engine.intent import Intent
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.registry import INTENTS
from bot.rules.tone.first_response import Part
from bot.rules.words import Language
from messages.cases.answers import refusal_message
from storage.models import Digest, Inbox
from tests.bot.store import Keeper


async def _note(work: UnitOfWork, intent: Intent) -> Answer | None:
    """A use case that leaves one row for each time it is carried out."""
    number = len((await work.session.exec(select(Digest))).all())
    work.session.add(Digest(user_id=f"{intent.model_dump()['case']}:{number}", next_at=work.now))
    return None


async def _tell(_reply: ReplyTo, _answer: Answer) -> None:
    return None


def worker(keeper: Keeper) -> InboxWorker:
    """One replica's."""
    return InboxWorker(keeper, {"claim": _note}, INTENTS, _tell)


async def ask(keeper: Keeper, case: int, key: str) -> bool:
    """Somebody claims a case."""
    return await worker(keeper).accept(Claim(case=case), Actor("U1", "test"), key, ReplyTo("U1"))


async def carried_out(keeper: Keeper) -> int:
    async with keeper.database.read() as session:
        return len((await session.exec(select(Digest))).all())


async def test_what_came_twice_is_carried_out_once(keeper: Keeper) -> None:
    both = await asyncio.gather(ask(keeper, 1, "same"), ask(keeper, 1, "same"))
    await asyncio.gather(worker(keeper).drain(), worker(keeper).drain())

    assert sorted(both) == [False, True]
    assert await carried_out(keeper) == 1


async def test_a_case_waits_for_its_earlier_request_and_other_cases_do_not(
    keeper: Keeper,
) -> None:
    for case, key in ((1, "first"), (1, "second"), (2, "other")):
        await ask(keeper, case, key)
    one, two = worker(keeper), worker(keeper)

    claimed = [await one._claim(), await two._claim(), await two._claim()]

    assert [row.key if row else None for row in claimed] == ["first", "other", None]


async def test_a_replica_that_was_taken_for_dead_changes_nothing(keeper: Keeper) -> None:
    await ask(keeper, 1, "first")
    slow = worker(keeper)
    row = await slow._claim()
    assert row is not None
    keeper.clock.later(seconds=inbox.LEASE.total_seconds() + 1)
    await worker(keeper).drain()

    await slow._carry_out(row)

    assert await carried_out(keeper) == 1


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("fault", [None, UserError("closed"), KeyError("oops"), RuntimeError("x")])
async def test_whoever_lost_the_request_ends_and_answers_nothing(
    keeper: Keeper, fault: Exception | None, ended: bool
) -> None:
    told: list[Answer] = []

    async def tell(_reply: ReplyTo, answer: Answer) -> None:
        told.append(answer)

    async def slowly(work: UnitOfWork, intent: Intent) -> Answer | None:
        if fault is not None:
            raise fault
        return Answer(text="notice:done")

    await ask(keeper, 1, "first")
    slow = InboxWorker(keeper, {"claim": slowly}, INTENTS, tell)
    row = await slow._claim()
    assert row is not None
    slow.in_hand = row
    keeper.clock.later(seconds=inbox.LEASE.total_seconds() + 1)
    fast = worker(keeper)
    taken = await fast._claim()
    assert taken is not None
    if ended:
        await fast._carry_out(taken)
    before = await stored(keeper)

    await slow._carry_out(row)
    await slow.release()

    assert told == []
    assert await stored(keeper) == before


async def test_a_refusal_that_lists_something_reaches_the_person_as_a_list(keeper: Keeper) -> None:
    told: list[Answer] = []

    async def tell(_reply: ReplyTo, answer: Answer) -> None:
        told.append(answer)

    async def refuse(_work: UnitOfWork, _intent: Intent) -> Answer | None:
        raise UserError("legal_withdraws", people=["U2", "U3"], gaps=(Part.RECEIPT,))

    await ask(keeper, 1, "first")
    await InboxWorker(keeper, {"claim": refuse}, INTENTS, tell).drain()

    (answer,) = told
    assert answer["extra"] == {"people": ["U2", "U3"], "gaps": ["receipt"]}
    words = refusal_message("legal_withdraws", Language.ENGLISH, **answer["extra"]).text
    assert "<@U2>, <@U3>" in words


async def stored(keeper: Keeper) -> list[dict[str, object]]:
    """Every request as it stands."""
    async with keeper.database.read() as session:
        return [row.model_dump() for row in (await session.exec(select(Inbox))).all()]


async def test_a_request_of_a_dead_replica_is_carried_out_by_another(keeper: Keeper) -> None:
    await ask(keeper, 1, "first")
    await worker(keeper)._claim()

    assert await worker(keeper).drain() == 0
    keeper.clock.later(seconds=inbox.LEASE.total_seconds() + 1)
    assert await worker(keeper).drain() == 1

    async with keeper.database.read() as session:
        assert [row.state for row in (await session.exec(select(Inbox))).all()] == ["done"]
