"""A call or a contact that one person owes stands in their calendar, and follows what is owed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.errors import UserError
from storage.models import Absence, BreachTalk, CalendarEntry, Flagging, Outbox
from tests.bot.executives.test_flagging import due, flag, flagged, talk
from tests.bot.feedback.test_breach_calls import broken, call
from tests.bot.sponsorship.conftest import HELEN, Sponsoring, sponsoring
from tests.bot.stage import ANNA, DORA, EMMA, EVAN, LEAH, SPON, Stage

__all__ = ["sponsoring"]
CANCELLED, CHANGED = True, False


async def add(stage: Stage, number: int, who: str = EMMA, what: str = "breach_call") -> None:
    await stage.do(who, "call_to_calendar", number, what=what)


async def entry(stage: Stage) -> CalendarEntry:
    (row,) = await stage.rows(CalendarEntry)
    return row


async def files(stage: Stage, kind: str = "calendar_file") -> list[tuple[str, int, bool]]:
    """Who was sent which change, and whether it cancels."""
    said = [row.payload for row in await stage.rows(Outbox, kind=kind)]
    return [(each["user"], each["sequence"], each["cancelled"]) for each in said]


async def test_the_owner_gets_the_call_and_no_one_else(stage: Stage) -> None:
    number = await broken(stage)
    with pytest.raises(UserError, match="not_your_call") as refused:
        await add(stage, number, ANNA)
    assert refused.value.facts["user"] == EMMA
    await add(stage, number)
    row, (owed,) = await entry(stage), await stage.rows(BreachTalk)
    assert (row.person, row.due, row.named) == (EMMA, owed.call_by, True)
    assert row.begins == row.due - timedelta(minutes=30)
    assert await files(stage) == [(EMMA, 0, CHANGED)]
    assert await files(stage, "calendar_mail") == []


async def test_where_mail_is_sent_a_mail_has_it_too(stage: Stage) -> None:
    number = await broken(stage)
    stage.customers = SimpleNamespace(mails=True)
    await add(stage, number)
    assert await files(stage, "calendar_mail") == await files(stage) == [(EMMA, 0, CHANGED)]


async def test_without_a_call_that_is_owed_there_is_nothing_to_add(stage: Stage) -> None:
    number = await stage.claimed(severity=1)
    for what in ("breach_call", "executive_call"):
        with pytest.raises(UserError, match="no_call_owed"):
            await add(stage, number, what=what)
    assert await stage.rows(CalendarEntry) == []


async def test_a_recorded_call_cancels_it_and_one_that_reached_nobody_does_not(
    stage: Stage,
) -> None:
    number = await broken(stage)
    await add(stage, number)
    await call(stage, number, way="not_reached")
    await stage.sweep()
    assert not (await entry(stage)).cancelled
    await call(stage, number)
    await stage.sweep()
    row = await entry(stage)
    assert (row.cancelled, row.sequence, row.look_at) == (True, 1, None)
    assert await files(stage) == [(EMMA, 0, CHANGED), (EMMA, 1, CANCELLED)]


async def test_one_that_has_passed_stays_as_it_is(stage: Stage) -> None:
    number = await broken(stage)
    await add(stage, number)
    stage.later(hours=5)
    await call(stage, number)
    await stage.sweep()
    assert await files(stage) == [(EMMA, 0, CHANGED)]


async def test_a_new_owner_ends_it_for_the_old_one_and_takes_it_over(stage: Stage) -> None:
    number = await broken(stage)
    await add(stage, number)
    first = await entry(stage)
    await stage.do(LEAH, "assign", number, role="escalation_manager", user=EVAN)
    with pytest.raises(UserError, match="not_your_call"):
        await add(stage, number)
    stage.later(minutes=10)
    await stage.sweep()
    await add(stage, number, EVAN)
    row = await entry(stage)
    assert (row.uid, row.person, row.sequence, row.cancelled) == (first.uid, EVAN, 2, False)
    assert await files(stage) == [(EMMA, 0, CHANGED), (EMMA, 1, CANCELLED), (EVAN, 2, CHANGED)]


async def test_who_stands_in_takes_it_over(stage: Stage) -> None:
    number = await broken(stage)
    await add(stage, number)
    ends = stage.now + timedelta(days=1)
    await stage.add(
        Absence(user_id=EMMA, begins=stage.now, ends=ends, deputy=EVAN, note="", noted_by=EMMA,
                noted_at=stage.now)
    )  # fmt: skip
    await add(stage, number, EVAN)
    assert await files(stage) == [(EMMA, 0, CHANGED), (EMMA, 1, CANCELLED), (EVAN, 1, CHANGED)]
    stage.later(minutes=10)
    await stage.sweep()
    assert not (await entry(stage)).cancelled


async def test_what_becomes_restricted_loses_its_name(stage: Stage) -> None:
    number = await broken(stage)
    await add(stage, number)
    await flag(stage, number, "legal")
    stage.later(minutes=10)
    await stage.sweep()
    row = await entry(stage)
    assert (row.named, row.sequence) == (False, 1)
    assert await files(stage) == [(EMMA, 0, CHANGED), (EMMA, 1, CHANGED)]


async def test_the_executives_call_is_theirs_once_they_have_the_flag(stage: Stage) -> None:
    number = await flagged(stage)
    with pytest.raises(UserError, match="no_call_owed"):
        await add(stage, number, DORA, "executive_call")
    await stage.do(DORA, "have_flag", number)
    await add(stage, number, DORA, "executive_call")
    row, (flag,) = await entry(stage), await stage.rows(Flagging)
    assert (row.subject, row.person) == (flag.id, DORA)
    assert row.due == await due(stage, number, "executive_call")
    stage.later(minutes=3)
    await talk(stage, number, way="call")
    await stage.sweep()
    assert (await files(stage))[-1] == (DORA, 1, CANCELLED)


async def test_it_is_cancelled_with_the_flag(stage: Stage) -> None:
    number = await flagged(stage)
    await stage.do(DORA, "have_flag", number)
    await add(stage, number, DORA, "executive_call")
    await stage.do(LEAH, "withdraw", number, what="flag", reason="A misunderstanding")
    await stage.sweep()
    assert (await entry(stage)).cancelled


async def test_a_later_time_moves_it_under_the_same_uid(stage: Stage) -> None:
    number = await broken(stage)
    await add(stage, number)
    before, (owed,) = await entry(stage), await stage.rows(BreachTalk)
    async with stage.database.write() as session:
        stored = await session.get_one(BreachTalk, owed.id)
        assert stored.call_by is not None
        stored.call_by += timedelta(hours=2)
        session.add(stored)
    await stage.sweep()
    row = await entry(stage)
    assert (row.uid, row.sequence, row.cancelled) == (before.uid, 1, False)
    assert row.begins == before.begins + timedelta(hours=2)


async def test_a_sponsor_has_the_contact_of_the_quarter_on_a_weekday(
    sponsoring: Sponsoring,
) -> None:
    await sponsoring.begin()
    row, stage = await sponsoring.accepted(), sponsoring.stage
    with pytest.raises(UserError, match="not_your_account"):
        await stage.do(LEAH, "touch_to_calendar", membership=row.id)
    await stage.do(SPON, "touch_to_calendar", membership=row.id)
    found, (touch,) = await entry(stage), await sponsoring.touches(row)
    assert (found.due, found.subject, found.case_number) == (touch.due_at, touch.id, None)
    assert found.begins.weekday() < 5
    assert timedelta() < found.due - found.begins < timedelta(days=3)
    await sponsoring.touch(row)
    await stage.sweep()
    assert await files(stage) == [(SPON, 0, CHANGED), (SPON, 1, CANCELLED)]
    with pytest.raises(UserError, match="no_contact_owed"):
        await stage.do(SPON, "touch_to_calendar", membership=row.id)


async def test_a_sponsor_who_passes_the_account_on_has_it_no_more(sponsoring: Sponsoring) -> None:
    await sponsoring.begin()
    row, stage = await sponsoring.accepted(), sponsoring.stage
    await stage.do(SPON, "touch_to_calendar", membership=row.id)
    await stage.do(SPON, "pass_sponsorship", membership=row.id, user=HELEN, reason="I leave")
    await sponsoring.answer(row, HELEN)
    await stage.sweep()
    assert (await files(stage))[-1] == (SPON, 1, CANCELLED)


async def test_an_end_cancels_what_was_to_come(sponsoring: Sponsoring) -> None:
    await sponsoring.begin()
    row, stage = await sponsoring.accepted(), sponsoring.stage
    await stage.do(SPON, "touch_to_calendar", membership=row.id)
    await sponsoring.end(row)
    await stage.sweep()
    assert (await entry(stage)).cancelled


async def test_a_call_and_a_contact_that_are_due_together_are_both_looked_at(
    sponsoring: Sponsoring,
) -> None:
    await sponsoring.begin()
    row, stage = await sponsoring.accepted(), sponsoring.stage
    number = await broken(stage)
    await stage.do(SPON, "touch_to_calendar", membership=row.id)
    await add(stage, number)
    await sponsoring.touch(row)
    await call(stage, number)
    await stage.sweep()
    assert [each.cancelled for each in await stage.rows(CalendarEntry)] == [True, True]


async def test_a_contact_under_the_id_of_one_that_is_gone_is_another_accounts(
    sponsoring: Sponsoring,
) -> None:
    await sponsoring.begin()
    gone, stage = await sponsoring.accepted(), sponsoring.stage
    await stage.do(SPON, "touch_to_calendar", membership=gone.id)
    before = await entry(stage)
    await sponsoring.end(gone)
    row = await sponsoring.accepted("beta")
    (again,) = await sponsoring.touches(row)
    async with stage.database.write() as session:  # as SQLite gives the highest id again
        stored = await session.get_one(CalendarEntry, before.id)
        stored.subject = again.id
        session.add(stored)
    await stage.do(SPON, "touch_to_calendar", membership=row.id)
    await stage.sweep()
    old, new = sorted(await stage.rows(CalendarEntry), key=lambda each: each.id)
    assert (old.uid, old.membership, old.cancelled) == (before.uid, gone.id, True)
    assert (new.membership, new.subject, new.cancelled) == (row.id, again.id, False)
    assert new.uid != old.uid
    assert await files(stage) == [(SPON, 0, CHANGED), (SPON, 1, CANCELLED), (SPON, 0, CHANGED)]
