"""A drill is played by the verbs of a case, among those who play, and reviewed when it ends."""

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.learning.drills import LASTS
from bot.rules.words import Role
from storage.models import Case, CaseRole, Drill, DrillDone, Outbox, RoleCard
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, TINA, Stage

HOUR = timedelta(hours=1)


async def played(stage: Stage, who: str = ANNA, **fields: Any) -> int:
    """A drill that this person began; its channel is there."""
    await stage.do(who, "start_drill", **fields)
    number = max(row.case_number for row in await stage.rows(Drill))
    async with stage.database.write() as session:
        case = await session.get_one(Case, number)
        case.channel_id = f"CDRILL{number}"
        session.add(case)
    return number


async def review(stage: Stage, number: int) -> dict[str, str]:
    """How each step went, as the channel read it."""
    said = [s for s in await stage.said(number) if s.text == "notice:drill_reviewed"]
    assert len(said) == 1
    return {row["step"]: row["how"] for row in said[0].extra["went"]}


async def test_a_drill_is_a_restricted_case_for_those_who_play_it(stage: Stage) -> None:
    number = await played(stage, colleague=BILL, another=TINA)
    case = await stage.case(number)
    assert (case.drill, case.sensitive, case.account_key) == (True, True, None)
    assert set(case.drill_for) == {ANNA, BILL, TINA}
    assert await stage.roles(number) == {
        "reporter": ANNA, "technical_lead": BILL, "agent": TINA,
    }  # fmt: skip
    heard = await stage.heard(number)
    assert heard == {
        "post": ["drill_begun"],
        ANNA: ["drill_invited"],
        BILL: ["drill_invited"],
        TINA: ["drill_invited"],
    }
    assert (await stage.last(number)).verb == "start_drill"


@pytest.mark.parametrize("who", [ANNA, STRANGER])
async def test_anybody_walks_through_it_alone(stage: Stage, who: str) -> None:
    number = await played(stage, who)
    await stage.do(who, "claim", number)
    await stage.update(number, who, kind="acknowledgement", recipient="Nadia")
    await stage.resolve(number, who)
    await stage.do(who, "confirm", number, party="customer", comfortable=True)
    assert (await stage.case(number)).status == "review"
    await stage.do(who, "end_drill", number)
    assert await review(stage, number) == {
        "claimed": "in_time",
        "answered": "in_time",
        "updated": "in_time",
        "handed_over": "left_out",
        "resolved": "in_time",
    }
    case = await stage.case(number)
    assert case.status == "dismissed"
    assert await stage.running(number) == set()
    assert [row.user_id for row in await stage.rows(DrillDone)] == [who]


async def test_a_role_changes_hands_among_those_who_play(stage: Stage) -> None:
    number = await played(stage, colleague=BILL)
    await stage.do(ANNA, "claim", number)
    manager = Role.ESCALATION_MANAGER.value
    for verb, said in (("hand_over", {"summary": "All is said"}), ("assign", {})):
        with pytest.raises(UserError, match="not_in_this_drill"):
            await stage.do(ANNA, verb, number, role=manager, user=EMMA, **said)
    await stage.do(ANNA, "hand_over", number, role=manager, user=BILL, summary="All is said")
    offer = (await stage.last(number)).after["handover"]
    await stage.do(BILL, "answer_handover", number, handover=offer, accept=True)
    assert (await stage.case(number)).owner == BILL
    await stage.do(BILL, "end_drill", number)
    assert (await review(stage, number))["handed_over"] == "done"
    assert {row.user_id for row in await stage.rows(DrillDone)} == {ANNA, BILL}


async def test_what_was_missed_is_said(stage: Stage) -> None:
    number = await played(stage)
    stage.later(hours=2)
    await stage.sweep()
    await stage.do(ANNA, "claim", number)
    await stage.do(ANNA, "end_drill", number)
    went = await review(stage, number)
    assert (went["claimed"], went["answered"]) == ("late", "missed")
    assert (went["updated"], went["resolved"]) == ("open", "open")


async def test_it_ends_by_itself_and_counts_for_nobody_who_did_nothing(stage: Stage) -> None:
    number = await played(stage)
    stage.later(seconds=LASTS.total_seconds() - 1)
    await stage.sweep()
    drill = (await stage.rows(Drill))[0]
    assert drill.ended_at is None
    stage.later(seconds=1)
    await stage.sweep()
    drill = (await stage.rows(Drill))[0]
    assert (drill.ended_at, drill.ends_at) == (stage.now, None)
    assert (await review(stage, number))["claimed"] == "missed"
    assert await stage.rows(DrillDone) == []
    await stage.sweep()
    assert await stage.said(number) == []


async def test_a_cancelled_drill_counts_for_nobody(stage: Stage) -> None:
    number = await played(stage)
    await stage.do(ANNA, "claim", number)
    await stage.said(number)
    await stage.do(ANNA, "cancel_drill", number)
    assert "drill_cancelled" in (await stage.heard(number))["post"]
    assert (await stage.rows(Drill))[0].cancelled
    assert await stage.rows(DrillDone) == []
    for verb in ("end_drill", "cancel_drill", "claim"):
        with pytest.raises(UserError, match="drill_is_over"):
            await stage.do(ANNA, verb, number)


async def test_one_person_plays_one_drill_at_a_time(stage: Stage) -> None:
    number = await played(stage, colleague=BILL)
    for who in (ANNA, BILL):
        with pytest.raises(UserError, match="drill_runs"):
            await stage.do(who, "start_drill")
    await stage.do(BILL, "cancel_drill", number)
    assert await played(stage, BILL) != number


async def test_it_asks_no_more_than_a_drill_has(stage: Stage) -> None:
    number = await played(stage)
    for verb, said in (
        ("severity", {"severity": 1, "reason": "Worse"}),
        ("executive_flag", {"trigger": "legal", "reason": "They call"}),
        ("link_bug", {"bug": "PROJ-1"}),
        (
            "action_item",
            {
                "title": "Test releases",
                "type": "process",
                "owner": ANNA,
                "due": "2100-01-01",
                "bug": "PROJ-1",
            },
        ),
        ("dismiss", {"reason": "Over"}),
    ):
        with pytest.raises(UserError, match="not_in_a_drill"):
            await stage.do(ANNA, verb, number, **said)


async def test_for_others_there_is_no_such_case(stage: Stage) -> None:
    number = await played(stage)
    for who in (EMMA, LEAH, STRANGER):
        for verb in ("end_drill", "cancel_drill", "claim", "dismiss"):
            said = {"reason": "No"} if verb == "dismiss" else {}
            with pytest.raises(UserError, match="no_such_case"):
                await stage.do(who, verb, number, **said)


async def test_a_real_case_is_no_drill_to_end(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="no_drill"):
        await stage.do(ANNA, "end_drill", number)
    assert (await stage.case(number)).status == "new"


async def test_nobody_gets_a_card_or_a_word_who_does_not_play(stage: Stage) -> None:
    cards = [(r.key, r.told_at) for r in await stage.rows(RoleCard)]
    number = await played(stage, colleague=BILL)
    await stage.do(ANNA, "claim", number)
    for _ in range(8):
        stage.later(minutes=30)
        await stage.sweep()
    assert [(r.key, r.told_at) for r in await stage.rows(RoleCard)] == cards
    left = [row for row in await stage.rows(Outbox) if row.state == "pending"]
    assert {row.case_number for row in left} == {number}
    people = {row.payload["user"] for row in left if row.kind == "dm"}
    assert people <= {ANNA, BILL}
    assert {row.user_id for row in await stage.rows(CaseRole)} <= {ANNA, BILL}
