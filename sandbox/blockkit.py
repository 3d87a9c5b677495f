"""Block Kit as Slack checks it: what is wrong with these blocks, and where.

Everything that can be said in a table is in ``block_table``; here is the walk over it and the
few rules between two places (unique ids, initial options, a submit button for inputs).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from sandbox.block_relations import Problem, check_relations
from sandbox.block_table import (
    ATTACHMENT_KEYS,
    ATTACHMENTS_MAX,
    BLOCKS,
    CHOICES,
    INPUT_ONLY_MODAL,
    MARKDOWN_TOTAL_MAX,
    MESSAGE_BLOCKS_MAX,
    MODAL,
    PREFIXES,
    SHAPES,
    SURFACES,
    VIEW,
    Rule,
    Shape,
)

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "url": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
}


def validate_message(blocks: Any, pointer: str = "/blocks") -> list[Problem]:
    """What is wrong with a message's blocks; empty when nothing is."""
    problems = _blocks(blocks, "message", pointer, MESSAGE_BLOCKS_MAX)
    return problems or [*_markdown_total(blocks, pointer), *_one_table(blocks, pointer)]


def validate_view(view: Any, pointer: str = "/view") -> list[Problem]:
    """What is wrong with a modal or a Home tab; empty when nothing is."""
    if not isinstance(view, dict):
        return [Problem("must provide an object", pointer)]
    surface = str(view.get("type"))
    problems = _shape(view, MODAL if surface == "modal" else VIEW, pointer)
    if surface not in SURFACES or not isinstance(view.get("blocks"), list):
        return problems
    problems += _blocks(view["blocks"], surface, f"{pointer}/blocks", None)
    has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in view["blocks"])
    if surface == "modal" and has_input and not view.get("submit"):
        problems.append(Problem("missing required field: submit", pointer))
    problems += _one_focus(view["blocks"], pointer)
    return problems


def validate_attachments(attachments: Any, pointer: str = "/attachments") -> list[Problem]:
    """What is wrong with a message's attachments; empty when nothing is."""
    if not isinstance(attachments, list):
        return [Problem("must provide an array", pointer)]
    if len(attachments) > ATTACHMENTS_MAX:
        text = f"no more than {ATTACHMENTS_MAX} items allowed"
        return [Problem(text, pointer, code="too_many_attachments")]
    problems: list[Problem] = []
    for index, attachment in enumerate(attachments):
        where = f"{pointer}/{index}"
        if not isinstance(attachment, dict):
            problems.append(Problem("must provide an object", where))
            continue
        problems += _unknown(attachment, ATTACHMENT_KEYS, where)
        if attachment.get("blocks"):
            problems += validate_message(attachment["blocks"], f"{where}/blocks")
    return problems


def validate_options(answer: dict[str, Any], pointer: str = "") -> list[Problem]:
    """What is wrong with the answer to a block_suggestion: ``options`` or ``option_groups``."""
    if not ("options" in answer) ^ ("option_groups" in answer):
        return [Problem("must provide exactly one of options or option_groups", pointer)]
    empty_is_fine = {key: replace(rule, low=0) for key, rule in CHOICES.items()}
    return _shape(answer, empty_is_fine, pointer)


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The interactive places of one block: its elements, its accessory or its input."""
    inner = block.get("elements") if block.get("type") in {"actions", "context"} else None
    found = [*(inner or []), block.get("accessory"), block.get("element")]
    return [element for element in found if isinstance(element, dict)]


def _blocks(blocks: Any, surface: str, pointer: str, high: int | None) -> list[Problem]:
    if not isinstance(blocks, list):
        return [Problem("must provide an array", pointer)]
    problems: list[Problem] = []
    if high is not None and len(blocks) > high:
        problems.append(_too_many(high, pointer))
    for index, block in enumerate(blocks):
        problems += _block(block, surface, f"{pointer}/{index}")
    seen: set[Any] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id") if isinstance(block, dict) else None
        if name and name in seen:
            problems.append(
                Problem(f"`block_id` {name!r} already exists", f"{pointer}/{index}/block_id")
            )
        seen.add(name if isinstance(name, str) else None)
    return problems


def _block(block: Any, surface: str, pointer: str) -> list[Problem]:
    if not isinstance(block, dict):
        return [Problem("must provide an object", pointer)]
    kind = block.get("type")
    if kind not in BLOCKS or kind not in SURFACES[surface]:
        return [_unsupported(kind, sorted(SURFACES[surface]), pointer)]
    problems = _shape(block, BLOCKS[kind], pointer) + check_relations(kind, block, pointer)
    seen: set[str] = set()
    for element in elements_of(block):
        name = element.get("action_id")
        if isinstance(name, str) and name in seen:
            problems.append(
                Problem(f"`action_id` {name!r} already exists for another element", pointer)
            )
        seen.update([name] if isinstance(name, str) else [])
        if surface != "modal" and element.get("type") in INPUT_ONLY_MODAL:
            problems.append(_unsupported(element["type"], [], pointer))
    return problems


def _shape(value: dict[str, Any], shape: Shape, pointer: str) -> list[Problem]:
    problems = _unknown(value, shape, pointer)
    for key, rule in shape.items():
        if value.get(key) is not None:
            problems += _check(value[key], rule, f"{pointer}/{key}")
        elif rule.required:
            problems.append(Problem(f"missing required field: {key}", pointer))
    return problems


def _check(value: Any, rule: Rule, pointer: str) -> list[Problem]:
    """Hold one value against one rule."""
    if rule.kind == "any":
        return []
    if rule.kind in {"text", "object", "typed"}:
        if not isinstance(value, dict):
            return [Problem("must provide an object", pointer)]
        return _check_object(value, rule, pointer)
    wanted = TYPES[rule.kind]
    if not isinstance(value, wanted) or (isinstance(value, bool) and rule.kind != "boolean"):
        article = "an" if rule.kind in {"array", "integer"} else "a"
        return [Problem(f"must provide {article} {rule.kind}", pointer)]
    if isinstance(value, list):
        return _check_array(value, rule, pointer)
    if isinstance(value, str):
        return _check_string(value, rule, pointer)
    return _check_number(value, rule, pointer) if isinstance(value, int | float) else []


def _check_object(value: dict[str, Any], rule: Rule, pointer: str) -> list[Problem]:
    kind = value.get("type")
    if rule.kind == "text":
        if kind not in rule.choices:
            return [_unsupported(kind, list(rule.choices), f"{pointer}/type")]
        limit = replace(SHAPES[str(kind)]["text"], low=rule.low, high=rule.high)
        return _shape(value, SHAPES[str(kind)] | {"text": limit}, pointer)
    if rule.kind == "object":
        name = rule.shapes[0]
        return _shape(value, SHAPES[name], pointer)
    for name in rule.shapes:
        if PREFIXES.get(name, name) == kind:
            return _shape(value, SHAPES[name], pointer) + check_relations(name, value, pointer)
    expected = [PREFIXES.get(name, name) for name in rule.shapes]
    return [_unsupported(kind, expected, f"{pointer}/type")]


def _check_array(value: list[Any], rule: Rule, pointer: str) -> list[Problem]:
    if rule.low is not None and len(value) < rule.low:
        return [Problem(f"no fewer than {rule.low} items allowed", pointer)]
    if rule.high is not None and len(value) > rule.high:
        return [_too_many(rule.high, pointer)]
    item = rule.item or Rule("any")
    checked = (_check(one, item, f"{pointer}/{index}") for index, one in enumerate(value))
    return list(chain.from_iterable(checked))


def _check_number(value: float, rule: Rule, pointer: str) -> list[Problem]:
    if rule.low is not None and value < rule.low:
        return [Problem(f"must be at least {rule.low}", pointer)]
    if rule.high is not None and value > rule.high:
        return [Problem(f"must be at most {rule.high}", pointer)]
    return []


def _check_string(value: str, rule: Rule, pointer: str) -> list[Problem]:
    if rule.low and len(value) < rule.low:
        return [_length("minLength", f"must be more than {rule.low - 1} characters", rule, pointer)]
    if rule.high is not None and len(value) > rule.high:
        return [
            _length("maxLength", f"must be less than {rule.high + 1} characters", rule, pointer)
        ]
    if rule.choices and value not in rule.choices:
        expected = {"type": "enum", "expected": list(rule.choices)}
        return [Problem("must be a valid enum value", pointer, constraint=expected)]
    if rule.pattern and not re.fullmatch(rule.pattern, value):
        return [Problem(f"does not match regexp {rule.pattern}", pointer)]
    if rule.kind == "url" and not urlsplit(value).scheme:
        return [Problem("must be a valid URL", pointer)]
    return []


def _length(kind: str, message: str, rule: Rule, pointer: str) -> Problem:
    expected = rule.low if kind == "minLength" else rule.high
    return Problem(message, pointer, constraint={"type": kind, "expected": expected})


def _too_many(high: int, pointer: str) -> Problem:
    expected = {"type": "maxItems", "expected": high}
    return Problem(f"no more than {high} items allowed", pointer, constraint=expected)


def _unsupported(kind: Any, expected: list[str], pointer: str) -> Problem:
    where = pointer if pointer.endswith("/type") else f"{pointer}/type"
    constraint = {"type": "enum", "expected": expected} if expected else None
    return Problem(f"unsupported type: {kind}", where, constraint=constraint)


def _unknown(value: dict[str, Any], known: Iterable[str], pointer: str) -> list[Problem]:
    extra = sorted(set(value) - set(known))
    return [Problem(f"invalid additional property: {key}", pointer) for key in extra]


def _markdown_total(blocks: list[dict[str, Any]], pointer: str) -> list[Problem]:
    total = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if total <= MARKDOWN_TOTAL_MAX:
        return []
    text = f"markdown blocks together must be less than {MARKDOWN_TOTAL_MAX + 1} characters"
    return [Problem(text, pointer, code="msg_blocks_too_long")]


def _one_table(blocks: list[dict[str, Any]], pointer: str) -> list[Problem]:
    if sum(block["type"] == "table" for block in blocks) <= 1:
        return []
    return [Problem("only one table is allowed", pointer, code="only_one_table_allowed")]


def _one_focus(blocks: list[Any], pointer: str) -> list[Problem]:
    elements = chain.from_iterable(elements_of(b) for b in blocks if isinstance(b, dict))
    if sum(bool(element.get("focus_on_load")) for element in elements) <= 1:
        return []
    return [Problem("only one element can have focus_on_load", pointer)]
