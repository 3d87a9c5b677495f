"""Slack's limits, written down once more and apart from the code that must keep them."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

CONTROL = re.compile(
    r"<@[UW][A-Z0-9]+>|<#C[A-Z0-9]+>|<!date\^\d+\^[^<>|]*\|[^<>|]*>|<https?://[^<>|\s]+\|[^<>|]*>|"
    r"<mailto:[\w.+@-]+\|[^<>|]*>"
)


def walk(value: Any) -> Iterator[Json]:
    """Every object in some blocks or a view."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def text_objects(value: Any) -> list[Json]:
    """Every text object."""
    return [o for o in walk(value) if o.get("type") in ("mrkdwn", "plain_text")]


def check_blocks(blocks: list[Json], most: int = 50) -> None:
    """Assert everything that Slack would refuse."""
    assert 0 < len(blocks) <= most
    for text in text_objects(blocks):
        assert 1 <= len(text["text"]) <= 3000
        assert text["text"].strip()
    for thing in walk(blocks):
        _check_thing(thing)
    ids = Counter(o["action_id"] for o in walk(blocks) if "action_id" in o)
    assert [i for i, count in ids.items() if count > 1] == []
    block_ids = Counter(b["block_id"] for b in blocks if "block_id" in b)
    assert [i for i, count in block_ids.items() if count > 1] == []


def _check_thing(thing: Json) -> None:
    kind = thing.get("type")
    if kind == "header":
        assert len(thing["text"]["text"]) <= 150
    if kind == "section":
        assert ("text" in thing) != ("fields" in thing)
    if kind == "context":
        assert 1 <= len(thing["elements"]) <= 10
        assert all(len(e["text"]) <= 2000 for e in thing["elements"])
    if kind == "actions":
        assert 1 <= len(thing["elements"]) <= 25
    if kind == "button":
        assert len(thing["text"]["text"]) <= 75
        assert len(thing.get("value", "")) <= 2000
        assert thing.get("style", "primary") in ("primary", "danger")
    if kind == "input":
        assert len(thing["label"]["text"]) <= 2000
        assert len(thing["element"].get("placeholder", {}).get("text", "")) <= 150
        assert len(thing["element"].get("initial_value", "")) <= 3000
    if "options" in thing:
        _check_options(kind, thing)


def _check_options(kind: Any, thing: Json) -> None:
    most = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}.get(kind, 100)
    assert 1 <= len(thing["options"]) <= most
    assert len({o["value"] for o in thing["options"]}) == len(thing["options"])
    for option in thing["options"]:
        assert len(option["text"]["text"]) <= 75
        assert 1 <= len(option["value"]) <= 150
        assert len(option.get("description", {}).get("text", "")) <= 75
    assert thing.get("initial_option", thing["options"][0]) in thing["options"]


def check_view(view: Json) -> None:
    """Assert that a modal is one that Slack opens."""
    check_blocks(view["blocks"], 100)
    for part in ("title", "submit", "close"):
        assert len(view.get(part, {"text": "x"})["text"]) <= 24
    assert len(view["private_metadata"]) <= 3000
    assert isinstance(json.loads(view["private_metadata"]), dict)
    has_input = any(b["type"] == "input" for b in view["blocks"])
    assert has_input == ("submit" in view)


def check_harmless(text: str) -> None:
    """Assert that nothing in a mrkdwn text is markup except what we put there."""
    rest = CONTROL.sub("", text)
    lines = [line.removeprefix(">") for line in rest.split("\n")]
    for line in lines:
        assert "<" not in line
        assert ">" not in line
        assert not re.search(r"&(?!amp;|lt;|gt;)", line)
    assert not re.search(r"@(here|channel|everyone)\b", rest, re.IGNORECASE)
    for marked in ("*bold*", "_italic_", "~struck~", "`code`", "```pre```", "*two*"):
        assert marked not in rest


def check_all_harmless(blocks: list[Json]) -> None:
    """The same for every mrkdwn text of some blocks, none of which may be reread by Slack."""
    for text in text_objects(blocks):
        if text["type"] == "mrkdwn":
            check_harmless(text["text"])
            assert text["verbatim"] is True
