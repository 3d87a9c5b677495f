"""Action items are changed, and pass to another who agrees; until then both know whose they are."""

from datetime import date

import pytest

from bot.cases.queries import Reading
from bot.core.access import on_case
from bot.errors import UserError
from bot.operations import departures
from storage.models import ActionItem, Outbox, Person
from tests.bot.learning.test_action_ends import given, only
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, STRANGER, Stage

NOW = {"title": "Test releases", "type": "process", "due": "2026-03-01"}


async def test_a_change_is_recorded_and_told_to_owner_and_author(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(ANNA, "edit_action", number, action=1, **NOW | {"due": "2026-03-08"})
    item = await only(stage)
    assert item.due == date(2026, 3, 8)
    assert await stage.heard(number) == {EMMA: ["action_changed"], BILL: ["action_changed"]}
    entry = await stage.last(number)
    assert (entry.before["due"], entry.after["due"]) == ("2026-03-01", "2026-03-08")


async def test_without_a_tracker_an_issue_is_kept_as_it_was_typed_and_nobody_is_told(
    stage: Stage,
) -> None:
    number = await given(stage)
    await stage.do(BILL, "edit_action", number, action=1, **NOW, bug="Our alarm list")
    item = await only(stage)
    assert (item.bug, item.bug_key) == ("Our alarm list", "")
    entry = await stage.last(number)
    assert (entry.verb, entry.after["bug"]) == ("link_action", "Our alarm list")
    await stage.do(BILL, "edit_action", number, action=1, **NOW)
    assert (await only(stage)).bug == ""
    assert (await stage.last(number)).verb == "unlink_action"
    assert await stage.heard(number) == {}
    assert {row.kind for row in await stage.rows(Outbox)}.isdisjoint({"jira"})


async def test_a_change_that_changes_nothing_says_nothing(stage: Stage) -> None:
    number = await given(stage)
    before = len(await stage.timeline(number))
    await stage.do(BILL, "edit_action", number, action=1, **NOW)
    assert await stage.heard(number) == {}
    assert len(await stage.timeline(number)) == before


@pytest.mark.parametrize(
    ("change", "refused"),
    [({"due": "2026-02-01"}, "due_in_past"), ({"title": "Be careful"}, "vague_action")],
)
async def test_a_change_is_held_to_what_a_new_one_is(
    stage: Stage, change: dict[str, str], refused: str
) -> None:
    number = await given(stage)
    with pytest.raises(UserError, match=refused):
        await stage.do(BILL, "edit_action", number, action=1, **NOW | change)


async def test_an_overdue_one_keeps_its_day_while_its_words_change(stage: Stage) -> None:
    number = await given(stage)
    stage.later(days=30)
    await stage.do(BILL, "edit_action", number, action=1, **NOW | {"title": "Test each release"})
    assert (await only(stage)).title == "Test each release"


async def test_what_was_promised_stays_a_promise(stage: Stage) -> None:
    number = await given(stage, type="commitment")
    await stage.do(BILL, "edit_action", number, action=1, **NOW | {"title": "Call them weekly"})
    item = await only(stage)
    assert (item.title, item.type) == ("Call them weekly", "commitment")


async def test_a_stranger_changes_nothing(stage: Stage) -> None:
    number = await given(stage)
    for verb, fields in (("edit_action", NOW), ("reassign_action", {"user": STRANGER})):
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(STRANGER, verb, number, action=1, **fields)


async def test_until_the_other_accepts_the_owner_has_it_and_both_know(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA, note="She wrote it")
    item = await only(stage)
    assert (item.owner, item.offered_to, item.offered_by) == (BILL, ANNA, EMMA)
    assert await stage.heard(number) == {ANNA: ["action_offered"], BILL: ["action_passing"]}
    await stage.do(ANNA, "answer_action_offer", number, action=1, accept=True)
    item = await only(stage)
    assert (item.owner, item.offered_to, item.offered_by) == (ANNA, "", "")
    assert await stage.heard(number) == {BILL: ["action_taken"], EMMA: ["action_taken"]}


async def test_who_declines_says_why_and_it_stays(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(BILL, "reassign_action", number, action=1, user=ANNA)
    await stage.said(number)
    with pytest.raises(UserError, match="refusal_needs_reason"):
        await stage.do(ANNA, "answer_action_offer", number, action=1, accept=False)
    await stage.do(ANNA, "answer_action_offer", number, action=1, accept=False, reason="On leave")
    item = await only(stage)
    assert (item.owner, item.offered_to) == (BILL, "")
    assert await stage.heard(number) == {BILL: ["action_declined"]}
    with pytest.raises(UserError, match="action_not_offered"):
        await stage.do(ANNA, "answer_action_offer", number, action=1, accept=True)


async def test_only_who_was_asked_answers(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA)
    with pytest.raises(UserError, match="action_not_offered"):
        await stage.do(EVAN, "answer_action_offer", number, action=1, accept=True)


async def test_an_offer_to_another_ends_the_one_before_and_to_its_owner_takes_it_back(
    stage: Stage,
) -> None:
    number = await given(stage)
    await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA)
    with pytest.raises(UserError, match="action_is_theirs"):
        await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA)
    await stage.said(number)
    await stage.do(EMMA, "reassign_action", number, action=1, user=EVAN)
    heard = await stage.heard(number)
    assert (heard[ANNA], heard[EVAN]) == (["action_offer_over"], ["action_offered"])
    await stage.do(EMMA, "reassign_action", number, action=1, user=BILL)
    assert (await only(stage)).offered_to == ""
    assert (await stage.heard(number))[EVAN] == ["action_offer_over"]


async def test_who_wants_it_has_it_at_once(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(ANNA, "reassign_action", number, action=1, user=ANNA)
    assert (await only(stage)).owner == ANNA
    assert await stage.heard(number) == {BILL: ["action_taken"]}


async def test_what_is_said_to_be_done_is_not_changed_meanwhile(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(BILL, "action_done", number, action=1, evidence="e")
    for verb, fields in (("edit_action", NOW), ("reassign_action", {"user": ANNA})):
        with pytest.raises(UserError, match="action_waits_already"):
            await stage.do(EMMA, verb, number, action=1, **fields)


async def test_who_is_asked_has_a_part_in_a_restricted_case_until_they_answer(
    stage: Stage,
) -> None:
    number = await stage.claimed(sensitive=True)
    fields = {"title": "Test releases", "type": "process", "owner": EMMA, "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, **fields)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(STRANGER, "answer_action_offer", number, action=1, accept=True)
    await stage.do(EMMA, "reassign_action", number, action=1, user=STRANGER)
    async with stage.database.read() as session:
        assert await on_case(session, await stage.case(number), STRANGER)
    await stage.do(STRANGER, "answer_action_offer", number, action=1, accept=False, reason="x")
    async with stage.database.read() as session:
        assert not await on_case(session, await stage.case(number), STRANGER)


async def test_an_offer_to_who_has_left_is_over_with_their_leaving(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA)
    left = Person(user_id=ANNA, name="Anna", standing="deactivated", fetched_at=stage.now)
    await stage.add(left)
    await departures.replace_departed(stage.process())
    (item,) = await stage.rows(ActionItem)
    assert (item.owner, item.offered_to) == (BILL, "")


async def test_app_home_counts_what_waits_for_each(stage: Stage) -> None:
    number = await given(stage)

    async def counted(who: str) -> int:
        return (await Reading(stage.process()).home(who)).actions

    assert [await counted(who) for who in (BILL, ANNA, EMMA)] == [1, 0, 0]
    await stage.do(EMMA, "reassign_action", number, action=1, user=ANNA)
    assert [await counted(who) for who in (BILL, ANNA, EMMA)] == [1, 1, 0]
    await stage.do(BILL, "action_done", number, action=1, evidence="e")
    assert [await counted(who) for who in (BILL, ANNA, EMMA)] == [0, 0, 1]
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    assert [await counted(who) for who in (BILL, ANNA, EMMA)] == [0, 0, 0]
