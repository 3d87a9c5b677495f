"""Block Kit, built inside its limits: too long a text is cut, never refused by Slack.

Interaction ids: ``do:<verb>`` runs an intent, ``ask:<verb>`` opens its form, ``show:<what>``
answers privately, ``menu`` is a menu of these, ``link:<name>`` only opens an address.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Block: TypeAlias = dict[str, Any]

# Characters or items, both inclusive; Slack's Block Kit reference.
TEXT_MAX = 3000  # characters of a section's text, and of a message's top-level text as we send it
FIELD_MAX = 2000  # characters of a section's field
FIELDS_MAX = 10  # fields in a section
HEADER_MAX = 150  # characters
BUTTON_MAX = 75  # characters on a button
CONFIRM_TITLE_MAX = 100  # characters; of the question asked before a button counts
CONFIRM_TEXT_MAX = 300
CONFIRM_BUTTON_MAX = 30
VALUE_MAX = 2000  # characters of a button's value
OPTION_MAX = 75  # characters of an option's text and of its description
OPTION_VALUE_MAX = 150  # characters
OPTIONS_MAX = 100  # options of a select
OVERFLOW_MAX = 5  # options of an overflow menu
CHECKBOXES_MAX = 10  # options of checkboxes and radio buttons
PLACEHOLDER_MAX = 150  # characters
LABEL_MAX = 2000  # characters of an input's label and hint
TITLE_MAX = 24  # characters of a view's title, submit and close
METADATA_MAX = 3000  # characters of a view's private_metadata
MESSAGE_BLOCKS_MAX = 50  # blocks
VIEW_BLOCKS_MAX = 100  # blocks
CONTEXT_MAX = 10  # elements of a context block
ACTIONS_MAX = 25  # elements of an actions block

_LAST_ENTITY = re.compile(r"(&[a-z]*|<[^>]*)$")


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: ``text`` for notifications and screen readers, ``blocks`` for the eye."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def message(text: str, *blocks: Block | None) -> Message:
    """Make a message inside Slack's limits; a block that is None is left out.

    Blocks beyond 50 are dropped without a word.
    """
    shown = [block for block in blocks if block is not None]
    return Message(fit(text, TEXT_MAX), shown[:MESSAGE_BLOCKS_MAX])


def fit(text: str, limit: int) -> str:
    """Cut ``text`` to ``limit`` characters with “…”, never inside an entity or a mention."""
    if len(text) <= limit:
        return text
    return _LAST_ENTITY.sub("", text[: limit - 1]).rstrip() + "…"


def fit_plain(text: str, limit: int) -> str:
    """Cut plain text to ``limit`` characters with “…”."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def plain(text: str, limit: int = TEXT_MAX) -> Block:
    """Make a plain_text object; Slack wants one character at least: an empty text is a dash."""
    return {"type": "plain_text", "text": fit_plain(text, limit).strip() or "-", "emoji": True}


def exact(text: str, limit: int) -> Block:
    """Make a plain_text object for text from people: ``:names:`` stay as they were typed."""
    return plain(text, limit) | {"emoji": False}


def mrkdwn(text: str, limit: int = TEXT_MAX) -> Block:
    """Make a mrkdwn object; ``verbatim`` keeps Slack from reading names and links into it."""
    return {"type": "mrkdwn", "text": fit(text, limit).strip() or "-", "verbatim": True}


def header(text: str) -> Block:
    """Make a headline; it may hold text from people, which is never markup here."""
    return {"type": "header", "text": exact(text, HEADER_MAX)}


def section(text: str, accessory: Block | None = None) -> Block:
    """Make a paragraph of mrkdwn, with one element beside it."""
    block = {"type": "section", "text": mrkdwn(text)}
    return block | ({"accessory": accessory} if accessory else {})


def fields(*texts: str, accessory: Block | None = None) -> Block:
    """Make up to ten short mrkdwn texts in two columns, with one element beside them."""
    shown = [mrkdwn(text, FIELD_MAX) for text in texts[:FIELDS_MAX]]
    block: Block = {"type": "section", "fields": shown}
    return block | ({"accessory": accessory} if accessory else {})


def context(*texts: str) -> Block:
    """Make small print of at most ten pieces of mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts[:CONTEXT_MAX]]}


def divider() -> Block:
    """Make a line across the message."""
    return {"type": "divider"}


def actions(*elements: Block | None) -> Block | None:
    """Make a row of buttons and menus, at most 25; None when there is nothing to press."""
    shown = [element for element in elements if element is not None]
    return {"type": "actions", "elements": shown[:ACTIONS_MAX]} if shown else None


def pack_value(values: Mapping[str, Any], limit: int) -> str:
    """Write fields as the JSON that travels in a value: ``{"case":7}``.

    Raises ValueError when it is too long; a value is never cut.
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=str)
    if len(text) > limit:
        raise ValueError(f"{len(text)} characters of values, at most {limit}: {text[:80]}")
    return text


def button(
    action_id: str,
    text: str,
    values: Mapping[str, Any] | None = None,
    *,
    style: str = "",
    sure: Block | None = None,
) -> Block:
    """Make a button: ``action_id`` as in the module's words, ``style`` primary, danger or none.

    Slack wants action ids to be unique in a message: ``#2`` tells the second one apart. ``sure`` is
    what Slack asks before it counts as pressed (``ask_first``).
    """
    block = {"type": "button", "action_id": action_id, "text": plain(text, BUTTON_MAX)}
    if values is not None:
        block["value"] = pack_value(values, VALUE_MAX)
    block |= {"confirm": sure} if sure else {}
    return block | ({"style": style} if style else {})


def ask_first(title: str, text: str, yes: str, no: str) -> Block:
    """Make the question that Slack asks before a button counts as pressed."""
    return {
        "title": plain(title, CONFIRM_TITLE_MAX),
        "text": plain(text, CONFIRM_TEXT_MAX),
        "confirm": plain(yes, CONFIRM_BUTTON_MAX),
        "deny": plain(no, CONFIRM_BUTTON_MAX),
    }


def option(value: str, text: str, description: str = "") -> Block:
    """Make one choice. Raises ValueError when the value is longer than Slack takes."""
    if not 0 < len(value) <= OPTION_VALUE_MAX:
        raise ValueError(f"an option's value has 1 to {OPTION_VALUE_MAX} characters: {value[:80]}")
    block = {"text": plain(text, OPTION_MAX), "value": value}
    return block | ({"description": plain(description, OPTION_MAX)} if description else {})


def menu_item(action_id: str, text: str, values: Mapping[str, Any]) -> Block:
    """Make one entry of a menu: what a button with this id and these values would do.

    Its value is ``<action id>|<JSON>``. Raises ValueError beyond 150 characters.
    """
    room = OPTION_VALUE_MAX - len(action_id) - 1
    return option(f"{action_id}|{pack_value(values, room)}", text)


def overflow(number: int, items: Sequence[Block]) -> Block | None:
    """Make a “…” menu of up to five entries; None without any.

    ``number`` tells the menus of one message apart. Raises ValueError for more than Slack shows:
    an entry that is offered is never left out.
    """
    if len(items) > OVERFLOW_MAX:
        raise ValueError(f"menu {number} has {len(items)} entries, Slack shows {OVERFLOW_MAX}")
    if not items:
        return None
    return {"type": "overflow", "action_id": f"menu#{number}", "options": list(items)}
