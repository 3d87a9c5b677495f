"""Buttons, menus, forms that answer at once, and the customer select."""

import json
from typing import Any

import pytest

from bot.cases.claim import Claim
from bot.customers.updates import StatusReport
from bot.executives.asks import AnswerAsk
from bot.rules.words import Language
from messages.cases.answers import refusal_message
from messages.clients.slack import SlackRefused
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import (
    CHANNEL,
    TEAM,
    Workspace,
    chosen,
    person,
    pressed,
    select,
    text,
    ticked,
    view,
)


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
    assert [message for _, message in desk.told] == [refusal_message("stale", Language.ENGLISH)]


@pytest.mark.parametrize("value", ["not json", "[1]", "[" * 5000, '{"case": null}', ""])
async def test_a_button_without_its_case_asks_for_it(
    slack: Workspace, desk: FakeDesk, value: str
) -> None:
    response = await slack.interact(pressed("do:claim", value))
    await desk.settle()
    assert response.status_code == 200
    assert desk.slack.last("views.open")["view"]["callback_id"] == "picker"


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
    assert "SEV1" in json.dumps(blocks["suggestion"])
    drawn = ("suggestion", "severity")
    same = [b for b in given["view"]["blocks"] if b.get("block_id") not in drawn]
    assert same == [b for b in shown["blocks"] if b.get("block_id") not in drawn]
    before = next(b for b in shown["blocks"] if b.get("block_id") == "severity")
    assert (before.get("optional"), blocks["severity"].get("optional")) == (None, True)
    assert "hint" not in before
    assert not {"id", "hash", "state", "team_id"} & given["view"].keys()


async def test_a_legal_threat_ticks_that_the_case_is_restricted(
    slack: Workspace, desk: FakeDesk
) -> None:
    await slack.command("")
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]["blocks"]
    for trigger, ticks in (("legal", ["true"]), ("technical", None)):
        current = view("open_case", {"trigger": select(trigger)}, {}, shown)
        press = pressed("trigger", None, view=current, container={"type": "view", "view_id": "V1"})
        await slack.interact(press)
        await desk.settle()
        blocks = desk.slack.last("views.update")["view"]["blocks"]
        box = next(b for b in blocks if b.get("block_id", "").startswith("sensitive"))
        ticked = [each["value"] for each in box["element"].get("initial_options", [])] or None
        assert (box["block_id"] == "sensitive~1", ticked) == (trigger == "legal", ticks)


async def test_choosing_a_customer_brings_their_contact_and_language(
    slack: Workspace, desk: FakeDesk
) -> None:
    await slack.command("")
    await desk.settle()
    shown = desk.slack.last("views.open")["view"]["blocks"]
    for customer, typed, expected in (
        ("account:acme", {}, ("Eleni Papadaki", "el")),
        ("account:acme", {"contact_name": text("Somebody else")}, ("Somebody else", "el")),
        ("new:Initech", {}, (None, None)),
    ):
        current = view("open_case", {"customer": select(customer)} | typed, {}, shown)
        await slack.interact(
            pressed("customer", None, view=current, container={"type": "view", "view_id": "V1"})
        )
        await desk.settle()
        blocks = desk.slack.last("views.update")["view"]["blocks"]
        drawn = {b["block_id"]: b["element"] for b in blocks if "~" in b.get("block_id", "")}
        assert set(drawn) == {"contact_name~1", "contact_email~1", "language~1"}
        language = drawn["language~1"].get("initial_option", {}).get("value")
        assert (drawn["contact_name~1"].get("initial_value"), language) == expected


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
    assert [o["value"] for o in await suggestions(slack, "glob")] == ["account:globex", "new:glob"]


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


async def test_of_several_things_used_at_once_each_is_done(
    slack: Workspace, desk: FakeDesk
) -> None:
    press = pressed("do:status", {"case": 7, "standing": "blocked"})
    press["actions"] += pressed("do:claim", {"case": 7})["actions"]
    await slack.interact(press)
    await slack.interact(press)
    assert [i for i, *_ in desk.accepted] == [
        StatusReport(case=7, standing="blocked"), Claim(case=7),
    ]  # fmt: skip
