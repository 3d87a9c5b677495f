"""Whether a signed request has a shape that Slack can have sent.

Bolt and the handlers read a body by its known fields. One whose fields are of other types than
Slack documents is refused as a whole before either looks at it, so no handler asks of what type a
field is. Fields that are not named here may be anything; a field that is null counts as absent,
unless the kind of request is nothing without it.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

WHOLE_MAX = 2**63 - 1  # numbers beyond are no ids, counts or instants of anything
DEPTH_MAX = 100  # objects within objects; a view of Slack's has about ten
ID_MAX = 2_000  # characters of an id, a trigger or a response URL


class MalformedError(ValueError):
    """The request is none of Slack's; the message names the first field that is wrong."""


class Id(str):
    """Marks a field that holds an id or an address: printable, and not longer than ``ID_MAX``."""


class UserId(str):
    """Marks a field that holds a person's id: capitals and digits, ``USER_ID``."""


USER_ID = re.compile(r"[A-Z0-9_]{1,40}")

# A shape is a type, an object's fields, a list's element, or several of these.
TEAM = (Id, {"id": Id})
FLAGS = dict.fromkeys(
    ("deleted", "is_bot", "is_stranger", "is_restricted", "is_ultra_restricted", "is_app_user"),
    bool,
)
NAMES = dict.fromkeys(("name", "real_name", "display_name", "email", "tz", "locale"), str)
PROFILE = {"bot_id": Id, "api_app_id": Id, **NAMES}
ENTERPRISE = {"enterprise_id": Id, "teams": [Id]}
PERSON = (
    UserId,
    {
        "id": UserId,
        "team_id": Id,
        "profile": PROFILE,
        "enterprise_user": ENTERPRISE,
        **FLAGS,
        **NAMES,
    },
)
CHANNEL = (Id, {"id": Id})
OPTION = {"value": str}
ELEMENT = {
    "value": str,
    "selected_option": OPTION,
    "selected_options": [OPTION],
    "selected_date_time": int,
    "selected_date": str,
    "selected_time": str,
    "selected_user": Id,
    "selected_users": [Id],
    "selected_channel": Id,
    "selected_channels": [Id],
    "selected_conversation": Id,
    "selected_conversations": [Id],
}
VIEW = {
    "id": Id,
    "hash": Id,
    "callback_id": str,
    "external_id": str,
    "private_metadata": str,
    "app_installed_team_id": Id,
    "blocks": [{"block_id": str, "type": str}],
    "state": {"values": {str: {str: ELEMENT}}},
}
MESSAGE = {
    "text": str,
    "ts": Id,
    "thread_ts": Id,
    "user": Id,
    "bot_id": Id,
    "bot_profile": {},
}
EVENT = {
    "type": str,
    "subtype": str,
    "text": str,
    "tab": str,
    "ts": Id,
    "thread_ts": Id,
    "channel_type": str,
    "channel": CHANNEL,
    "channel_id": Id,
    "team": Id,
    "team_id": Id,
    "user": PERSON,
    "user_id": UserId,
    "user_team": Id,
    "user_profile": {"team": Id},
    "bot_id": Id,
    "bot_profile": {},
    "message": MESSAGE,
    "previous_message": MESSAGE,
    "item": {"channel": Id, "ts": Id, "type": str},
    "reaction": str,
    "view": VIEW,
    "subteam": {"id": Id},
    "subteam_id": Id,
}
AUTHORIZATION = {"team_id": Id, "enterprise_id": Id, "user_id": Id}
BODY = {
    "type": str,
    "command": str,
    "text": str,
    "value": str,
    "callback_id": str,
    "action_id": str,
    "action_ts": Id,
    "event_id": Id,
    "trigger_id": Id,
    "response_url": Id,
    "response_urls": [{"response_url": Id}],
    "user": PERSON,
    "user_id": UserId,
    "team": TEAM,
    "team_id": Id,
    "enterprise": TEAM,
    "enterprise_id": Id,
    "channel": CHANNEL,
    "channel_id": Id,
    "authorizations": [AUTHORIZATION],
    "actions": [{"action_id": str, "type": str, "block_id": str} | ELEMENT],
    "view": VIEW,
    "message": MESSAGE,
    "container": {},
    "state": {"values": {}},
    "event": EVENT,
}
NEVER_NULL = frozenset({"response_urls"})
# What a request of a kind is nothing without.
NEEDED: Mapping[str, tuple[str, ...]] = {
    "event_callback": ("event",),
    "block_actions": ("actions", "user"),
    "view_submission": ("view", "user"),
    "view_closed": ("view",),
}


def require_shape(body: object) -> None:
    """Raise MalformedError for a body that Slack does not send."""
    require_sound(body)
    _require(body, BODY, "body")
    assert isinstance(body, Mapping)
    for name in NEEDED.get(str(body.get("type")), ()):
        if body.get(name) is None:
            raise MalformedError(f"body.{name} is missing")
    if body.get("type") == "block_actions":
        _require_actions(body["actions"])


def _require_actions(actions: list[Mapping[str, object]]) -> None:
    """Raise MalformedError unless something was used, and each says what."""
    if not actions or not all(each.get("action_id") for each in actions):
        raise MalformedError("body.actions says nothing")


def require_sound(value: object) -> None:
    """Raise MalformedError where JSON holds what no store keeps.

    That is NaN and infinity, a whole number beyond 64 bits, half of a surrogate pair, and objects
    within objects without end. What nests too deeply is not looked at further.
    """
    around: list[tuple[object, int]] = [(value, 0)]
    while around:
        each, depth = around.pop()
        if depth > DEPTH_MAX:
            raise MalformedError("too deep")
        match each:
            case str():
                _require_text(each)
            case bool() | None:
                pass
            case int():
                if abs(each) > WHOLE_MAX:
                    raise MalformedError("a number is too large")
            case float():
                if not math.isfinite(each):
                    raise MalformedError("a number is none")
            case Mapping():
                around += [(part, depth + 1) for pair in each.items() for part in pair]
            case list():
                around += [(part, depth + 1) for part in each]


def _require_text(text: str) -> None:
    """Raise MalformedError for half of a surrogate pair, which UTF-8 cannot write."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise MalformedError("a text is no Unicode") from None


def _require(value: object, shape: Any, where: str) -> None:
    """Raise MalformedError unless a value has a shape; null has every one, but for the body.

    Of several shapes the first that has the value's type is judged by. ``where`` is the place
    of the value, as the message of the error names it: ``body.view.blocks[]``.
    """
    if value is None and where != "body":
        return
    shapes = shape if isinstance(shape, tuple) else (shape,)
    kind = next((each for each in shapes if isinstance(value, _type_of(each))), None)
    # True is an int to Python.
    if kind is None or (kind is int and isinstance(value, bool)):
        raise MalformedError(f"{where} is {type(value).__name__}")
    if kind in (Id, UserId):
        _require_id(str(value), where, person=kind is UserId)
    elif isinstance(kind, list):
        assert isinstance(value, list)
        for each in value:
            _require_element(each, kind[0], f"{where}[]")
    elif isinstance(kind, dict):
        assert isinstance(value, Mapping)
        _require_fields(value, kind, where)


def _require_element(value: object, shape: Any, where: str) -> None:
    """Judge an element of a list, which may not be null, unlike a field."""
    if value is None:
        raise MalformedError(f"{where} is null")
    _require(value, shape, where)


def _require_fields(value: Mapping[Any, object], fields: Mapping[Any, Any], where: str) -> None:
    """Judge the fields of an object by their names, or all alike where ``str`` stands for them."""
    every = fields.get(str)
    for name, part in value.items():
        if part is None and name in NEVER_NULL:
            raise MalformedError(f"{where}.{name} is null")
        if (shape := every if every is not None else fields.get(name)) is not None:
            _require(part, shape, f"{where}.{name}" if every is None else f"{where}.*")


def _require_id(value: str, where: str, *, person: bool) -> None:
    """Raise MalformedError for a text that is no id, or is longer than ``ID_MAX``.

    Empty passes, for people too: it counts as absent.
    """
    fits = USER_ID.fullmatch(value) or not value if person else value.isprintable()
    if len(value) > ID_MAX or not fits:
        raise MalformedError(f"{where} is no id")


def _type_of(shape: Any) -> type | tuple[type, ...]:
    """The Python type that a value of this shape has; for ids that is a text."""
    if shape in (Id, UserId):
        return str
    if isinstance(shape, dict):
        return Mapping
    return list if isinstance(shape, list) else shape
