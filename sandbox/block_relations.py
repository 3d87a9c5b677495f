"""Rules of Block Kit between two places of one block or element, and how a fault is told.

What holds for one place alone is in ``block_table``; ``blockkit`` walks over both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that Slack would refuse.

    ``code``: ``failed_constraint``, ``msg_blocks_too_long``, ``only_one_table_allowed`` or
    ``too_many_attachments``. ``pointer`` is a JSON pointer from what was validated.
    ``constraint`` is ``{"type", "expected"}`` where the rule has such an expectation.
    """

    message: str
    pointer: str
    code: str = "failed_constraint"
    constraint: dict[str, Any] | None = None

    def line(self) -> str:
        """As ``response_metadata.messages`` shows it."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"

    def as_error(self) -> dict[str, Any]:
        """As ``blocks.validate`` lists it."""
        error: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "pointer": self.pointer,
        }
        return error | ({"constraint": self.constraint} if self.constraint else {})


def check_relations(kind: str, value: dict[str, Any], pointer: str) -> list[Problem]:
    """The rules between two keys of one block or element."""
    problems = RELATIONS[kind](value, pointer) if kind in RELATIONS else []
    chosen = [value.get("initial_option"), *(value.get("initial_options") or [])]
    offered = _options(value)
    if offered is not None:
        problems += [
            Problem("initial option must match one of the options", pointer)
            for option in chosen
            if option is not None and option not in offered
        ]
    return problems


def _options(element: dict[str, Any]) -> list[Any] | None:
    """Every option of a menu, in groups or not; None when the app answers them later."""
    if isinstance(groups := element.get("option_groups"), list):
        return list(
            chain.from_iterable(g.get("options", []) for g in groups if isinstance(g, dict))
        )
    options = element.get("options")
    return options if isinstance(options, list) else None


def _section(block: dict[str, Any], pointer: str) -> list[Problem]:
    if block.get("text") or block.get("fields"):
        return []
    return [Problem("missing required field: text or fields", pointer)]


def _image(block: dict[str, Any], pointer: str) -> list[Problem]:
    if bool(block.get("image_url")) != bool(block.get("slack_file")):
        return []
    return [Problem("must provide exactly one of image_url or slack_file", pointer)]


def _menu(element: dict[str, Any], pointer: str) -> list[Problem]:
    if bool(element.get("options")) != bool(element.get("option_groups")):
        return []
    return [Problem("must provide exactly one of options or option_groups", pointer)]


def _typed_text(element: dict[str, Any], pointer: str) -> list[Problem]:
    low, high = element.get("min_length"), element.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        return [Problem("min_length must not be greater than max_length", pointer)]
    return []


RELATIONS: dict[str, Callable[[dict[str, Any], str], list[Problem]]] = {
    "section": _section,
    "image": _image,
    "image_element": _image,
    "static_select": _menu,
    "multi_static_select": _menu,
    "plain_text_input": _typed_text,
}
