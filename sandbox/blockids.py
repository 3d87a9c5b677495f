"""The identifiers that Slack invents where an app gave none."""

import secrets
from typing import Any

from sandbox.state import Json

SILENT = frozenset({"image", "mrkdwn", "plain_text", "text", "raw_text", "rich_text"})


def with_ids(blocks: list[Json] | None) -> list[Json] | None:
    """Copies of the blocks in which each has a ``block_id`` and each element an ``action_id``."""
    if blocks is None:
        return None
    return [_block(block) for block in blocks]


def _block(block: Json) -> Json:
    filled = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    for key in ("accessory", "element"):
        if isinstance(filled.get(key), dict):
            filled[key] = _element(filled[key])
    if filled.get("type") in {"actions", "context_actions"}:
        filled["elements"] = [_element(e) for e in filled.get("elements", [])]
    return filled


def _element(element: Any) -> Any:
    if not isinstance(element, dict) or element.get("type") in SILENT:
        return element
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)}


def text_of(blocks: list[Json]) -> str:
    """What Slack reads aloud when an app sent blocks and no text."""
    found: list[str] = []
    for block in blocks:
        for part in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
            if isinstance(part, dict) and isinstance(part.get("text"), str):
                found.append(part["text"])
    return " ".join(found)
