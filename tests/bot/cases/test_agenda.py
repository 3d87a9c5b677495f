"""The agenda counts every round of a clock that repeats, as the ledger of promises does."""

from datetime import timedelta

from bot.core import snapshot
from bot.rules.words import Language
from bot.sla.clock_history import load_states
from bot.sla.explain import promise_ledger
from messages.cases.postmortem import agenda_markdown, agenda_message
from tests.bot.stage import Stage


async def test_a_missed_round_stays_missed_when_the_next_one_was_kept(stage: Stage) -> None:
    number = await stage.claimed()
    soon = timedelta(hours=1)
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + soon)
    stage.later(minutes=66)
    await stage.sweep()
    await stage.update(number, next_update_at=stage.now + soon)
    stage.later(minutes=30)
    await stage.update(number, next_update_at=stage.now + soon)
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
        ledger = promise_ledger((await load_states(session, number, stage.now))["next_update"])
    assert facts is not None
    kept = [promise.kept for promise in ledger if promise.kept_at]
    assert kept == [False, True]
    text = agenda_markdown(facts, (), (), Language.ENGLISH)
    rounds = [line for line in text.splitlines() if "ext customer update: " in line]
    assert ["missed by 6 min" in line for line in rounds] == [True, False]
    assert "1 missed (next customer update)" in agenda_message(facts, 0, (), Language.ENGLISH).text
