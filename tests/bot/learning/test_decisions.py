"""The decision log: who may write in it, when it is asked how a decision came out, what is read."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.decisions import list_decisions
from bot.learning.queries import LearningReading
from bot.rules.states import DecisionOutcome
from bot.rules.words import Language
from messages.cases.postmortem import agenda_markdown
from messages.kit.texts import label
from messages.learning.decisions import decisions_answer
from storage.models import CaseDecision
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, Stage

SAID = {"decision": "We roll back", "options": "Wait for the fix", "why": "It takes a day"}


async def decided(stage: Stage, number: int, who: str = EMMA, **fields: object) -> CaseDecision:
    """A decision, as it is stored."""
    await stage.do(who, "decide", number, **{**SAID, **fields})
    return (await stage.rows(CaseDecision))[-1]


async def judged(stage: Stage, row: CaseDecision, who: str, result: str, lesson: str = "") -> None:
    await stage.do(
        who, "judge_decision", row.case_number, decision=row.id, outcome=result, lesson=lesson
    )


async def asked(stage: Stage, number: int) -> list[str]:
    """Whom the sweep now asks how a decision came out."""
    await stage.said(number)
    await stage.sweep()
    found = [each for each in await stage.said(number) if each.text == "notice:decision_outcome"]
    return [each.to for each in found]


def reading(stage: Stage) -> LearningReading:
    """The queries, at this moment."""
    return LearningReading(stage.process(), Reading(stage.process()))


async def test_a_decision_is_read_in_the_channel_and_by_who_decided(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.said(number)
    row = await decided(stage, number, ANNA, decider=EMMA)
    assert (row.decider, row.author, row.outcome) == (EMMA, ANNA, "")
    assert row.next_at is not None
    assert row.next_at.date() == (stage.now + timedelta(days=30)).date()
    heard = await stage.heard(number)
    assert heard["post"] == ["decided"]
    assert heard[EMMA] == ["decided"]


async def test_who_decided_is_asked_twice_then_the_owner_then_nobody(stage: Stage) -> None:
    number = await stage.claimed()
    row = await decided(stage, number, ANNA)
    assert await asked(stage, number) == []
    for days, people in ((31, [ANNA]), (7, [ANNA]), (8, [EMMA]), (90, [])):
        stage.later(days=days)
        assert await asked(stage, number) == people
    assert (await stage.rows(CaseDecision, id=row.id))[0].next_at is None


async def test_what_came_out_ends_the_questions(stage: Stage) -> None:
    number = await stage.claimed()
    row = await decided(stage, number)
    await judged(stage, row, EMMA, "worked")
    assert (await stage.last(number)).after["result"] == "worked"
    stage.later(days=60)
    assert await asked(stage, number) == []


async def test_what_did_not_work_wants_a_lesson(stage: Stage) -> None:
    number = await stage.claimed()
    row = await decided(stage, number)
    for result in ("partly", "failed", "reversed"):
        with pytest.raises(UserError, match="lesson_wanted"):
            await judged(stage, row, EMMA, result)
    await judged(stage, row, EMMA, "failed", "The old version has the same fault")
    stored = (await stage.rows(CaseDecision, id=row.id))[0]
    assert (stored.outcome, stored.lesson) == ("failed", "The old version has the same fault")


async def test_a_stranger_neither_decides_nor_judges_but_who_decided_does(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_your_role"):
        await decided(stage, number, STRANGER)
    row = await decided(stage, number, EMMA, decider=STRANGER)
    await judged(stage, row, STRANGER, "worked")
    other = await decided(stage, number)
    with pytest.raises(UserError, match="not_your_role"):
        await judged(stage, other, STRANGER, "worked")


async def test_a_decision_of_another_case_is_none_of_this_one(stage: Stage) -> None:
    number, other = await stage.claimed(), await stage.claimed()
    row = await decided(stage, other)
    with pytest.raises(UserError, match="no_such_decision"):
        await stage.do(EMMA, "judge_decision", number, decision=row.id, outcome="worked")


async def test_a_day_that_has_begun_is_refused(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="decision_day_past"):
        await decided(stage, number, ask_on=stage.now.date().isoformat())
    row = await decided(stage, number, ask_on="2026-03-29")  # the clocks change that night
    assert row.next_at == datetime(2026, 3, 29, 6, tzinfo=UTC)  # 9:00 in Athens


async def test_thirty_days_are_counted_from_the_day_it_is_here(stage: Stage) -> None:
    number = await stage.claimed()
    stage.now = datetime(2026, 2, 10, 22, 30, tzinfo=UTC)  # in Athens it is the 11th already
    row = await decided(stage, number)
    assert row.next_at == datetime(2026, 3, 13, 7, tzinfo=UTC)  # 9:00 in Athens


async def test_of_a_restricted_case_nobody_reads_or_hears_who_is_not_on_it(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.said(number)
    row = await decided(stage, number)
    other = await decided(stage, number, decider=BILL)
    assert BILL not in await stage.heard(number)
    with pytest.raises(UserError, match="no_such_case"):
        await judged(stage, other, BILL, "worked")
    with pytest.raises(UserError, match="no_such_case"):
        await reading(stage).listed(number, BILL)
    with pytest.raises(UserError, match="no_such_case"):
        await reading(stage).one(number, LEAH, row.id)
    assert (await reading(stage).one(number, EMMA, row.id)).words == "We roll back"


@pytest.mark.parametrize("language", Language)
async def test_the_list_says_how_each_came_out_or_asks(stage: Stage, language: Language) -> None:
    number = await stage.claimed()
    empty = decisions_answer(*await reading(stage).listed(number, ANNA), language)
    assert "ask:decide" in str(empty.blocks)
    row = await decided(stage, number)
    await decided(stage, number, decision="We <!channel> call")
    await judged(stage, row, EMMA, "partly", "Half of them were back")
    case, found = await reading(stage).listed(number, ANNA)
    assert [each.outcome for each in found] == [DecisionOutcome.PARTLY, None]
    shown = decisions_answer(case, found, language)
    said = str(shown.blocks)
    assert said.count("ask:judge_decision") == 2
    assert said.count("do:judge_decision") == 1  # of the one that is not judged yet
    assert "Half of them were back" in said
    assert "<!channel>" not in said


async def test_the_agenda_has_every_decision_and_how_it_came_out(stage: Stage) -> None:
    number = await stage.claimed()
    row = await decided(stage, number)
    await judged(stage, row, EMMA, "failed", "The old *version* has it too")
    async with stage.database.read() as session:
        found = await list_decisions(session, number)
    facts = await Reading(stage.process()).case(number, EMMA)
    for language in Language:
        paper = agenda_markdown(facts, (), (), language, decisions=found)
        part = paper.partition("## 8.")[2].partition("## 9.")[0]
        assert "We roll back" in part
        assert "Wait for the fix" in part
        assert label(language, DecisionOutcome.FAILED) in part
        assert "old \\*version\\* has" in part
