"""Everything that opens or answers, in a workspace as strict as Slack, by both transports."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.rules.lifecycle import fits_status
from bot.rules.words import Status
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, local_app
from handlers.commands import TABLE, Subcommand
from messages.forms import FORMS
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Message, View

MAYA, ELENI, PRIYA = "U0MAYA", "U0ELENI", "U0PRIYA"
OPEN = {
    "customer": "account:aegean-ferries",
    "stake": "We cannot sell tickets.",
    "trigger": "technical",
    "severity": "3",
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=["socket", "http"])
async def here(request: pytest.FixtureRequest, tmp_path_factory: Any) -> AsyncIterator[Local]:
    """The bot at work, with one open case."""
    folder: Path = tmp_path_factory.mktemp("desk")
    http = request.param == "http"
    async with local_app(demo_workspace(), folder, http=http) as running:
        await import_demo_accounts(running)
        await type_in(running, MAYA, "support", "/escalate")
        view = form(running, MAYA)
        await running.people.suggest(MAYA, "customer", "aegean", view_id=view.id)
        assert await running.people.submit(MAYA, view.id, OPEN) == {}
        await running.settle()
        yield running


def channel(here: Local, prefix: str) -> Channel:
    """The channel whose name begins so."""
    return next(c for c in here.workspace.channels.values() if c.name.startswith(prefix))


def form(here: Local, who: str) -> View:
    """The form in front of somebody."""
    return here.people.views(who)[-1]


async def type_in(here: Local, who: str, prefix: str, line: str) -> None:
    """Type a command and wait for what comes of it."""
    await here.people.command(who, channel(here, prefix).id, line)
    await here.settle()


def private(here: Local, who: str, prefix: str) -> list[Message]:
    """What only this person sees there."""
    return [m for m in channel(here, prefix).ephemerals.values() if m.ephemeral_to == who]


async def dismiss(here: Local, who: str) -> None:
    """Close whatever is open."""
    for view in list(here.people.views(who)):
        await here.people.close(who, view.id, everything=True)


# ``cannot`` is for whoever was called, ``end-hold`` for Legal alone; ``done`` and ``unfulfil`` are
# about what this case does not have.
NOT_HERE = ("done", "status", "cannot", "end-hold", "unfulfil")
FORMS_BY_COMMAND = [row for row in TABLE if row.verb in FORMS and row.name not in NOT_HERE]
FITTING = [row for row in FORMS_BY_COMMAND if fits_status(Status.NEW, row.verb)]
UNFITTING = [row for row in FORMS_BY_COMMAND if row not in FITTING]
ANSWERS = [row.name for row in TABLE if row.leads_to.startswith("show:") or row.name == "status"]


@pytest.mark.parametrize("row", FITTING, ids=lambda row: row.name)
async def test_a_command_without_arguments_opens_its_form(here: Local, row: Subcommand) -> None:
    await type_in(here, ELENI, "esc-1-", f"/escalate {row.name}".removesuffix(" open"))
    assert form(here, ELENI).callback_id == row.verb
    await dismiss(here, ELENI)


@pytest.mark.parametrize("row", UNFITTING, ids=lambda row: row.name)
async def test_a_form_that_would_be_refused_in_this_status_says_so_at_once(
    here: Local, row: Subcommand
) -> None:
    await type_in(here, ELENI, "esc-1-", f"/escalate {row.name}")
    assert here.people.views(ELENI) == []
    assert "δεν ταιριάζει" in private(here, ELENI, "esc-1-")[-1].text


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_private(here: Local, name: str) -> None:
    posts = len(channel(here, "esc-1-").messages)
    before = len(private(here, ELENI, "esc-1-"))
    await type_in(here, ELENI, "esc-1-", f"/escalate {name}")
    assert len(private(here, ELENI, "esc-1-")) == before + 1
    assert len(channel(here, "esc-1-").messages) == posts


async def test_ticked_signs_suggest_a_severity_and_keep_what_was_typed(here: Local) -> None:
    await type_in(here, MAYA, "support", "/escalate Everything is down")
    view = form(here, MAYA)
    signs = ["no_workaround", "many_users"]
    await here.people.click(MAYA, view_id=view.id, action_id="signs", value=signs)
    await here.settle()
    shown = form(here, MAYA)
    assert "SEV2" in str(next(b for b in shown.blocks if b["block_id"] == "suggestion"))
    assert "Everything is down" in str(shown.blocks)
    await dismiss(here, MAYA)


async def test_another_kind_of_message_brings_its_words(here: Local) -> None:
    await type_in(here, MAYA, "esc-1-", "/escalate update")
    view = form(here, MAYA)
    before = next(b for b in view.blocks if b["block_id"] == "text")
    await here.people.click(MAYA, view_id=view.id, action_id="kind", value="apology")
    await here.settle()
    after = next(b for b in form(here, MAYA).blocks if b["block_id"] == "text~2")
    assert after["element"]["initial_value"] != before["element"]["initial_value"]
    await dismiss(here, MAYA)


async def test_outside_the_channel_the_picker_leads_on(here: Local) -> None:
    await type_in(here, ELENI, "support", "/escalate hold vendor")
    picker = form(here, ELENI)
    assert picker.callback_id == "picker"
    assert await here.people.submit(ELENI, picker.id, {"case": "1"}) == {}
    view = form(here, ELENI)
    assert view.callback_id == "hold"
    assert "waiting_third_party" in str(view.blocks)
    await dismiss(here, ELENI)


async def test_a_refusal_of_a_form_is_told_where_it_was_asked_for(here: Local) -> None:
    await type_in(here, MAYA, "esc-1-", "/escalate severity 4 it looks better")
    said = private(here, MAYA, "esc-1-")
    assert "have permission" in said[-1].text


async def test_escalate_this_takes_the_message_and_its_address(here: Local) -> None:
    support = channel(here, "support")
    message = await here.people.say(MAYA, support.id, "Refunds <fail> & nobody answers")
    await here.people.message_shortcut(ELENI, "escalate_message", support.id, message.ts)
    await here.settle()
    view = form(here, ELENI)
    stake = next(b for b in view.blocks if b["block_id"] == "stake")
    assert stake["element"]["initial_value"] == "Refunds <fail> & nobody answers"
    assert "source_link" in view.payload["private_metadata"]
    await dismiss(here, ELENI)


async def test_the_global_shortcut_and_the_home_open_the_form(here: Local) -> None:
    await here.people.shortcut(ELENI, "escalate")
    await here.settle()
    assert form(here, ELENI).callback_id == "open_case"
    await dismiss(here, ELENI)
    await here.people.open_home(ELENI)
    await here.settle()
    home = here.people.home(ELENI)
    assert home is not None
    assert "ESC-1" in str(home.blocks)
    await here.people.click(ELENI, view_id=home.id, action_id="ask:open_case")
    await here.settle()
    assert form(here, ELENI).callback_id == "open_case"
    await dismiss(here, ELENI)


async def test_hi_in_a_direct_message_is_answered_with_help(here: Local) -> None:
    bot = next(iter(here.workspace.apps.values())).bot_user_id
    direct, _ = here.workspace.open_im(PRIYA, bot)
    await here.people.say(PRIYA, direct.id, "hi")
    await here.settle()
    everything = (*direct.messages.values(), *direct.ephemerals.values())
    assert any("/escalate" in m.text for m in everything if m.user == bot)


async def test_a_mention_shows_the_case(here: Local) -> None:
    bot = next(iter(here.workspace.apps.values())).bot_user_id
    before = len(private(here, ELENI, "esc-1-"))
    await here.people.say(ELENI, channel(here, "esc-1-").id, f"<@{bot}> show")
    await here.settle()
    assert len(private(here, ELENI, "esc-1-")) == before + 1
