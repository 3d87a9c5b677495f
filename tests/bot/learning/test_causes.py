"""Root causes of milder cases: grouped, sent once a month to the leads, restricted ones counted."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.queries import LearningReading
from bot.rules.learning.causes import Causes, EndedCase, group_causes
from bot.rules.reports.periods import read_period
from bot.rules.words import Language, Role, RootCause
from messages.compose import compose_message
from messages.learning.causes import causes_message
from storage.models import LeadList, Outbox
from tests.bot.cases.test_close import CODES
from tests.bot.stage import DORA, EMMA, LEAH, Stage
from tests.postmortems import REVIEWED
from tests.statements import counted_statements


async def closed(stage: Stage, cause: str = "change", **fields: Any) -> int:
    """A case that ended without a postmortem; SEV3 unless another severity is given."""
    number = await stage.reviewed(**{"severity": 3, **fields})
    await stage.do(EMMA, "close", number, **CODES | {"root_cause": cause, "waived": "Minor"})
    return number


async def sent(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    """The monthly messages, oldest first: to whom, and what they carry."""
    rows = sorted(await stage.rows(Outbox), key=lambda row: row.id)
    return [
        (row.payload["user"], row.payload["extra"])
        for row in rows
        if row.payload.get("text") == "list:causes"
    ]


async def read(stage: Stage, typed: str = "") -> Causes:
    """What the command reads."""
    return await LearningReading(stage.process(), Reading(stage.process())).causes(typed)


async def test_the_leads_read_once_on_the_first_business_day_what_recurs(stage: Stage) -> None:
    first, second = await closed(stage), await closed(stage)
    third = await closed(stage, "billing")
    (row,) = await stage.rows(LeadList)
    assert row.name == f"causes:{stage.now:%Y-%m}"
    opens = row.next_at
    assert (opens.day, opens.weekday() < 5) == (2, True)  # the first of March 2026 is a Sunday
    stage.now = opens - timedelta(minutes=1)
    await stage.sweep()
    assert await sent(stage) == []
    stage.now = opens
    await stage.sweep()
    await stage.sweep()
    ((who, extra),) = await sent(stage)
    assert who == LEAH
    told = [(line["cause"], line["count"], line["cases"]) for line in extra["lines"]]
    assert told == [
        ("change", 2, [second, first]), ("billing", 1, [third]),
    ]  # fmt: skip
    assert [row.name for row in await stage.rows(LeadList)] == []
    stage.later(days=40)
    await stage.sweep()
    assert len(await sent(stage)) == 1


async def test_neither_grave_cases_nor_those_with_a_postmortem_are_on_it(stage: Stage) -> None:
    number = await stage.reviewed(severity=3)
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    await stage.do(EMMA, "close", number, **CODES)
    assert await stage.rows(LeadList) == []
    grave = await stage.reviewed(severity=2)
    await stage.do(EMMA, "postmortem_held", grave, **REVIEWED)
    await stage.do(EMMA, "close", grave, **CODES)
    assert await stage.rows(LeadList) == []


async def test_a_case_that_was_opened_again_is_not_on_it_and_nothing_is_sent(stage: Stage) -> None:
    number = await closed(stage)
    stage.later(days=1)
    await stage.do(EMMA, "reopen", number, reason="It is back")
    stage.later(days=40)
    await stage.sweep()
    assert await sent(stage) == []
    assert [r.name for r in await stage.rows(LeadList) if r.name.startswith("causes")] == []


async def test_restricted_cases_are_a_number_alone(stage: Stage) -> None:
    await closed(stage, sensitive=True)
    stage.later(days=40)
    await stage.sweep()
    ((_, extra),) = await sent(stage)
    assert (extra["lines"], extra["restricted"]) == ([], 1)
    said = compose_message("list:causes", extra, None, Language.ENGLISH)
    assert "1 more case is restricted" in said.text
    assert "ESC-" not in said.text


async def test_without_a_support_lead_the_directors_read_it(stage: Stage) -> None:
    await closed(stage)
    roles = {**stage.policy.roles, Role.SUPPORT_LEAD: (), Role.DIRECTOR: (DORA,)}
    stage.policy = replace(stage.policy, roles=roles)
    stage.later(days=40)
    await stage.sweep()
    assert [who for who, _ in await sent(stage)] == [DORA]


async def test_the_command_reads_a_month_in_one_statement(stage: Stage) -> None:
    for _ in range(3):
        await closed(stage)
    this = f"{stage.now:%Y-%m}"
    with counted_statements(stage.database) as statements:
        found = await read(stage, this)
    assert len([each for each in statements if "SELECT" in each]) == 1
    assert [(line.cause, line.count) for line in found.lines] == [(RootCause.CHANGE, 3)]
    assert (await read(stage)).empty  # last month
    stage.later(days=31)
    assert not (await read(stage)).empty
    with pytest.raises(UserError, match="odd_period"):
        await read(stage, "2031")


def of_month(*cases: EndedCase) -> Causes:
    """These cases as those of February."""
    period = read_period("2026-02", date(2026, 3, 2), "UTC")
    assert period is not None
    return group_causes(period, cases)


def test_of_a_cause_the_customers_with_most_cases_and_the_newest_cases_are_named() -> None:
    names = ["Acme", "Boreal", "Acme", "Cyan", "Delphi", "Echo", "Fox", "Golf"]
    cases = [EndedCase(90 - n, name, "process", False) for n, name in enumerate(names)]
    (line,) = of_month(*cases).lines
    assert line.customers[0] == ("Acme", 2)
    assert (len(line.customers), line.others, line.count) == (5, 2, 8)
    assert line.cases == (90, 89, 88, 87, 86)


@pytest.mark.parametrize("language", list(Language)[:2])
def test_each_cause_has_its_playbook_or_is_said_to_have_none(language: Language) -> None:
    every = [EndedCase(n, "<Acme>", c.value, False) for n, c in enumerate(RootCause, 1)]
    made = causes_message(of_month(*every), language)
    shown = str(made.blocks)
    assert shown.count("ask:action_item#") == len(RootCause)
    assert "📘" in shown
    assert {"en": "No playbook is for it yet", "el": "Δεν υπάρχει ακόμη οδηγός"}[
        language.value
    ] in shown
    assert "<Acme>" not in shown
    empty = causes_message(of_month(), language)
    assert {"en": "no such case", "el": "Δεν υπήρξε"}[language.value] in empty.text


def test_the_message_that_is_sent_says_why() -> None:
    extra = {"period": "2026-02", "first": "2026-02-01", "restricted": 0, "lines": [
        {"cause": "billing", "count": 7, "customers": [["Acme", 7]], "others": 0, "cases": [9, 8]},
    ]}  # fmt: skip
    said = str(compose_message("list:causes", extra, None, Language.ENGLISH).blocks)
    assert "first business day" in said
    assert "Acme (7)" in said
    assert "ESC-9, ESC-8…" in said
