"""Block Kit becomes HTML that keeps text as text and carries what the script needs."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest

from sandbox.web.blocks import Choice, Place, draw_blocks
from sandbox.web.reader import Reader

READER = Reader("U0MAYA", tz="Europe/Athens", base_url="http://127.0.0.1:8484")
EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
PLACE = Place("m1", people=lambda: [Choice("U0DAN", EVIL, "Account executive")])


class Reading(HTMLParser):
    """Every element of a drawing with its attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def by_action(self, action_id: str) -> dict[str, str | None]:
        return next(a for _, a in self.found if a.get("data-action-id") == action_id)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str, text: str = "") -> dict[str, Any]:
    return {"value": value, "text": plain(text or value), "description": plain(text or value)}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def draw(*blocks: dict[str, Any], place: Place = PLACE) -> Reading:
    return Reading(draw_blocks(list(blocks), READER, place))


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": "b",
        "label": plain("Label"),
        "element": {"action_id": "a", **element},
        **more,
    }


BUTTON = {"type": "button", "action_id": EVIL, "text": plain(EVIL), "value": EVIL}
CONFIRM = {"title": plain(EVIL), "text": mrkdwn(EVIL), "confirm": plain(EVIL), "deny": plain(EVIL)}
EVERYTHING: list[dict[str, Any]] = [
    {"type": "section", "block_id": EVIL, "text": plain(EVIL), "fields": [mrkdwn(EVIL)]},
    {"type": "section", "text": mrkdwn(EVIL), "accessory": BUTTON | {"confirm": CONFIRM}},
    {"type": "header", "text": plain(EVIL)},
    {
        "type": "context",
        "elements": [plain(EVIL), {"type": "image", "image_url": EVIL, "alt_text": EVIL}],
    },
    {
        "type": "actions",
        "elements": [BUTTON | {"url": "javascript:alert(1)", "accessibility_label": EVIL}],
    },
    {
        "type": "actions",
        "elements": [{"type": "overflow", "action_id": "o", "options": [option(EVIL, EVIL)]}],
    },
    {
        "type": "image",
        "image_url": "https://elsewhere.example/x.png",
        "alt_text": EVIL,
        "title": plain(EVIL),
    },
    {"type": "image", "image_url": "http://127.0.0.1:8484/x.png", "alt_text": EVIL},
    {"type": "table", "rows": [[{"type": "raw_text", "text": EVIL}]]},
    {"type": "markdown", "text": EVIL},
    {"type": "alert", "level": "warning", "text": plain(EVIL)},
    {"type": EVIL},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": EVIL}]}],
    },
    field(
        {"type": "plain_text_input", "initial_value": EVIL, "placeholder": plain(EVIL)},
        hint=plain(EVIL),
    ),
    field({"type": "plain_text_input", "multiline": True, "initial_value": "</textarea>" + EVIL}),
    field({"type": "static_select", "options": [option(EVIL, EVIL)], "placeholder": plain(EVIL)}),
    field(
        {
            "type": "static_select",
            "option_groups": [{"label": plain(EVIL), "options": [option(EVIL)]}],
        }
    ),
    field({"type": "multi_static_select", "options": [option(EVIL, EVIL)]}),
    field({"type": "external_select", "initial_option": option(EVIL, EVIL)}),
    field({"type": "users_select", "initial_user": "U0DAN"}),
    field({"type": "checkboxes", "options": [option(EVIL, EVIL)]}),
    field({"type": "radio_buttons", "options": [option(EVIL, EVIL)]}),
]


@pytest.mark.parametrize("block", EVERYTHING, ids=lambda block: str(block["type"])[:12])
def test_text_never_leaves_its_place_in_the_html(block: dict[str, Any]) -> None:
    drawn = draw(block)
    tags = {tag for tag, _ in drawn.found}
    assert "script" not in tags
    for tag, attributes in drawn.found:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src"):
            address = attributes.get(name) or "/"
            assert address.startswith(("/", "https://elsewhere.example/")), (tag, address)
        if tag == "img":
            assert attributes["src"] == "/x.png"


def test_a_button_carries_what_it_says_to_the_app() -> None:
    attributes = draw({"type": "actions", "block_id": "b1", "elements": [
        {"type": "button", "action_id": "claim", "text": plain("Claim"), "value": 'a"b',
         "style": "primary", "confirm": CONFIRM}]}).by_action("claim")  # fmt: skip
    assert attributes["value"] == 'a"b'
    assert attributes["data-block-id"] == "b1"
    assert "btn-primary" in str(attributes["class"])
    assert "data-act" in attributes
    assert json.loads(str(attributes["data-confirm"]))["title"] == EVIL


def test_a_button_with_a_good_address_is_a_link_that_still_tells_the_app() -> None:
    button = BUTTON | {"action_id": "open", "url": "https://tickets.example/1"}
    attributes = draw({"type": "actions", "elements": [button]}).by_action("open")
    assert attributes["href"] == "https://tickets.example/1"
    assert "data-act" in attributes


def test_an_input_tells_the_app_only_when_it_dispatches() -> None:
    element = {"type": "static_select", "options": [option("1")]}
    assert "data-act" not in draw(field(element)).by_action("a")
    assert "data-act" in draw(field(element, dispatch_action=True)).by_action("a")


def test_a_picture_from_elsewhere_is_named_and_not_loaded() -> None:
    drawn = draw({"type": "image", "image_url": "https://x.example/a.png", "alt_text": "Chart"})
    assert "img" not in {tag for tag, _ in drawn.found}
    assert "Chart" in drawn.text


@pytest.mark.parametrize(
    ("element", "kind", "value"),
    [
        ({"type": "datepicker", "initial_date": "2026-02-18"}, "date", "2026-02-18"),
        ({"type": "timepicker", "initial_time": "14:05"}, "time", "14:05"),
        (
            {"type": "datetimepicker", "initial_date_time": 1771416300},
            "datetime-local",
            "2026-02-18T14:05",
        ),
        ({"type": "number_input", "initial_value": "12"}, "text", "12"),
        ({"type": "email_text_input"}, "text", ""),
    ],
)
def test_typed_inputs_show_their_value_in_the_readers_zone(
    element: dict[str, Any], kind: str, value: str
) -> None:
    attributes = draw(field(element)).by_action("a")
    assert (attributes["type"], attributes["value"]) == (kind, value)


def test_what_the_person_chose_wins_over_the_apps_initial_value() -> None:
    state = {"b": {"a": {"type": "static_select", "selected_option": option("2")}}}
    element = {"type": "static_select", "options": [option("1"), option("2")]}
    element["initial_option"] = option("1")
    drawn = draw(field(element), place=Place("v", state=state))
    chosen = [a["value"] for tag, a in drawn.found if tag == "option" and "selected" in a]
    assert chosen == ["2"]


def test_every_label_belongs_to_its_input() -> None:
    drawn = draw(field({"type": "plain_text_input"}, hint=plain("Hint"), optional=True))
    label = next(a for tag, a in drawn.found if tag == "label")
    attributes = drawn.by_action("a")
    assert label["for"] == attributes["id"]
    ids = {a.get("id") for _, a in drawn.found}
    assert set(str(attributes["aria-describedby"]).split()) <= ids
    assert "(optional)" in drawn.text
