"""The one table of Block Kit: every block, element and object with its keys and limits.

Lengths are characters, counts are items, both inclusive. Source: Slack's Block Kit reference
(docs.slack.dev/reference/block-kit), state of autumn 2026. Blocks that only Slack's own agents
use (cards, charts, plans, streams) are not carried and answer "unsupported type".
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

TEXT_MAX = 3000  # characters of a text object
MESSAGE_BLOCKS_MAX = 50  # blocks in a message
VIEW_BLOCKS_MAX = 100  # blocks in a modal or a Home tab
ID_MAX = 255  # characters of a block_id, action_id, callback_id, external_id
METADATA_MAX = 3000  # characters of a view's private_metadata
OPTIONS_MAX = 100  # options in a menu, or option groups
MARKDOWN_TOTAL_MAX = 12_000  # characters of all markdown blocks of one message together
ATTACHMENTS_MAX = 100  # attachments of a message
ACTIONS_MAX = 25  # elements of an actions block


@dataclass(frozen=True, slots=True)
class Rule:
    """What one value must look like.

    ``kind`` is one of string, url, integer, number, boolean, any, text (a text object), object
    (of ``shapes[0]``), typed (an object whose ``type`` is one of ``shapes``) and array (of
    ``item``). ``low`` and ``high`` bound a length, a count or a number.
    """

    kind: str
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    shapes: tuple[str, ...] = ()
    item: "Rule | None" = None
    required: bool = False


Shape: TypeAlias = dict[str, Rule]


def need(rule: Rule) -> Rule:
    """The same rule for a key that may not be left out."""
    return replace(rule, required=True)


def string(high: int | None = None, low: int = 0) -> Rule:
    """A string of ``low`` to ``high`` characters."""
    return Rule("string", low, high)


def choice(*values: str) -> Rule:
    """A string out of a closed list."""
    return Rule("string", choices=values)


def matching(pattern: str) -> Rule:
    """A string of a given form."""
    return Rule("string", pattern=pattern)


def plain(high: int) -> Rule:
    """A plain_text object of 1 to ``high`` characters."""
    return Rule("text", 1, high, ("plain_text",))


def text(high: int) -> Rule:
    """A plain_text or mrkdwn object of 1 to ``high`` characters."""
    return Rule("text", 1, high, ("plain_text", "mrkdwn"))


def url(high: int = 3000) -> Rule:
    """A web address."""
    return Rule("url", 1, high)


def whole(low: int | None = None, high: int | None = None) -> Rule:
    """A whole number."""
    return Rule("integer", low, high)


def an(shape: str) -> Rule:
    """An object of one named shape."""
    return Rule("object", shapes=(shape,))


def one_of(*shapes: str) -> Rule:
    """An object that says by its ``type`` which shape it has."""
    return Rule("typed", shapes=shapes)


def many(item: Rule, low: int = 0, high: int | None = None) -> Rule:
    """An array."""
    return Rule("array", low, high, item=item)


FLAG = Rule("boolean")
ANY = Rule("any")
DATE = matching(r"\d{4}-\d{2}-\d{2}")
TIME = matching(r"\d{2}:\d{2}")
CONFIRM = an("confirm")
BLOCK: Shape = {"type": need(string()), "block_id": string(ID_MAX)}
ELEMENT: Shape = {"type": need(string()), "action_id": string(ID_MAX)}
FOCUS: Shape = {"focus_on_load": FLAG}
MENU: Shape = ELEMENT | FOCUS | {"placeholder": plain(150), "confirm": CONFIRM}
MULTI: Shape = MENU | {"max_selected_items": whole(1)}
TYPED_IN: Shape = (
    ELEMENT | FOCUS | {"placeholder": plain(150), "dispatch_action_config": an("dispatch")}
)
CHOICES: Shape = {
    "options": many(an("option"), 1, OPTIONS_MAX),
    "option_groups": many(an("option_group"), 1, OPTIONS_MAX),
}
ONE_OPTION: Shape = {"initial_option": an("option")}
SOME_OPTIONS: Shape = {"initial_options": many(an("option"), 1, OPTIONS_MAX)}

SELECTS = (
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
)
MULTI_SELECTS = tuple(f"multi_{name}" for name in SELECTS)
PICKERS = ("datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons")
TYPING = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
IN_ACTIONS = ("button", "overflow", "rich_text_input", *SELECTS, *MULTI_SELECTS, *PICKERS)
IN_SECTION = ("button", "overflow", "image_element", *SELECTS, *MULTI_SELECTS, *PICKERS)
IN_INPUT = (*TYPING, "file_input", "rich_text_input", *SELECTS, *MULTI_SELECTS, *PICKERS)
RICH_PARTS = (
    "rich_text_section",
    "rich_text_list",
    "rich_text_preformatted",
    "rich_text_quote",
)
INLINE_KINDS = "text link user usergroup channel emoji broadcast date color team"
RICH_INLINE = tuple(f"inline_{name}" for name in INLINE_KINDS.split())

# A shape is found by ``type``; a prefix tells apart what shares a type name in two places.
PREFIXES = {
    "image_element": "image",
    **{name: name.removeprefix("inline_") for name in RICH_INLINE},
}
INPUT_ONLY_MODAL = frozenset({"email_text_input", "url_text_input", "number_input", "file_input"})

IMAGE: Shape = {
    "image_url": url(),
    "slack_file": an("slack_file"),
    "alt_text": need(string(2000, 1)),
}

BLOCKS: dict[str, Shape] = {
    "section": BLOCK
    | {
        "text": text(TEXT_MAX),
        "fields": many(text(2000), 1, 10),
        "accessory": one_of(*IN_SECTION),
        "expand": FLAG,
    },
    "header": BLOCK | {"text": need(plain(150)), "level": whole(1, 4)},
    "divider": BLOCK,
    "image": BLOCK | IMAGE | {"title": plain(2000)},
    "context": BLOCK
    | {"elements": need(many(one_of("image_element", "plain_text", "mrkdwn"), 1, 10))},
    "actions": BLOCK | {"elements": need(many(one_of(*IN_ACTIONS), 1, ACTIONS_MAX))},
    "input": BLOCK
    | {
        "label": need(plain(2000)),
        "element": need(one_of(*IN_INPUT)),
        "hint": plain(2000),
        "optional": FLAG,
        "dispatch_action": FLAG,
    },
    "rich_text": BLOCK | {"elements": need(many(one_of(*RICH_PARTS)))},
    "markdown": BLOCK | {"text": need(string(MARKDOWN_TOTAL_MAX, 1))},
    "table": BLOCK
    | {
        "rows": need(many(many(one_of("raw_text", "rich_text"), 1, 20), 1, 100)),
        "column_settings": many(an("column"), 0, 20),
    },
    "video": BLOCK
    | {
        "alt_text": need(string(2000, 1)),
        "title": need(plain(199)),
        "thumbnail_url": need(url()),
        "video_url": need(url()),
        "author_name": string(49),
        "description": plain(200),
        "provider_icon_url": url(),
        "provider_name": string(),
        "title_url": url(),
    },
    "alert": BLOCK
    | {
        "text": need(text(200)),
        "level": choice("default", "info", "warning", "error", "success"),
    },
}

SURFACES: dict[str, frozenset[str]] = {
    "message": frozenset(BLOCKS) - {"alert"},
    "modal": frozenset(BLOCKS) - {"markdown", "table"},
    "home": frozenset(BLOCKS) - {"markdown", "table", "alert"},
}

ELEMENTS: dict[str, Shape] = {
    "button": ELEMENT
    | {
        "text": need(plain(75)),
        "value": string(2000),
        "url": url(),
        "style": choice("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
    "overflow": ELEMENT | {"options": need(many(an("overflow_option"), 1, 5)), "confirm": CONFIRM},
    "image_element": {"type": need(string())} | IMAGE,
    "static_select": MENU | CHOICES | ONE_OPTION,
    "multi_static_select": MULTI | CHOICES | SOME_OPTIONS,
    "external_select": MENU | ONE_OPTION | {"min_query_length": whole(0)},
    "multi_external_select": MULTI | SOME_OPTIONS | {"min_query_length": whole(0)},
    "users_select": MENU | {"initial_user": string()},
    "multi_users_select": MULTI | {"initial_users": many(string())},
    "channels_select": MENU | {"initial_channel": string(), "response_url_enabled": FLAG},
    "multi_channels_select": MULTI | {"initial_channels": many(string())},
    "conversations_select": MENU
    | {
        "initial_conversation": string(),
        "default_to_current_conversation": FLAG,
        "response_url_enabled": FLAG,
        "filter": an("conversation_filter"),
    },
    "multi_conversations_select": MULTI
    | {
        "initial_conversations": many(string()),
        "default_to_current_conversation": FLAG,
        "filter": an("conversation_filter"),
    },
    "checkboxes": ELEMENT
    | FOCUS
    | SOME_OPTIONS
    | {"options": need(many(an("rich_option"), 1, 10)), "confirm": CONFIRM},
    "radio_buttons": ELEMENT
    | FOCUS
    | ONE_OPTION
    | {"options": need(many(an("rich_option"), 1, 10)), "confirm": CONFIRM},
    "datepicker": MENU | {"initial_date": DATE},
    "timepicker": MENU | {"initial_time": TIME, "timezone": string()},
    "datetimepicker": ELEMENT
    | FOCUS
    | {"initial_date_time": whole(1_000_000_000, 9_999_999_999), "confirm": CONFIRM},
    "plain_text_input": TYPED_IN
    | {
        "initial_value": string(),
        "multiline": FLAG,
        "min_length": whole(0, 3000),
        "max_length": whole(1, 3000),
    },
    "email_text_input": TYPED_IN | {"initial_value": string()},
    "url_text_input": TYPED_IN | {"initial_value": string()},
    "number_input": TYPED_IN
    | {
        "is_decimal_allowed": need(FLAG),
        "initial_value": string(),
        "min_value": string(),
        "max_value": string(),
    },
    "rich_text_input": TYPED_IN | {"initial_value": one_of("rich_text")},
    "file_input": ELEMENT | {"filetypes": many(string()), "max_files": whole(1, 10)},
}

OPTION: Shape = {
    "text": need(plain(75)),
    "value": need(string(150, 1)),
    "description": plain(75),
}
LIST_KEYS: Shape = {"indent": whole(0, 8), "offset": whole(0), "border": whole(0, 1)}
STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "unlink")
INLINE: Shape = {"type": need(string()), "style": an("inline_style")}

OBJECTS: dict[str, Shape] = {
    "plain_text": {"type": need(string()), "text": need(string(TEXT_MAX, 1)), "emoji": FLAG},
    "mrkdwn": {"type": need(string()), "text": need(string(TEXT_MAX, 1)), "verbatim": FLAG},
    "option": OPTION,
    "overflow_option": OPTION | {"url": url()},
    "rich_option": OPTION | {"text": need(text(75)), "description": text(75)},
    "option_group": {
        "label": need(plain(75)),
        "options": need(many(an("option"), 1, OPTIONS_MAX)),
    },
    "confirm": {
        "title": need(plain(100)),
        "text": need(text(300)),
        "confirm": need(plain(30)),
        "deny": need(plain(30)),
        "style": choice("primary", "danger"),
    },
    "dispatch": {
        "trigger_actions_on": many(choice("on_enter_pressed", "on_character_entered"), 1, 2)
    },
    "conversation_filter": {
        "include": many(choice("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": FLAG,
        "exclude_bot_users": FLAG,
    },
    "slack_file": {"id": string(), "url": url()},
    "column": {"align": choice("left", "center", "right"), "is_wrapped": FLAG},
    "raw_text": {"type": need(string()), "text": need(string(low=1))},
    "rich_text_section": {
        "type": need(string()),
        "elements": need(many(one_of(*RICH_INLINE))),
    },
    "rich_text_list": LIST_KEYS
    | {
        "type": need(string()),
        "style": need(choice("bullet", "ordered")),
        "elements": need(many(one_of("rich_text_section"))),
    },
    "rich_text_preformatted": {
        "type": need(string()),
        "border": whole(0, 1),
        "language": string(),
        "elements": need(many(one_of("inline_text", "inline_link"))),
    },
    "rich_text_quote": {
        "type": need(string()),
        "border": whole(0, 1),
        "elements": need(many(one_of(*RICH_INLINE))),
    },
    "inline_style": dict.fromkeys(STYLES, FLAG),
    "inline_text": INLINE | {"text": need(string(low=1))},
    "inline_link": INLINE | {"url": need(url()), "text": string(), "unsafe": FLAG},
    "inline_user": INLINE | {"user_id": need(string())},
    "inline_usergroup": INLINE | {"usergroup_id": need(string())},
    "inline_channel": INLINE | {"channel_id": need(string())},
    "inline_team": INLINE | {"team_id": need(string())},
    "inline_emoji": INLINE | {"name": need(string()), "unicode": string()},
    "inline_broadcast": INLINE | {"range": need(choice("here", "channel", "everyone"))},
    "inline_color": INLINE | {"value": need(string())},
    "inline_date": INLINE
    | {
        "timestamp": need(whole(0)),
        "format": need(string()),
        "url": url(),
        "fallback": string(),
    },
}

SHAPES: dict[str, Shape] = OBJECTS | ELEMENTS | BLOCKS

VIEW: Shape = {
    "type": need(choice("modal", "home")),
    "blocks": need(many(ANY, 0, VIEW_BLOCKS_MAX)),
    "private_metadata": string(METADATA_MAX),
    "callback_id": string(ID_MAX),
    "external_id": string(ID_MAX),
}
MODAL: Shape = VIEW | {
    "title": need(plain(24)),
    "submit": plain(24),
    "close": plain(24),
    "clear_on_close": FLAG,
    "notify_on_close": FLAG,
    "submit_disabled": FLAG,
}
ATTACHMENT_KEYS = frozenset(
    {"actions", "attachment_type", "author_icon", "author_link", "author_name", "author_subname"}
    | {"blocks", "callback_id", "color", "fallback", "fields", "footer", "footer_icon", "from_url"}
    | {"id", "image_url", "mrkdwn_in", "original_url", "pretext", "preview", "service_icon"}
    | {"service_name", "text", "thumb_url", "title", "title_link", "ts", "unfurl"}
)
