"""Cursors: opaque places in a list.

A cursor is Base64 of ``next:<position>`` and knows nothing of the list: what is added or removed
between two pages shifts the rest, as a caller of Slack must expect too.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.api.call import Call
from sandbox.errors import SlackError, invalid_arguments
from sandbox.state import Json

Item = TypeVar("Item")


def page(call: Call, items: Sequence[Item], default: int) -> tuple[list[Item], Json]:
    """One page of a list, and the ``response_metadata`` with the cursor of the next.

    Raises ``invalid_limit`` (or ``invalid_arguments``), ``invalid_cursor``. A limit of 0 counts as
    not given. ``next_cursor`` is "" on the last page. Bounds are those of the method's ``limit`` in
    the table of facts, else 1 to 1000.
    """
    rule = call.facts.args["limit"]
    limit = call.get("limit", default) or default
    low, high = rule.get("minimum", 1), rule.get("maximum", 1000)
    if not low <= limit <= high:
        if "invalid_limit" in call.facts.errors:
            raise SlackError("invalid_limit")
        raise invalid_arguments(f"must be between {low} and {high} [json-pointer:/limit]")
    start = _position(call.text("cursor"))
    if start > len(items):
        raise SlackError("invalid_cursor")
    end = start + limit
    cursor = _cursor(end) if end < len(items) else ""
    return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}


def _cursor(position: int) -> str:
    return base64.b64encode(f"next:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        word, _, number = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SlackError("invalid_cursor") from error
    if word != "next" or not number.isdigit():
        raise SlackError("invalid_cursor")
    return int(number)
