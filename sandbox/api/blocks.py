"""Block Kit at the door: problems become Slack's errors."""

import json
from collections.abc import Sequence
from typing import Any

from sandbox import blockkit
from sandbox.api.call import Call, method
from sandbox.block_relations import Problem
from sandbox.errors import SlackError, invalid_arguments
from sandbox.state import Json

GENERAL = "failed_constraint"  # a problem without an error code of its own


def refuse(problems: Sequence[Problem], code: str) -> None:
    """Raise the first problem's own code, or ``code``, with every reason; silent without any.

    The answer has the reasons twice: as ``errors``, and as ``response_metadata.messages`` with
    ``[ERROR]`` in front; each ends with ``[json-pointer:…]``.
    """
    if not problems:
        return
    own = next((p.code for p in problems if p.code != GENERAL), code)
    reasons = [f"{p.message} [json-pointer:{p.pointer}]" for p in problems]
    raise SlackError(
        own,
        errors=reasons,
        response_metadata={"messages": [f"[ERROR] {reason}" for reason in reasons]},
    )


def checked_blocks(value: Any) -> list[Json] | None:
    """A message's blocks, valid. Raises ``invalid_blocks_format``, ``invalid_blocks`` …"""
    if value is None:
        return None
    if not isinstance(value, list):
        raise SlackError("invalid_blocks_format")
    refuse(blockkit.validate_message(value), "invalid_blocks")
    return value


def checked_attachments(value: Any) -> list[Json] | None:
    """A message's attachments, valid. Raises ``invalid_attachments``, ``too_many_attachments``."""
    if value is None or value is False:
        return None
    if not isinstance(value, list):
        raise SlackError("invalid_attachments")
    refuse(blockkit.validate_attachments(value), "invalid_attachments")
    return value


def checked_view(value: Any) -> Json:
    """A view, valid. Raises ``invalid_arguments`` with JSON pointers."""
    refuse(blockkit.validate_view(value), "invalid_arguments")
    view: Json = value
    return view


@method("blocks.validate")
def validate(call: Call) -> Json:
    """Say what is wrong with blocks, a view or a message; needs no token."""
    given = [name for name in ("blocks", "view", "message") if call.get(name) is not None]
    if len(given) != 1:
        raise invalid_arguments("must provide exactly one of `blocks`, `view`, or `message`")
    name, value = given[0], call.get(given[0])
    problems = _problems(name, value)
    if problems:
        raise SlackError(f"invalid_{name}", errors=[_as_json(p) for p in problems])
    return {}


def _problems(name: str, value: Any) -> list[Problem]:
    if len(json.dumps(value)) > 100_000:  # characters; blocks.validate
        raise invalid_arguments(f"must be less than 100001 characters [json-pointer:/{name}]")
    if name == "blocks":
        return blockkit.validate_message(value, "")
    if name == "view":
        return blockkit.validate_view(value, "")
    if not isinstance(value, dict):
        return [Problem("must provide an object", "")]
    found: list[Problem] = []
    if value.get("blocks") is not None:
        found += blockkit.validate_message(value["blocks"])
    if value.get("attachments") is not None:
        found += blockkit.validate_attachments(value["attachments"])
    return found


def _as_json(problem: Problem) -> Json:
    body: Json = {
        "code": problem.code,
        "message": problem.message,
        "pointer": problem.pointer,
    }
    return body | ({"constraint": problem.constraint} if problem.constraint else {})
