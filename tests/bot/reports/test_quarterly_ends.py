"""A quarter's decision is done once another has looked: who is asked, who may, what comes next."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.reports.quarterly import open_decisions
from storage.models import Outbox, Person, QuarterDecision
from tests.bot.reports.test_quarterly_due import has_decision, has_review, told
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LEAH, Stage

EVIDENCE = "The alert fired on Monday"


async def reported(stage: Stage, who: str = ANNA, owner: str = ANNA, **more: Any) -> int:
    """A decision of EMMA's that ``who`` says is done."""
    await has_decision(stage, (await has_review(stage)).id, owner, **more)
    row = (await stage.rows(QuarterDecision))[-1]
    await stage.do(who, "end_quarter_decision", decision=row.id, evidence=EVIDENCE)
    return row.id


async def row_of(stage: Stage, number: int) -> QuarterDecision:
    return next(row for row in await stage.rows(QuarterDecision) if row.id == number)


async def look(stage: Stage, who: str, number: int, accept: bool = True, remark: str = "") -> None:
    about = {"decision": number, "accept": accept, "remark": remark}
    await stage.do(who, "verify_quarter_decision", **about)


async def test_it_counts_as_done_once_another_has_looked(stage: Stage) -> None:
    number = await reported(stage)
    assert await told(stage) == [(EMMA, "quarterly:decision_done")]
    row = await row_of(stage, number)
    assert (row.done_at, row.done_by, row.verifier) == (None, ANNA, EMMA)
    await look(stage, EVAN, number)  # who leads may, asked or not
    row = await row_of(stage, number)
    assert (row.done_at, row.verifier, row.next_at) == (stage.now, EVAN, None)
    assert (await told(stage))[1:] == [(ANNA, "quarterly:decision_verified")]


@pytest.mark.parametrize(
    ("who", "owner", "looks", "refusal"),
    [
        (EMMA, EMMA, EMMA, "verify_your_decision"),
        (EVAN, EMMA, EVAN, "verify_your_decision"),  # who said it, of another's
        (EVAN, EMMA, EMMA, "verify_your_decision"),  # whose it is
        (ANNA, ANNA, BILL, "not_your_role"),
        (ANNA, ANNA, ANNA, "not_your_role"),
    ],
)
async def test_who_has_it_or_said_so_does_not_look(
    stage: Stage, who: str, owner: str, looks: str, refusal: str
) -> None:
    number = await reported(stage, who, owner)
    with pytest.raises(UserError) as refused:
        await look(stage, looks, number)
    assert refused.value.key == refusal
    assert (await row_of(stage, number)).done_at is None


async def test_not_yet_needs_what_is_missing_and_it_is_open_again(stage: Stage) -> None:
    number = await reported(stage)
    with pytest.raises(UserError, match="say_what_is_missing"):
        await look(stage, EMMA, number, accept=False)
    await look(stage, EMMA, number, accept=False, remark="It rings nowhere")
    row = await row_of(stage, number)
    assert (row.reported_at, row.done_by, row.remark) == (None, "", "It rings nowhere")
    assert row.next_at is not None
    assert (await told(stage))[1:] == [(ANNA, "quarterly:decision_returned")]
    said = (await stage.rows(Outbox, kind="dm"))[-1].payload["extra"]
    assert (said["remark"], said["by"]) == ("It rings nowhere", EMMA)
    with pytest.raises(UserError, match="quarter_decision_open"):
        await look(stage, EMMA, number)
    await stage.do(ANNA, "end_quarter_decision", decision=number, evidence="It rings at Bill's")
    await look(stage, EMMA, number)


async def test_twice_is_refused(stage: Stage) -> None:
    number = await reported(stage)
    with pytest.raises(UserError, match="action_waits_already"):
        await stage.do(ANNA, "end_quarter_decision", decision=number, evidence="Again")
    await look(stage, EMMA, number)
    for again in (look(stage, EVAN, number), look(stage, EVAN, number, False, "Why?")):
        with pytest.raises(UserError, match="quarter_decision_done"):
            await again
    with pytest.raises(UserError, match="no_such_quarter_decision"):
        await look(stage, EVAN, 99)


async def test_who_is_asked_is_another_than_who_decided_where_that_is_the_owner(
    stage: Stage,
) -> None:
    await reported(stage, EMMA, EMMA)
    assert await told(stage) == [(LEAH, "quarterly:decision_done")]


async def test_who_is_asked_is_reminded_and_another_where_they_left(stage: Stage) -> None:
    number = await reported(stage)
    stage.later(days=4)
    await stage.sweep()
    assert [user for user, _ in await told(stage)] == [EMMA, EMMA]
    await stage.add(Person(user_id=EMMA, name="E", standing="deactivated", fetched_at=stage.now))
    stage.later(days=7)
    await stage.sweep()
    assert (await told(stage))[2:] == [(LEAH, "quarterly:decision_done")]
    assert (await row_of(stage, number)).verifier == LEAH


async def test_where_no_one_can_be_asked_it_waits_first_in_the_next_review(stage: Stage) -> None:
    for user in {each for users in stage.policy.roles.values() for each in users} - {ANNA}:
        person = Person(user_id=user, name=user, standing="deactivated", fetched_at=stage.now)
        await stage.add(person)
    review = await has_review(stage, "2026-Q2")
    await has_decision(stage, review.id)
    late = (await stage.rows(QuarterDecision))[-1].id
    number = await reported(stage, due=(await row_of(stage, late)).due + timedelta(days=30))
    assert await told(stage) == []
    async with stage.database.read() as session:
        found = await open_decisions(session, "2026-Q4")
    assert [row.id for row in found] == [number, late]
    stage.later(days=4)
    await stage.sweep()
    assert await told(stage) == []


async def test_what_is_done_is_not_open_any_more(stage: Stage) -> None:
    number = await reported(stage)
    await look(stage, EMMA, number)
    async with stage.database.read() as session:
        assert await open_decisions(session, "2026-Q4") == []
