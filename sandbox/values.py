"""What a person chose in an element, as Slack's payloads carry it.

A person's choice is plain: a string for text, an option's ``value``, an id, ``2026-03-01``,
``14:30``, epoch seconds, or a list of those for elements that take several.
"""

import re
from typing import Any

from sandbox.blockkit import elements_of
from sandbox.state import Json

FILL_IN = "Please complete this required field."
OPTION_KINDS = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
OPTIONS_KINDS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
STATELESS = frozenset({"button", "overflow", "image", "plain_text", "mrkdwn", "workflow_button"})

# element type → (key of the choice in state and actions, key of the initial choice)
KEYS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(OPTION_KINDS, ("selected_option", "initial_option")),
    **dict.fromkeys(OPTIONS_KINDS, ("selected_options", "initial_options")),
    "users_select": ("selected_user", "initial_user"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "file_input": ("files", "files"),
}
SEVERAL = frozenset(kind for kind in KEYS if kind.startswith("multi_")) | {"checkboxes"}


class NotOfferedError(ValueError):
    """The choice is not among what the element offers."""


def options_of(element: Json) -> list[Json]:
    """Every option that the element lists itself, in groups or not."""
    groups = element.get("option_groups") or [element]
    return [option for group in groups for option in group.get("options") or []]


def find_option(element: Json, chosen: Any, suggested: list[Json]) -> Json:
    """The option with this value (or this very option). Raises :class:`NotOfferedError`."""
    value = chosen.get("value") if isinstance(chosen, dict) else chosen
    for option in [*options_of(element), *suggested]:
        if option.get("value") == value:
            return option
    raise NotOfferedError(
        f"{element['type']} {element.get('action_id')!r} does not offer {value!r}"
    )


def read_choice(element: Json, chosen: Any, suggested: list[Json]) -> Json:
    """The value object for a plain choice, for example ``{"type", "selected_option"}``.

    ``suggested`` are the options that the app answered for an external select. None (or an
    empty list) clears the element.
    """
    kind = str(element["type"])
    key = KEYS[kind][0]
    if kind in SEVERAL:
        chosen = list(chosen or [])
    elif chosen == "":
        chosen = None
    if kind in OPTIONS_KINDS:
        chosen = [find_option(element, one, suggested) for one in chosen]
    elif kind in OPTION_KINDS and chosen is not None:
        chosen = find_option(element, chosen, suggested)
    elif kind == "number_input" and chosen is not None:
        chosen = str(chosen)
    return {"type": kind, key: chosen}


def initial_value(element: Json) -> Json:
    """The value object of an element that nobody has touched."""
    kind = str(element["type"])
    key, initial = KEYS[kind]
    empty: Any = [] if kind in SEVERAL or kind == "file_input" else None
    return {"type": kind, key: element.get(initial, empty)}


def stateful(blocks: list[Json]) -> list[tuple[Json, Json]]:
    """Every (block, element) whose choice is part of the state."""
    return [
        (block, element)
        for block in blocks
        for element in elements_of(block)
        if element.get("type") in KEYS and element["type"] not in STATELESS
    ]


def state_of(blocks: list[Json], touched: dict[str, dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """``state.values``: what was touched, and initial values everywhere else.

    Elements that the app gave no action id have the invented one. Buttons and overflow menus are
    not in it, and what was touched in a block that is gone is left out.
    """
    state: dict[str, dict[str, Json]] = {}
    for block, element in stateful(blocks):
        block_id, action_id = str(block.get("block_id")), str(element.get("action_id"))
        value = touched.get(block_id, {}).get(action_id) or initial_value(element)
        state.setdefault(block_id, {})[action_id] = value
    return state


def is_empty(value: Json) -> bool:
    """Whether a value object holds no choice."""
    return value[KEYS[value["type"]][0]] in (None, "", [])


def complaint(block: Json, value: Json) -> str | None:
    """What Slack's own client says before it sends a form; None when it has nothing to say.

    Checked are required inputs, lengths (3000 characters at most by default), the form of addresses
    and numbers. A number's bounds are inclusive.
    """
    element = block["element"]
    if is_empty(value):
        return None if block.get("optional") else FILL_IN
    kind, text = value["type"], value.get("value")
    if not isinstance(text, str):
        return None
    if len(text) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    if len(text) > element.get("max_length", 3000):
        return f"Must be at most {element.get('max_length', 3000)} characters."
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        return "Please enter a valid URL."
    return _number_complaint(element, text) if kind == "number_input" else None


def _number_complaint(element: Json, text: str) -> str | None:
    form = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(form, text):
        return "Please enter a valid number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Must be at least {low}."
    if high is not None and float(text) > float(high):
        return f"Must be at most {high}."
    return None
