"""What Slack hands over becomes what people read: every part, no marks."""

import json
from pathlib import Path

import pytest

from messages.kit.slack_text import mentioned_ids, read_message, read_mrkdwn, read_tokens

DATA = Path(__file__).parents[2] / "data" / "slack_text"


def message(name: str) -> dict[str, object]:
    """The message of a shortcut that was recorded."""
    found: dict[str, object] = json.loads((DATA / f"{name}.json").read_text("utf-8"))["message"]
    return found


def test_an_alerts_words_are_read_from_its_blocks() -> None:
    assert read_message(message("blocks")) == (
        "Checkout error rate 41 %\n"
        "Larkspur Rail: 1,204 payments failed since 08:10 UTC. Graph (https://graphs.example/d/7)"
    )


def test_a_message_is_read_without_marks() -> None:
    said = message("markup")
    assert mentioned_ids(said) == {"U0MAYA", "C0SUPPORT"}
    assert read_message(said, {"U0MAYA": "Maya"}) == (
        "@Maya nora.vance@larkspur-rail.example says in #support: prices < 0 & refunds fail, "
        "see ticket 77 (https://tickets.example/77)"
    )


def test_attachments_are_read_whole() -> None:
    alert = {
        "text": "",
        "attachments": [
            {
                "pretext": "Alarm", "title": "DB down", "title_link": "https://mon.example/1",
                "text": "*Elm Bank* cannot log in", "footer": "Watchtower", "fallback": "DB down",
                "fields": [{"title": "Since", "value": "08:10"}],
                "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "40 users"}}],
            },
            {"fallback": "Only this"},
        ],
        "files": [{"title": "trace.txt"}],
    }  # fmt: skip
    assert read_message(alert).splitlines() == [
        "Alarm", "DB down (https://mon.example/1)", "Elm Bank cannot log in", "Since: 08:10",
        "40 users", "Watchtower", "Only this", "trace.txt",
    ]  # fmt: skip


def test_rich_text_is_read_and_not_said_twice() -> None:
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "user", "user_id": "U0TOM"},
            {"type": "text", "text": " sees ", "style": {"bold": True}},
            {"type": "link", "url": "https://a.example/x", "text": "this"},
        ],
    }
    items = {"type": "rich_text_list", "elements": [{**section, "elements": [
        {"type": "text", "text": "refunds fail"}]}]}  # fmt: skip
    blocks = [{"type": "rich_text", "elements": [section, items]}]
    read = "@Tom sees this (https://a.example/x)\n• refunds fail"
    assert read_message({"text": "", "blocks": blocks}, {"U0TOM": "Tom"}) == read
    text = "<@U0TOM> *sees* <https://a.example/x|this>\n• refunds fail"
    assert read_message({"text": text, "blocks": blocks}, {"U0TOM": "Tom"}) == read


@pytest.mark.parametrize(
    ("marked", "read"),
    [
        ("<!date^1764300000^{date} at {time}|Nov 28, 03:20>", "Nov 28, 03:20"),
        ("<!date^1764300000^{date}>", "2025-11-28 03:20 UTC"),
        ("<!here> <!subteam^S1|@support> <!channel|channel>", "@here @support @channel"),
        ("<#C1|> <#C2|triage> <@U1|ada>", "#C1 #triage @ada"),
        ("<tel:+30210|+30 210> <https://a.b/|a.b>", "+30 210 (+30210) https://a.b/"),
        ("2 * 3 * 4, snake_case_name, ~x~ `y` *z*", "2 * 3 * 4, snake_case_name, x y z"),
        ("&amp;lt; &lt;b&gt;", "&lt; <b>"),
    ],
)
def test_marks_become_words(marked: str, read: str) -> None:
    assert read_mrkdwn(marked) == read


def test_what_was_typed_keeps_its_signs() -> None:
    assert read_tokens("*not* bold &amp; <@U1|ada>") == "*not* bold & @ada"


@pytest.mark.parametrize(
    "odd",
    [{}, {"blocks": "x"}, {"blocks": [None, {"type": "section", "text": 7}]}, {"attachments": [1]},
     {"text": None, "blocks": [{"type": "rich_text", "elements": [{"elements": None}]}]}],
)  # fmt: skip
def test_what_is_no_message_says_nothing(odd: dict[str, object]) -> None:
    assert read_message(odd) == ""
