"""Every element of Block Kit becomes a value, and every mistake stands at its field."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.cases.action_items import AddAction
from bot.cases.hold import Hold
from bot.cases.open import OpenCase
from bot.cases.severity import ChangeSeverity
from bot.customers.incoming import CustomerReplied
from bot.customers.updates import Update
from bot.learning.postmortem import PostmortemHeld
from bot.rules.words import ActionType, HoldReason, Language, MessageKind, Severity, Trigger
from handlers.forms.fields import (
    BadFields,
    FieldError,
    at_blocks,
    build_intent,
    check_times,
    read_element,
    read_form,
)
from messages.cases.answers import field_problem
from tests.handlers.requests_from_slack import select, text, ticked, view
from tests.messages.sample_cases import NOW

OPEN = {"customer": "Acme", "stake": "Orders", "trigger": "technical", "severity": "2"}
INSTANT = datetime(2026, 2, 11, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "value": "words"}, "words"),
        ({"type": "plain_text_input", "value": None}, None),
        ({"type": "email_text_input", "value": "a@b.example"}, "a@b.example"),
        ({"type": "url_text_input", "value": "https://a.example"}, "https://a.example"),
        ({"type": "number_input", "value": "12"}, "12"),
        ({"type": "static_select", "selected_option": {"value": "x"}}, "x"),
        ({"type": "static_select", "selected_option": None}, None),
        ({"type": "external_select", "selected_option": {"value": "account:a"}}, "account:a"),
        ({"type": "radio_buttons", "selected_option": {"value": "true"}}, "true"),
        ({"type": "multi_static_select", "selected_options": [{"value": "a"}, {"value": "b"}]},
         ["a", "b"]),
        ({"type": "checkboxes", "selected_options": []}, []),
        ({"type": "users_select", "selected_user": "U1"}, "U1"),
        ({"type": "multi_users_select", "selected_users": ["U1", "U2"]}, ["U1", "U2"]),
        ({"type": "conversations_select", "selected_conversation": "C1"}, "C1"),
        ({"type": "channels_select", "selected_channel": "C1"}, "C1"),
        ({"type": "datepicker", "selected_date": "2026-02-11"}, "2026-02-11"),
        ({"type": "timepicker", "selected_time": "09:30"}, "09:30"),
        ({"type": "datetimepicker", "selected_date_time": int(INSTANT.timestamp())}, INSTANT),
        ({"type": "datetimepicker", "selected_date_time": None}, None),
        ({"type": "not_invented_yet"}, None),
    ],
)  # fmt: skip
def test_an_element_is_read(element: dict[str, Any], value: object) -> None:
    assert read_element(element) == value


def test_hidden_and_visible_fields_are_read_together() -> None:
    shown = view("update", {"text~3": text("Dear"), "kind": select(None)}, {"case": 7})
    read = read_form(shown)
    assert (read["case"], read["text"]) == (7, "Dear")
    assert "kind" not in read


def test_ticked_boxes_are_yes_or_no() -> None:
    assert build_intent("open_case", {**OPEN, "sensitive": ["true"]}).sensitive  # type: ignore[attr-defined]
    assert not build_intent("open_case", {**OPEN, "sensitive": []}).sensitive  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("verb", "fields", "intent"),
    [
        ("open_case", OPEN | {"language": "el"},
         OpenCase(customer="Acme", stake="Orders", trigger=Trigger.TECHNICAL,
                  severity=Severity.SEV2, language=Language.GREEK)),
        ("severity", {"case": 7, "severity": "1", "reason": "worse"},
         ChangeSeverity(case=7, severity=Severity.SEV1, reason="worse")),
        ("hold", {"case": 7, "reason": "waiting_customer", "until": INSTANT},
         Hold(case=7, reason=HoldReason.WAITING_CUSTOMER, until=INSTANT)),
        ("update", {"case": 7, "kind": "update", "text": "Dear", "recipient": "Eleni",
                    "route": "email", "next_update_at": INSTANT, "form": "ignored"},
         Update(case=7, kind=MessageKind.UPDATE, text="Dear", recipient="Eleni", route="email",
                next_update_at=INSTANT)),
        ("postmortem_held", {"case": 7, "root_cause": "a", "better": "b"},
         PostmortemHeld(case=7, root_cause="a", better="b")),
        ("action_item", {"case": 7, "title": "t", "type": "product", "owner": "U1AB",
                         "due": "2026-03-01"},
         AddAction(case=7, title="t", type=ActionType.PRODUCT, owner="U1AB", due=date(2026, 3, 1))),
    ],
)  # fmt: skip
def test_fields_make_an_intent(verb: str, fields: dict[str, Any], intent: object) -> None:
    assert build_intent(verb, fields) == intent


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"stake": ""}, FieldError("stake", "required")),
        ({"stake": "   "}, FieldError("stake", "required")),
        ({"customer": "x" * 201}, FieldError("customer", "too_long", {"limit": 200})),
        ({"trigger": "whim"}, FieldError("trigger", "choice")),
        ({"severity": "9"}, FieldError("severity", "choice")),
        ({"ticket_url": "ftp://x"}, FieldError("ticket_url", "url")),
        ({"ticket_url": "javascript:alert(1)"}, FieldError("ticket_url", "url")),
        ({"contact_email": "nobody"}, FieldError("contact_email", "email")),
        ({"from_channel": 5}, FieldError("from_channel", "invalid")),
    ],
)
def test_a_mistake_is_named_at_its_field(changes: dict[str, Any], problem: FieldError) -> None:
    with pytest.raises(BadFields) as caught:
        build_intent("open_case", OPEN | changes)
    assert caught.value.problems == (problem,)


def test_several_mistakes_are_named_at_once() -> None:
    with pytest.raises(BadFields) as caught:
        build_intent("open_case", {})
    names = {problem.name for problem in caught.value.problems}
    assert names == {"customer", "stake", "trigger", "severity"}


def test_a_hold_ends_in_the_future() -> None:
    hold = Hold(case=7, reason=HoldReason.WAITING_CUSTOMER, until=NOW - timedelta(minutes=1))
    with pytest.raises(BadFields) as caught:
        check_times(hold, NOW)
    assert caught.value.problems == (FieldError("until", "past"),)


def test_a_reply_came_in_the_past() -> None:
    reply = CustomerReplied(case=7, summary="s", at=NOW + timedelta(minutes=1))
    with pytest.raises(BadFields) as caught:
        check_times(reply, NOW)
    assert caught.value.problems == (FieldError("at", "future"),)


def test_today_is_judged_where_the_person_is() -> None:
    item = AddAction(
        case=7, title="t", type=ActionType.PRODUCT, owner="U1AB", due=date(2026, 2, 10)
    )
    late = datetime(2026, 2, 11, 2, 0, tzinfo=UTC)  # still the tenth in New York
    check_times(item, late, "America/New_York")
    with pytest.raises(BadFields):
        check_times(item, late, "Europe/Athens")


def test_a_problem_is_shown_at_its_block_whatever_its_suffix() -> None:
    shown = view("update", {"kind": select("update"), "text~2": text("")})
    errors = at_blocks([FieldError("text", "required")], shown, Language.GREEK)
    assert errors == {"text~2": field_problem("required", Language.GREEK)}


def test_a_problem_of_a_hidden_field_is_shown_at_the_first_input() -> None:
    shown = view("reopen", {"reason": text("x")})
    errors = at_blocks([FieldError("case", "required")], shown, Language.ENGLISH)
    assert errors == {"reason": field_problem("stale", Language.ENGLISH)}


def test_signs_are_no_flag() -> None:
    shown = view("open_case", {"signs": ticked("many_users", "no_workaround")})
    assert read_form(shown)["signs"] == ["many_users", "no_workaround"]
