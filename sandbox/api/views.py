"""views.*: modals and Home tabs."""

from sandbox import views
from sandbox.api.blocks import checked_view
from sandbox.api.call import Call, method
from sandbox.errors import SlackError, invalid_arguments
from sandbox.shapes import view_object
from sandbox.state import Json, View


def _shown(call: Call, view: View) -> Json:
    return {"view": view_object(call.ws, view)}


def _trigger(call: Call) -> str:
    """The trigger id, under either of its names; ``invalid_trigger_id`` when neither is given."""
    trigger_id = call.text("trigger_id") or call.text("interactivity_pointer")
    if not trigger_id:
        raise SlackError("invalid_trigger_id")
    return trigger_id


@method("views.open")
def views_open(call: Call) -> Json:
    """Open a modal."""
    trigger_id, view = _trigger(call), checked_view(call.get("view"))
    return _shown(call, views.open_modal(call.ws, call.app, trigger_id, view))


@method("views.push")
def views_push(call: Call) -> Json:
    """Put a modal on top."""
    trigger_id, view = _trigger(call), checked_view(call.get("view"))
    return _shown(call, views.push_modal(call.ws, call.app, trigger_id, view))


@method("views.update")
def views_update(call: Call) -> Json:
    """Change an open view, found by ``view_id`` or ``external_id``."""
    if not call.get("view_id") and not call.get("external_id"):
        raise invalid_arguments("missing required field: view_id or external_id")
    updated = views.update_view(
        call.ws,
        call.app,
        checked_view(call.get("view")),
        view_id=call.get("view_id"),
        external_id=call.get("external_id"),
        view_hash=call.get("hash"),
    )
    return _shown(call, updated)


@method("views.publish")
def views_publish(call: Call) -> Json:
    """Set somebody's Home tab."""
    view = checked_view(call.get("view"))
    user_id, view_hash = call.text("user_id"), call.get("hash")
    return _shown(call, views.publish_home(call.ws, call.app, user_id, view, view_hash))
