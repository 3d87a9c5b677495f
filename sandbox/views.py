"""Modals and Home tabs: a stack of at most three modals for each person, one Home for each app."""

import json
import secrets

from sandbox.blockids import with_ids
from sandbox.errors import SlackError, invalid_arguments
from sandbox.state import AppInstallation, Json, View
from sandbox.workspace import Workspace

STACK_MAX = 3  # views: the root and two pushed; push_limit_reached
VIEW_BYTES_MAX = 250_000  # view_too_large


def open_modal(ws: Workspace, app: AppInstallation, trigger_id: str, payload: Json) -> View:
    """Open a modal for whoever the trigger belongs to; it replaces what was open.

    Raises the trigger errors, ``duplicate_external_id``, ``view_too_large``, ``invalid_arguments``
    for a Home view. The payload's type and size are held against the rules before the trigger is
    used up, its ``external_id`` after. What was open goes without a ``view_closed``.
    """
    _check(payload, "modal")
    trigger = ws.lifetimes.exchange_trigger(trigger_id, app.app_id)
    view = _new(ws, app, trigger.user_id, payload)
    clear(ws, trigger.user_id)
    _put_on_top(ws, view)
    return view


def push_modal(ws: Workspace, app: AppInstallation, trigger_id: str, payload: Json) -> View:
    """Put a modal on top of the one in which the trigger arose.

    Raises as :func:`open_modal`, ``not_found`` when that one is closed, ``push_limit_reached``.
    """
    _check(payload, "modal")
    trigger = ws.lifetimes.exchange_trigger(trigger_id, app.app_id)
    below = ws.views.get(trigger.view_id or "")
    if below is None or below.id not in ws.modals.get(trigger.user_id, []):
        raise SlackError("not_found")
    return push_onto(ws, below, payload)


def push_onto(ws: Workspace, below: View, payload: Json) -> View:
    """Put a modal on top of another (``response_action: push``)."""
    _check(payload, "modal")
    if len(ws.modals.get(below.owner, [])) >= STACK_MAX:
        raise SlackError("push_limit_reached")
    view = _new(ws, ws.apps[below.app_id], below.owner, payload)
    view.root_view_id, view.previous_view_id = below.root_view_id, below.id
    _put_on_top(ws, view)
    return view


def _put_on_top(ws: Workspace, view: View) -> None:
    ws.views[view.id] = view
    ws.modals.setdefault(view.owner, []).append(view.id)
    _publish(ws, view)


def update_view(
    ws: Workspace,
    app: AppInstallation,
    payload: Json,
    *,
    view_id: str | None = None,
    external_id: str | None = None,
    view_hash: str | None = None,
) -> View:
    """Replace the content of an open view.

    Raises ``not_found``, ``hash_conflict`` when ``view_hash`` is not the newest. Only views of the
    same app are found; ``view_id`` wins where both are given. A payload of the other type is
    ``invalid_arguments``: a Home tab does not become a modal.
    """
    found = [
        v
        for v in ws.views.values()
        if v.app_id == app.app_id
        and (v.id == view_id if view_id else v.external_id == external_id and external_id)
    ]
    if not found:
        raise SlackError("not_found")
    view = found[0]
    _check(payload, view.type)
    if view_hash is not None and view_hash != view.hash:
        raise SlackError("hash_conflict")
    replace_content(ws, view, payload)
    return view


def replace_content(ws: Workspace, view: View, payload: Json) -> None:
    """Give a view another payload, keeping what was typed into blocks that stay.

    ``response_action: update`` comes here too. The view gets a new hash. Blocks without an id of
    the app's own get new ones each time, so what was typed into them is lost. Raises
    ``duplicate_external_id``.
    """
    _check_external(ws, payload, view)
    view.payload = {**payload, "blocks": with_ids(payload.get("blocks") or [])}
    view.external_id = str(payload.get("external_id") or "")
    view.hash = _hash(ws)
    kept = {str(block["block_id"]) for block in view.blocks}
    view.state = {block: values for block, values in view.state.items() if block in kept}
    _publish(ws, view)


def publish_home(
    ws: Workspace, app: AppInstallation, user_id: str, payload: Json, view_hash: str | None = None
) -> View:
    """Set somebody's Home tab of this app. Raises ``not_enabled``, ``hash_conflict`` …

    The id of the view stays the same from the first time on. An unknown user is
    ``invalid_arguments``; whether the person is deactivated or from another organisation is not
    looked at.
    """
    if not app.home_enabled:
        raise SlackError("not_enabled")
    if user_id not in ws.users:
        raise invalid_arguments("invalid `user_id`")
    _check(payload, "home")
    view = ws.views.get(ws.homes.get((app.app_id, user_id), ""))
    if view is None:
        view = _new(ws, app, user_id, payload)
        ws.views[view.id] = view
        ws.homes[(app.app_id, user_id)] = view.id
        _publish(ws, view)
        return view
    if view_hash is not None and view_hash != view.hash:
        raise SlackError("hash_conflict")
    replace_content(ws, view, payload)
    return view


def close(ws: Workspace, view: View) -> None:
    """Take one modal off its owner's stack.

    Views above it stay on the stack; closing one that is closed already only publishes. Apps are
    told by the caller, where the view asked for it.
    """
    stack = ws.modals.get(view.owner, [])
    if view.id in stack:
        stack.remove(view.id)
    ws.views.pop(view.id, None)
    _publish(ws, view)


def clear(ws: Workspace, user_id: str) -> None:
    """Close all of somebody's modals."""
    for view_id in ws.modals.pop(user_id, []):
        view = ws.views.pop(view_id, None)
        if view is not None:
            _publish(ws, view)


def _new(ws: Workspace, app: AppInstallation, owner: str, payload: Json) -> View:
    _check_external(ws, payload, None)
    view_id = ws.new_id("V")
    return View(
        view_id,
        app.app_id,
        owner,
        {**payload, "blocks": with_ids(payload.get("blocks") or [])},
        _hash(ws),
        external_id=str(payload.get("external_id") or ""),
        root_view_id=view_id,
    )


def _check(payload: Json, expected: str) -> None:
    if payload.get("type") != expected:
        raise invalid_arguments(f"expected a view of type {expected} [json-pointer:/view/type]")
    if len(json.dumps(payload).encode()) > VIEW_BYTES_MAX:
        raise SlackError("view_too_large")


def _check_external(ws: Workspace, payload: Json, own: View | None) -> None:
    external_id = payload.get("external_id")
    if external_id and any(
        v.external_id == external_id and v is not own for v in ws.views.values()
    ):
        raise SlackError("duplicate_external_id")


def _hash(ws: Workspace) -> str:
    return f"{ws.epoch()}.{secrets.token_hex(4)}"


def _publish(ws: Workspace, view: View) -> None:
    if view.type == "home":
        ws.bus.publish({"type": "home", "user": view.owner, "app_id": view.app_id})
    else:
        ws.bus.publish({"type": "view", "user": view.owner, "view_id": view.id})
