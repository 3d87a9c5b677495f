"""Clocks seen in the workspace as its time moves: weekends, a holiday, both changes of the hour."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from sandbox.state import Message
from storage.models import Fired
from tests.e2e.office import ELENI, KATE, MAYA, RICHARD, SOFIA, Office, office

ATHENS = ZoneInfo("Europe/Athens")
SLACK = timedelta(seconds=5)  # the workspace's clock runs on while a test works


def athens(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant by the clock on the wall in Athens."""
    return datetime(year, month, day, hour, minute, tzinfo=ATHENS)


def at(message: Message) -> datetime:
    """When a message was said, by the clock on the wall in Athens."""
    return datetime.fromtimestamp(float(message.ts), ATHENS)


async def fired(desk: Office, clock: str) -> dict[str, Fired]:
    """What a clock said, by threshold."""
    async with desk.here.services.database.read() as session:
        rows = await session.exec(select(Fired).where(col(Fired.clock) == clock))
        return {row.threshold: row for row in rows.all()}


async def stay_until(desk: Office, instant: datetime) -> None:
    """Let time pass until ``instant``, through everything that falls due."""
    await desk.ws.clock.advance_to(instant)
    await desk.here.settle()


WEEKENDS = [
    pytest.param(athens(2027, 2, 12, 16), athens(2027, 2, 15, 10), id="a weekend"),
    pytest.param(athens(2027, 3, 24, 16), athens(2027, 3, 26, 10), id="a holiday, 25 March"),
    pytest.param(athens(2027, 3, 26, 16), athens(2027, 3, 29, 10), id="the hour skipped in spring"),
    pytest.param(athens(2027, 10, 29, 16), athens(2027, 11, 1, 10), id="the hour again in autumn"),
]


@pytest.mark.parametrize(("begins", "due"), WEEKENDS)
async def test_two_working_hours_end_an_hour_into_the_next_working_day(
    tmp_path: Path, begins: datetime, due: datetime
) -> None:
    async with office(tmp_path, http=False, begins=begins) as desk:
        number = await desk.stage("new", severity=3)
        clock = (await desk.case(number)).clock("acknowledge")
        assert clock is not None
        assert clock.due is not None
        assert abs(clock.due - due) < SLACK
        await stay_until(desk, due - timedelta(hours=1))
        quiet = [m for m in desk.dms(ELENI) if begins + timedelta(hours=2) < at(m)]
        assert quiet == []  # nobody is woken while the office is closed
        await stay_until(desk, due + timedelta(minutes=1))
        said = await fired(desk, "acknowledge")
        assert list(said) == ["warn:50", "warn:75", "warn:90", "breach"]
        for row in said.values():
            assert timedelta(0) <= row.fired_at - row.due < SLACK
        assert "not claimed yet, " in desk.said(number)[-1].text


async def test_an_unclaimed_sev1_climbs_its_ladder_around_the_clock(tmp_path: Path) -> None:
    begins = athens(2027, 2, 13, 23, 30)  # a Saturday night
    async with office(tmp_path, http=False, begins=begins) as desk:
        number = await desk.stage("new", severity=1)
        await stay_until(desk, begins + timedelta(minutes=16))
        assert "not claimed yet, " in desk.said(number)[-1].text
        for who, minutes in ((KATE, 30), (RICHARD, 45), (SOFIA, 75)):
            before = len(desk.dms(who))
            await stay_until(desk, begins + timedelta(minutes=minutes - 1))
            assert len(desk.dms(who)) == before
            await stay_until(desk, begins + timedelta(minutes=minutes + 1))
            assert len(desk.dms(who)) > before
        await desk.wants(ELENI, "claim", {"case": number})
        await desk.here.settle()
        assert (await desk.case(number)).status == "acknowledged"


async def test_fulfilment_stops_the_ladder(tmp_path: Path) -> None:
    begins = athens(2027, 2, 10, 10)
    async with office(tmp_path, http=False, begins=begins) as desk:
        number = await desk.stage("new", severity=1)
        await stay_until(desk, begins + timedelta(minutes=16))
        await desk.wants(ELENI, "claim", {"case": number})
        await desk.wants(MAYA, "update", {"case": number, "kind": "acknowledgement"})
        await desk.here.settle()
        told = len(desk.dms(RICHARD))
        await stay_until(desk, begins + timedelta(minutes=60))
        assert len(desk.dms(RICHARD)) == told
        assert not any(name.startswith("ladder") for name in await fired(desk, "acknowledge"))


async def test_a_promise_is_nudged_missed_and_stays_in_the_ledger(tmp_path: Path) -> None:
    begins = athens(2027, 2, 10, 10)
    async with office(tmp_path, http=False, begins=begins) as desk:
        number = await desk.stage("investigating", severity=1)
        viewer = await desk.here.services.person(MAYA)
        _, ledger = await desk.here.services.promises(number, viewer)
        [promise] = ledger
        await stay_until(desk, promise.due + timedelta(minutes=5))
        assert {"warn:90", "breach"} <= set(await fired(desk, "next_update"))
        await desk.wants(MAYA, "update", {"case": number, "kind": "apology"})
        await desk.here.settle()
        _, ledger = await desk.here.services.promises(number, viewer)
        assert [p.kept for p in ledger] == [False, False]
        assert ledger[0].kept_at is not None
        assert ledger[1].kept_at is None


async def test_what_passed_while_the_desk_was_away_is_one_message(tmp_path: Path) -> None:
    begins = athens(2027, 2, 10, 10)
    async with office(tmp_path, http=False, begins=begins) as desk:
        number = await desk.stage("new", severity=1)
        before = len(desk.dms(ELENI))
        clock = desk.ws.clock
        settle, clock.settle, clock.next_due = clock.settle, None, None
        await clock.advance_to(begins + timedelta(minutes=20))  # nobody is there to notice
        assert len(desk.dms(ELENI)) == before
        assert settle is not None
        await settle()
        about = desk.said(number)
        assert set(await fired(desk, "acknowledge")) == {"warn:50", "warn:75", "warn:90", "breach"}
        assert len([m for m in about if "not claimed yet, " in m.text]) == 1
        told = desk.dms(ELENI)[before:]
        unseen = [m for m in told if "δεν την έχουν δει ακόμη" in m.text]
        assert (len(told), len(unseen)) == (2, 1)  # the clock; and that no stakeholder has seen it
