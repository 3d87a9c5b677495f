"""An executive flag through the doors: taken, the call logged, commitments kept, and closed.

The notices on the way are flag_asked, flag_had, flag_yours, contact_logged and contact_noted; the
verbs are have_flag, log_contact and commit. What time brings is in test_executive_reminders.py.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.rules.words import ActionType, Status
from sandbox.state import Message
from tests.e2e.office import ELENI, KATE, MAYA, NIKOS, PRIYA, RICHARD, SOFIA, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")
HAVE, CALL = "executive_acknowledge", "executive_call"


def newest(desk: Office, who: str, button: str) -> Message:
    """The newest direct message, or private answer, with this button."""
    return next(
        m for m in reversed([*desk.answers(who), *desk.dms(who)]) if button in str(m.blocks)
    )


async def flagged(desk: Office) -> int:
    """A case in work whose customer threatens to cancel."""
    number = await desk.stage("investigating")
    here = desk.channel(number).id
    await desk.command(PRIYA, "flag cancel They want the exit terms", here)
    return number


async def running(desk: Office, number: int) -> set[str]:
    """The executives' clocks of the case that have not ended."""
    clocks = (await desk.case(number)).clocks
    return {c.kind for c in clocks if not c.ended} & {HAVE, CALL}


def day(desk: Office, ahead: int) -> str:
    """A day so many days from now."""
    return (desk.ws.now() + timedelta(days=ahead)).date().isoformat()


async def test_from_the_flag_to_the_call_the_commitments_and_the_end(desk: Office) -> None:
    number = await flagged(desk)
    assert await running(desk, number) == {HAVE, CALL}
    asked = newest(desk, RICHARD, "do:have_flag")
    assert "executive flag" in asked.text
    await desk.press(RICHARD, asked, "do:have_flag")
    assert await running(desk, number) == {CALL}
    assert (await desk.case(number)).flagging.had_by == RICHARD  # type: ignore[union-attr]
    assert f"<@{RICHARD}> has it" in json.dumps(desk.card(number).blocks)
    await desk.press(RICHARD, newest(desk, RICHARD, "ask:log_contact"), "ask:log_contact")
    assert desk.form(RICHARD).callback_id == "log_contact"
    errors = await desk.fill(
        RICHARD, contact="Nadia", said="She stays if it works by Friday", owed="A daily note",
        owed_by=day(desk, 5), owed_owner=NIKOS, next_on=day(desk, 4),
    )  # fmt: skip
    assert errors == {}
    assert await running(desk, number) == set()
    owed = (await desk.case(number)).actions[-1]
    assert (owed.type, owed.owner, owed.title) == (ActionType.OWED, NIKOS, "A daily note")
    await commitments(desk, number)
    await end(desk, number)
    assert (await desk.case(number)).status is Status.CLOSED


async def commitments(desk: Office, number: int) -> None:
    """The three commitments, by the button of what was said in the channel."""
    said = next(m for m in reversed(desk.said(number)) if "ask:commit" in str(m.blocks))
    await desk.press(ELENI, said, "ask:commit")
    wrong = await desk.fill(
        ELENI,
        **{f"{name}_by": day(desk, -3) for name in ("first", "second", "third")},
        first="A fix", second="A fix", third="A visit",
    )  # fmt: skip
    assert wrong
    good: dict[str, Any] = {
        f"{name}_by": day(desk, n) for n, name in enumerate(("first", "second", "third"), 3)
    }
    assert await desk.fill(ELENI, **good, first="A fix", second="A call", third="A visit") == {}
    made = [a for a in (await desk.case(number)).actions if a.type is ActionType.COMMITMENT]
    assert [a.title for a in made] == ["A fix", "A call", "A visit"]


async def end(desk: Office, number: int) -> None:
    """Resolve, confirm, hold the meeting and close."""
    for who, verb, fields in (
        (ELENI, "resolve", {}),
        (TOMAS, "confirm", {"party": "technical_lead"}),
        (MAYA, "confirm", {"party": "customer"}),
        (ELENI, "postmortem_held", {}),
        (ELENI, "close", {}),
    ):
        await desk.wants(who, verb, {"case": number, **fields})
        await desk.here.settle()
        assert (who, verb) in await desk.done(number)


async def test_what_was_said_is_read_by_those_who_may_read_the_case(desk: Office) -> None:
    number = await flagged(desk)
    here = desk.channel(number).id
    await desk.press(RICHARD, newest(desk, RICHARD, "do:have_flag"), "do:have_flag")
    await desk.command(RICHARD, "contact She is calm now", here)
    assert await desk.fill(RICHARD, contact="Nadia") == {}
    await desk.press(RICHARD, newest(desk, RICHARD, "show:contacts"), "show:contacts")
    assert "She is calm now" in json.dumps(desk.answers(RICHARD)[-1].blocks)
    await desk.command(MAYA, "contacts", here)
    assert "She is calm now" in json.dumps(desk.answers(MAYA)[-1].blocks)
    await desk.wants(ELENI, "executive_flag", {"case": number, "trigger": "legal", "reason": "x"})
    await desk.here.settle()
    await desk.command(KATE, f"contacts ESC-{number}")
    assert "She is calm now" not in json.dumps(desk.answers(KATE)[-1].blocks)


async def test_a_question_taken_before_it_is_answered_says_so_where_it_was_asked(
    desk: Office,
) -> None:
    number = await desk.stage("asked")
    assert "do:answer_ask" in str(newest(desk, SOFIA, "do:answer_ask").blocks)
    await desk.command(ELENI, "withdraw question We found another way", desk.channel(number).id)
    last = [m for m in desk.dms(SOFIA) if f"ESC-{number}" in m.text][-1]
    assert "do:answer_ask" not in str(last.blocks)
    assert "Το ερώτημα αποσύρθηκε" in last.text
