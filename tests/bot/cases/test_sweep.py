"""What time brings, when something is wrong with one case."""

from datetime import timedelta

import pytest

from bot import sweep
from storage.models import Clock, Fired
from tests.bot.cases.stage import Stage


async def test_a_case_that_cannot_be_swept_does_not_silence_the_others(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison, healthy = await stage.opened(), await stage.opened()
    spoken = sweep._speak

    async def fail(work, case, *rest):
        if case.number == poison:
            raise ValueError("broken")
        return await spoken(work, case, *rest)

    monkeypatch.setattr(sweep, "_speak", fail)
    stage.later(minutes=31)  # past the acknowledgement of a SEV2
    await stage.sweep()
    said = {row.case_number for row in await stage.rows(Fired)}
    assert said == {healthy}
    waits = [c.next_fire_at for c in await stage.rows(Clock, case_number=poison)]
    assert min(w for w in waits if w) == stage.now + sweep.PUT_OFF
    monkeypatch.undo()
    stage.later(minutes=6)
    await stage.sweep()
    fired = [f for f in await stage.rows(Fired, case_number=poison) if f.threshold == "breach"]
    assert [f.clock for f in fired] == ["acknowledge"]
    assert fired[0].fired_at - fired[0].due > timedelta(minutes=6)
