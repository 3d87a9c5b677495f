"""What is read of what people were told: only what the act asks that is spoken of now."""

from datetime import timedelta
from typing import Any

from sqlmodel import select

from bot.rules.words import ClockKind
from bot.sla.clock_history import load_snapshots
from bot.sla.told import load_told
from storage.models import Outbox
from tests.bot.stage import ANNA, EMMA, Stage
from tests.statements import counted_statements

OTHERS = 40  # direct messages that are not asked for


async def told(stage: Stage, number: int) -> list[tuple[str, str]]:
    """The clock and the words of what is read of a case now."""
    async with stage.database.read() as session:
        sheets = await load_snapshots(session, [number])
        found = await load_told(session, sheets, stage.now)
    return [(each.clock, each.threshold) for each in found[number]]


async def rows_read(stage: Stage, numbers: list[int]) -> tuple[int, int]:
    """How many statements the reading takes, and how many rows it answers."""
    async with stage.database.read() as session:
        sheets = await load_snapshots(session, numbers)
        with counted_statements(stage.database) as seen:
            found = await load_told(session, sheets, stage.now)
    return len(seen), sum(map(len, found.values()))


def message(number: int, stage: Stage, text: str = "reminder", **extra: Any) -> Outbox:
    """A direct message about a case that was sent."""
    said = {"clock": "acknowledge", "cycle": 1, "threshold": "breach", "due": "", **extra}
    return Outbox(
        lane=f"dm:{EMMA}", kind="dm", case_number=number, queued_at=stage.now,
        payload={"user": EMMA, "text": text, "extra": said},
    )  # fmt: skip


async def test_what_else_people_were_told_is_not_read(stage: Stage) -> None:
    number = await stage.opened()
    stage.later(minutes=31)  # past the acknowledgement
    await stage.sweep()
    before = await rows_read(stage, [number])
    await stage.add(*(message(number, stage, "notice:opened") for _ in range(OTHERS)))
    await stage.add(*(message(number, stage, clock="check_in") for _ in range(OTHERS)))
    assert await rows_read(stage, [number]) == before
    assert before[0] == 1
    assert {clock for clock, _ in await told(stage, number)} == {"acknowledge"}


async def test_a_case_more_is_no_query_more(stage: Stage) -> None:
    numbers = [await stage.opened() for _ in range(4)]
    stage.later(minutes=31)
    await stage.sweep()
    assert (await rows_read(stage, numbers[:1]))[0] == (await rows_read(stage, numbers))[0] == 1


async def test_nothing_is_read_where_nothing_is_reached(stage: Stage) -> None:
    number = await stage.opened()
    assert await rows_read(stage, [number]) == (0, 0)


async def test_what_was_said_of_an_earlier_letter_is_not_read(stage: Stage) -> None:
    number = await stage.claimed()
    stage.later(hours=1, minutes=1)  # past the first response
    await stage.sweep()
    assert "first_response" in {clock for clock, _ in await told(stage, number)}
    stage.later(minutes=1)
    await stage.update(number, ANNA)
    stage.later(hours=5)  # past the next update
    await stage.sweep()
    read = {clock for clock, _ in await told(stage, number)}
    assert "first_response" not in read
    assert ClockKind.NEXT_UPDATE.value in read
    async with stage.database.read() as session:
        stored = (await session.exec(select(Outbox).where(Outbox.kind == "dm"))).all()
    assert len(stored) > len(await told(stage, number))
    assert all(row.queued_at <= stage.now + timedelta(0) for row in stored)
