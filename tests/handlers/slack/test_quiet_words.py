"""Which posts are read for blame, and that nothing of them goes further."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine.actors import SYSTEM, ReplyTo
from bot.readiness.quiet_words import QuietWord
from bot.rules.tone.terms import Courtesy
from bot.rules.words import Standing
from handlers.slack.channel_events import ELSEWHERE_FOR, ELSEWHERE_MAX, Elsewhere
from tests.handlers.fakes import NOW, FakeDesk
from tests.handlers.requests_from_slack import Workspace

BLAME = "this is Maria's fault"
NOON = 1770724800  # 10 February 2026, 12:00 UTC
POST = {
    "type": "message", "channel_type": "channel", "channel": "C0ESC7", "user": "U0MAYA",
    "text": BLAME, "ts": f"{NOON}.000100",
}  # fmt: skip


def told(desk: FakeDesk) -> list[str]:
    """Who is given a quiet word, in order."""
    return [each.user for each, *_ in desk.accepted if isinstance(each, QuietWord)]


@pytest.mark.parametrize(
    "changes",
    [{}, {"channel_type": "group"}, {"subtype": "thread_broadcast"}, {"subtype": "file_share"}],
)
async def test_a_post_that_blames_is_told_to_its_writer_alone(
    slack: Workspace, desk: FakeDesk, changes: dict[str, Any]
) -> None:
    await slack.event(POST | changes)
    ((word, actor, key, reply),) = desk.accepted
    assert word == QuietWord(user="U0MAYA")
    assert (actor.user_id, reply) == (SYSTEM, ReplyTo("U0MAYA", "C0ESC7"))
    assert key.startswith("quiet:")
    kept = f"{word!r}{actor!r}{key}"
    assert not [part for part in ("Maria", "fault", "C0ESC7") if part in kept]
    assert "U0MAYA" not in key


async def test_one_word_a_day_however_often_slack_or_the_writer_say_it(
    slack: Workspace, desk: FakeDesk
) -> None:
    for number, seconds in enumerate((0, 0, 3600, 86400)):
        await slack.event(POST | {"ts": f"{NOON + seconds}.1"}, f"Ev{number}")
    await slack.event(POST | {"user": "U0KATE"}, "Ev9")
    assert told(desk) == ["U0MAYA", "U0MAYA", "U0KATE"]


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"app_id": "A1"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed", "message": {"text": BLAME, "user": "U0MAYA"}},
        {"subtype": "channel_join"},
        {"channel_type": "mpim"},
        {"user": None},
        {"text": None},
        {"text": "the deploy broke it"},
        {"text": f"&gt; {BLAME}"},
    ],
)
async def test_others_than_colleagues_own_words_are_left_alone(
    slack: Workspace, desk: FakeDesk, changes: dict[str, Any]
) -> None:
    assert (await slack.event(POST | changes)).status_code == 200
    assert told(desk) == []


@pytest.mark.parametrize("standing", [Standing.GUEST, Standing.OUTSIDER, Standing.BOT, None])
async def test_only_our_own_people_are_told(
    slack: Workspace, desk: FakeDesk, standing: Standing | None
) -> None:
    desk.known["U0MAYA"] = standing
    await slack.event(POST)
    assert told(desk) == []


async def test_where_the_policy_says_not_to_no_channel_is_even_looked_up(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.policy = replace(desk.policy, courtesy=Courtesy(blame=False))
    await slack.event(POST)
    assert (told(desk), desk.learning.channels_asked) == ([], [])


async def test_other_channels_cost_one_question_in_ten_minutes_and_are_not_read(
    slack: Workspace, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        "handlers.slack.channel_events.blames_colleague", lambda post, _language: read.append(post)
    )
    for number in range(5):
        await slack.event(POST | {"channel": "C0LUNCH"}, f"Ev{number}")
    assert (desk.learning.channels_asked, read) == (["C0LUNCH"], [])
    await slack.event(POST, "Ev9")
    assert read == [BLAME]


def test_what_is_remembered_of_other_channels_ends_and_has_a_limit() -> None:
    elsewhere = Elsewhere()
    elsewhere.note("C1", NOW)
    assert elsewhere.knows("C1", NOW + ELSEWHERE_FOR - timedelta(seconds=1))
    assert not elsewhere.knows("C1", NOW + ELSEWHERE_FOR)
    for number in range(ELSEWHERE_MAX):
        elsewhere.note(f"X{number}", NOW)
    assert not elsewhere.knows("C1", NOW)
    assert elsewhere.knows("X0", NOW)
