"""What Slack sends passes as it is; what it cannot have sent is refused, with the field named."""

from typing import Any

import pytest

from handlers.slack.shape import DEPTH_MAX, MalformedError, require_shape, require_sound
from tests.handlers.requests_from_slack import (
    chosen,
    chosen_person,
    person,
    pressed,
    select,
    submission,
    text,
    ticked,
    view,
)

EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}
SENT: dict[str, dict[str, Any]] = {
    "a command": {"command": "/escalate", "text": "list\x00", "user_id": "U1", "trigger_id": "1.2"},
    "a button": pressed("do:claim", {"case": 7}),
    "a menu": chosen("do:claim|{}"),
    "a form": submission(
        view(
            "hold",
            {
                "until": {"type": "datetimepicker", "selected_date_time": 1_800_000_000},
                "reason": select("waiting_customer"),
                "none": select(None),
                "signs": ticked("a", "b"),
                "who": chosen_person(None),
                "words": text("🙂 a\n\tb"),
            },
        )
    ),
    "a closed form": {"type": "view_closed", "view": view("hold", {}), "user": person()},
    "a shortcut": {"type": "shortcut", "callback_id": "escalate", "user": person(), "team": None},
    "an event": EVENT,
    "an organisation's": pressed("show:list", team=None, enterprise={"id": "E1"}),
    "a person": EVENT | {"event": {"type": "user_change", "user": {"id": "U1", "profile": {}}}},
    "a channel": EVENT
    | {"event": {"type": "channel_rename", "channel": {"id": "C1", "name": "x"}}},
    "an edit": EVENT
    | {"event": {"type": "message", "subtype": "message_changed", "message": {"text": "x"}}},
    "something new": {"type": "next_year", "event": {"type": "x", "new": [{"a": 1.5}]}},
}


@pytest.mark.parametrize("what", SENT)
def test_what_slack_sends_passes(what: str) -> None:
    require_shape(SENT[what])


WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([], "body is list"),
    "nothing": (None, "body is NoneType"),
    "a list for an event": (EVENT | {"event": []}, "body.event is list"),
    "no event": ({"type": "event_callback"}, "body.event is missing"),
    "a number for a channel": (EVENT | {"event": {"channel": 5}}, "body.event.channel is int"),
    "null among those that allow": (EVENT | {"authorizations": [None]}, "authorizations"),
    "no actions": (pressed("x", actions=None), "body.actions is missing"),
    "nothing used": (pressed("x", actions=[]), "body.actions says nothing"),
    "what is not said": (pressed("x", actions=[{}]), "body.actions says nothing"),
    "a person of another kind": (pressed("x", user=["U1"]), "body.user is list"),
    "a person's id": (pressed("x", user={"id": 5}), "body.user.id is int"),
    "an id with a line": (pressed("x", user={"id": "U\n1"}), "body.user.id is no id"),
    "a day for a person": (pressed("x", user={"id": "2030-02-31"}), "body.user.id is no id"),
    "an endless id": (pressed("x", trigger_id="1" * 3000), "body.trigger_id is no id"),
    "yes for a number": (
        submission(view("hold", {"until": {"selected_date_time": True}})),
        r"selected_date_time is bool",
    ),
    "an option of another kind": (
        submission(view("hold", {"reason": {"selected_option": "x"}})),
        "selected_option is str",
    ),
    "a state of another kind": (submission({"state": {"values": [1]}}), "values is list"),
    "not a number": (pressed("x", state={"a": float("nan")}), "a number is none"),
    "without end": (pressed("x", state={"a": float("inf")}), "a number is none"),
    "too large a number": (pressed("x", state={"a": 10**20}), "a number is too large"),
    "half a character": (pressed("x", state={"\ud800": 1}), "a text is no Unicode"),
    "null where there is a list": (pressed("x", response_urls=None), "response_urls is null"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_slack_cannot_have_sent_is_named(what: str) -> None:
    body, told = WRONG[what]
    with pytest.raises(MalformedError, match=told):
        require_shape(body)


def test_objects_within_objects_have_an_end() -> None:
    value: Any = {}
    for _ in range(DEPTH_MAX - 1):
        value = {"a": value}
    require_sound(value)
    with pytest.raises(MalformedError, match="too deep"):
        require_sound({"a": {"a": value}})
