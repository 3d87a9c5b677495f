"""Linking a customer's channel: who may, what is typed and pressed, what no outsider can do."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.intake.connect.events import NoteSharedEvent
from bot.registry import INTENTS
from bot.rules.words import ConnectState, Language
from handlers.commands import BY_NAME
from messages.cases.notices import notice_message
from storage.models import ConnectLink
from tests.e2e import forged
from tests.e2e import shared_office as shared
from tests.e2e.doors import event_of
from tests.e2e.office import ELENI, MAYA, NIKOS, STRANGER, SUPPORT, Office, office
from tests.e2e.shared_office import NORA, SHARED

TABLE_ROW = BY_NAME["connections"]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office in which Delphi Energy shares a channel, reached by signed HTTP."""
    async with office(Path(tmp_path_factory.mktemp("connect")), http=True) as here:
        await shared.share_channel(here)
        yield here


async def command(desk: Office, who: str, text: str, channel: str = SUPPORT) -> str:
    """Type it; what the person was told, by whatever way."""
    before = len(desk.answers(who)) + len(desk.dms(who))
    await desk.here.people.command(who, channel, text)
    await desk.here.settle()
    said = [*desk.answers(who), *desk.dms(who)]
    assert len(said) >= before
    return "\n".join(m.text + str(m.blocks) for m in said)


@pytest.mark.parametrize(
    ("line", "door"),
    [("/escalate connect", "ask:connect"), ("/escalate disconnect", "ask:disconnect")],
)
async def test_what_is_missing_is_asked_for(desk: Office, line: str, door: str) -> None:
    await desk.here.people.command(ELENI, SUPPORT, line)
    await desk.here.settle()
    form = desk.form(ELENI)
    assert f"ask:{form.callback_id}" == door
    assert "conversations_select" in str(form.payload)
    await desk.close_forms(ELENI)


async def test_the_list_names_each_channel_and_whether_it_works(desk: Office) -> None:
    said = await command(desk, MAYA, "/escalate connections")
    assert "Delphi Energy" in said
    assert SHARED in said


@pytest.mark.parametrize("text", ["connect Delphi Energy", "disconnect"])
async def test_only_managers_link_and_unlink(desk: Office, text: str) -> None:
    desk.ws.channels[SHARED].members |= {NIKOS: None, STRANGER: None}
    for who in (NIKOS, STRANGER):
        await desk.here.people.command(who, SHARED, f"/escalate {text}")
        await desk.here.settle()
    link = await shared.the_link(desk)
    assert (link.state, link.by) == (ConnectState.WORKING, ELENI)


async def test_linking_another_customer_s_name_that_is_none_is_refused(desk: Office) -> None:
    said = await command(desk, ELENI, "/escalate connect No Such Company", SHARED)
    assert "No Such Company" in said
    assert (await shared.the_link(desk)).account_key == shared.ACCOUNT


async def test_a_case_s_channel_is_no_customer_s(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.wants(ELENI, "connect", {
        "channel": desk.channel(number).id, "customer": "Delphi Energy",
    })  # fmt: skip
    await desk.here.settle()
    assert [row.channel_id for row in await shared.rows(desk, ConnectLink)] == [SHARED]


async def test_an_outsider_who_asks_for_any_verb_gets_none(desk: Office) -> None:
    await desk.here.people.change_user(NORA)  # Slack tells of her
    before = len(await shared.signals(desk))
    for verb in ("connect", "disconnect", "shared_event"):
        assert verb in INTENTS
        fields = {"channel": SHARED, "customer": "Delphi Energy", "ts": "1.1", "marked_by": NORA}
        await desk.wants(NORA, verb, fields)
    await desk.here.settle()
    assert (await shared.the_link(desk)).by == ELENI
    assert len(await shared.signals(desk)) == before


async def test_an_event_that_comes_again_and_one_that_lies_set_nothing_off(desk: Office) -> None:
    message = await shared.say(desk, NORA, "Invoices are wrong again.")
    item = {"type": "message", "channel": SHARED, "ts": message.ts}
    forged_event = {"type": "reaction_added", "user": "U0NOBODY", "reaction": "bangbang"}
    body = {
        "type": "event_callback", "event_id": "EvFORGED", "team_id": desk.ws.team_id,
        "is_ext_shared_channel": True, "event": forged_event | {"item": item, "user_team": "T0X"},
    }  # fmt: skip
    app = next(iter(desk.ws.apps.values()))
    await forged.sent(app, json.dumps(body).encode(), times=2, kind="application/json")
    await desk.here.settle()
    assert await shared.signals(desk) == []
    await shared.mark(desk, NORA, message)
    event = {"type": "reaction_added", "user": NORA, "reaction": "bangbang", "item": item}
    again = NoteSharedEvent(channel=SHARED, ts=message.ts, marked_by=NORA)
    for key in ("shared:event:EvONE", "shared:event:EvONE", "shared:event:EvTWO"):
        await desk.here.services.accept(again, Actor(SYSTEM, "event"), key, ReplyTo(SYSTEM))
    await event_of(desk, event)
    await desk.here.settle()
    assert len(await shared.signals(desk)) == 1
    assert len(shared.ours_in(desk, message)) == 1


async def test_the_list_s_buttons_link_and_unlink(desk: Office) -> None:
    assert TABLE_ROW.leads_to == "show:connections"
    await command(desk, ELENI, "/escalate connections")
    shown = desk.answers(ELENI)[-1]
    await desk.press(ELENI, shown, "ask:connect")
    assert desk.form(ELENI).callback_id == "connect"
    await desk.close_forms(ELENI)
    await desk.press(ELENI, shown, "do:disconnect")
    assert await shared.rows(desk, ConnectLink) == []
    await desk.command(ELENI, "connect Delphi Energy", SHARED)
    assert (await shared.the_link(desk)).state is ConnectState.WORKING


@pytest.mark.parametrize("name", ["slack_failed", "colleague_wrote"])
async def test_what_is_said_of_the_channel_leads_to_the_composer(desk: Office, name: str) -> None:
    number = await desk.looked_at("investigating")
    case = await desk.case(number)
    at = case.received_at.isoformat()
    extra = {"topic": "update", "reason": "", "text": "x", "by": MAYA, "at": at, "summary": "x"}
    message = await desk.post(MAYA, notice_message(name, case, Language.ENGLISH, **extra))
    await desk.press(MAYA, message, "ask:update")
    assert desk.form(MAYA).callback_id == "update"
    await desk.close_forms(MAYA)
