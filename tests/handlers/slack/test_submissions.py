"""Submitted forms: stored, or answered at the fields that are wrong."""

import json
from typing import Any

import pytest

from bot.cases.action_items import AddAction
from bot.cases.open import OpenCase
from bot.cases.reopen import Reopen
from bot.customers.updates import Update
from bot.rules.words import Language, MessageKind, Severity, Trigger
from messages.cases.answers import field_problem, refusal_message
from tests.handlers.fakes import GREEK, FakeDesk
from tests.handlers.requests_from_slack import (
    Workspace,
    chosen_person,
    person,
    select,
    submission,
    text,
    ticked,
    view,
)
from tests.messages.sample_cases import NOW


def opened(**changes: Any) -> dict[str, Any]:
    """The state of a filled form for a new case."""
    return {
        "customer": select("account:acme", "external_select"),
        "stake": text("We cannot ship orders."),
        "trigger": select("technical"),
        "signs": ticked(),
        "severity": select("2"),
        "ticket_url": text("https://tickets.example/1"),
        "contact_name": text("Eleni"),
        "contact_email": text("eleni@acme.example"),
        "language": select("el"),
        "sensitive": ticked(),
    } | changes


async def test_a_submitted_form_is_stored_and_closes(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.interact(submission(view("open_case", opened(), {})))
    assert (response.status_code, response.text) == (200, "")
    ((intent, actor, key, _reply),) = desk.accepted
    assert intent == OpenCase(
        account="acme", customer="Acme Hellas", stake="We cannot ship orders.",
        trigger=Trigger.TECHNICAL, severity=Severity.SEV2, language=Language.GREEK,
        ticket_url="https://tickets.example/1", contact_name="Eleni",
        contact_email="eleni@acme.example",
    )  # fmt: skip
    assert actor.source == "form"
    assert key.startswith("form:U0MAYA:")


async def test_a_form_sent_twice_is_one_case(slack: Workspace, desk: FakeDesk) -> None:
    shown = view("open_case", opened(), {})
    for trigger in ("1.1", "2.2"):
        response = await slack.interact(submission(shown, trigger_id=trigger))
        assert response.text == ""
    assert len(desk.accepted) == 1


async def test_a_new_customer_has_no_account(slack: Workspace, desk: FakeDesk) -> None:
    new = opened(customer=select("new:Initech: Athens", "external_select"))
    await slack.interact(submission(view("open_case", new, {})))
    intent = desk.accepted[0][0]
    assert isinstance(intent, OpenCase)
    assert (intent.account, intent.customer) == ("", "Initech: Athens")


async def test_an_empty_severity_is_what_the_signs_speak_for(
    slack: Workspace, desk: FakeDesk
) -> None:
    state = opened(severity=select(None), signs=ticked("business_stopped"))
    await slack.interact(submission(view("open_case", state, {})))
    assert desk.accepted[0][0].severity is Severity.SEV1  # type: ignore[attr-defined]


async def test_bad_input_is_answered_at_every_field(slack: Workspace, desk: FakeDesk) -> None:
    state = opened(
        severity=select(None),
        stake=text(" "),
        ticket_url=text("ticket 5"),
        customer=select("account:gone", "external_select"),
    )
    first = await slack.interact(submission(view("open_case", state, {})))
    assert first.json() == {
        "response_action": "errors",
        "errors": {"customer": field_problem("choice", Language.ENGLISH)},
    }
    state["customer"] = select("account:acme", "external_select")
    second = await slack.interact(submission(view("open_case", state, {}), user=person(GREEK)))
    assert second.json()["errors"] == {
        "stake": field_problem("required", Language.GREEK),
        "ticket_url": field_problem("url", Language.GREEK),
        "severity": field_problem("severity", Language.GREEK),
    }
    assert desk.accepted == []


async def test_an_update_is_recorded_as_typed(slack: Workspace, desk: FakeDesk) -> None:
    state = {
        "kind": select("update"),
        "text~2": text("Dear Eleni,\n\n*we* <write> again at 14:00."),
        "recipient": text("Eleni"),
        "route": select("email"),
        "next_update_at": {
            "type": "datetimepicker",
            "selected_date_time": int(NOW.timestamp()) + 3600,
        },
    }
    await slack.interact(submission(view("update", state)))
    intent = desk.accepted[0][0]
    assert isinstance(intent, Update)
    assert (intent.kind, intent.text) == (
        MessageKind.UPDATE,
        "Dear Eleni,\n\n*we* <write> again at 14:00.",
    )


async def test_a_promise_in_the_past_is_refused_at_its_field(
    slack: Workspace, desk: FakeDesk
) -> None:
    state = {
        "reason": select("waiting_customer"),
        "until": {"type": "datetimepicker", "selected_date_time": int(NOW.timestamp()) - 60},
    }
    response = await slack.interact(submission(view("hold", state)))
    assert response.json()["errors"] == {"until": field_problem("past", Language.ENGLISH)}


async def test_a_date_is_read(slack: Workspace, desk: FakeDesk) -> None:
    state = {
        "title": text("Alert on queue growth"),
        "type": select("product"),
        "owner": chosen_person("U0TOM"),
        "due": {"type": "datepicker", "selected_date": "2026-03-01"},
    }
    await slack.interact(submission(view("action_item", state)))
    assert isinstance(desk.accepted[0][0], AddAction)


@pytest.mark.parametrize(
    "shown",
    [
        view("explode", {"reason": text("x")}),
        view("reopen", {}, "garbage", blocks=[]),
        view("reopen", {}, None, blocks=[]),
    ],
)
async def test_a_form_that_is_not_ours_is_explained(
    slack: Workspace, desk: FakeDesk, shown: dict[str, Any]
) -> None:
    response = await slack.interact(submission(shown))
    await desk.settle()
    assert response.status_code == 200
    assert [message for _, message in desk.told] == [refusal_message("stale", Language.ENGLISH)]
    assert desk.accepted == []


async def test_a_form_whose_hidden_fields_are_lost_says_so_in_the_form(
    slack: Workspace, desk: FakeDesk
) -> None:
    shown = view("reopen", {"reason": text("again")}, "garbage")
    response = await slack.interact(submission(shown))
    assert response.json()["errors"] == {"reason": field_problem("stale", Language.ENGLISH)}


async def test_the_picked_case_goes_on_to_the_form(slack: Workspace, desk: FakeDesk) -> None:
    hidden = {"then": "ask:hold", "with": {"note": "until Monday"}}
    response = await slack.interact(submission(view("picker", {"case": select("7")}, hidden)))
    answer = response.json()
    assert answer["response_action"] == "update"
    assert answer["view"]["callback_id"] == "hold"
    assert json.loads(answer["view"]["private_metadata"])["case"] == 7


async def test_the_picked_case_is_acted_on(slack: Workspace, desk: FakeDesk) -> None:
    hidden = {"then": "do:reopen", "with": {"reason": "it failed again"}}
    response = await slack.interact(submission(view("picker", {"case": select("7")}, hidden)))
    assert response.text == ""
    assert desk.accepted[0][0] == Reopen(case=7, reason="it failed again")


async def test_the_picked_case_is_shown(slack: Workspace, desk: FakeDesk) -> None:
    shown = view("picker", {"case": select("7")}, {"then": "show:timeline", "with": {"page": 2}})
    response = await slack.interact(submission(shown))
    await desk.settle()
    assert response.text == ""
    assert desk.reading.pages == [2]
