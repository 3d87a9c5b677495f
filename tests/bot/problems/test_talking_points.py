"""Talking points: approved by another, pushed, read, reminded of, withdrawn."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Outbox, PointsPost, PointsReader, TalkingPoints
from tests.bot.problems.test_problem import KNOWN, begun
from tests.bot.stage import ANNA, BILL, EMMA, ROLES, Stage

COCO, CHANNEL = "UCOCO", "CAGENTS"
ATHENS = ZoneInfo("Europe/Athens")


@pytest.fixture
def agents(stage: Stage) -> Stage:
    """A stage with a channel of agents, and somebody who approves words."""
    roles = {**ROLES, Role.COMMS_APPROVER: (COCO,)}
    stage.policy = replace(stage.policy, roles=roles, agent_channels=(CHANNEL,))
    return stage


async def propose(stage: Stage, **fields: Any) -> TalkingPoints:
    """Anna writes talking points; the newest version."""
    given = {"say": "We know of it.", "expires_at": stage.now + timedelta(days=2), **fields}
    await stage.do(ANNA, "propose_points", problem=1, **given)
    return (await stage.rows(TalkingPoints))[-1]


async def approved(stage: Stage) -> TalkingPoints:
    """Talking points that stand in the channel, with an agent to read them beside their author."""
    row = await propose(stage)
    await stage.do(COCO, "answer_points", problem=1, points=row.id, approve=True)
    await stage.add(
        PointsPost(points=row.id, channel=CHANNEL, ts="1.1"),
        PointsReader(points=row.id, user_id=BILL),
    )
    return (await stage.rows(TalkingPoints))[-1]


async def refusal(awaited: Any) -> str:
    """Why something is refused."""
    with pytest.raises(UserError) as caught:
        await awaited
    return caught.value.key


async def reminded(stage: Stage) -> list[str]:
    """Who was reminded, in order."""
    wanted = "problem:points_unread"
    return [r.payload["user"] for r in await stage.rows(Outbox) if r.payload.get("text") == wanted]


async def kinds(stage: Stage) -> list[str]:
    """What is queued for the agents' channel."""
    return [r.kind for r in await stage.rows(Outbox) if r.kind.startswith("points_")]


async def test_they_are_pushed_once_somebody_else_approves(agents: Stage) -> None:
    await begun(agents)
    row = await propose(agents)
    given = {"problem": 1, "points": row.id, "approve": True}
    assert await kinds(agents) == []
    assert await refusal(agents.do(EMMA, "answer_points", **given)) == "not_your_role"
    await agents.do(COCO, "answer_points", **given)
    assert await kinds(agents) == ["points_push"]
    assert await refusal(agents.do(COCO, "answer_points", **given)) == "points_answered"


async def test_without_agent_channels_nobody_could_read_them(agents: Stage) -> None:
    await begun(agents)
    agents.policy = replace(agents.policy, agent_channels=())
    assert await refusal(propose(agents)) == "no_agent_channels"


async def test_agents_are_not_told_to_promise_money(agents: Stage) -> None:
    await begun(agents)
    money = "Offer them a refund of 50€."
    assert await refusal(propose(agents, say=money)) == "tone_concession_many"


async def test_reading_is_kept_with_its_first_time(agents: Stage) -> None:
    await begun(agents)
    row = await approved(agents)
    first = agents.now
    await agents.do(ANNA, "read_points", problem=1, points=row.id)
    agents.later(hours=1)
    await agents.do(ANNA, "read_points", problem=1, points=row.id)
    read = {r.user_id: r.read_at for r in await agents.rows(PointsReader)}
    assert read == {ANNA: first, BILL: None}


async def test_who_has_not_read_is_reminded_twice_and_no_more(agents: Stage) -> None:
    await begun(agents)
    row = await approved(agents)
    await agents.do(ANNA, "read_points", problem=1, points=row.id)
    agents.later(hours=2)
    await agents.sweep()
    await agents.sweep()
    assert await reminded(agents) == [BILL]
    agents.later(hours=22)
    await agents.sweep()
    assert await reminded(agents) == [BILL, BILL]
    agents.later(hours=20)
    await agents.sweep()
    assert await reminded(agents) == [BILL, BILL]


async def test_no_one_is_reminded_while_the_hours_of_its_updates_are_closed(agents: Stage) -> None:
    await begun(agents)
    given = {"title": "Orders fail", "known": KNOWN, "scope": "All shops", "owner": EMMA}
    await agents.do(EMMA, "edit_problem", problem=1, severity=3, **given)
    agents.now = datetime(2026, 2, 13, 16, 0, tzinfo=ATHENS)  # Friday, an hour before closing
    await propose(agents, expires_at=agents.now + timedelta(days=7))
    (row,) = await agents.rows(TalkingPoints)
    await agents.do(COCO, "answer_points", problem=1, points=row.id, approve=True)
    (row,) = await agents.rows(TalkingPoints)
    monday = datetime(2026, 2, 16, 9, 0, tzinfo=ATHENS)
    assert row.next_at == monday
    agents.now = monday
    await agents.sweep()
    (row,) = await agents.rows(TalkingPoints)
    assert row.next_at == row.expires_at or row.next_at >= monday


async def test_another_scope_withdraws_them(agents: Stage) -> None:
    await begun(agents)
    await approved(agents)
    given = {"title": "Orders fail", "known": KNOWN, "severity": 2, "owner": EMMA}
    await agents.do(EMMA, "edit_problem", problem=1, scope="All shops", **given)
    assert (await agents.rows(TalkingPoints))[-1].state == "approved"
    await agents.do(EMMA, "edit_problem", problem=1, scope="Also the web", **given)
    assert (await agents.rows(TalkingPoints))[-1].state == "withdrawn"
    assert await kinds(agents) == ["points_push", "points_end"]


async def test_they_expire_by_themselves(agents: Stage) -> None:
    await begun(agents)
    await approved(agents)
    agents.later(days=2)
    await agents.sweep()
    (row,) = await agents.rows(TalkingPoints)
    assert (row.state, row.next_at) == ("expired", None)
    assert await kinds(agents) == ["points_push", "points_end"]
    assert (
        await refusal(agents.do(EMMA, "withdraw_points", problem=1, points=row.id, reason="x"))
        == "points_not_in_use"
    )


async def test_a_new_version_takes_the_place_of_the_old_one(agents: Stage) -> None:
    await begun(agents)
    await approved(agents)
    second = await propose(agents, say="It is mended for half of them.")
    assert second.version == 2
    await agents.do(COCO, "answer_points", problem=1, points=second.id, approve=True)
    assert [r.state for r in await agents.rows(TalkingPoints)] == ["withdrawn", "approved"]
    assert await kinds(agents) == ["points_push", "points_end", "points_push"]
