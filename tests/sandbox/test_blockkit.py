"""Block Kit is refused where Slack refuses it, and nowhere else."""

import copy
from typing import Any

import pytest
from slack_sdk.models import blocks as sdk

from sandbox.blockkit import (
    Problem,
    validate_attachments,
    validate_message,
    validate_view,
)

Json = dict[str, Any]
OPTIONS = [
    {"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("A", "B")
]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("hello")} | more


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain("Go")} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", "options": OPTIONS} | more


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "b", "label": plain("Label"), "element": element} | more


def typed(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "typed"} | more


def modal(*blocks: Json, **more: Any) -> Json:
    base = {"type": "modal", "title": plain("Title"), "submit": plain("Send")}
    return base | {"blocks": list(blocks)} | more


def table(rows: int = 1, cells: int = 1) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * cells] * rows}


GOOD = [
    section(),
    section(text=plain("x" * 3000)),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    section(accessory=button(style="danger", value="v" * 2000)),
    section(accessory={"type": "image", "image_url": "https://e.test/a.png", "alt_text": "a"}),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "image", "image_url": "https://e.test/a.png", "alt_text": "a chart"},
    {"type": "context", "elements": [mrkdwn("a"), plain("b")]},
    actions(button(), select(), {"type": "overflow", "action_id": "more", "options": OPTIONS}),
    actions(select(initial_option=OPTIONS[1])),
    actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-03-01"}),
    asked(typed(multiline=True, max_length=3000)),
    table(100, 20),
    {"type": "markdown", "text": "# hi"},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "hi", "style": {"bold": True}},
                    {"type": "user", "user_id": "U1"},
                ],
            }
        ],
    },
]


@pytest.mark.parametrize("block", GOOD, ids=lambda b: b["type"])
def test_a_block_inside_every_limit_is_taken(block: Json) -> None:
    assert validate_message([block]) == []


BAD: list[tuple[str, Json, str, str]] = [
    ("no such block", {"type": "nope"}, "unsupported type: nope", "/blocks/0/type"),
    (
        "section text one too long",
        section(text=mrkdwn("x" * 3001)),
        "must be less than 3001 characters",
        "/blocks/0/text/text",
    ),
    (
        "empty text",
        section(text=mrkdwn("")),
        "must be more than 0 characters",
        "/blocks/0/text/text",
    ),
    ("empty section", {"type": "section"}, "missing required field: text or fields", "/blocks/0"),
    (
        "eleven fields",
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "no more than 10 items allowed",
        "/blocks/0/fields",
    ),
    (
        "long field",
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "must be less than 2001 characters",
        "/blocks/0/fields/0/text",
    ),
    (
        "mrkdwn header",
        {"type": "header", "text": mrkdwn("x")},
        "unsupported type: mrkdwn",
        "/blocks/0/text/type",
    ),
    (
        "text as a bare string",
        section(text="hello"),
        "must provide an object",
        "/blocks/0/text",
    ),
    (
        "unknown key",
        section(colour="red"),
        "invalid additional property: colour",
        "/blocks/0",
    ),
    (
        "emoji in mrkdwn",
        section(text=mrkdwn("x") | {"emoji": True}),
        "invalid additional property: emoji",
        "/blocks/0/text",
    ),
    (
        "image without alt text",
        {"type": "image", "image_url": "https://e.test/a.png"},
        "missing required field: alt_text",
        "/blocks/0",
    ),
    (
        "image from nowhere",
        {"type": "image", "alt_text": "a"},
        "must provide exactly one of image_url or slack_file",
        "/blocks/0",
    ),
    (
        "not a url",
        {"type": "image", "image_url": "chart.png", "alt_text": "a"},
        "must be a valid URL",
        "/blocks/0/image_url",
    ),
    (
        "long button",
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters",
        "/blocks/0/elements/0/text/text",
    ),
    (
        "default style",
        actions(button(style="default")),
        "must be a valid enum value",
        "/blocks/0/elements/0/style",
    ),
    (
        "number as value",
        actions(button(value=7)),
        "must provide a string",
        "/blocks/0/elements/0/value",
    ),
    (
        "twenty-six buttons",
        actions(*[button(action_id=str(n)) for n in range(26)]),
        "no more than 25 items allowed",
        "/blocks/0/elements",
    ),
    (
        "one action id twice in a block",
        actions(button(), button()),
        "`action_id` 'go' already exists for another element",
        "/blocks/0",
    ),
    (
        "six overflow options",
        section(accessory={"type": "overflow", "action_id": "m", "options": OPTIONS[:1] * 6}),
        "no more than 5 items allowed",
        "/blocks/0/accessory/options",
    ),
    (
        "initial option that is not offered",
        actions(select(initial_option={"text": plain("C"), "value": "c"})),
        "initial option must match one of the options",
        "/blocks/0/elements/0",
    ),
    (
        "no options at all",
        actions({"type": "static_select", "action_id": "pick"}),
        "must provide exactly one of options or option_groups",
        "/blocks/0/elements/0",
    ),
    (
        "option value one too long",
        actions(select(options=[{"text": plain("A"), "value": "x" * 151}])),
        "must be less than 151 characters",
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        "day out of form",
        actions({"type": "datepicker", "action_id": "d", "initial_date": "1 May"}),
        r"does not match regexp \d{4}-\d{2}-\d{2}",
        "/blocks/0/elements/0/initial_date",
    ),
    (
        "text input among buttons",
        actions(typed()),
        "unsupported type: plain_text_input",
        "/blocks/0/elements/0/type",
    ),
    (
        "confirm without words",
        actions(button(confirm={"title": plain("Sure?")})),
        "missing required field: text",
        "/blocks/0/elements/0/confirm",
    ),
    ("101 rows", table(101), "no more than 100 items allowed", "/blocks/0/rows"),
    ("21 cells", table(1, 21), "no more than 20 items allowed", "/blocks/0/rows/0"),
    (
        "alert in a message",
        {"type": "alert", "text": plain("x")},
        "unsupported type: alert",
        "/blocks/0/type",
    ),
    (
        "e-mail input outside a modal",
        asked({"type": "email_text_input", "action_id": "m"}),
        "unsupported type: email_text_input",
        "/blocks/0/type",
    ),
    (
        "list inside nothing",
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]},
        "missing required field: style",
        "/blocks/0/elements/0",
    ),
]


@pytest.mark.parametrize(
    ("block", "message", "pointer"), [b[1:] for b in BAD], ids=[b[0] for b in BAD]
)
def test_a_block_outside_a_limit_is_refused_with_its_place(
    block: Json, message: str, pointer: str
) -> None:
    assert (message, pointer) in [(p.message, p.pointer) for p in validate_message([block])]


def test_fifty_blocks_are_a_message_and_fifty_one_are_not() -> None:
    assert validate_message([{"type": "divider"}] * 50) == []
    (problem,) = validate_message([{"type": "divider"}] * 51)
    assert problem.line() == "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"


def test_two_blocks_cannot_share_an_id() -> None:
    (problem,) = validate_message([section(block_id="x"), section(block_id="x")])
    assert problem.pointer == "/blocks/1/block_id"


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert validate_message([actions(button()), actions(button())]) == []


def test_a_second_table_and_too_much_markdown_have_their_own_codes() -> None:
    assert [p.code for p in validate_message([table(), table()])] == ["only_one_table_allowed"]
    half = {"type": "markdown", "text": "x" * 6001}
    assert [p.code for p in validate_message([half, half])] == ["msg_blocks_too_long"]


def test_blocks_that_are_no_list_are_refused() -> None:
    assert validate_message({"type": "section"}) == [Problem("must provide an array", "/blocks")]
    assert validate_message(["hello"]) == [Problem("must provide an object", "/blocks/0")]


def test_a_modal_with_inputs_needs_a_submit_button() -> None:
    view = modal(asked(typed()))
    assert validate_view(view) == []
    del view["submit"]
    assert validate_view(view) == [Problem("missing required field: submit", "/view")]


@pytest.mark.parametrize(
    ("change", "message", "pointer"),
    [
        ({"title": plain("x" * 25)}, "must be less than 25 characters", "/view/title/text"),
        ({"title": None}, "missing required field: title", "/view"),
        ({"submit": mrkdwn("x")}, "unsupported type: mrkdwn", "/view/submit/type"),
        (
            {"private_metadata": "x" * 3001},
            "must be less than 3001 characters",
            "/view/private_metadata",
        ),
        ({"callback_id": "x" * 256}, "must be less than 256 characters", "/view/callback_id"),
        ({"hash": "1"}, "invalid additional property: hash", "/view"),
        ({"type": "dialog"}, "must be a valid enum value", "/view/type"),
        ({"blocks": [section()] * 101}, "no more than 100 items allowed", "/view/blocks"),
        ({"blocks": [table()]}, "unsupported type: table", "/view/blocks/0/type"),
        (
            {"blocks": [asked(typed(max_length=3001))]},
            "must be at most 3000",
            "/view/blocks/0/element/max_length",
        ),
        (
            {"blocks": [asked(typed(min_length=9, max_length=3))]},
            "min_length must not be greater than max_length",
            "/view/blocks/0/element",
        ),
        (
            {"blocks": [asked(button())]},
            "unsupported type: button",
            "/view/blocks/0/element/type",
        ),
    ],
)
def test_a_modal_outside_a_limit_is_refused(change: Json, message: str, pointer: str) -> None:
    problems = validate_view(modal(section()) | change)
    assert (message, pointer) in [(p.message, p.pointer) for p in problems]


def test_only_one_element_takes_the_focus() -> None:
    focused = [asked(typed(focus_on_load=True), block_id=name) for name in ("one", "two")]
    assert validate_view(modal(*focused))[0].message == "only one element can have focus_on_load"


def test_a_home_tab_takes_inputs_without_submit_but_no_title() -> None:
    home: Json = {"type": "home", "blocks": [asked(typed(), dispatch_action=True)]}
    assert validate_view(home) == []
    assert validate_view(home | {"title": plain("x")}) == [
        Problem("invalid additional property: title", "/view")
    ]


def test_attachments_are_counted_and_looked_into() -> None:
    assert validate_attachments([{"color": "#fff", "blocks": [section()]}]) == []
    assert validate_attachments([{}] * 101)[0].code == "too_many_attachments"
    (problem,) = validate_attachments([{"blocks": [{"type": "section"}]}])
    assert problem.pointer == "/attachments/0/blocks/0"
    assert validate_attachments([{"colour": "red"}])[0].message.endswith("colour")


def test_a_failed_constraint_says_what_was_expected() -> None:
    (problem,) = validate_message([{"type": "header", "text": mrkdwn("x")}])
    assert problem.as_error() == {
        "code": "failed_constraint",
        "message": "unsupported type: mrkdwn",
        "pointer": "/blocks/0/text/type",
        "constraint": {"type": "enum", "expected": ["plain_text"]},
    }


def test_what_the_sdk_builds_is_taken() -> None:
    built = [
        sdk.SectionBlock(text="*hi*", accessory=sdk.ButtonElement(text="Go", action_id="a")),
        sdk.ContextBlock(elements=[sdk.MarkdownTextObject(text="x")]),
        sdk.ActionsBlock(
            elements=[
                sdk.UserSelectElement(action_id="u", placeholder="who"),
                sdk.ExternalDataSelectElement(
                    action_id="e", placeholder="which", min_query_length=0
                ),
                sdk.CheckboxesElement(action_id="c", options=[sdk.Option(value="v", text="t")]),
            ]
        ),
        sdk.InputBlock(label="L", element=sdk.PlainTextInputElement(action_id="i")),
    ]
    assert validate_message([block.to_dict() for block in built]) == []


def test_validation_leaves_its_input_alone() -> None:
    before = copy.deepcopy(GOOD)
    validate_message(GOOD)
    assert before == GOOD
