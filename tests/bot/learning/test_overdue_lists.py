"""Overdue action items go weekly to the managers of their owners, of the cases they may read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.lead_lists import manager_of
from bot.errors import UserError
from bot.rules.daily_times import next_week
from bot.rules.policy.managers import Managers
from bot.rules.words import Language
from messages.compose import compose_message
from storage.models import LeadList, Outbox
from tests.bot.learning.test_actions import given
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, Stage

MANAGER = "UMANAGER"


def led(stage: Stage, **named: str) -> None:
    """Have people answer to managers."""
    stage.policy = replace(stage.policy, managers=Managers(named, {}))


async def lists(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    """The lists that were sent, oldest first: to whom, and what they carry."""
    rows = await stage.rows(Outbox)
    return [
        (row.payload["user"], row.payload["extra"])
        for row in sorted(rows, key=lambda row: row.id)
        if row.payload.get("text") == "list:actions_overdue"
    ]


async def pass_days(stage: Stage, days: int) -> None:
    """Let days pass, each with its sweep."""
    for _ in range(days):
        stage.later(days=1)
        await stage.sweep()


async def test_a_manager_reads_once_a_week_what_is_overdue_by_priority(stage: Stage) -> None:
    led(stage, **{BILL: MANAGER, ANNA: MANAGER})
    mild, grave = await stage.claimed(severity=3), await stage.claimed(severity=1)
    await given(stage, mild, "Runbook", BILL, 1)
    await given(stage, grave, "Alarm", ANNA, 2)
    await given(stage, mild, "Guide", ANNA, 60)
    await pass_days(stage, 10)
    (one,) = await lists(stage)
    assert one[0] == MANAGER
    assert [item["title"] for item in one[1]["items"]] == ["Alarm", "Runbook"]
    assert one[1]["count"] == 2
    (row,) = await stage.rows(LeadList)
    assert row.next_at.astimezone().weekday() == 0
    await pass_days(stage, 7)
    assert len(await lists(stage)) == 2


async def test_nothing_is_sent_once_nothing_is_overdue_and_it_begins_anew(stage: Stage) -> None:
    led(stage, **{BILL: MANAGER})
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await pass_days(stage, 1)
    await stage.do(BILL, "action_done", number, action=1, evidence="Page 7")
    await pass_days(stage, 9)
    assert await lists(stage) == []
    assert await stage.rows(LeadList) == []
    await given(stage, number, "Alarm", BILL, 1)
    await pass_days(stage, 9)
    assert [extra["items"][0]["title"] for _, extra in await lists(stage)] == ["Alarm"]


async def test_of_a_restricted_case_only_a_manager_who_is_on_it_hears_and_no_words(
    stage: Stage,
) -> None:
    led(stage, **{BILL: MANAGER, ANNA: EMMA})
    secret = await stage.claimed(sensitive=True)
    await given(stage, secret, "Secret runbook", BILL, 1)
    await given(stage, secret, "Secret alarm", ANNA, 1)
    await pass_days(stage, 9)
    ((who, extra),) = await lists(stage)
    assert who == EMMA  # owns the case
    assert "Secret" not in str(extra)
    said = compose_message("list:actions_overdue", extra, None, Language.ENGLISH).text
    assert "An action item of a restricted case" in said


async def test_who_stands_in_no_line_answers_to_the_first_support_lead(stage: Stage) -> None:
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 1)
    await given(stage, number, "Alarm", LEAH, 1)
    async with stage.database.write() as session:
        work = stage.work(session)
        assert manager_of(work, BILL) == LEAH
        assert manager_of(work, LEAH) not in ("", LEAH)
    await pass_days(stage, 9)
    assert LEAH in [who for who, _ in await lists(stage)]


async def test_a_manager_may_reassign_what_their_people_have_and_nothing_else(
    stage: Stage,
) -> None:
    led(stage, **{BILL: STRANGER})
    number = await stage.claimed()
    await given(stage, number, "Runbook", BILL, 9)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "drop_action", number, action=1, reason="No")
    await stage.do(STRANGER, "reassign_action", number, action=1, user=ANNA)
    assert (await stage.heard(number))[ANNA][-1] == "action_offered"


async def test_of_a_restricted_case_a_manager_reassigns_nothing(stage: Stage) -> None:
    led(stage, **{BILL: STRANGER})
    secret = await stage.claimed(sensitive=True)
    await given(stage, secret, "Secret runbook", BILL, 9)
    with pytest.raises(UserError):
        await stage.do(STRANGER, "reassign_action", secret, action=1, user=ANNA)


@pytest.mark.parametrize("language", list(Language)[:2])
def test_the_list_says_what_to_do_and_counts_what_it_leaves_out(language: Language) -> None:
    item = {"action": 1, "case": 7, "owner": BILL, "due": "2026-02-27", "title": "<Runbook>",
            "customer": "Acme"}  # fmt: skip
    extra = {"items": [item] * 10, "count": 12}
    made = compose_message("list:actions_overdue", extra, None, language)
    shown = str(made.blocks)
    assert shown.count("ask:reassign_action#") == 10
    assert "&lt;Runbook&gt;" in shown
    left = {"en": "and 2 more", "el": "και 2 ακόμη"}[language.value]
    assert left in shown
    assert '"scope":"overdue"' in shown.replace(" ", "")


def test_a_week_later_is_a_monday_morning_by_the_policys_zone() -> None:
    sunday = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # Monday already in Athens
    assert next_week(sunday, "Europe/Athens") == datetime(2026, 3, 2, 7, tzinfo=UTC)
    monday = datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert next_week(monday, "Europe/Athens") == monday + timedelta(days=7)
