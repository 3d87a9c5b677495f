"""Of what Legal is told: every threat, or only what was filed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.rules.policy.legal_terms import LegalTell
from storage.models import Draft, SentMessage
from tests.bot.stage import ANNA, EMMA, LAWYER, Stage

PLAIN = "We have received your letter. Maria answers you in writing at 14:00."


@pytest.fixture
def quiet(stage: Stage) -> Stage:
    """Legal is told of what was filed alone."""
    stage.policy = replace(stage.policy, legal_tell=LegalTell.FILED)
    return stage


async def flag(stage: Stage, number: int, *, filed: bool = False) -> None:
    fields = {"trigger": "legal", "reason": "Their lawyer wrote", "filed": filed}
    await stage.do(ANNA, "executive_flag", number, **fields)


async def write(stage: Stage, number: int, text: str = PLAIN) -> object:
    at = stage.now + timedelta(hours=2)
    fields = {"kind": "update", "text": text, "recipient": "Maria", "route": "chat"}
    return await stage.do(EMMA, "update", number, **fields, next_update_at=at)


async def test_a_threat_alone_is_not_told_to_legal_and_binds_the_rest(quiet: Stage) -> None:
    number = await quiet.claimed()
    await quiet.said(number)
    await flag(quiet, number)
    case = await quiet.case(number)
    assert (case.legal, case.sensitive, case.legal_told) == (True, True, False)
    assert case.legal_hold_at is not None
    assert LAWYER not in await quiet.heard(number)
    assert "legal" not in await quiet.roles(number)


async def test_without_legal_plain_words_go_out_and_admissions_do_not(quiet: Stage) -> None:
    number = await quiet.claimed()
    await flag(quiet, number)
    with pytest.raises(UserError, match="tone_liability"):
        await write(quiet, number, f"It was our fault. {PLAIN}")
    assert await write(quiet, number) is None
    assert len(await quiet.rows(SentMessage)) == 1


async def test_what_is_filed_brings_legal_in(quiet: Stage) -> None:
    number = await quiet.claimed()
    await flag(quiet, number)
    await quiet.said(number)
    await flag(quiet, number, filed=True)
    assert (await quiet.roles(number))["legal"] == LAWYER
    assert LAWYER in await quiet.heard(number)
    assert (await quiet.last(number)).after["filed"] is True
    await write(quiet, number)
    assert [(d.reason, d.state) for d in await quiet.rows(Draft)] == [("legal", "waiting")]
    with pytest.raises(UserError, match="already_flagged"):
        await flag(quiet, number, filed=True)


async def test_legal_on_the_case_agrees_to_its_messages_whatever_they_were_told(
    quiet: Stage,
) -> None:
    number = await quiet.claimed()
    await flag(quiet, number)
    await quiet.do(EMMA, "assign", number, user=LAWYER, role="legal")
    await write(quiet, number)
    assert [d.reason for d in await quiet.rows(Draft)] == ["legal"]


async def test_only_a_legal_threat_is_filed(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="filed_is_legal"):
        await stage.do(
            ANNA, "executive_flag", number, trigger="extraordinary", reason="x", filed=True
        )
