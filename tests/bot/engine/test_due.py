"""What is due is done in a batch; one that fails is put off, and the others go on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import InterfaceError

from bot.due_table import DUE
from bot.engine.due import PUT_OFF, Audience, DueRow, Reminder, find_recipients, get_reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import Role
from storage.models import ActionItem, Case
from tests.bot.stage import DORA, EMMA, TINA, Stage

HOLDS = next(row for row in DUE if row.says and row.says[0].what == "hold_ended")
ACTIONS = next(row for row in DUE if row.says and row.says[0].what == "action_due")


def failing(row: DueRow, number: int, error: Exception) -> DueRow:
    """The row, with one item of which it cannot be done."""

    async def do(work: UnitOfWork, item: Any, says: Sequence[Reminder]) -> object:
        if number == getattr(item, row.key.key):
            raise error
        return await row.do(work, item, says)

    return replace(row, do=do)


async def on_hold(stage: Stage) -> int:
    number = await stage.claimed()
    until = stage.now + timedelta(hours=2)
    await stage.do(EMMA, "hold", number, reason="waiting_customer", until=until)
    return number


async def with_action(stage: Stage) -> int:
    case = await stage.reviewed()
    due = (stage.now + timedelta(days=1)).date()
    await stage.do(
        EMMA, "action_item", case, title="Watch the queue", type="process", owner=TINA, due=due
    )
    return max(item.id for item in await stage.rows(ActionItem))


async def test_one_that_fails_is_put_off_and_the_others_are_done(stage: Stage) -> None:
    poison, healthy = await with_action(stage), await with_action(stage)
    stage.later(days=1)
    await stage.sweep((failing(ACTIONS, poison, ValueError("broken")),))
    at = {item.id: item.next_reminder_at for item in await stage.rows(ActionItem)}
    assert at[poison] == stage.now + PUT_OFF
    assert (at[healthy] or stage.now) > stage.now + PUT_OFF
    stage.later(minutes=5)
    await stage.sweep((ACTIONS,))
    at = {item.id: item.next_reminder_at for item in await stage.rows(ActionItem)}
    assert at[poison] == at[healthy]


async def test_a_date_that_people_agreed_on_is_not_put_off(stage: Stage) -> None:
    poison, healthy = await on_hold(stage), await on_hold(stage)
    action = await with_action(stage)
    stage.later(days=1)
    with pytest.raises(ValueError, match="broken"):
        await stage.sweep((failing(HOLDS, poison, ValueError("broken")), ACTIONS))
    held = {case.number: case.hold_reason for case in await stage.rows(Case)}
    assert (held[poison], held[healthy]) == ("waiting_customer", None)
    (item,) = await stage.rows(ActionItem, id=action)
    assert (item.next_reminder_at or stage.now) > stage.now  # what comes after it is done as well


async def test_a_store_that_is_away_puts_nothing_off(stage: Stage) -> None:
    action = await with_action(stage)
    (before,) = await stage.rows(ActionItem, id=action)
    stage.later(days=1)
    away = InterfaceError("SELECT", None, Exception("connection is closed"))
    with pytest.raises(InterfaceError):
        await stage.sweep((failing(ACTIONS, action, away),))
    (after,) = await stage.rows(ActionItem, id=action)
    assert after.next_reminder_at == before.next_reminder_at


async def test_more_than_a_batch_is_done_in_one_sweep(stage: Stage) -> None:
    held = [await on_hold(stage) for _ in range(3)]
    stage.later(days=1)
    await stage.sweep((replace(HOLDS, batch=2),))
    assert [(await stage.case(number)).hold_reason for number in held] == [None, None, None]


def test_people_come_before_those_whom_the_policy_names() -> None:
    known: dict[str, Sequence[str]] = {Audience.OWNER: (EMMA,), Role.TECHNICAL_LEAD: (TINA,)}
    roles = {Role.TECHNICAL_LEAD: ("UOTHER",), Role.DIRECTOR: (DORA, EMMA)}
    who = (Audience.CHANNEL, Audience.OWNER, Role.TECHNICAL_LEAD, Role.DIRECTOR)
    assert find_recipients(who, known, roles) == [EMMA, TINA, DORA]


def test_an_audience_that_a_row_does_not_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="customer"):
        find_recipients((Audience.CUSTOMER,), {}, {})


def test_a_reminder_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        get_reminder(HOLDS.says, "nothing")
