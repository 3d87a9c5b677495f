"""Working by a playbook: who may, what is done and taken back, of which steps who is told."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.errors import UserError
from bot.playbooks.applied import checklist_facts
from bot.rules.learning.playbooks import load_playbooks
from bot.rules.words import Language
from messages.learning.checklist import playbook_message
from storage.models import AppliedPlaybook, EditedPost
from tests.bot.stage import BILL, EMMA, LEAH, STRANGER, TINA, Stage
from tests.messages.limits import check_blocks
from tests.messages.sample_cases import case as sample

OUTAGE = load_playbooks()["outage"]


async def applied(stage: Stage, number: int, who: str = EMMA) -> AppliedPlaybook:
    """The outage's playbook, by which a case is worked on from now."""
    await stage.do(who, "apply_playbook", number, name="outage")
    return await kept(stage)


async def kept(stage: Stage) -> AppliedPlaybook:
    """The newest applied playbook as it is stored."""
    return (await stage.rows(AppliedPlaybook))[-1]


async def drawn(stage: Stage) -> dict[str, Any]:
    """What the post of the newest applied playbook shows."""
    async with stage.database.read() as session:
        return await checklist_facts(session, await kept(stage))


async def told(stage: Stage, number: int) -> list[tuple[str, int]]:
    """Who is told now of which step."""
    await stage.sweep()
    said = await stage.said(number)
    return [(e.to, e.extra["step"]) for e in said if e.text == "playbook:step_overdue"]


async def test_its_checklist_is_one_post_that_is_drawn_anew(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.in_channel(number)
    row = await applied(stage, number)
    assert (await stage.last(number)).verb == "apply_playbook"
    await stage.do(BILL, "tick_step", number, applied=row.id, step=1)
    await stage.do(BILL, "tick_step", number, applied=row.id, step=1)
    assert (await kept(stage)).done == {"1": {"by": BILL, "at": stage.now.isoformat()}}
    assert (await stage.last(number)).after["step"] == 2
    [post] = await stage.rows(EditedPost)
    assert (post.topic, post.first) == ("checklist", row.id)
    ticked = [each for each in await stage.timeline(number) if each.verb == "tick_step"]
    assert len(ticked) == 1, "done once, however often it is pressed"


async def test_a_step_and_the_playbook_can_be_taken_back(stage: Stage) -> None:
    number = await stage.claimed()
    row = await applied(stage, number)
    await stage.do(BILL, "tick_step", number, applied=row.id, step=0)
    await stage.do(BILL, "untick_step", number, applied=row.id, step=0)
    assert (await kept(stage)).done == {}
    await stage.do(EMMA, "drop_playbook", number, applied=row.id)
    assert (await kept(stage)).next_at is None
    with pytest.raises(UserError, match="no_such_playbook"):
        await stage.do(BILL, "tick_step", number, applied=row.id, step=0)
    stage.later(hours=2)
    assert await told(stage, number) == []
    assert (await applied(stage, number)).id != row.id, "it can be begun anew"


async def test_who_has_the_steps_role_is_told_once_and_the_owner_instead(stage: Stage) -> None:
    number = await stage.claimed(severity=2)
    assert (await stage.roles(number))["technical_lead"] == TINA
    row = await applied(stage, number)
    await stage.do(EMMA, "tick_step", number, applied=row.id, step=0)
    await told(stage, number)
    stage.later(minutes=16)
    assert await told(stage, number) == [(TINA, 1)]
    assert await told(stage, number) == []
    stage.later(hours=5)
    assert [step for _, step in await told(stage, number)] == [2, 3, 4]
    stage.later(days=3)
    assert await told(stage, number) == []


async def test_of_a_case_that_is_over_nobody_is_told(stage: Stage) -> None:
    number = await stage.investigating(severity=4)
    await applied(stage, number)
    await stage.resolve(number)
    stage.later(days=1)
    assert await told(stage, number) == []
    assert (await kept(stage)).next_at is None
    await stage.do(EMMA, "reopen", number, reason="It is back")
    assert [step for _, step in await told(stage, number)] == [0, 1, 2, 3, 4], "late, once open"


async def test_of_a_case_that_nobody_has_taken_on_no_step_is_asked(stage: Stage) -> None:
    number = await stage.opened(severity=1)
    await applied(stage, number)
    stage.later(minutes=6)
    assert await told(stage, number) == []
    await stage.do(EMMA, "claim", number)
    assert await told(stage, number) == []
    stage.later(minutes=5)
    assert await told(stage, number) == [(EMMA, 0)]


async def test_a_step_of_the_support_lead_is_asked_of_the_lead(stage: Stage) -> None:
    number = await stage.opened(severity=1)
    await stage.do(EMMA, "apply_playbook", number, name="absent_manager")
    stage.later(minutes=11)
    assert await told(stage, number) == [], "the ladder calls until somebody has the case"
    await stage.do(EMMA, "claim", number)
    stage.later(minutes=5)
    assert (LEAH, 0) in await told(stage, number)


async def test_what_came_by_itself_asks_in_the_hours_of_the_severity_alone(stage: Stage) -> None:
    for severity, steps in ((3, []), (1, [0])):
        stage.now = datetime(2026, 3, 6, 20, 0, tzinfo=UTC)  # a Friday
        number = await stage.claimed(severity=severity, stake="We lost data in the export")
        stage.later(minutes=2)
        await stage.sweep()
        row = await kept(stage)
        assert (row.case_number, row.playbook, row.because != {}) == (number, "data_loss", True)
        stage.later(minutes=16)
        assert [step for _, step in await told(stage, number)] == steps
        stage.later(days=2, hours=16)  # Monday at noon
        assert await told(stage, number) != []


async def test_what_is_no_playbook_or_none_of_this_case_is_refused(stage: Stage) -> None:
    number, other = await stage.claimed(), await stage.claimed()
    row = await applied(stage, number)
    with pytest.raises(UserError, match="playbook_applied"):
        await stage.do(EMMA, "apply_playbook", number, name="outage")
    with pytest.raises(UserError, match="no_such_playbook"):
        await stage.do(EMMA, "apply_playbook", number, name="gossip")
    for case, step in ((other, 0), (number, 9), (number, -1)):
        with pytest.raises(UserError, match="no_such_playbook"):
            await stage.do(EMMA, "tick_step", case, applied=row.id, step=step)


async def test_only_the_team_and_of_a_restricted_case_those_on_it(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "apply_playbook", number, name="outage")
    hidden = await stage.opened(sensitive=True)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(LEAH, "apply_playbook", hidden, name="outage")


@pytest.mark.parametrize("language", Language)
async def test_the_checklist_has_a_button_a_step_which_says_what_it_does(
    stage: Stage, language: Language
) -> None:
    number = await stage.claimed()
    row = await applied(stage, number)
    await stage.do(BILL, "tick_step", number, applied=row.id, step=1)
    facts = await drawn(stage)
    shown = playbook_message("checklist", sample(), language, facts)
    check_blocks(shown.blocks)
    pressed = [b["accessory"]["action_id"] for b in shown.blocks if "accessory" in b]
    assert pressed == [
        f"do:{'untick_step' if place == 2 else 'tick_step'}#{place}" for place in range(1, 6)
    ]
    assert f"<@{BILL}>" in shown.text
    late = playbook_message("step_overdue", sample(), language, {**facts, "step": 2})
    assert OUTAGE.wording(language).steps[2] in late.text
    ended = playbook_message("checklist", sample(), language, {**facts, "ended": True})
    assert "tick_step" not in str(ended.blocks)
