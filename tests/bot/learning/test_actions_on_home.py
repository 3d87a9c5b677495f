"""App Home lists the first action items that wait for its reader, each with its buttons."""

import json
from datetime import timedelta

import pytest

from bot.cases.queries import Reading
from bot.learning.queries import LearningReading
from bot.rules.facts import ActionPage
from bot.rules.words import Language
from messages.cases.home import home_view
from tests.bot.learning.test_actions import given, titles
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, Stage
from tests.messages.sample_cases import VIEWER
from tests.statements import counted_statements


async def waiting(stage: Stage, who: str) -> ActionPage:
    """What waits for a person, as their Home reads it."""
    process = stage.process()
    return await LearningReading(process, Reading(process)).waiting_actions(who)


def drawn(found: ActionPage | None, count: int, language: Language = Language.ENGLISH) -> str:
    """The Home of a person for whom these wait, as text."""
    view = home_view(VIEWER, [], [], [], 0, language, tasks=found, tasks_count=count)
    return json.dumps(view, ensure_ascii=False)


async def test_home_lists_five_by_their_day_and_counts_the_rest(stage: Stage) -> None:
    number = await stage.claimed()
    for days in (9, 3, 8, 4, 7, 5, 6):
        await given(stage, number, f"Alarm in {days} days", BILL, days)
    found = await waiting(stage, BILL)
    assert titles(found) == [f"Alarm in {days} days" for days in (3, 4, 5, 6, 7)]
    count = (await Reading(stage.process()).home(BILL)).actions
    said = drawn(found, count)
    assert "7 action items wait for you." in said
    assert "2 more action items wait for you." in said
    assert said.count('"action_id": "show:actions#2"') == 1
    assert said.count('"ask:action_done#') == 5


async def test_what_is_late_is_marked_and_each_has_the_buttons_of_its_reader(stage: Stage) -> None:
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await given(stage, number, "Alarm", BILL, 9)
    await stage.do(EMMA, "reassign_action", number, action=2, user=ANNA)
    stage.later(days=2)
    mine = drawn(await waiting(stage, BILL), 2)
    assert mine.count("overdue") == 1
    assert '"ask:action_done#1"' in mine
    offered = drawn(await waiting(stage, ANNA), 1)
    assert '"do:answer_action_offer#1"' in offered
    assert "more action item" not in offered


async def test_what_waits_for_a_look_is_on_the_home_of_who_looks_alone(stage: Stage) -> None:
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await stage.do(BILL, "action_done", number, action=1, evidence="Page 7")
    assert titles(await waiting(stage, BILL)) == []
    found = await waiting(stage, EMMA)
    assert titles(found) == ["Runbook"]
    assert '"do:verify_action#1"' in drawn(found, 1)


async def test_the_list_costs_one_statement_and_nobody_else_reads_it(stage: Stage) -> None:
    number = await stage.claimed()
    for days in range(1, 20):
        await given(stage, number, f"Alarm in {days} days", BILL, days)
    with counted_statements(stage.database) as statements:
        found = await waiting(stage, BILL)
    assert len([each for each in statements if "SELECT" in each]) == 1
    assert len(found.lines) == 5
    assert titles(await waiting(stage, STRANGER)) == []


@pytest.mark.parametrize("language", list(Language)[:2])
async def test_home_says_it_in_the_readers_language(stage: Stage, language: Language) -> None:
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    stage.now += timedelta(days=2)
    said = drawn(await waiting(stage, BILL), 1, language)
    overdue = {"en": "overdue", "el": "εκπρόθεσμη"}[language.value]
    assert overdue in said
    assert "home.actions" not in drawn(None, 0, language)
    assert "show:actions#2" not in drawn(None, 0, language)
