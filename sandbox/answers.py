"""What an app's acknowledgement does to the modal that a person submitted."""

from typing import Any

from sandbox import views
from sandbox.blockkit import validate_view
from sandbox.errors import SlackError
from sandbox.state import Json, View
from sandbox.workspace import Workspace

ACTIONS = ("errors", "update", "push", "clear")


class BadAnswerError(Exception):
    """The app acknowledged with something that Slack does not take; the text says what."""


def apply_submission(ws: Workspace, view: View, answer: Json | None) -> dict[str, str]:
    """Close, change, cover or keep the modal. Returns the errors to show at its inputs.

    Raises :class:`BadAnswerError` for an unknown ``response_action``, a view that Slack refuses, or
    errors for blocks that take no input. ``errors`` maps block ids of inputs to texts and keeps the
    modal open, ``update`` and ``push`` carry a ``view``, ``clear`` closes the owner's whole stack.
    Without an action only this modal goes, and the one below shows again.
    """
    if not answer or "response_action" not in answer:
        views.close(ws, view)
        return {}
    action = answer["response_action"]
    if action == "errors":
        return _errors(view, answer.get("errors"))
    if action == "clear":
        views.clear(ws, view.owner)
        return {}
    if action not in ACTIONS:
        raise BadAnswerError(f"unknown response_action {action!r}")
    payload = _view(answer.get("view"))
    try:
        if action == "push":
            views.push_onto(ws, view, payload)
        else:
            views.replace_content(ws, view, payload)
    except SlackError as error:
        raise BadAnswerError(error.code) from error
    return {}


def _errors(view: View, errors: Any) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        raise BadAnswerError(f"errors must name input blocks {sorted(inputs)}, not {errors!r}")
    return {str(block): str(text) for block, text in errors.items()}


def _view(payload: Any) -> Json:
    problems = validate_view(payload)
    if problems:
        raise BadAnswerError(" ".join(problem.line() for problem in problems))
    valid: Json = payload
    return valid
