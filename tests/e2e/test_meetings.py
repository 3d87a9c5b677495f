"""The postmortem's meeting, through the doors: planned, moved, cancelled, with its file."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.e2e.office import ELENI, MAYA, TOMAS, Office, interactions

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


async def test_the_invited_say_whether_they_come_and_who_planned_it_hears_a_no(
    desk: Office,
) -> None:
    number = await desk.stage("review")
    at = (desk.ws.now() + timedelta(days=2)).isoformat()
    await desk.wants(ELENI, "plan_postmortem", {"case": number, "at": at})
    await desk.here.settle()
    for who, button in ((MAYA, 0), (TOMAS, 1)):
        asked = next(m for m in reversed(desk.dms(who)) if "do:answer_postmortem" in str(m.blocks))
        found = [p.action_id for p in interactions(asked.blocks or [])]
        answers = [name for name in found if name.startswith("do:answer_postmortem")]
        await desk.press_exactly(who, asked, answers[button])
    told = desk.dms(ELENI)[-1]
    assert f"<@{TOMAS}>" in told.text
    assert "ask:plan_postmortem" in str(told.blocks)
    await desk.press(ELENI, told, "ask:plan_postmortem")
    form = str(desk.form(ELENI).payload)
    assert f"<@{MAYA}>" in form
    assert f"<@{TOMAS}>" in form
    await desk.close_forms(ELENI)
    assert {(MAYA, "answer_postmortem"), (TOMAS, "answer_postmortem")} <= set(
        await desk.done(number)
    )


async def test_a_time_that_has_passed_is_refused_in_the_form(desk: Office) -> None:
    number = await desk.looked_at("review")
    await desk.command(ELENI, "meeting", desk.channel(number).id)
    past = desk.ws.now() - timedelta(hours=1)
    assert "at" in await desk.fill(ELENI, at=int(past.timestamp()), minutes="60")
    await desk.close_forms(ELENI)
    assert entries(desk, number) == []
