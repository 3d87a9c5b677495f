"""The postmortem's meeting, through the doors: planned, moved, cancelled, with its file."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.e2e.office import ELENI, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


def entries(desk: Office, number: int) -> list[Calendar]:
    """The calendar files of the case's channel, oldest first."""
    start = f"esc-{number}-"
    files = [f for f in desk.ws.files.values() if f.complete and f.name.startswith(start)]
    return [Calendar.from_ical(f.content or b"") for f in files if f.name.endswith(".ics")]


async def test_planned_moved_and_cancelled_from_its_messages(desk: Office) -> None:
    number = await desk.stage("review")
    await desk.command(ELENI, "postmortem", desk.channel(number).id)
    agenda = next(m for m in reversed(desk.said(number)) if "ask:plan_postmortem" in str(m.blocks))
    await desk.press(ELENI, agenda, "ask:plan_postmortem")
    first = desk.ws.now() + timedelta(days=2)
    assert await desk.fill(ELENI, at=int(first.timestamp()), minutes="45", place="Room 5") == {}
    planned = next(m for m in desk.said(number) if "ask:cancel_postmortem" in str(m.blocks))
    assert "Room 5" in planned.text
    await desk.press(ELENI, planned, "ask:plan_postmortem")
    later = desk.ws.now() + timedelta(days=4)
    assert await desk.fill(ELENI, at=int(later.timestamp())) == {}
    newest = [m for m in desk.said(number) if "ask:cancel_postmortem" in str(m.blocks)][-1]
    await desk.press(ELENI, newest, "ask:cancel_postmortem")
    assert await desk.fill(ELENI, reason="They asked for more time") == {}
    found = entries(desk, number)
    events = [each.walk("VEVENT")[0] for each in found]
    assert [str(each["method"]) for each in found] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [each["sequence"] for each in events] == [0, 1, 2]
    assert len({str(each["uid"]) for each in events}) == 1
    assert "Delphi Energy" in str(events[0]["summary"])
    cancelled = desk.said(number)[-1]
    assert "They asked for more time" in str([m.text for m in desk.said(number)])
    assert cancelled.text


async def test_a_time_that_has_passed_is_refused_in_the_form(desk: Office) -> None:
    number = await desk.looked_at("review")
    await desk.command(ELENI, "meeting", desk.channel(number).id)
    past = desk.ws.now() - timedelta(hours=1)
    assert "at" in await desk.fill(ELENI, at=int(past.timestamp()), minutes="60")
    await desk.close_forms(ELENI)
    assert entries(desk, number) == []
