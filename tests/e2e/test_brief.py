"""Catching up in Slack: asked for, and told to who comes into a case's channel."""

import pytest

from tests.e2e.office import ELENI, HOUR, KATE, MAYA, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def words(desk: Office, who: str) -> str:
    """The last answer that only this person sees."""
    return "\n".join(texts_of(desk.answers(who)[-1].blocks))


async def test_a_brief_says_in_eight_lines_what_is_new_and_what_is_asked(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(KATE, f"brief ESC-{number}")
    first = words(desk, KATE)
    assert f"ESC-{number}" in first
    assert "What happened so far" in first
    assert "Nothing is asked of you" in first
    await desk.pass_time(HOUR)
    await desk.wants(MAYA, "severity", {"case": number, "severity": 1, "reason": "All ports now"})
    await desk.here.settle()
    await desk.command(KATE, f"missed ESC-{number}")
    second = words(desk, KATE)
    assert "Since you last looked" in second
    assert "All ports now" in second
    lines = desk.answers(KATE)[-1].blocks[0]["text"]["text"].splitlines()
    assert len(lines) <= 8
    await desk.press(KATE, desk.answers(KATE)[-1], "show:timeline")
    assert "timeline, page" in words(desk, KATE)
    await desk.command(KATE, f"show ESC-{number}")
    await desk.press(KATE, desk.answers(KATE)[-1], "do:catch_up")
    assert "Nothing is new" in words(desk, KATE)
    await desk.command(ELENI, f"έχασα ESC-{number}")
    assert "Περιμένουμε από εσάς" in words(desk, ELENI)  # who owns it


async def test_who_walks_in_is_told_once_and_who_was_brought_by_the_app_is_not(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    here = desk.channel(number).id
    before = len(desk.answers(KATE)), len(desk.answers(ELENI))
    await desk.here.people.join(KATE, here)
    await desk.here.settle()
    assert len(desk.answers(KATE)) == before[0] + 1
    assert f"ESC-{number}" in words(desk, KATE)
    await desk.here.people.leave(KATE, here)
    await desk.here.people.join(KATE, here)
    await desk.here.settle()
    assert len(desk.answers(KATE)) == before[0] + 1
    assert len(desk.answers(ELENI)) == before[1]
    assert "catch_up" not in {verb for _, verb in await desk.done(number)}
