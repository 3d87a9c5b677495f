"""A postmortem is planned, moved and cancelled; those who are involved hear of each."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from storage.models import Meeting, Outbox
from tests.bot.stage import ANNA, EMMA, STRANGER, Stage
from tests.postmortems import REVIEWED


async def planned(stage: Stage, number: int, **fields: object) -> Meeting:
    """Plan it in two days unless said otherwise; answers its row."""
    given = {"at": stage.now + timedelta(days=2), "minutes": 45, "place": "Room 5"}
    await stage.do(EMMA, "plan_postmortem", number, **{**given, **fields})
    return (await stage.rows(Meeting))[-1]


async def files(stage: Stage, number: int) -> list[int]:
    """The sequence of each calendar file that is queued."""
    rows = await stage.rows(Outbox, case_number=number, kind="file")
    return [r.payload["sequence"] for r in rows if r.payload["document"] == "meeting"]


async def test_planned_it_is_told_to_all_who_are_involved(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.in_channel(number)
    row = await planned(stage, number)
    assert (row.sequence, row.minutes, row.cancelled) == (0, 45, False)
    heard = await stage.heard(number)
    assert "meeting_planned" in heard["post"]
    assert "meeting_planned" in heard[ANNA]
    assert EMMA not in heard
    assert await files(stage, number) == [0]
    assert (await stage.last(number)).verb == "plan_postmortem"


async def test_moved_it_keeps_its_uid_and_counts_up(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.in_channel(number)
    first = await planned(stage, number)
    later = stage.now + timedelta(days=5)
    moved = await planned(stage, number, at=later)
    assert (moved.id, moved.uid, moved.sequence) == (first.id, first.uid, 1)
    assert moved.begins == later
    assert await files(stage, number) == [0, 1]
    said = [s for s in await stage.said(number) if s.text == "notice:meeting_planned"]
    assert [s.extra["moved"] for s in said if s.to == "post"] == [False, True]


async def test_cancelled_with_a_reason_and_planned_anew_it_is_the_same_entry(stage: Stage) -> None:
    number = await stage.reviewed()
    row = await planned(stage, number)
    await stage.do(EMMA, "cancel_postmortem", number, reason="Too early")
    gone = (await stage.rows(Meeting))[-1]
    assert (gone.cancelled, gone.sequence, gone.uid) == (True, 1, row.uid)
    assert (await stage.last(number)).why == "Too early"
    with pytest.raises(UserError, match="no_meeting"):
        await stage.do(EMMA, "cancel_postmortem", number, reason="Again")
    again = await planned(stage, number)
    assert (again.cancelled, again.sequence, again.uid) == (False, 2, row.uid)


async def test_what_ends_the_need_for_it_cancels_it(stage: Stage) -> None:
    number = await stage.reviewed()
    await planned(stage, number)
    await stage.do(EMMA, "reopen", number, reason="It is back")
    assert (await stage.rows(Meeting))[-1].cancelled
    other = await stage.reviewed(customer="Other", account="")
    row = await planned(stage, other)
    await stage.do(EMMA, "postmortem_held", other, **REVIEWED)
    held = next(r for r in await stage.rows(Meeting) if r.id == row.id)
    assert held.cancelled


async def test_one_that_took_place_stays_in_calendars(stage: Stage) -> None:
    number = await stage.reviewed()
    row = await planned(stage, number)
    stage.later(days=3)
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    kept = next(r for r in await stage.rows(Meeting) if r.id == row.id)
    assert (kept.cancelled, kept.sequence) == (False, 0)
    with pytest.raises(UserError, match="postmortem_already_held"):
        await planned(stage, number)


@pytest.mark.parametrize(
    ("who", "fields", "why"),
    [
        (EMMA, {"at": timedelta(hours=-1)}, "meeting_in_past"),
        (ANNA, {"at": timedelta(hours=1)}, "not_your_role"),
    ],
)
async def test_refusals(stage: Stage, who: str, fields: dict[str, timedelta], why: str) -> None:
    number = await stage.reviewed()
    with pytest.raises(UserError, match=why):
        await stage.do(who, "plan_postmortem", number, at=stage.now + fields["at"])
    assert await stage.rows(Meeting) == []


async def test_a_case_that_is_not_resolved_has_no_postmortem(stage: Stage) -> None:
    number = await stage.investigating()
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "plan_postmortem", number, at=stage.now + timedelta(days=1))


async def test_the_invited_answer_and_change_their_mind_and_another_time_asks_anew(
    stage: Stage,
) -> None:
    number = await stage.reviewed()
    await planned(stage, number)
    await stage.in_channel(number)
    await stage.do(ANNA, "answer_postmortem", number, accept=False)
    assert await stage.heard(number) == {EMMA: ["postmortem_declined"]}
    await stage.do(ANNA, "answer_postmortem", number, accept=False)
    assert await stage.heard(number) == {}
    await stage.do(ANNA, "answer_postmortem", number, accept=True)
    (row,) = await stage.rows(Meeting)
    assert (row.invited["yes"], row.invited["no"]) == ([ANNA], [])
    moved = await planned(stage, number, at=stage.now + timedelta(days=5))
    assert "yes" not in moved.invited


async def test_who_is_not_invited_and_what_is_not_planned_has_no_answer(stage: Stage) -> None:
    number = await stage.reviewed()
    with pytest.raises(UserError, match="no_meeting_now"):
        await stage.do(ANNA, "answer_postmortem", number, accept=True)
    await planned(stage, number)
    with pytest.raises(UserError, match="not_invited"):
        await stage.do(STRANGER, "answer_postmortem", number, accept=True)
    stage.later(days=3)
    with pytest.raises(UserError, match="no_meeting_now"):
        await stage.do(ANNA, "answer_postmortem", number, accept=True)


async def test_of_a_restricted_case_nobody_else_learns_that_there_is_a_meeting(
    stage: Stage,
) -> None:
    number = await stage.reviewed(sensitive=True)
    await planned(stage, number)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(STRANGER, "answer_postmortem", number, accept=True)
