"""Events: what is answered, what is left alone, and nothing that Slack would send again."""

import json
from typing import Any

import pytest

from bot.engine.actors import ReplyTo
from bot.engine.background import REMEMBERED, LatelySeen
from bot.learning.catch_up import CatchUp
from bot.rules.words import Standing
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import Workspace

HOME = {"type": "app_home_opened", "user": "U0MAYA", "channel": "D1", "tab": "home"}
DM = {
    "type": "message", "channel_type": "im", "user": "U0MAYA", "channel": "D1", "text": "hi",
    "ts": "1.1",
}  # fmt: skip
MENTION = {"type": "app_mention", "user": "U0MAYA", "channel": "C1", "ts": "1.1"}


async def test_opening_the_home_draws_it(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.event(HOME)
    await desk.settle()
    assert response.status_code == 200
    given = desk.slack.last("views.publish")
    assert given["user_id"] == "U0MAYA"
    assert given["view"]["type"] == "home"


async def test_the_messages_tab_draws_nothing(slack: Workspace, desk: FakeDesk) -> None:
    await slack.event(HOME | {"tab": "messages"})
    await desk.settle()
    assert desk.slack.calls == []


@pytest.mark.parametrize("words", ["help", "hi", "Γεια", ""])
async def test_a_direct_message_is_answered_with_help(
    slack: Workspace, desk: FakeDesk, words: str
) -> None:
    await slack.event(DM | {"text": words})
    await desk.settle()
    ((reply, _message),) = desk.told
    assert reply == ReplyTo("U0MAYA", "D1", None)
    assert desk.accepted == []


@pytest.mark.parametrize(
    ("words", "pressed"),
    [
        ("our shops are all down", {"ask:open_case": {"stake": "our shops are all down"}}),
        ("claim ESC-7", {"do:claim": {"case": 7}, "ask:open_case": {"stake": "claim ESC-7"}}),
        ("assign @bob em", {"ask:assign": {}, "ask:open_case": {"stake": "assign @bob em"}}),
    ],
)
async def test_words_in_a_mention_are_offered_as_buttons(
    slack: Workspace, desk: FakeDesk, words: str, pressed: dict[str, Any]
) -> None:
    await slack.event(MENTION | {"text": f"<@U0BOT> {words}"})
    await desk.settle()
    ((_reply, message),) = desk.told
    (row,) = [block for block in message.blocks if block["type"] == "actions"]
    found = {each["action_id"]: json.loads(each["value"]) for each in row["elements"]}
    found.pop("show:help", None)
    assert found == pressed
    assert desk.accepted == []


async def test_a_mention_shows_what_it_asks_for(slack: Workspace, desk: FakeDesk) -> None:
    await slack.event(MENTION | {"text": "<@U0BOT> list mine"})
    await desk.settle()
    assert [f.mine for f in desk.reading.filters] == [True]


async def test_an_event_sent_again_is_answered_once(slack: Workspace, desk: FakeDesk) -> None:
    for _ in range(2):
        response = await slack.event(DM, "Ev7")
        assert response.status_code == 200
    await desk.settle()
    assert len(desk.told) == 1


@pytest.mark.parametrize(
    "event",
    [
        DM | {"bot_id": "B1"},
        DM | {"subtype": "message_changed", "message": {"text": "x"}},
        DM | {"subtype": "message_deleted"},
        DM | {"subtype": "bot_message", "bot_id": "B1"},
        DM | {"channel_type": "channel", "channel": "C1"},
        DM | {"channel_type": "group", "subtype": "channel_join"},
        MENTION | {"text": "<@U0BOT> help", "bot_id": "B1"},
        {"type": "reaction_added", "user": "U1", "item": {"type": "message", "channel": "C1"}},
        {"type": "member_joined_channel", "user": "U1", "channel": "C1", "channel_type": "C"},
        {"type": "channel_archive", "channel": "C1", "user": "U1"},
        {"type": "group_archive", "channel": "G1", "user": "U1"},
        {"type": "channel_rename", "channel": {"id": "C1", "name": "new"}},
        {"type": "team_join", "user": {"id": "U1"}},
        {"type": "user_change", "user": {"id": "U1"}},
        {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}},
        {"type": "app_uninstalled"},
        {"type": "something_new"},
    ],
)
async def test_any_other_event_is_acknowledged_and_left_alone(
    slack: Workspace, desk: FakeDesk, event: dict[str, Any]
) -> None:
    response = await slack.event(event)
    await desk.settle()
    assert response.status_code == 200
    assert (desk.told, desk.slack.calls, desk.troubles) == ([], [], [])


@pytest.mark.parametrize(
    ("event", "learned"),
    [
        ({"type": "user_change", "user": {"id": "U1", "deleted": True}}, "U1"),
        ({"type": "team_join", "user": {"id": "U1"}}, "U1"),
        ({"type": "subteam_members_changed", "subteam_id": "S1"}, "S1"),
        ({"type": "subteam_updated", "subteam": {"id": "S1"}}, "S1"),
        ({"type": "subteam_created", "subteam": {"id": "S1"}}, "S1"),
    ],
)
async def test_what_slack_tells_of_people_and_groups_is_taken_in_before_it_is_acknowledged(
    slack: Workspace, desk: FakeDesk, event: dict[str, Any], learned: str
) -> None:
    assert (await slack.event(event)).status_code == 200
    assert desk.learned == [learned]


@pytest.mark.parametrize("user", [None, "U1", {}, {"id": None}])
async def test_an_event_of_people_that_says_nothing_is_acknowledged(
    slack: Workspace, desk: FakeDesk, user: object
) -> None:
    assert (await slack.event({"type": "user_change", "user": user})).status_code == 200
    assert desk.learned == []


def test_only_the_latest_events_are_remembered() -> None:
    seen = LatelySeen()
    assert not any(seen.before(str(n)) for n in range(REMEMBERED + 1))
    assert seen.before(str(REMEMBERED))
    assert not seen.before("0")


@pytest.mark.parametrize(
    ("who", "inviter", "standing", "told"),
    [
        ("U0KATE", None, Standing.MEMBER, True),
        ("U0KATE", "U0MAYA", Standing.MEMBER, True),
        ("U0KATE", "U0DESK", Standing.MEMBER, False),  # the app brought them, and has told them
        ("U0DESK", None, Standing.MEMBER, False),
        ("U0KATE", None, Standing.GUEST, False),
        ("U0KATE", None, None, False),
    ],
)
async def test_who_comes_into_a_cases_channel_is_caught_up_when_they_are_one_of_ours(
    slack: Workspace, desk: FakeDesk, who: str, inviter: str | None, standing: Any, told: bool
) -> None:
    desk.known["U0KATE"] = standing
    place = "C0ESC7"
    event = {"type": "member_joined_channel", "user": who, "channel": place, "channel_type": "C"}
    await slack.event({**event, **({"inviter": inviter} if inviter else {})})
    await desk.settle()
    asked = [intent for intent, *_ in desk.accepted if isinstance(intent, CatchUp)]
    assert asked == [CatchUp(case=7, arrived=True)] * told
