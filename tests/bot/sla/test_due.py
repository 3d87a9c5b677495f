"""What time brings, when something is wrong with one case."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import InterfaceError

from bot import effects
from bot.engine.due import PUT_OFF
from bot.sla import telling
from storage.models import Clock, Fired, Outbox
from tests.bot.stage import EMMA, Stage


async def test_a_case_that_cannot_be_swept_does_not_silence_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, healthy = await stage.opened(), await stage.opened()
    spoken = telling.say_reached

    async def fail(speech, said):
        if speech.case.number == poison:
            raise ValueError("broken")
        return await spoken(speech, said)

    monkeypatch.setattr(telling, "say_reached", fail)
    stage.later(minutes=31)  # past the acknowledgement of a SEV2
    await stage.sweep()
    said = {row.case_number for row in await stage.rows(Fired)}
    assert said == {healthy}
    waits = [c.next_fire_at for c in await stage.rows(Clock, case_number=poison)]
    assert min(w for w in waits if w) == stage.now + PUT_OFF
    monkeypatch.undo()
    stage.later(minutes=6)
    await stage.sweep()
    fired = [f for f in await stage.rows(Fired, case_number=poison) if f.threshold == "breach"]
    assert [f.clock for f in fired] == ["acknowledge"]
    assert fired[0].fired_at - fired[0].due > timedelta(minutes=6)


async def test_a_store_that_goes_away_puts_no_reminder_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await stage.opened()

    async def lost(*_: object) -> None:
        raise InterfaceError("SELECT", None, Exception("connection is closed"))

    before = [c.next_fire_at for c in await stage.rows(Clock, case_number=number)]
    stage.later(minutes=31)
    with monkeypatch.context() as away:
        away.setattr(telling, "say_reached", lost)
        with pytest.raises(InterfaceError):
            await stage.sweep()
    assert [c.next_fire_at for c in await stage.rows(Clock, case_number=number)] == before
    await stage.sweep()
    assert "acknowledge" in {f.clock for f in await stage.rows(Fired, case_number=number)}


async def test_a_card_that_time_changed_waits_behind_what_is_said_until_somebody_acts(
    stage: Stage,
) -> None:
    number = await stage.opened()
    async with stage.database.write() as session:
        await session.exec(update(Outbox).values(state="done"))
    stage.later(minutes=31)
    await stage.sweep()

    async def urgency() -> list[int]:
        rows = await stage.rows(Outbox, case_number=number, kind="card", state="pending")
        return [row.priority for row in rows]

    assert await urgency() == [effects.NUDGE]
    await stage.do(EMMA, "claim", number)
    assert await urgency() == [effects.INTERACTIVE]
