"""Action items, and having seen a breach."""

from datetime import UTC, date, datetime

import pytest

from bot.errors import UserError
from storage.models import ActionItem, Sighting
from tests.bot.stage import ANNA, BILL, EMMA, STRANGER, T0, Stage


async def given(stage: Stage, owner: str = STRANGER, due: str = "2026-03-01") -> int:
    """A resolved case with an action item."""
    number = await stage.resolved()
    await stage.in_channel(number)
    fields = {"title": "Test releases", "type": "process", "owner": owner, "due": due}
    await stage.do(EMMA, "action_item", number, **fields)
    return number


async def test_an_action_has_an_owner_a_due_date_and_a_first_reminder(stage: Stage) -> None:
    number = await given(stage)
    (action,) = await stage.rows(ActionItem)
    assert (action.title, action.type, action.owner) == ("Test releases", "process", STRANGER)
    assert (action.due, action.created_by) == (date(2026, 3, 1), EMMA)
    assert action.next_reminder_at == datetime(2026, 2, 22, 7, 0, tzinfo=UTC)  # 09:00 in Athens
    said = [s for s in await stage.said(number) if s.text]
    assert [(s.to, s.text, s.extra) for s in said] == [
        (STRANGER, "notice:action_given", {"action": 1})
    ]
    assert (await stage.last(number)).after == {
        "action": 1,
        "title": "Test releases",
        "type": "process",
        "owner": STRANGER,
        "due": "2026-03-01",
    }


@pytest.mark.parametrize("title", ["Be careful", "Να προσέχουμε"])
async def test_one_that_says_nothing_is_refused_and_leaves_nothing(
    stage: Stage, title: str
) -> None:
    number = await stage.resolved()
    fields = {"title": title, "type": "process", "owner": EMMA, "due": "2026-03-01"}
    with pytest.raises(UserError, match="vague_action"):
        await stage.do(EMMA, "action_item", number, **fields)
    assert await stage.rows(ActionItem) == []


async def test_who_takes_an_action_themselves_is_not_told(stage: Stage) -> None:
    number = await given(stage, owner=EMMA)
    assert await stage.heard(number) == {}


async def test_today_is_soon_enough_and_yesterday_is_not(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 10, 22, 30, tzinfo=UTC)  # 00:30 of the 11th in Athens
    with pytest.raises(UserError, match="due_in_past"):
        await given(stage, due="2026-02-10")
    number = await stage.opened()
    fields = {"title": "t", "type": "product", "owner": BILL, "due": "2026-02-11"}
    await stage.do(EMMA, "action_item", number, **fields)
    assert len(await stage.rows(ActionItem)) == 1


async def test_the_owner_may_say_that_it_is_done_whatever_their_role(stage: Stage) -> None:
    number = await given(stage)
    await stage.said(number)
    await stage.do(STRANGER, "action_done", number, action=1, evidence="Pull request 7")
    (action,) = await stage.rows(ActionItem)
    assert (action.reported_at, action.evidence) == (T0, "Pull request 7")
    assert action.done_at is None  # until somebody else has looked
    assert await stage.heard(number) == {"post": ["action_done"], EMMA: ["action_done"]}
    assert (await stage.last(number)).why == "Pull request 7"


async def test_a_stranger_does_not_finish_somebody_elses_action(stage: Stage) -> None:
    number = await given(stage, owner=BILL)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "action_done", number, action=1, evidence="e")


async def test_an_action_is_done_once(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(ANNA, "action_done", number, action=1, evidence="e")
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    with pytest.raises(UserError, match="action_done_already"):
        await stage.do(ANNA, "action_done", number, action=1, evidence="e")


@pytest.mark.parametrize("who", [ANNA, STRANGER])
async def test_an_action_of_another_case_is_not_found(stage: Stage, who: str) -> None:
    await given(stage)
    other = await stage.opened(sensitive=who == STRANGER)
    expected = "no_such_case" if who == STRANGER else "no_such_action"
    with pytest.raises(UserError, match=expected):
        await stage.do(who, "action_done", other, action=1, evidence="e")


async def test_seeing_a_breach_is_kept_once_for_each_person(stage: Stage) -> None:
    number = await stage.claimed()
    for who in (ANNA, ANNA, EMMA):
        await stage.do(who, "seen", number, clock="next_update", cycle=2)
    sightings = await stage.rows(Sighting, case_number=number)
    assert sorted((s.user_id, s.clock, s.cycle) for s in sightings) == [
        (ANNA, "next_update", 2),
        (EMMA, "next_update", 2),
    ]
    assert [e.actor for e in await stage.timeline(number) if e.verb == "seen"] == [ANNA, EMMA]
