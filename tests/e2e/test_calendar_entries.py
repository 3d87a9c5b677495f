"""Calls and contacts that one person owes, put into their calendar by the button that asks."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from sandbox.state import Message
from tests.e2e.office import ELENI, RICHARD, SOFIA, Office, office
from tests.e2e.test_executive_reminders import comes, flagged, tried
from tests.e2e.test_sponsorship import begin, newest, pressed

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALL, TOUCH = "do:call_to_calendar", "do:touch_to_calendar"


def carriers(desk: Office, who: str) -> list[Message]:
    """The messages to a person that carry a calendar file, oldest first."""
    return [m for m in desk.dms(who) if any(_name(desk, f).endswith(".ics") for f in m.files)]


def _name(desk: Office, file: str) -> str:
    return desk.ws.files[file].name


def entries(desk: Office, messages: Sequence[Message]) -> list[Calendar]:
    """The calendar files of these messages."""
    files = [desk.ws.files[file] for message in messages for file in message.files]
    return [Calendar.from_ical(file.content or b"") for file in files]


def told(calendars: Sequence[Calendar]) -> list[tuple[str, int]]:
    """What each does to a calendar, and the number of the change; all are of one entry."""
    events = [each.walk("VEVENT")[0] for each in calendars]
    assert len({str(event["uid"]) for event in events}) == 1
    return [
        (str(each["method"]), event["sequence"])
        for each, event in zip(calendars, events, strict=True)
    ]


async def test_an_executive_has_the_call_in_their_calendar_until_it_is_logged(
    socket_desk: Office,
) -> None:
    desk = socket_desk
    number = await flagged(desk, "cancel They want the exit terms")
    await desk.press(RICHARD, newest(desk, RICHARD, "do:have_flag"), "do:have_flag")
    before = len(carriers(desk, RICHARD))
    await desk.press(RICHARD, newest(desk, RICHARD, CALL), CALL)
    (added,) = carriers(desk, RICHARD)[before:]
    (event,) = entries(desk, [added])[0].walk("VEVENT")
    assert f"ESC-{number}" in str(event["summary"])
    assert "Delphi Energy" in str(event["summary"])
    assert "open the file" in added.text
    assert "ask:log_contact" in str(newest(desk, RICHARD, CALL).blocks)  # the call is to be made
    await desk.command(RICHARD, f"contact ESC-{number} She stays")
    assert await desk.fill(RICHARD, contact="Nadia") == {}
    await desk.pass_time(timedelta(minutes=1))
    assert told(entries(desk, carriers(desk, RICHARD)[before:])) == [("PUBLISH", 0), ("CANCEL", 1)]


async def test_the_owner_adds_the_call_after_a_missed_promise_and_a_stranger_does_not(
    socket_desk: Office,
) -> None:
    desk = socket_desk
    number = await desk.stage("investigating")
    who, asked = await comes(desk, number, "breach_call_soon", CALL)
    assert who == ELENI
    before = len(carriers(desk, ELENI))
    assert await tried(desk, number, asked, CALL)
    await desk.press(ELENI, asked, CALL)
    (added,) = carriers(desk, ELENI)[before:]
    assert "ημερολόγιό σας" in added.text  # she reads Greek
    left = next(m for m in desk.dms(ELENI) if m.ts == asked.ts)
    assert "ask:breach_talk" in str(left.blocks)  # the call itself is still to be recorded


async def test_a_sponsor_adds_the_contact_of_the_quarter(tmp_path: Path) -> None:
    async with office(tmp_path, http=False) as desk:
        await begin(desk)
        form = {"sponsor": SOFIA, "reason": "They grow", "score": "90", "consent_by": "Dr Haddad"}
        await desk.command(SOFIA, "sponsor nominate Cedar Clinics")
        assert await desk.fill(SOFIA, **form) == {}
        await pressed(desk, SOFIA, "do:answer_sponsorship")
        await desk.command(SOFIA, "sponsor")
        await pressed(desk, SOFIA, TOUCH)
        (event,) = entries(desk, carriers(desk, SOFIA))[0].walk("VEVENT")
        assert str(event["summary"]) == "Επικοινωνία χορηγού · Cedar Clinics"
        assert await pressed(desk, SOFIA, "ask:log_touch", how="call", note="All is well") == {}
        await desk.pass_time(timedelta(minutes=1))
        assert told(entries(desk, carriers(desk, SOFIA))) == [("PUBLISH", 0), ("CANCEL", 1)]
