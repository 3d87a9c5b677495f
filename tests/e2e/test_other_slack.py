"""A whole case in another implementation of Slack's API, with the least that can be set."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.child import child
from tests.e2e.other_slack import SECRET, TOKEN, OtherSlack, other_slack
from tests.ports import free_port
from tests.postmortems import REVIEWED

ALICE, BRUNO, HALL = "UALICE901", "W_BRUNO7", "C1HALL"  # she escalates, he takes charge
STAKE = "Nobody at the harbour can pay"


@pytest.fixture
async def slack(tmp_path: Path) -> AsyncIterator[OtherSlack]:
    """The other Slack with our bot at work in it, by signed HTTP."""
    port = free_port()
    async with other_slack() as slack:
        slack.app_url = f"http://127.0.0.1:{port}/slack/events"
        settings = {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{slack.url}/api/",
            "DATABASE_URL": f"sqlite:///{tmp_path}/desk.db",
        }
        async with child(tmp_path, port, settings) as bot:
            yield slack
            assert await bot.stop() == 0, bot.log.read_text()


async def escalate(slack: OtherSlack) -> str:
    """Alice escalates for a customer nobody knows; answers the case's channel."""
    await slack.command(ALICE, HALL, STAKE)
    form = await slack.form(ALICE, "open_case")
    assert STAKE in json.dumps(form)
    offered = await slack.suggestions(ALICE, "customer", "Blue Harbour")
    assert [o["value"] for o in offered] == ["new:Blue Harbour"]
    errors = await slack.fill(
        ALICE, customer="new:Blue Harbour", severity="2", ticket_url="not an address"
    )
    assert list(errors["errors"]) == ["ticket_url"]
    accepted = await slack.fill(
        ALICE, customer="new:Blue Harbour", severity="2", ticket_url="https://tickets.example/7"
    )
    assert accepted == {}
    case = await slack.until(lambda: slack.channel("esc-1"), "a channel")
    assert case["name"] == "esc-1-blue-harbour"
    await slack.until(lambda: case["pins"], "a pinned card")
    return str(case["id"])


async def test_a_case_opens_with_everything_the_other_slack_has(slack: OtherSlack) -> None:
    channel = await escalate(slack)
    case = slack.channels[channel]
    told = await slack.until(lambda: slack.heard(f"D{ALICE}", channel), "Alice is told where")
    await slack.until(lambda: ALICE in case["members"] and case["topic"], "people and topic")
    assert STAKE in json.dumps(slack.card())
    assert f"<@{ALICE}>" in json.dumps(slack.card())  # no manager is named: she owns it
    assert len(told) == 1
    assert "do:claim" in json.dumps(told[0]["blocks"])  # nobody was called who could claim it
    assert [name for name, _ in slack.calls].count("conversations.create") == 1


async def test_a_whole_case_is_lived_through(slack: OtherSlack) -> None:
    channel = await escalate(slack)

    def shows(*words: str) -> bool:
        return all(w in json.dumps(slack.card(), ensure_ascii=False) for w in words)

    await slack.press(BRUNO, slack.card(), "do:claim")
    await slack.until(lambda: shows(f"<@{BRUNO}>", "Acknowledged"), "Bruno has it")

    await slack.press(BRUNO, slack.card(), "ask:update")
    await slack.form(BRUNO, "update")
    promised = int(time.time()) + 3000
    said = "Bruno has found the cause. You hear from us again within the hour."
    assert await slack.fill(BRUNO, text=said, next_update_at=promised) == {}
    await slack.until(lambda: slack.heard(channel, said), "the update is in the channel")
    await slack.until(lambda: shows("Investigating"), "work begins")

    await slack.command(BRUNO, channel, "resolve")
    await slack.form(BRUNO, "resolve")
    ended = {"note": "A certificate had expired.", "text": "You can pay again."}
    assert await slack.fill(BRUNO, **ended) == {}
    await slack.until(lambda: shows("Resolved"), "resolved")
    await slack.until(lambda: slack.uploads, "the agenda as a file")
    await slack.until(lambda: slack.heard(f"D{ALICE}", "postmortem"), "Alice is invited")

    await slack.press(ALICE, slack.card(), "ask:confirm")
    await slack.form(ALICE, "confirm")
    assert await slack.fill(ALICE) == {}
    await slack.until(lambda: shows("In review"), "in review")

    await slack.press(BRUNO, slack.card(), "ask:postmortem_held")
    await slack.form(BRUNO, "postmortem_held")
    assert await slack.fill(BRUNO, **REVIEWED) == {}
    await slack.until(lambda: 'ask:postmortem_held"' not in json.dumps(slack.card()), "held")

    await slack.command(BRUNO, channel, "close")
    await slack.form(BRUNO, "close")
    assert await slack.fill(BRUNO, root_cause="configuration", no_action="None") == {}
    await slack.until(lambda: shows("Closed"), "closed")

    await slack.press(ALICE, slack.card(), "ask:reopen")
    await slack.form(ALICE, "reopen")
    assert await slack.fill(ALICE, reason="The card reader fails again") == {}
    await slack.until(lambda: shows("Investigating"), "open again")

    await slack.command(ALICE, HALL, "timeline 1")
    await slack.until(lambda: slack.heard(ALICE, "timeline"), "the record")
    assert [name for name, _ in slack.calls].count("conversations.create") == 1
    assert len(slack.channels[channel]["pins"]) == 1


async def test_a_sensitive_case_is_private_and_nameless(slack: OtherSlack) -> None:
    await slack.command(ALICE, HALL, STAKE)
    await slack.form(ALICE, "open_case")
    await slack.fill(
        ALICE, customer="new:Blue Harbour", severity="3", sensitive=[{"value": "true"}]
    )
    case = await slack.until(lambda: slack.channel("esc-1"), "a channel")
    assert case["is_private"]
    assert "harbour" not in case["name"]
    await slack.command(BRUNO, HALL, "show 1")
    await slack.until(lambda: slack.heard(BRUNO), "Bruno is answered")
    assert "Harbour" not in json.dumps(slack.heard(BRUNO))


async def test_an_answer_without_a_response_url_comes_in_private(slack: OtherSlack) -> None:
    button = {"action_id": "show:help", "type": "button", "value": "{}"}
    await slack.interact(
        {"type": "block_actions", "user": {"id": ALICE}, "view": {"id": "V1", "type": "home"},
         "actions": [button]}
    )  # fmt: skip
    await slack.until(lambda: slack.heard(f"D{ALICE}", "/escalate"), "help in private")


async def test_a_channel_whose_creation_was_not_confirmed_is_found_again(
    slack: OtherSlack,
) -> None:
    slack.broken["conversations.create"] = 1
    await escalate(slack)
    assert len(slack.channels) == 1
