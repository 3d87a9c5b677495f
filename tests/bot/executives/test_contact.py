"""Talks of executives with a customer, and commitments to one who threatens to cancel."""

from datetime import date, timedelta
from typing import Any

import pytest

from bot.errors import UserError
from bot.executives.queries import ExecutiveReading
from storage.models import ActionItem, ExecutiveContact
from tests.bot.executives.test_flagging import flag, flagged, talk
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, STRANGER, T0, Stage

DAY = date(2026, 2, 10)


async def test_what_we_promised_becomes_an_action_item_with_its_day(stage: Stage) -> None:
    number = await flagged(stage)
    await talk(stage, number, owed="A daily note", owed_by=DAY + timedelta(days=3), owed_owner=BILL)
    (item,) = await stage.rows(ActionItem)
    assert (item.title, item.type, item.owner) == ("A daily note", "owed", BILL)
    assert item.due == DAY + timedelta(days=3)
    assert (await stage.rows(ExecutiveContact))[0].action == item.id


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"owed_by": DAY + timedelta(days=1)}, "owed_what"),
        ({"owed": "A note", "owed_by": DAY - timedelta(days=1)}, "due_in_past"),
        ({"next_on": DAY - timedelta(days=1)}, "contact_in_past"),
        ({"at": T0 + timedelta(days=1)}, "not_yet_happened"),
    ],
)
async def test_days_that_make_no_sense_are_refused_and_nothing_is_kept(
    stage: Stage, fields: dict[str, Any], refusal: str
) -> None:
    number = await flagged(stage)
    with pytest.raises(UserError, match=refusal):
        await talk(stage, number, **fields)
    assert await stage.rows(ExecutiveContact) == []
    assert await stage.rows(ActionItem) == []


async def test_the_executive_is_reminded_on_the_morning_of_the_next_contact(stage: Stage) -> None:
    number = await flagged(stage)
    await talk(stage, number, next_on=DAY + timedelta(days=2))
    at = (await stage.rows(ExecutiveContact))[0].remind_at
    assert at is not None
    assert at.isoformat() == "2026-02-12T07:00:00+00:00"  # 09:00 in Athens
    await stage.said(number)
    stage.now = at
    await stage.sweep()
    said = [s.to for s in await stage.said(number) if s.text == "notice:contact_due"]
    assert said == [DORA]
    assert (await stage.rows(ExecutiveContact))[0].remind_at is None


async def test_a_stranger_logs_nothing(stage: Stage) -> None:
    number = await flagged(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await talk(stage, number, STRANGER, executive=DORA)


async def test_what_an_executive_has_to_do_is_listed_for_them_alone(stage: Stage) -> None:
    number = await flagged(stage)
    reading = ExecutiveReading(stage.process())
    owed = [(each.what, each.case_number) for each in await reading.owed_by(DORA)]
    assert owed == [("have", number)]
    await stage.do(DORA, "have_flag", number)
    (call,) = await reading.owed_by(DORA)
    clock = await stage.clock(number, "executive_call")
    assert clock is not None
    assert (call.what, call.due) == ("call", clock.due)
    assert await reading.owed_by(EXEC) == []


def three(**fields: Any) -> dict[str, Any]:
    return {
        f"{name}{part}": value
        for n, name in enumerate(("first", "second", "third"), 1)
        for part, value in (("", f"{name} thing"), ("_owner", BILL), ("_by", DAY + timedelta(n)))
    } | fields


async def test_three_commitments_are_items_of_their_own_kind_and_are_asked_for_once(
    stage: Stage,
) -> None:
    number = await flagged(stage)
    with pytest.raises(UserError, match="same_commitment"):
        await stage.do(EMMA, "commit", number, **three(second="First thing"))
    with pytest.raises(UserError, match="due_in_past"):
        await stage.do(EMMA, "commit", number, **three(third_by=DAY - timedelta(days=1)))
    await stage.do(EMMA, "commit", number, **three())
    assert {i.type for i in await stage.rows(ActionItem)} == {"commitment"}
    with pytest.raises(UserError, match="committed_already"):
        await stage.do(EMMA, "commit", number, **three())


async def test_commitments_need_a_threat_to_cancel(stage: Stage) -> None:
    number = await stage.claimed()
    with pytest.raises(UserError, match="no_churn_threat"):
        await stage.do(EMMA, "commit", number, **three())
    await flag(stage, number, "extraordinary")
    with pytest.raises(UserError, match="no_churn_threat"):
        await stage.do(EMMA, "commit", number, **three())


async def test_a_late_commitment_is_told_to_the_executive_owner_the_next_morning(
    stage: Stage,
) -> None:
    number = await flagged(stage)
    await stage.do(EMMA, "commit", number, **three())
    stage.later(hours=20)
    await stage.sweep()
    await stage.said(number)
    stage.now = T0 + timedelta(days=1, hours=22)  # 09:00 in Athens, two days after T0's date
    await stage.sweep()
    late = [s.to for s in await stage.said(number) if s.text == "notice:commitment_late"]
    assert late == [EXEC]


async def test_an_ordinary_item_that_is_late_is_not_told_to_executives(stage: Stage) -> None:
    number = await flagged(stage)
    given = {"title": "An alarm", "type": "process", "owner": BILL, "due": DAY}
    await stage.do(ANNA, "action_item", number, **given)
    stage.later(days=8)
    await stage.sweep()
    assert "notice:commitment_late" not in {s.text for s in await stage.said(number)}
