"""An action item is done once somebody else has looked; it may be dropped, and taken up again."""

from datetime import timedelta

import pytest

from bot.errors import UserError
from storage.models import ActionItem
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LEAH, STRANGER, T0, Stage


async def given(stage: Stage, owner: str = BILL, by: str = EMMA, **fields: object) -> int:
    """A claimed case with an action item of number 1; what was said until then was heard."""
    number = await stage.claimed()
    await stage.in_channel(number)
    usual = {"title": "Test releases", "type": "process", "owner": owner, "due": "2026-03-01"}
    await stage.do(by, "action_item", number, **(usual | fields))
    await stage.said(number)
    return number


async def only(stage: Stage) -> ActionItem:
    (item,) = await stage.rows(ActionItem)
    return item


async def said_done(stage: Stage, who: str = BILL, **fields: object) -> int:
    number = await given(stage, **fields)
    await stage.do(who, "action_done", number, action=1, evidence="Pull request 7")
    return number


async def test_what_is_said_to_be_done_is_open_until_somebody_has_looked(stage: Stage) -> None:
    number = await said_done(stage)
    item = await only(stage)
    assert (item.done_at, item.reported_at, item.reported_by) == (None, T0, BILL)
    assert item.verifier == EMMA
    assert await stage.heard(number) == {"post": ["action_done"], EMMA: ["action_done"]}
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    item = await only(stage)
    assert (item.done_at, item.verifier, item.next_reminder_at) == (T0, EMMA, None)
    assert await stage.heard(number) == {BILL: ["action_verified"]}
    entry = await stage.last(number)
    assert (entry.verb, entry.after["accept"]) == ("verify_action", True)


@pytest.mark.parametrize(("owner", "says"), [(BILL, BILL), (BILL, EVAN)])
async def test_neither_owner_nor_who_said_it_looks(stage: Stage, owner: str, says: str) -> None:
    number = await said_done(stage, says, owner=owner)
    for who in {owner, says}:
        with pytest.raises(UserError, match="verify_your_own"):
            await stage.do(who, "verify_action", number, action=1, accept=True)
    assert (await only(stage)).done_at is None


async def test_who_added_it_for_themselves_has_the_owner_of_the_case_look(stage: Stage) -> None:
    await said_done(stage, ANNA, owner=ANNA, by=ANNA)
    assert (await only(stage)).verifier == EMMA


async def test_the_owner_of_the_case_who_did_it_has_its_reporter_look(stage: Stage) -> None:
    await said_done(stage, EMMA, owner=EMMA)
    assert (await only(stage)).verifier == ANNA


async def test_not_yet_says_what_is_missing_and_leaves_the_day(stage: Stage) -> None:
    number = await said_done(stage)
    await stage.said(number)
    with pytest.raises(UserError, match="say_what_is_missing"):
        await stage.do(EMMA, "verify_action", number, action=1, accept=False)
    await stage.do(EMMA, "verify_action", number, action=1, accept=False, remark="No test of it")
    item = await only(stage)
    assert (item.reported_at, item.reported_by, item.verifier) == (None, "", "")
    assert item.next_reminder_at is not None
    (told,) = [each for each in await stage.said(number) if each.text]
    assert (told.to, told.text, told.extra["remark"]) == (
        BILL, "notice:action_returned", "No test of it",
    )  # fmt: skip


async def test_what_nobody_said_is_done_cannot_be_looked_at(stage: Stage) -> None:
    number = await given(stage)
    with pytest.raises(UserError, match="action_not_done"):
        await stage.do(EMMA, "verify_action", number, action=1, accept=True)


async def test_it_is_said_once(stage: Stage) -> None:
    number = await said_done(stage)
    with pytest.raises(UserError, match="action_waits_already"):
        await stage.do(EMMA, "action_done", number, action=1, evidence="e")
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    with pytest.raises(UserError, match="action_done_already"):
        await stage.do(EMMA, "verify_action", number, action=1, accept=True)


async def test_who_was_asked_to_look_is_reminded_after_three_days_then_weekly(
    stage: Stage,
) -> None:
    number = await said_done(stage)
    stage.later(days=2)
    await stage.sweep()
    assert EMMA in await stage.heard(number)  # that it is done, and no reminder
    stage.later(days=2)
    await stage.sweep()
    heard = await stage.heard(number)
    assert heard.get(EMMA, []).count("action_done") == 1
    assert "action_due" not in heard.get(BILL, [])
    assert (await only(stage)).next_reminder_at == stage.now + timedelta(weeks=1)


async def test_who_may_not_look_is_not_asked_to(stage: Stage) -> None:
    number = await given(stage)
    item = await only(stage)
    item.created_by = STRANGER
    await stage.add(item)
    await stage.do(BILL, "action_done", number, action=1, evidence="e")
    assert (await only(stage)).verifier == EMMA


async def test_where_nobody_else_can_look_nobody_is_reminded(stage: Stage) -> None:
    number = await stage.opened(EMMA, sensitive=True)
    await stage.do(EMMA, "claim", number)
    fields = {"title": "Test releases", "type": "process", "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, owner=EMMA, **fields)
    await stage.do(EMMA, "action_done", number, action=1, evidence="e")
    assert (await only(stage)).verifier == ""
    await stage.said(number)
    stage.later(days=4)
    await stage.sweep()
    heard = await stage.heard(number)
    assert "action_done" not in [name for names in heard.values() for name in names]
    assert (await only(stage)).next_reminder_at == stage.now + timedelta(weeks=1)


async def test_dropping_it_says_why_to_the_channel_and_to_who_added_it(stage: Stage) -> None:
    number = await given(stage)
    await stage.do(BILL, "drop_action", number, action=1, reason="The product ends")
    item = await only(stage)
    assert (item.done_at, item.dropped_why) == (T0, "The product ends")
    assert item.next_reminder_at is None
    assert await stage.heard(number) == {"post": ["action_dropped"], EMMA: ["action_dropped"]}
    assert (await stage.last(number)).why == "The product ends"


async def test_colleagues_do_not_drop_what_is_another_s(stage: Stage) -> None:
    number = await given(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(ANNA, "drop_action", number, action=1, reason="x")
    await stage.do(LEAH, "drop_action", number, action=1, reason="x")


async def test_what_the_customer_was_promised_only_managers_drop(stage: Stage) -> None:
    number = await given(stage, type="commitment")
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(BILL, "drop_action", number, action=1, reason="x")
    await stage.do(EMMA, "drop_action", number, action=1, reason="They agreed to another")


@pytest.mark.parametrize("ended", ["dropped", "waits", "done"])
async def test_each_end_can_be_taken_back(stage: Stage, ended: str) -> None:
    number = await given(stage)
    if ended == "dropped":
        await stage.do(BILL, "drop_action", number, action=1, reason="x")
    else:
        await stage.do(BILL, "action_done", number, action=1, evidence="e")
    if ended == "done":
        await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    await stage.said(number)
    await stage.do(EMMA, "reopen_action", number, action=1)
    item = await only(stage)
    assert (item.done_at, item.reported_at, item.dropped_why) == (None, None, "")
    assert item.next_reminder_at is not None
    assert await stage.heard(number) == {"post": ["action_reopened"], BILL: ["action_reopened"]}
    with pytest.raises(UserError, match="action_is_open"):
        await stage.do(EMMA, "reopen_action", number, action=1)


async def test_on_a_restricted_case_who_had_it_done_has_no_part_any_more(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    fields = {"title": "Test releases", "type": "process", "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, owner=STRANGER, **fields)
    await stage.do(STRANGER, "action_done", number, action=1, evidence="e")
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    for verb, more in (("reopen_action", {}), ("drop_action", {"reason": "x"})):
        with pytest.raises(UserError, match="no_such_case"):
            await stage.do(STRANGER, verb, number, action=1, **more)
