"""What waits although its time is over: above all what Legal holds; and periods by themselves."""

from typing import Any

import pytest
from sqlmodel import select

from bot.audit.sealing import seal_records
from bot.compliance.forgetting import Forgetting
from bot.compliance.overdue import Why
from bot.compliance.rounds import forget_overdue, plan_retention
from bot.rules.compliance.retention import MARK, Period, Retention
from storage.models import Case, CustomerLink, Mail, Outbox, Problem, TimelineEvent
from tests.bot.compliance.old_cases import (
    LATER,
    MARKER,
    closed_case,
    dump,
    held,
    let_go,
    with_retention,
)
from tests.bot.stage import EMMA, T0, Stage


async def names(stage: Stage) -> dict[Why, list[str]]:
    plan = await plan_retention(stage.database, stage.policy, stage.now)
    return {why: [each.name for each in found] for why, found in plan.waits.items()}


async def test_a_legal_hold_wins_and_is_told(kept: Stage) -> None:
    number = await closed_case(kept)
    await held(kept, number)
    before = await dump(kept)
    with_retention(kept).now = T0 + LATER
    assert await names(kept) == {Why.LEGAL: [f"ESC-{number}"]}
    assert await forget_overdue(kept.process()) == {}
    assert await dump(kept) == before
    await held(kept, number, None)
    assert await names(kept) == {}
    assert await forget_overdue(kept.process()) == {Period.WORDS: 1}


async def test_a_hold_that_comes_in_between_ends_it_where_it_is(
    kept: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    begin = Forgetting._begin

    async def begun_and_held(work: Forgetting, subject: Any) -> None:
        await begin(work, subject)
        await held(kept, number)

    monkeypatch.setattr(Forgetting, "_begin", begun_and_held)
    assert await forget_overdue(kept.process()) == {}
    assert (await kept.case(number)).stake == MARKER
    assert [e.why for e in await kept.timeline(number) if e.why]


async def test_a_case_with_something_to_send_waits(kept: Stage) -> None:
    number = await closed_case(kept)
    async with kept.database.write() as session:
        row = (await session.exec(select(Outbox).where(Outbox.case_number == number))).first()
        assert row is not None
        row.state = "pending"
        session.add(row)
    with_retention(kept).now = T0 + LATER
    assert await names(kept) == {Why.SENDING: [f"ESC-{number}"]}
    await let_go(kept)
    assert await names(kept) == {}


async def test_a_problem_waits_for_its_cases(kept: Stage) -> None:
    number = await closed_case(kept)
    await held(kept, number)
    await kept.add(
        Problem(number=1, title=MARKER, known=MARKER, severity=2, state="resolved", owner=EMMA,
                cycle_began_at=T0, opened_by=EMMA, opened_at=T0, resolved_at=T0),
    )  # fmt: skip
    async with kept.database.write() as session:
        case = await session.get_one(Case, number)
        case.problem = 1
        session.add(case)
    with_retention(kept).now = T0 + LATER
    assert await names(kept) == {Why.LEGAL: [f"ESC-{number}"], Why.CASES: ["PRB-1"]}
    await held(kept, number, None)
    plan = await plan_retention(kept.database, kept.policy, kept.now)
    assert [each.name for each in plan.goes[Period.WORDS]] == [f"ESC-{number}", "PRB-1"]
    assert plan.rows["escalation"] == plan.rows["problem"] == 1


async def test_a_drill_goes_as_a_case_does(kept: Stage) -> None:
    number = await closed_case(kept)
    async with kept.database.write() as session:
        case = await session.get_one(Case, number)
        case.drill = True
        session.add(case)
    with_retention(kept).now = T0 + LATER
    assert await forget_overdue(kept.process()) == {Period.WORDS: 1}
    assert (await kept.case(number)).stake == MARK


async def test_files_and_surveys_go_by_their_own_periods(kept: Stage) -> None:
    number = await closed_case(kept)
    read = {"note": "n", "files": [{"name": MARKER}]}
    await kept.add(
        Mail(case_number=number, direction="in", kind="reply", message_id="m", text="kept",
             state="received", reading=read, at=T0),
        CustomerLink(case_number=number, kind="survey", made_at=T0, expires_at=T0, comment=MARKER,
                     score=2, answered_at=T0),
        TimelineEvent(case_number=number, at=T0, actor="system", verb="answered_survey",
                      after={"score": 2}, why=MARKER),
    )  # fmt: skip
    await seal_records(kept)
    terms = Retention(case_months=240, attachment_days=90, survey_months=12)
    with_retention(kept, terms).now = T0 + LATER / 2
    assert await forget_overdue(kept.process()) == {Period.FILES: 1, Period.SURVEY: 1}
    [mail], [link] = await kept.rows(Mail), await kept.rows(CustomerLink)
    assert (mail.reading, mail.text) == ({"note": "n", "files": []}, "kept")
    assert (link.comment, link.score) == (MARK, 2)
    by_verb = {e.verb: e for e in await kept.timeline(number)}
    assert by_verb["answered_survey"].why == MARK
    assert by_verb["dismiss"].why == MARKER
    case = await kept.case(number)
    assert (case.stake, case.forgotten_at) == (MARKER, None)


async def test_what_is_added_to_a_forgotten_case_goes_when_its_time_is_over(kept: Stage) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    await forget_overdue(kept.process())
    kept.later(days=1)
    async with kept.database.write() as session:
        case = await session.get_one(Case, number)
        case.stake, case.changed_at = MARKER, kept.now
        session.add(case)
    assert await forget_overdue(kept.process()) == {}
    kept.now += LATER
    assert await forget_overdue(kept.process()) == {Period.WORDS: 1}
    assert (await kept.case(number)).stake == MARK
