"""The slash command, signed, through the real app."""

import json

import pytest

from bot.cases.claim import Assign, Claim
from bot.cases.severity import ChangeSeverity
from bot.engine.actors import ReplyTo
from bot.rules.words import Language, Role, Severity
from handlers.forms.opening import picker_prefill
from messages.cases.answers import refusal_message
from messages.clients.slack import SlackRefused
from tests.handlers.fakes import GREEK, FakeDesk
from tests.handlers.requests_from_slack import (
    CHANNEL,
    TEAM,
    Workspace,
    person,
)
from tests.messages.sample_cases import NOW, action, case


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
    assert blocks["stake"]["element"]["initial_value"] == "They cannot pay & leave @channel"


@pytest.mark.parametrize(
    "words",
    [
        "help us, all our stores are down",
        "close to losing the customer",
        "list of invoices is empty",
    ],
)
async def test_a_sentence_that_begins_with_a_command_fills_the_form(
    slack: Workspace, desk: FakeDesk, words: str
) -> None:
    for channel in ("C0GENERAL", CHANNEL):
        await slack.command(words, channel_id=channel, trigger_id=channel)
        await desk.settle()
        view = desk.slack.last("views.open")["view"]
        blocks = {b.get("block_id"): b for b in view["blocks"]}
        assert view["callback_id"] == "open_case"
        assert blocks["stake"]["element"]["initial_value"] == words
    assert desk.told == []


async def test_a_sentence_of_which_no_case_is_known_may_be_a_new_one(
    slack: Workspace, desk: FakeDesk
) -> None:
    words = "hold on, they cannot log in"
    await slack.command(words)
    await desk.settle()
    view = desk.slack.last("views.open")["view"]
    select = view["blocks"][-1]["element"]
    assert view["callback_id"] == "picker"
    assert [each["value"] for each in select["options"]] == ["7", "new"]
    chosen = {"case": {"case": {"type": "static_select", "selected_option": {"value": "new"}}}}
    response = await slack.interact(
        {
            "type": "view_submission", "user": person(), "team": TEAM, "trigger_id": "9.9",
            "view": view | {"id": "V1", "state": {"values": chosen}},
        }
    )  # fmt: skip
    after = response.json()["view"]
    blocks = {b.get("block_id"): b for b in after["blocks"]}
    assert after["callback_id"] == "open_case"
    assert blocks["stake"]["element"]["initial_value"] == words


async def test_without_any_case_such_a_sentence_is_a_new_one(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.reading.cases_by_number.clear()
    await slack.command("hold on, they cannot log in")
    await desk.settle()
    assert desk.slack.last("views.open")["view"]["callback_id"] == "open_case"


async def test_a_case_alone_is_shown(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("ESC-7")
    await desk.settle()
    ((_reply, message),) = desk.told
    assert "ESC-7" in message.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("assign <@U0TOM|tom> boss", "Escalation manager, Technical lead"),
        ("assign @tom.ruiz em", "I cannot tell who `@tom.ruiz` is"),
        ("assign <!subteam^S1|@support> em", "is a group"),
        ("why something", "Next customer update"),
        ("claim please", "means nothing after `/escalate claim`"),
    ],
)
async def test_a_word_that_nothing_reads_is_refused_with_what_can_be_typed(
    slack: Workspace, desk: FakeDesk, words: str, said: str
) -> None:
    await slack.command(words, channel_id=CHANNEL)
    await desk.settle()
    ((_reply, message),) = desk.told
    assert said in message.text
    assert desk.accepted == []


async def test_a_long_address_is_not_cut_on_its_way_through_the_picker() -> None:
    address = "https://tickets.example/" + "7" * 900
    carried = picker_prefill("do:link_ticket", {"url": address, "note": "n" * 900})["with"]
    assert "url" not in carried
    assert carried["note"].endswith("…")


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
    assert (hidden["then"], hidden["with"]) == ("do:reopen", {"reason": "it failed again"})


async def test_a_long_text_still_fits_the_picker(slack: Workspace, desk: FakeDesk) -> None:
    await slack.command("replied " + 'the "customer"\n' * 250)
    await desk.settle()
    assert len(desk.slack.last("views.open")["view"]["private_metadata"]) <= 3000
    assert desk.troubles == []


async def test_a_number_names_the_case_where_no_channel_does(
    slack: Workspace, desk: FakeDesk
) -> None:
    await slack.command("timeline 7")
    await desk.settle()
    assert desk.slack.calls == []
    assert desk.reading.pages == [1]


async def test_where_there_is_no_open_case_the_picker_says_so(
    slack: Workspace, desk: FakeDesk
) -> None:
    desk.reading.cases_by_number.clear()
    await slack.command("claim")
    await desk.settle()
    assert desk.told[0][1] == refusal_message("no_open_case", Language.ENGLISH)


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
    assert desk.told[0][1] == refusal_message("no_such_case", Language.ENGLISH)


async def test_a_refusal_comes_before_the_form(slack: Workspace, desk: FakeDesk) -> None:
    desk.refused["close"] = "not_your_role"
    await slack.command("close", channel_id=CHANNEL, user_id=GREEK)
    await desk.settle()
    assert desk.slack.calls == []
    assert desk.told[0][1] == refusal_message("not_your_role", Language.GREEK)


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
    assert desk.told[0][1] == refusal_message("too_slow", Language.ENGLISH)


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
    assert desk.told[0][1] == refusal_message("which_action", Language.ENGLISH)
