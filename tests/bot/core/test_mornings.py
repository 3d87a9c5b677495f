"""What the policy leaves to a digest is heard next morning, if it still holds."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.rules.policy.model import MatrixEvent
from bot.rules.words import Notice, Role, Severity
from storage.models import MorningNotice, Outbox, Person
from tests.bot.policies import policy
from tests.bot.stage import ANNA, CARL, EMMA, EXEC, LAWYER, T0, TINA, TOM, Stage

ZONE = "America/New_York"
MORNING = datetime(2026, 2, 10, 8, 30, tzinfo=ZoneInfo(ZONE))


def told(event: MatrixEvent, role: Role, notice: Notice, stage: Stage) -> None:
    """Change one cell of the matrix, for all severities."""
    row = {**stage.policy.matrix.get((event, None), {}), role: notice}
    rows = {at: cells for at, cells in stage.policy.matrix.items() if at[0] is not event}
    stage.policy = replace(stage.policy, matrix={**rows, (event, None): row})


async def heard(stage: Stage, user: str) -> list[str]:
    """The direct messages that wait for a person."""
    rows = await stage.rows(Outbox, lane=f"dm:{user}")
    return [row.payload["text"].removeprefix("notice:") for row in rows]


async def test_a_digest_comes_in_the_persons_own_morning_and_once(stage: Stage) -> None:
    await stage.add(Person(user_id=CARL, name="Carl", timezone=ZONE, fetched_at=T0))
    await stage.opened(severity=3)
    assert await heard(stage, CARL) == []
    stage.now = MORNING - timedelta(minutes=1)
    await stage.sweep()
    assert await heard(stage, CARL) == []
    stage.now = MORNING
    await stage.sweep()
    assert await heard(stage, CARL) == ["opened"]
    stage.later(days=3)
    await stage.sweep()
    assert (await heard(stage, CARL)).count("opened") == 1
    assert await stage.rows(MorningNotice) == []


async def test_whoever_was_told_at_once_meanwhile_is_not_told_again(stage: Stage) -> None:
    number = await stage.opened(severity=3)
    await stage.do(EMMA, "severity", number, severity=1, reason="All stores are down")
    assert (await heard(stage, CARL)).count("opened") == 1
    stage.later(days=1)
    await stage.sweep()
    assert (await heard(stage, CARL)).count("opened") == 1


async def test_nothing_is_said_of_what_is_over_by_the_morning(stage: Stage) -> None:
    number = await stage.opened(severity=3)
    await stage.do(EMMA, "dismiss", number, reason="A question")
    stage.later(days=1)
    await stage.sweep()
    assert await heard(stage, CARL) == []


async def test_a_case_that_became_restricted_is_told_only_to_those_on_it(stage: Stage) -> None:
    told(MatrixEvent.OPEN, Role.LEGAL, Notice.DIGEST, stage)
    number = await stage.opened(severity=3)
    await stage.add(MorningNotice(user_id=LAWYER, case_number=number, text="notice:opened",
                                  extra={"role": "legal", "notice": "digest"}, at=T0))  # fmt: skip
    await stage.do(ANNA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    stage.later(days=1)
    await stage.sweep()
    assert "opened" not in await heard(stage, CARL[::-1])
    assert all(n.user_id != CARL for n in await stage.rows(MorningNotice))


@pytest.mark.parametrize("event", MatrixEvent)
async def test_every_event_of_the_matrix_can_be_left_to_the_morning(
    stage: Stage, event: MatrixEvent
) -> None:
    role = Role.LEGAL if event is MatrixEvent.LEGAL_FLAG else Role.ACCOUNT_EXECUTIVE
    told(event, role, Notice.DIGEST, stage)
    number = await _happens(stage, event)
    waits = {(n.user_id, n.case_number) for n in await stage.rows(MorningNotice)}
    if event in (MatrixEvent.AT_RISK, MatrixEvent.LEGAL_FLAG):
        return  # a warning is over by then; Legal is on the case and is told at once
    assert number in {case for _, case in waits}


async def _happens(stage: Stage, event: MatrixEvent) -> int:
    match event:
        case MatrixEvent.OPEN:
            return await stage.opened()
        case MatrixEvent.RESOLVED:
            return await stage.resolved()
        case MatrixEvent.REOPENED:
            number = await stage.resolved()
            await stage.do(ANNA, "reopen", number, reason="It is back")
            return number
        case MatrixEvent.SEVERITY_CHANGE:
            number = await stage.opened(severity=2)
            await stage.do(EMMA, "severity", number, severity=3, reason="Less")
            return number
        case MatrixEvent.EXECUTIVE_FLAG | MatrixEvent.LEGAL_FLAG:
            number = await stage.opened()
            trigger = "legal" if event is MatrixEvent.LEGAL_FLAG else "threat_to_cancel"
            await stage.do(ANNA, "executive_flag", number, trigger=trigger, reason="They wrote")
            return number
    number = await stage.investigating()
    stage.later(hours=1)
    await stage.sweep()
    return number


@pytest.mark.parametrize("severity", [3, 4])
async def test_a_new_case_without_a_technical_lead_is_told_to_the_first_named(
    stage: Stage, severity: int
) -> None:
    number = await stage.opened(severity=severity)
    assert "technical_lead" not in await stage.roles(number)
    assert await heard(stage, TINA) == ["opened"]
    assert await heard(stage, TOM) == []


async def test_executives_are_not_told_what_their_summary_has_anyway(stage: Stage) -> None:
    stage.policy = policy()
    assert stage.policy.notices(MatrixEvent.OPEN, Severity.SEV2)[Role.EXECUTIVE_OWNER] == "digest"
    await stage.opened(severity=2)
    assert [n for n in await stage.rows(MorningNotice) if n.user_id == EXEC] == []


async def test_those_whom_the_policy_names_hear_that_a_promise_is_at_risk(stage: Stage) -> None:
    told(MatrixEvent.AT_RISK, Role.CSM, Notice.DM, stage)
    number = await stage.investigating()
    await stage.in_channel(number)
    stage.later(minutes=46)  # three quarters of the hour that was promised
    await stage.sweep()
    said = {s.to: s.extra for s in await stage.said(number) if s.text == "reminder"}
    assert said[CARL]["threshold"].startswith("warn")
    assert (said[CARL]["acts"], said[ANNA]["acts"]) == (False, True)
