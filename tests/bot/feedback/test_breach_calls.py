"""The call after a broken promise: with a next time it is the update that was owed."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from storage.models import BreachTalk, Case, SentMessage
from tests.bot.stage import EMMA, Stage


async def broken(stage: Stage) -> int:
    """A SEV1 that was claimed and whose customer heard nothing in time."""
    number = await stage.claimed(severity=1)
    stage.later(hours=3)
    await stage.sweep()
    return number


async def call(stage: Stage, number: int, **fields: object) -> Case:
    """The owner records the call that the brief asked for."""
    [talk] = await stage.rows(BreachTalk, case_number=number)
    known = {"talk": talk.id, "way": "call", "outcome": "Lost a day; angry about the SSO rollout."}
    await stage.do(EMMA, "breach_talk", number, **(known | fields))
    return await stage.case(number)


async def test_a_call_with_a_next_time_counts_as_the_update(stage: Stage) -> None:
    number = await broken(stage)
    soon = stage.now + timedelta(minutes=45)
    case = await call(stage, number, next_update_at=soon)
    assert case.status == "investigating"
    first, following = [await stage.clock(number, n) for n in ("first_response", "next_update")]
    assert first is not None
    assert first.stopped_at == stage.now
    assert following is not None
    assert following.due == soon
    [sent] = await stage.rows(SentMessage, case_number=number)
    assert (sent.route, sent.next_update_at) == ("phone", soon)


async def test_the_customers_page_does_not_repeat_what_the_team_noted(stage: Stage) -> None:
    number = await broken(stage)
    await call(stage, number, next_update_at=stage.now + timedelta(minutes=45))
    [sent] = await stage.rows(SentMessage, case_number=number)
    assert "SSO" not in sent.text
    assert "(" in sent.text  # the promised time with its zone


@pytest.mark.parametrize("fields", [{}, {"way": "not_reached"}])
async def test_without_a_next_time_or_a_customer_the_update_stays_due(
    stage: Stage, fields: dict[str, str]
) -> None:
    number = await broken(stage)
    when = {"next_update_at": stage.now + timedelta(minutes=45)} if fields else {}
    await call(stage, number, **fields, **when)
    assert await stage.rows(SentMessage, case_number=number) == []


async def test_a_next_time_that_is_past_is_refused(stage: Stage) -> None:
    number = await broken(stage)
    with pytest.raises(UserError) as refused:
        await call(stage, number, next_update_at=stage.now - timedelta(minutes=5))
    assert refused.value.key == "next_update_in_past"
