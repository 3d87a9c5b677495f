"""Which action items a person is shown, in which order, and of a restricted case to whom."""

from datetime import timedelta

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.queries import LearningReading
from bot.rules.facts import ActionPage
from bot.rules.words import Language
from messages.learning.actions import actions_answer
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LEAH, STRANGER, Stage


async def given(stage: Stage, number: int, title: str, owner: str, days: int) -> None:
    due = (stage.now + timedelta(days=days)).date()
    fields = {"title": title, "type": "process", "owner": owner, "due": due}
    await stage.do(EMMA, "action_item", number, **fields)


async def shown(
    stage: Stage, who: str, which: str = "", page: int = 1, number: int | None = None
) -> ActionPage:
    reading = LearningReading(stage.process(), Reading(stage.process()))
    return await reading.actions(who, which, page, number)


def titles(found: ActionPage) -> list[str]:
    return [line.action.title for line in found.lines]


async def test_mine_are_open_and_what_is_due_first_comes_first(stage: Stage) -> None:
    one, two = await stage.claimed(), await stage.claimed(who=EVAN)
    await given(stage, one, "Runbook", STRANGER, 9)
    await given(stage, two, "Alarm", STRANGER, 3)
    await given(stage, one, "Guide", BILL, 1)
    assert titles(await shown(stage, STRANGER)) == ["Alarm", "Runbook"]
    assert titles(await shown(stage, EMMA, "led")) == ["Guide", "Runbook"]
    await stage.do(STRANGER, "action_done", two, action=2, evidence="It rings")
    assert titles(await shown(stage, STRANGER)) == ["Alarm", "Runbook"]
    assert titles(await shown(stage, EMMA)) == ["Alarm"]  # is asked to look
    await stage.do(EMMA, "verify_action", two, action=2, accept=True)
    assert titles(await shown(stage, STRANGER)) == ["Runbook"]
    assert titles(await shown(stage, ANNA, number=two)) == ["Alarm"]


async def test_overdue_are_those_of_all_that_the_reader_may_see(stage: Stage) -> None:
    secret, number = await stage.claimed(sensitive=True), await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await given(stage, secret, "Secret runbook", BILL, 1)
    stage.later(days=1)
    assert titles(await shown(stage, LEAH, "overdue")) == []
    stage.later(days=1)
    assert titles(await shown(stage, LEAH, "overdue")) == ["Runbook"]
    assert titles(await shown(stage, EMMA, "overdue")) == ["Runbook", "Secret runbook"]
    assert titles(await shown(stage, STRANGER, "overdue")) == []
    with pytest.raises(UserError, match="no_such_case"):
        await shown(stage, LEAH, number=secret)


async def test_of_a_case_restricted_since_who_was_asked_to_look_reads_nothing(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await stage.do(LEAH, "action_item", number, title="Runbook", type="process", owner=BILL,
                   due="2026-03-01")  # fmt: skip
    await stage.do(BILL, "action_done", number, action=1, evidence="Page 7")

    async def told() -> tuple[list[str], int]:
        home = await Reading(stage.process()).home(LEAH)
        return titles(await shown(stage, LEAH)), home.actions

    assert await told() == (["Runbook"], 1)
    async with stage.database.write() as session:
        case = await stage.work(session).case(number)
        case.sensitive = True
        session.add(case)
    assert await told() == ([], 0)


async def test_a_page_has_ten_and_leads_on(stage: Stage) -> None:
    number = await stage.claimed()
    for day in range(1, 13):
        await given(stage, number, f"Alarm {day}", EMMA, day)
    first, second = await shown(stage, EMMA), await shown(stage, EMMA, page=2)
    assert (len(first.lines), first.more) == (10, True)
    assert (titles(second), second.more) == (["Alarm 11", "Alarm 12"], False)


@pytest.mark.parametrize("language", list(Language)[:2])
async def test_an_empty_list_says_so_and_leads_on(stage: Stage, language: Language) -> None:
    number = await stage.claimed()
    mine = actions_answer(await shown(stage, BILL), language)
    of_case = actions_answer(await shown(stage, BILL, number=number), language)
    assert "show:actions" in str(mine.blocks)
    assert "ask:action_item" not in str(mine.blocks)
    assert "ask:action_item" in str(of_case.blocks)
    assert mine.text != of_case.text


async def test_what_is_overdue_is_marked_and_what_is_done_has_its_evidence(stage: Stage) -> None:
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await given(stage, number, "Alarm", BILL, 1)
    await stage.do(BILL, "action_done", number, action=2, evidence="It rings <now>")
    stage.later(days=3)
    said = actions_answer(await shown(stage, ANNA, number=number), Language.ENGLISH)
    assert "⚠️" in said.text.splitlines()[2]
    assert "It rings &lt;now&gt;" in said.text
    assert str(said.blocks).count("ask:action_done") == 1
