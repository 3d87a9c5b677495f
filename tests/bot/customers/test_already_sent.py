"""What the customer has already is recorded as it is, with its faults, and the manager is told."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.words import Role, Severity
from storage.models import Draft, SentMessage
from tests.bot.stage import ANNA, EMMA, EVAN, LEAH, Stage

BAD = "Maria, we refund you 50,000 EUR to card 4111 1111 1111 1111. I write again at 14:00."


async def recorded(stage: Stage, number: int, who: str = ANNA, **fields: Any) -> list[str]:
    """Record the message as already sent; answers which faults were kept."""
    await stage.update(number, who, already_sent=True, **fields)
    newest = (await stage.rows(SentMessage, case_number=number))[-1]
    return [each["rule"] for each in newest.evidence["faults"]]


async def told(stage: Stage, number: int) -> list[str]:
    """Who is told of a message with faults."""
    heard = await stage.heard(number)
    return [user for user, said in heard.items() if "sent_with_faults" in said]


async def test_what_went_out_is_recorded_with_its_faults_and_the_owner_is_told(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await stage.said(number)
    await recorded(stage, number, text=BAD)
    (message,) = await stage.rows(SentMessage, case_number=number)
    assert message.text == BAD
    assert {each["rule"] for each in message.evidence["faults"]} == {"secret", "concession"}
    assert await told(stage, number) == [EMMA]
    assert "first_response" not in await stage.running(number)  # the customer has been answered


async def test_a_placeholder_and_a_missing_time_are_faults_too(stage: Stage) -> None:
    number = await stage.claimed()
    text = "Maria, [the effect on the customer at this moment]"
    assert await recorded(stage, number, text=text) == ["brackets", "no_next_update"]


async def test_good_words_that_went_out_have_no_faults_and_trouble_no_one(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.said(number)
    assert await recorded(stage, number, text="Maria, I write again at 14:00.") == []
    assert await told(stage, number) == []


async def test_an_owner_who_sent_it_has_a_support_lead_told(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.said(number)
    await recorded(stage, number, EMMA, text=BAD)
    assert await told(stage, number) == [LEAH]


async def test_without_its_approval_it_is_recorded_as_not_approved(stage: Stage) -> None:
    two = frozenset({Severity.SEV2})
    roles = {**stage.policy.roles, Role.COMMS_APPROVER: (EVAN,)}
    stage.policy = replace(stage.policy, roles=roles, severities_needing_two_approvals=two)
    number = await stage.claimed()
    assert await recorded(stage, number, text="Maria, I write again at 14:00.") == ["unapproved"]
    assert await stage.rows(Draft) == []


async def test_what_the_app_is_to_send_cannot_have_gone_out(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError) as refused:
        await stage.update(number, already_sent=True, route="mail")
    assert refused.value.key == "gone_by_us"


async def test_what_has_not_gone_out_is_stopped_as_ever(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError) as refused:
        await stage.update(number, text=BAD)
    assert refused.value.key.startswith("tone_")
    assert await stage.rows(SentMessage) == []
