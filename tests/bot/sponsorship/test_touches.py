"""A contact in each quarter: due, made, missed, counted."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.sponsorship.quarters import Adherence
from bot.sponsorship.queries import read_adherence
from tests.bot.sponsorship.conftest import HELEN, Sponsoring
from tests.bot.stage import ANNA, CARL, DORA, EMMA, LEAH, SPON, STRANGER

FIRST = datetime(2026, 5, 10, 21, 0, tzinfo=UTC)  # the end of 10 May in Athens
SECOND = datetime(2026, 8, 10, 21, 0, tzinfo=UTC)


async def at(active: Sponsoring, instant: datetime) -> list[tuple[str, str]]:
    """Go on to an instant; answers who was told what then."""
    await active.told()
    active.stage.now = instant
    await active.stage.sweep()
    return [each for each in await active.told() if each[1].startswith("touch")]


async def adherence(active: Sponsoring, number: int) -> Adherence:
    """How many of the touches that were due were made in time."""
    async with active.stage.database.read() as session:
        return await read_adherence(session, number, active.stage.now)


async def test_the_first_touch_is_due_a_quarter_after_the_beginning(active: Sponsoring) -> None:
    row = await active.accepted()
    (touch,) = await active.touches(row)
    assert (touch.due_at, touch.sponsor, touch.done_at) == (FIRST, SPON, None)


async def test_the_sponsor_is_reminded_before_and_when_it_is_late(active: Sponsoring) -> None:
    await active.accepted()
    assert await at(active, FIRST - timedelta(days=15)) == []
    assert await at(active, FIRST - timedelta(days=14)) == [(SPON, "touch_due")]
    assert await at(active, FIRST - timedelta(hours=1)) == []
    assert set(await at(active, FIRST)) == {(SPON, "touch_late"), (DORA, "touch_missed")}
    assert await at(active, FIRST + timedelta(days=7)) == [(SPON, "touch_late")]
    assert await at(active, FIRST + timedelta(days=14)) == [(SPON, "touch_late")]


async def test_a_touch_in_time_is_recorded_and_the_next_quarter_begins_when_it_ends(
    active: Sponsoring,
) -> None:
    row = await active.accepted()
    active.stage.later(days=30)
    answer = await active.touch(row)
    assert answer is not None
    assert await at(active, FIRST) == []
    first, second = await active.touches(row)
    assert (first.how, first.note, first.done_by) == ("call", "All is well", SPON)
    assert (second.due_at, second.done_at) == (SECOND, None)
    assert await adherence(active, row.id) == Adherence(1, 1)


async def test_a_missed_touch_stays_missed_when_it_is_made_later(active: Sponsoring) -> None:
    row = await active.accepted()
    await at(active, FIRST)
    active.stage.later(days=3)
    await active.touch(row)
    assert await active.told() == [(DORA, "touch_made")]
    first, second = await active.touches(row)
    assert first.done_at is not None
    assert first.missed_at is not None
    assert second.due_at == SECOND
    assert await adherence(active, row.id) == Adherence(0, 1)
    assert await at(active, FIRST + timedelta(days=14)) == []  # no one is reminded of it


async def test_a_touch_that_took_place_in_time_counts_though_recorded_late(
    active: Sponsoring,
) -> None:
    row = await active.accepted()
    await at(active, FIRST + timedelta(hours=5))
    await active.touch(row, at=(FIRST - timedelta(days=1)).isoformat())
    assert await adherence(active, row.id) == Adherence(1, 1)


async def test_a_second_touch_in_a_quarter_is_one_more(active: Sponsoring) -> None:
    row = await active.accepted()
    active.stage.later(days=10)
    await active.touch(row)
    await active.touch(row, how="visit")
    assert [t.due_at for t in await active.touches(row)] == [FIRST, None]
    assert await adherence(active, row.id) == Adherence(1, 1)


async def test_after_two_missed_quarters_the_newer_one_is_owed(active: Sponsoring) -> None:
    row = await active.accepted()
    for week in range(27):
        await at(active, FIRST + timedelta(days=7 * week))
    first, second, third = await active.touches(row)
    assert first.missed_at is not None
    assert second.missed_at is not None
    assert (first.next_at, third.missed_at) == (None, None)
    await active.touch(row)
    first, second, third = await active.touches(row)
    assert first.done_at is None
    assert second.done_at is not None
    assert await adherence(active, row.id) == Adherence(0, 2)


@pytest.mark.parametrize("who", [SPON, HELEN, LEAH, DORA])
async def test_the_sponsor_the_deputy_and_the_leads_record_touches(
    active: Sponsoring, who: str
) -> None:
    row = await active.accepted(deputy=HELEN)
    await active.touch(row, who)
    (touch,) = await active.touches(row)
    assert touch.done_by == who


@pytest.mark.parametrize("who", [ANNA, EMMA, CARL, STRANGER])
async def test_no_one_else_does(active: Sponsoring, who: str) -> None:
    row = await active.accepted()
    assert (await active.refused(active.touch(row, who))).key == "not_your_account"


async def test_a_touch_before_the_beginning_or_ahead_of_us_is_none(active: Sponsoring) -> None:
    row = await active.nominate()
    assert (await active.refused(active.touch(row))).key == "sponsorship_not_begun"
    await active.answer(row, SPON)
    early = (active.stage.now - timedelta(days=1)).isoformat()
    assert (await active.refused(active.touch(row, at=early))).key == "touch_before_start"
    ahead = (active.stage.now + timedelta(days=1)).isoformat()
    assert (await active.refused(active.touch(row, at=ahead))).key == "not_yet_happened"


async def test_an_ended_membership_owes_nothing(active: Sponsoring) -> None:
    row = await active.accepted()
    await at(active, FIRST)
    await active.end(row)
    assert await at(active, FIRST + timedelta(days=120)) == []
    assert [t.due_at for t in await active.touches(row)] == [FIRST]  # the missed one stays
