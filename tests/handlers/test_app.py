"""Every kind of request, signed, through the real app."""

import json
from typing import Any

import pytest

from bot.actors import ReplyTo
from bot.errors import UserError
from bot.intents import (
    AddAction,
    AnswerAsk,
    Assign,
    ChangeSeverity,
    Claim,
    OpenCase,
    Reopen,
    StatusReport,
    Update,
)
from bot.rules.words import Language, MessageKind, Role, Severity, Trigger
from messages.answers import field_problem, refusal
from messages.slack import SlackRefused, SlackUnknown
from tests.handlers.fakes import GREEK, FakeDesk
from tests.handlers.requests_from_slack import (
    CHANNEL,
    TEAM,
    Workspace,
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
from tests.messages.cases import NOW, action, case

MESSAGE = {"type": "message", "user": "U0TOM", "text": "We &lt;3 refunds &amp; rage", "ts": "5.5"}


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


# -- commands


async def test_the_bare_command_opens_the_form(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.command("")
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    given = desk.slack.last("views.open")
    assert given["trigger_id"] == "12.34.ab"
    assert given["view"]["callback_id"] == "open_case"
    assert json.loads(given["view"]["private_metadata"])["from_channel"] == "C0GENERAL"


async def test_prose_fills_the_form(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("They cannot pay & leave <!channel>")
    await desk.settle()
    blocks = {b.get("block_id"): b for b in desk.slack.last("views.open")["view"]["blocks"]}
    assert blocks["stake"]["element"]["initial_value"] == "They cannot pay & leave <!channel>"


async def test_claim_in_the_channel_is_stored_before_it_is_answered(
    slack: Workspace, desk: FakeDesk
) -> None:
    response = await slack.command("claim", channel_id=CHANNEL)
    ((intent, actor, _key, reply),) = desk.accepted  # without settling: it is already stored
    assert response.status_code == 200
    assert intent == Claim(case=7)
    assert actor.source == "command"
    assert reply == ReplyTo("U0MAYA", CHANNEL, "https://hooks.example/1")


async def test_a_redelivered_command_is_stored_once(slack: Workspace, desk: FakeDesk) -> None:
    for _ in range(2):
        response = await slack.command("claim", channel_id=CHANNEL)
        assert response.status_code == 200
    assert len(desk.accepted) == 1


async def test_a_complete_command_needs_no_form(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("assign <@U0TOM|tom> ae", channel_id=CHANNEL)
    await slack.command("severity 2 it spreads", channel_id=CHANNEL)
    assert [intent for intent, *_ in desk.accepted] == [
        Assign(case=7, user="U0TOM", role=Role.ACCOUNT_EXECUTIVE),
        ChangeSeverity(case=7, severity=Severity.SEV2, reason="it spreads"),
    ]
    assert desk.slack.calls == []


async def test_an_incomplete_command_opens_its_form_with_what_was_understood(
    slack: Workspace, desk: FakeDesk
) -> None:
    await slack.command("severity 2", channel_id=CHANNEL)
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]
    assert shown["callback_id"] == "severity"
    assert shown["blocks"][1]["element"]["initial_option"]["value"] == "2"
    assert desk.accepted == []


async def test_the_composer_opens_with_the_approved_text(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("update apology", channel_id=CHANNEL)
    await desk.settle()
    blocks = {b.get("block_id"): b for b in desk.slack.last("views.open")["view"]["blocks"]}
    assert blocks["kind"]["element"]["initial_option"]["value"] == "apology"
    assert blocks["text"]["element"]["initial_value"] == "approved apology"
    assert blocks["next_update_at"]["element"]["initial_date_time"] == int(NOW.timestamp())


async def test_outside_a_channel_the_case_is_asked_for(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("reopen it failed again")
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]
    assert shown["callback_id"] == "picker"
    hidden = json.loads(shown["private_metadata"])
    assert (hidden["then"], hidden["reason"]) == ("do:reopen", "it failed again")


async def test_where_there_is_no_open_case_the_picker_says_so(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.reading.cases_by_number.clear()
    await slack.command("claim")
    await desk.settle()
    assert desk.told[0][1] == refusal("no_open_case", Language.ENGLISH)


@pytest.mark.parametrize(
    "words",
    ["help", "list", "list mine", "show", "why", "timeline", "digest", "status", "clam", "xyzzy"],
)
async def test_what_only_shows_is_answered_privately(
    slack: Workspace, desk: FakeDesk, words: str
) -> None:
    response = await slack.command(words, channel_id=CHANNEL)
    await desk.settle()
    assert response.status_code == 200
    ((reply, message),) = desk.told
    assert reply == ReplyTo("U0MAYA", CHANNEL, "https://hooks.example/1")
    assert message.text
    assert desk.troubles == []


async def test_a_list_is_of_what_was_asked_for(slack: Workspace, desk: FakeDesk) -> None:
    for words in ("list mine", "list breaching", "list customer Acme"):
        await slack.command(words)
    await desk.settle()
    asked = [(f.mine, f.breaching, f.customer) for f in desk.reading.filters]
    assert sorted(asked) == [(False, False, "Acme"), (False, True, ""), (True, False, "")]


async def test_a_case_that_is_not_theirs_does_not_exist(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("show 99")
    await desk.settle()
    assert desk.told[0][1] == refusal("no_such_case", Language.ENGLISH)


async def test_a_refusal_comes_before_the_form(slack: Workspace, desk: FakeDesk) -> None:
    desk.refused["close"] = "not_your_role"
    await slack.command("close", channel_id=CHANNEL, user_id=GREEK)
    await desk.settle()
    assert desk.slack.calls == []
    assert desk.told[0][1] == refusal("not_your_role", Language.GREEK)


async def test_anyone_on_the_case_may_open_the_severity_form(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.refused["severity"] = "not_your_role"
    await slack.command("severity", channel_id=CHANNEL)
    await desk.settle()
    assert desk.slack.last("views.open")["view"]["callback_id"] == "severity"


async def test_a_trigger_that_expired_is_explained(slack: Workspace, desk: FakeDesk) -> None:
    desk.slack.answers["views.open"] = SlackRefused("views.open", "expired_trigger_id")
    await slack.command("")
    await desk.settle()
    assert desk.told[0][1] == refusal("too_slow", Language.ENGLISH)


async def test_the_only_open_action_item_need_not_be_named(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.reading.cases_by_number[7] = case(actions=(action(),))
    await slack.command("done", channel_id=CHANNEL)
    await desk.settle()
    hidden = json.loads(desk.slack.last("views.open")["view"]["private_metadata"])
    assert hidden["action"] == 3


async def test_an_action_item_nobody_named_is_asked_for(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("done", channel_id=CHANNEL)
    await desk.settle()
    assert desk.told[0][1] == refusal("which_action", Language.ENGLISH)


# -- buttons and menus


async def test_a_button_runs_its_intent(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(pressed("do:answer_ask#2", {"case": 7, "ask": 5, "approve": True}))
    ((intent, actor, _key, reply),) = desk.accepted
    assert intent == AnswerAsk(case=7, ask=5, approve=True)
    assert actor.source == "button"
    assert reply.channel_id == CHANNEL


async def test_a_button_pressed_once_and_delivered_twice_is_one(
    slack: Workspace, desk: FakeDesk
) -> None:
    press = pressed("do:status", {"case": 7, "standing": "blocked"})
    await slack.interact(press)
    await slack.interact(press)
    assert [i for i, *_ in desk.accepted] == [StatusReport(case=7, standing="blocked")]


async def test_a_menu_entry_does_what_a_button_does(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(chosen('do:claim|{"case":7}'))
    assert [i for i, *_ in desk.accepted] == [Claim(case=7)]


async def test_a_button_opens_a_form(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.interact(pressed("ask:hold", {"case": 7}))
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    assert desk.slack.last("views.open")["view"]["callback_id"] == "hold"


async def test_the_app_home_has_the_button_too(slack: Workspace, desk: FakeDesk) -> None:
    press = pressed("ask:open_case", None, container={"type": "view", "view_id": "V1"})
    press = {k: v for k, v in press.items() if k not in {"channel", "response_url"}}
    await slack.interact(press)
    await desk.settle()
    assert desk.slack.last("views.open")["view"]["callback_id"] == "open_case"


async def test_a_button_shows(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(pressed("show:postmortem", {"case": 7}))
    await slack.interact(pressed("show:timeline", {"case": 7, "page": 2}))
    await desk.settle()
    assert len(desk.told) == 2
    assert desk.reading.pages[-1] in {1, 2}
    assert desk.troubles == []


async def test_a_link_is_only_acknowledged(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.interact(pressed("link:channel"))
    await desk.settle()
    assert response.status_code == 200
    assert (desk.accepted, desk.told, desk.slack.calls) == ([], [], [])


@pytest.mark.parametrize(
    "press",
    [
        pressed("do:explode", {"case": 7}),
        pressed("ask:explode", {"case": 7}),
        pressed("show:explode", {"case": 7}),
        pressed("zap:claim", {"case": 7}),
        chosen("do:explode|{}"),
    ],
)
async def test_a_button_of_another_version_is_explained(
    slack: Workspace, desk: FakeDesk, press: dict[str, Any]
) -> None:
    response = await slack.interact(press)
    await desk.settle()
    assert response.status_code == 200
    assert [message for _, message in desk.told] == [refusal("stale", Language.ENGLISH)]


@pytest.mark.parametrize("value", ["not json", "[1]", "[" * 5000, '{"case": null}', ""])
async def test_a_button_without_its_case_asks_for_it(
    slack: Workspace, desk: FakeDesk, value: str
) -> None:
    response = await slack.interact(pressed("do:claim", value))
    await desk.settle()
    assert response.status_code == 200
    assert desk.slack.last("views.open")["view"]["callback_id"] == "picker"


# -- forms


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
        "text~2": text("Dear Eleni,\n\n*we* <are> on it."),
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
    assert (intent.kind, intent.text) == (MessageKind.UPDATE, "Dear Eleni,\n\n*we* <are> on it.")


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
    assert [message for _, message in desk.told] == [refusal("stale", Language.ENGLISH)]
    assert desk.accepted == []


async def test_a_form_whose_hidden_fields_are_lost_says_so_in_the_form(
    slack: Workspace, desk: FakeDesk
) -> None:
    shown = view("reopen", {"reason": text("again")}, "garbage")
    response = await slack.interact(submission(shown))
    assert response.json()["errors"] == {"reason": field_problem("stale", Language.ENGLISH)}


async def test_the_picked_case_goes_on_to_the_form(slack: Workspace, desk: FakeDesk) -> None:
    hidden = {"then": "ask:hold", "note": "until Monday"}
    response = await slack.interact(submission(view("picker", {"case": select("7")}, hidden)))
    answer = response.json()
    assert answer["response_action"] == "update"
    assert answer["view"]["callback_id"] == "hold"
    assert json.loads(answer["view"]["private_metadata"])["case"] == 7


async def test_the_picked_case_is_acted_on(slack: Workspace, desk: FakeDesk) -> None:
    hidden = {"then": "do:reopen", "reason": "it failed again"}
    response = await slack.interact(submission(view("picker", {"case": select("7")}, hidden)))
    assert response.text == ""
    assert desk.accepted[0][0] == Reopen(case=7, reason="it failed again")


async def test_the_picked_case_is_shown(slack: Workspace, desk: FakeDesk) -> None:
    shown = view("picker", {"case": select("7")}, {"then": "show:timeline", "page": 2})
    response = await slack.interact(submission(shown))
    await desk.settle()
    assert response.text == ""
    assert desk.reading.pages == [2]


# -- forms that answer at once


async def test_ticking_a_sign_suggests_a_severity(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("")
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]
    state = {"signs": ticked("data_security_legal"), "stake": text("typed")}
    current = view("open_case", state, {}, shown["blocks"])
    press = pressed("signs", None, view=current, container={"type": "view", "view_id": "V1"})
    await slack.interact(press)
    await desk.settle()
    given = desk.slack.last("views.update")
    assert (given["view_id"], given["hash"]) == ("V1", "h1")
    blocks = {b.get("block_id"): b for b in given["view"]["blocks"]}
    assert "SEV1" in blocks["signs"]["hint"]["text"]
    same = [b for b in given["view"]["blocks"] if b.get("block_id") != "signs"]
    assert same == [b for b in shown["blocks"] if b.get("block_id") != "signs"]
    assert not {"id", "hash", "state", "team_id"} & given["view"].keys()


async def test_choosing_a_kind_brings_its_words(slack: Workspace, desk: FakeDesk) -> None:
    state = {
        "kind": select("workaround"),
        "text~2": text("old words"),
        "recipient": text("Somebody else"),
    }
    current = view("update", state)
    press = pressed("kind", None, view=current, container={"type": "view", "view_id": "V1"})
    for _ in range(2):
        await slack.interact(press)
    await desk.settle()
    shown = desk.slack.last("views.update")["view"]
    blocks = {b.get("block_id"): b for b in shown["blocks"]}
    assert blocks["text~3"]["element"]["initial_value"] == "approved workaround"
    assert blocks["recipient"]["element"]["initial_value"] == "Somebody else"
    assert "workaround" in blocks
    assert (
        json.loads(shown["private_metadata"])["form"]
        == json.loads(current["private_metadata"])["form"]
    )


async def test_a_form_that_was_closed_meanwhile_is_left_alone(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.slack.answers["views.update"] = SlackRefused("views.update", "hash_conflict")
    await slack.interact(pressed("signs", None, view=view("open_case", {"signs": ticked()}, {})))
    await desk.settle()
    assert (desk.told, desk.troubles) == ([], [])


# -- the customer select


async def suggestions(slack: Workspace, typed: str) -> list[dict[str, Any]]:
    """What the customer select offers."""
    response = await slack.interact(
        {
            "type": "block_suggestion", "team": TEAM, "user": person(), "api_app_id": "A1",
            "action_id": "customer", "block_id": "customer", "value": typed,
            "view": view("open_case", {}, {}),
        }
    )  # fmt: skip
    options: list[dict[str, Any]] = response.json()["options"]
    return options


async def test_accounts_are_offered_while_typing(slack: Workspace) -> None:
    assert [o["value"] for o in await suggestions(slack, "")] == ["account:acme", "account:globex"]
    assert [o["value"] for o in await suggestions(slack, "glob")] == ["new:glob", "account:globex"]


async def test_an_account_by_its_full_name_is_not_new(slack: Workspace) -> None:
    assert [o["value"] for o in await suggestions(slack, "gloBEX")] == ["account:globex"]


async def test_a_name_of_any_length_is_offered_inside_slacks_limits(slack: Workspace) -> None:
    (offered,) = await suggestions(slack, "λ" * 400)
    assert len(offered["value"]) <= 150
    assert len(offered["text"]["text"]) <= 75


async def test_another_select_gets_no_options(slack: Workspace) -> None:
    response = await slack.interact(
        {"type": "block_suggestion", "user": person(), "action_id": "other", "value": "x"}
    )
    assert response.json() == {"options": []}


# -- shortcuts


async def test_escalate_this_fills_the_form_from_the_message(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.slack.answers["chat.getPermalink"] = {"permalink": "https://demo.slack.com/p5"}
    await slack.interact(
        {
            "type": "message_action", "callback_id": "escalate_message", "team": TEAM,
            "user": person(), "channel": {"id": "C0GENERAL", "name": "general"},
            "message": MESSAGE, "message_ts": "5.5", "trigger_id": "7.7",
            "response_url": "https://hooks.example/3",
        }
    )  # fmt: skip
    await desk.settle()
    assert desk.slack.last("chat.getPermalink") == {"channel": "C0GENERAL", "message_ts": "5.5"}
    shown = desk.slack.last("views.open")["view"]
    blocks = {b.get("block_id"): b for b in shown["blocks"]}
    assert blocks["stake"]["element"]["initial_value"] == "We <3 refunds & rage"
    assert json.loads(shown["private_metadata"])["source_link"] == "https://demo.slack.com/p5"


async def test_without_a_permalink_the_form_still_opens(slack: Workspace, desk: FakeDesk) -> None:
    desk.slack.answers["chat.getPermalink"] = SlackUnknown("chat.getPermalink", "timeout")
    await slack.interact(
        {
            "type": "message_action", "callback_id": "escalate_message", "user": person(),
            "channel": {"id": "C0GENERAL"}, "message": MESSAGE, "trigger_id": "7.7",
        }
    )  # fmt: skip
    await desk.settle()
    assert desk.slack.last("views.open")["view"]["callback_id"] == "open_case"


async def test_the_global_shortcut_opens_the_form(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(
        {"type": "shortcut", "callback_id": "escalate", "user": person(), "trigger_id": "7.7"}
    )
    await desk.settle()
    assert desk.slack.last("views.open")["trigger_id"] == "7.7"


# -- failures


async def test_a_failure_keeps_the_form_and_what_was_typed(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.fault = RuntimeError("the disk is full")
    shown = view("reopen", {"reason": text("again")})
    response = await slack.interact(submission(shown))
    answer = response.json()
    assert (response.status_code, answer["response_action"]) == (200, "errors")
    assert list(answer["errors"]) == ["reason"]
    assert "disk" not in response.text
    assert "Traceback" not in response.text
    desk.fault = None
    assert (await slack.interact(submission(shown))).text == ""
    assert len(desk.accepted) == 1


async def test_a_failure_of_a_command_is_told_with_a_reference(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.fault = RuntimeError("the disk is full")
    response = await slack.command("claim", channel_id=CHANNEL)
    await desk.settle()
    assert (response.status_code, response.text) == (200, "")
    ((_reply, message),) = desk.told
    assert "disk" not in message.text


async def test_a_refusal_at_the_door_is_told(slack: Workspace, desk: FakeDesk) -> None:
    desk.fault = UserError("not_your_role")
    response = await slack.command("claim", channel_id=CHANNEL)
    await desk.settle()
    assert response.status_code == 200
    assert desk.told[0][1] == refusal("not_your_role", Language.ENGLISH)
