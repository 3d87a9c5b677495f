"""A playbook in Slack: chosen, its checklist worked through in one post, a late step told."""

from datetime import timedelta

import pytest

from tests.e2e.office import ELENI, HOUR, MAYA, TOMAS, Office, texts_of

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_playbook_is_chosen_worked_by_and_taken_back(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(MAYA, f"playbook ESC-{number} outage")
    await desk.press(MAYA, desk.answers(MAYA)[-1], "do:apply_playbook")
    posts = [m for m in desk.said(number) if "do:tick_step" in str(m.blocks)]
    assert len(posts) == 1
    await desk.press(TOMAS, posts[0], "do:tick_step")
    again = [m for m in desk.said(number) if "do:tick_step" in str(m.blocks)]
    assert [m.ts for m in again] == [posts[0].ts], "edited, not posted again"
    assert "✅" in "\n".join(texts_of(again[0].blocks))
    await desk.press(TOMAS, again[0], "do:untick_step")
    done = {verb for who, verb in await desk.done(number) if who == TOMAS}
    assert {"tick_step", "untick_step"} <= done
    await desk.pass_time(HOUR)
    late = [m for m in desk.dms(TOMAS) if "do:tick_step" in str(m.blocks)]
    assert len(late) == 1
    await desk.press(TOMAS, late[0], "do:tick_step")
    shown = next(m for m in desk.said(number) if m.ts == posts[0].ts)
    await desk.press(ELENI, shown, "do:drop_playbook")
    ended = next(m for m in desk.said(number) if m.ts == posts[0].ts)
    assert "do:tick_step" not in str(ended.blocks)


async def test_one_comes_by_itself_says_why_and_is_taken_off_for_good(desk: Office) -> None:
    number = await desk.stage("acknowledged", trigger="unheard")
    before = [m.ts for m in desk.said(number) if "do:drop_playbook" in str(m.blocks)]
    assert before == []
    await desk.pass_time(5 * MINUTE)
    [post] = [m for m in desk.said(number) if "do:drop_playbook" in str(m.blocks)]
    said = "\n".join(texts_of(post.blocks))
    assert "Put here by itself: " in said
    await desk.press(MAYA, post, "do:drop_playbook")
    await desk.pass_time(5 * MINUTE)
    assert [m for m in desk.said(number) if "do:drop_playbook" in str(m.blocks)] == []
