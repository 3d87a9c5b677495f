"""A report of what is reported already: it is added to that case, or opens one of its own."""

import asyncio

import pytest

from bot.intake.queries import IntakeReading
from bot.rules.words import ClockKind
from storage.models import Case, CaseReport, Clock
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, TINA, Stage

MESSAGE = "https://northwind.slack.com/archives/C1/p1770716100000100"
TICKET = "https://help.example/7"


async def report(stage: Stage, who: str = BILL, **fields: object) -> str:
    """Somebody sends the form; what they are told."""
    usual = {
        "account": "acme", "customer": "Acme", "stake": "Still nothing works",
        "trigger": "technical", "severity": 3,
    }  # fmt: skip
    answer = await stage.do(who, "open_case", **{**usual, **fields})
    return answer["text"].removeprefix("notice:") if answer else ""


async def count(stage: Stage) -> int:
    return len(await stage.rows(Case))


async def test_a_chosen_case_takes_the_report_in_and_no_clock_moves(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    before = {c.name: (c.due, c.cycle) for c in await _clocks(stage, number)}
    stage.later(minutes=20)
    assert await report(stage, same_as=number, source_link=MESSAGE) == "report_taken"
    case = await stage.case(number)
    assert (await count(stage), case.reports, case.last_report_at) == (1, 2, stage.now)
    assert {c.name: (c.due, c.cycle) for c in await _clocks(stage, number)} == before
    assert await stage.heard(number) == {"post": ["report_added"], EMMA: ["report_added"]}
    entry = await stage.last(number)
    assert (entry.verb, entry.actor, entry.why) == ("add_report", BILL, "Still nothing works")
    assert entry.after == {"count": 2, "link": MESSAGE}
    (row,) = await stage.rows(CaseReport)
    assert (row.reporter, row.stake, row.source_link) == (BILL, "Still nothing works", MESSAGE)


async def test_an_owner_who_reports_again_is_not_told_what_they_did(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    await report(stage, EMMA, same_as=number)
    assert await stage.heard(number) == {"post": ["report_added"]}


@pytest.mark.parametrize("field", ["source_link", "ticket_url"])
async def test_the_same_source_is_the_same_case_whatever_was_chosen(
    stage: Stage, field: str
) -> None:
    link = {"source_link": MESSAGE, "ticket_url": TICKET}[field]
    number = await stage.opened(**{field: link})
    other = await stage.opened()
    assert await report(stage, **{field: link}) == "report_taken"
    assert await report(stage, same_as=other, **{field: link}) == "report_taken"
    assert (await stage.case(number)).reports == 3
    assert (await stage.case(other)).reports == 1


async def test_the_source_of_a_further_report_leads_to_the_same_case(stage: Stage) -> None:
    number = await stage.opened()
    await report(stage, same_as=number, source_link=MESSAGE, ticket_url=TICKET)
    assert await report(stage, ANNA, source_link=MESSAGE) == "report_taken"
    assert await report(stage, ANNA, ticket_url=TICKET) == "report_taken"
    assert (await stage.case(number)).reports == 4


async def test_a_source_of_a_case_that_has_ended_opens_another(stage: Stage) -> None:
    number = await stage.opened(source_link=MESSAGE)
    await stage.do(EMMA, "dismiss", number, reason="A question")
    assert await report(stage, source_link=MESSAGE) == ""
    assert await count(stage) == 2


async def test_what_was_typed_opens_a_case_where_the_chosen_one_has_ended(stage: Stage) -> None:
    number = await stage.opened(severity=1)
    await stage.do(EMMA, "dismiss", number, reason="A question")
    await report(stage, same_as=number, severity=4)
    fresh = (await stage.rows(Case))[-1]
    assert (fresh.stake, fresh.severity) == ("Still nothing works", 1)


@pytest.mark.parametrize("field", ["same_as", "source_link", "ticket_url"])
async def test_a_restricted_case_is_no_answer_to_those_who_are_not_on_it(
    stage: Stage, field: str
) -> None:
    secret = await stage.opened(sensitive=True, source_link=MESSAGE, ticket_url=TICKET)
    link = {"source_link": MESSAGE, "ticket_url": TICKET, "same_as": secret}[field]
    assert await report(stage, BILL, **{field: link}) == ""  # as if there were none
    assert ((await stage.case(secret)).reports, await count(stage)) == (1, 2)
    assert await report(stage, ANNA, same_as=secret) == "report_taken"  # she raised it


async def test_the_form_is_told_of_no_restricted_case(stage: Stage) -> None:
    await stage.opened(sensitive=True, source_link=MESSAGE)
    asked = IntakeReading(stage.services())
    assert await asked.live_cases(BILL, "acme", "Acme Hellas") == []
    assert await asked.same_source(BILL, MESSAGE, "") is None
    assert [c.number for c in await asked.live_cases(ANNA, "acme", "Acme Hellas")] == [1]
    same = await asked.same_source(ANNA, MESSAGE, "")
    assert same is not None
    assert (same.case.number, same.way) == (1, "message")


async def test_a_person_without_a_role_is_shown_and_adds_to_their_own_cases_alone(
    stage: Stage,
) -> None:
    number = await stage.opened()
    assert await IntakeReading(stage.services()).live_cases(STRANGER, "acme", "Acme") == []
    assert await report(stage, STRANGER, same_as=number) == ""
    assert await count(stage) == 2
    assert await report(stage, STRANGER, same_as=2) == "report_taken"


async def test_a_customer_is_found_by_account_and_by_the_name_folded(stage: Stage) -> None:
    for name in ("Kállisto  Foods", "KALLISTO FOODS", "Kallisto Foods Ltd"):
        await stage.opened(account="", customer=name)
    over = await stage.opened(account="", customer="kallisto foods")
    await stage.do(EMMA, "dismiss", over, reason="A question")
    asked = IntakeReading(stage.services())
    found = await asked.live_cases(BILL, "", "kallisto foods")
    assert [case.number for case in found] == [1, 2]
    await stage.opened()
    assert [c.number for c in await asked.live_cases(BILL, "acme", "Acme Hellas")] == [5]


async def test_further_reporters_hear_once_that_it_is_resolved(stage: Stage) -> None:
    number = await stage.investigating()
    for _ in range(2):
        await report(stage, BILL, same_as=number)
    await report(stage, ANNA, same_as=number)  # who raised it, and hears it as its reporter
    await stage.said(number)
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    heard = await stage.heard(number)
    assert heard[BILL] == ["report_resolved"]
    assert "report_resolved" not in heard[ANNA]


async def test_two_reports_of_one_message_at_once_make_one_case(stage: Stage) -> None:
    told = await asyncio.gather(
        report(stage, ANNA, source_link=MESSAGE), report(stage, BILL, source_link=MESSAGE)
    )
    assert sorted(told) == ["", "report_taken"]
    assert (await count(stage), (await stage.case(1)).reports) == (1, 2)


async def _clocks(stage: Stage, number: int) -> list[Clock]:
    return [c for c in await stage.rows(Clock, case_number=number) if c.name != ClockKind.CHECK_IN]


@pytest.mark.parametrize("secret", [{"sensitive": True}, {"trigger": "legal"}])
async def test_what_is_to_be_restricted_is_told_in_no_case_that_everybody_reads(
    stage: Stage, secret: dict[str, object]
) -> None:
    number = await stage.opened(ticket_url=TICKET)
    await stage.in_channel(number)
    await stage.said(number)
    stake = "Their lawyer wrote"
    await report(stage, ticket_url=TICKET, same_as=number, stake=stake, **secret)
    assert await count(stage) == 2
    assert (await stage.case(number + 1)).sensitive
    assert (await stage.case(number)).reports == 1
    assert await stage.said(number) == []
    await report(stage, (await stage.case(number + 1)).owner, same_as=number + 1, **secret)
    assert (await stage.case(number + 1)).reports == 2
