"""The library of approved words through the whole desk: browse, propose, approve, compose."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.rules.words import MessageKind, Role
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, demo_policy, local_app
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Message

MAYA, ELENI, KATE = "U0MAYA", "U0ELENI", "U0KATE"  # an agent; who reads Greek; who approves
OPEN = {
    "customer": "account:aegean-ferries",
    "stake": "We cannot sell tickets.",
    "trigger": "technical",
    "severity": "3",
}
WORDS = (
    "Αξιότιμη κυρία {{ contact }},\n\n[τι άλλαξε]\n\nΘα σας γράψω ξανά έως {{ next_update }}.\n\n"
    "{{ sender }}"
)
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def here(tmp_path_factory: Any) -> AsyncIterator[Local]:
    """The bot at work with one case and a comms approver."""
    folder: Path = tmp_path_factory.mktemp("desk")
    given = demo_policy()
    policy = replace(given, roles={**given.roles, Role.COMMS_APPROVER: (KATE,)})
    async with local_app(demo_workspace(), folder, policy=policy) as running:
        await import_demo_accounts(running)
        await type_in(running, MAYA, "/escalate", "support")
        view = running.people.views(MAYA)[-1]
        await running.people.suggest(MAYA, "customer", "aegean", view_id=view.id)
        assert await running.people.submit(MAYA, view.id, OPEN) == {}
        await running.settle()
        yield running


def channel(here: Local, prefix: str) -> Channel:
    return next(c for c in here.workspace.channels.values() if c.name.startswith(prefix))


async def type_in(here: Local, who: str, line: str, prefix: str = "esc-1-") -> None:
    await here.people.command(who, channel(here, prefix).id, line)
    await here.settle()


def private(here: Local, who: str) -> Message:
    """The newest thing that only this person sees in the case's channel."""
    mine = [m for m in channel(here, "esc-1-").ephemerals.values() if m.ephemeral_to == who]
    return mine[-1]


def direct(here: Local, who: str) -> Message:
    """The newest direct message to somebody."""
    channels = [c for c in here.workspace.channels.values() if c.is_im and who in c.members]
    return [message for each in channels for message in each.messages.values()][-1]


def buttons(message: Message) -> list[dict[str, Any]]:
    """Every button of a message."""
    blocks = message.blocks or []
    beside = [b["accessory"] for b in blocks if "accessory" in b]
    return [*beside, *(e for b in blocks if b["type"] == "actions" for e in b["elements"])]


async def press(here: Local, who: str, message: Message, action: str, *values: str) -> None:
    """Press the first button whose action begins so and whose value has these words."""
    place = next(
        c
        for c in here.workspace.channels.values()
        if message in c.messages.values() or message in c.ephemerals.values()
    )
    pressed = next(
        b
        for b in buttons(message)
        if b["action_id"].startswith(action) and all(v in b.get("value", "") for v in values)
    )
    await here.people.click(who, channel_id=place.id, ts=message.ts, action_id=pressed["action_id"])
    await here.settle()


async def choose_words(here: Local, who: str, message: Message, *values: str) -> None:
    """Choose the first entry of the library's menus whose value has these words."""
    place = channel(here, "esc-1-")
    chosen = next(
        (each["action_id"], option["value"])
        for each in buttons(message)
        for option in each.get("options", ())
        if all(v in option["value"] for v in values)
    )
    await here.people.click(
        who, channel_id=place.id, ts=message.ts, action_id=chosen[0], value=chosen[1]
    )
    await here.settle()


def words(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False)


async def test_the_library_is_browsed_and_previewed_with_the_cases_facts(here: Local) -> None:
    await type_in(here, ELENI, "/escalate πρότυπα")
    shown = private(here, ELENI)
    assert "Πρότυπα κείμενα" in shown.text
    assert sum(b["type"] == "overflow" for b in buttons(shown)) == len(MessageKind)
    await choose_words(here, ELENI, shown, '"update"', '"el"')
    preview = private(here, ELENI)
    assert "Με τα στοιχεία της ESC-1" in preview.text
    assert "Θα σας γράψω ξανά έως" in preview.text
    assert "ESC-1" in preview.text
    await type_in(here, MAYA, "/escalate templates apology")
    assert "Apology" in private(here, MAYA).text


async def test_a_bad_template_is_refused_with_line_and_reason(here: Local) -> None:
    await type_in(here, MAYA, "/escalate templates")
    await press(here, MAYA, private(here, MAYA), "ask:propose_template")
    view = here.people.views(MAYA)[-1]
    bad = {"kind": "update", "language": "el", "why": "Warmer"}
    body = "Dear {{ contact }},\n{{ contact.__class__ }}\n{{ next_update }}"
    errors = await here.people.submit(MAYA, view.id, {**bad, "body": body})
    assert errors["body"].startswith("Line 2:")
    errors = await here.people.submit(MAYA, view.id, {**bad, "body": "{{ next_update }}{% if"})
    assert errors["body"].startswith("Line 1:")
    await here.people.close(MAYA, view.id, everything=True)


async def test_words_travel_from_a_proposal_into_the_composer(here: Local) -> None:
    await type_in(here, MAYA, "/escalate templates update")
    await press(here, MAYA, private(here, MAYA), "ask:propose_template")
    view = here.people.views(MAYA)[-1]
    given = {"kind": "update", "language": "el", "body": WORDS, "why": "Warmer"}
    assert await here.people.submit(MAYA, view.id, given) == {}
    await here.settle()

    asked = direct(here, KATE)
    assert "Αξιότιμη" in words(asked.blocks)
    await press(here, KATE, asked, "do:answer_template")
    assert "approved your template" in direct(here, MAYA).text

    await type_in(here, MAYA, "/escalate update update")
    form = here.people.views(MAYA)[-1]
    draft = next(b for b in form.blocks if b["block_id"] == "text")["element"]["initial_value"]
    assert draft.startswith("Αξιότιμη κυρία ")
    assert f"version 2*  ·  approved by <@{KATE}>" in words(form.blocks)
    errors = await here.people.submit(MAYA, form.id, {"text": draft})
    assert "[τι άλλαξε]" in errors["text"]
    await here.people.close(MAYA, form.id, everything=True)

    await type_in(here, ELENI, "/escalate templates")
    await choose_words(here, ELENI, private(here, ELENI), '"update"', '"el"')
    shown = private(here, ELENI)
    assert "+Αξιότιμη κυρία {{ contact }}," in words(shown.blocks)
    assert "Έκδοση 1" in words(shown.blocks)

    await press(here, ELENI, shown, "ask:withdraw_template")
    view = here.people.views(ELENI)[-1]
    assert await here.people.submit(ELENI, view.id, {"reason": "Άλλαξε το θέμα"}) == {}
    await here.settle()
    assert "withdrew" in direct(here, MAYA).text
    await type_in(here, MAYA, "/escalate update update")
    again = words(here.people.views(MAYA)[-1].blocks)
    assert "version 1" in again
    assert "Αξιότιμη" not in again


async def test_expired_words_are_named_and_those_before_them_offered(here: Local) -> None:
    for view in list(here.people.views(MAYA)):
        await here.people.close(MAYA, view.id, everything=True)
    now = here.workspace.clock.now()
    await type_in(here, MAYA, "/escalate templates update")
    await press(here, MAYA, private(here, MAYA), "ask:propose_template")
    view = here.people.views(MAYA)[-1]
    day = (now + timedelta(days=2)).date().isoformat()  # in every zone still to come
    given = {"kind": "update", "language": "el", "body": WORDS, "why": "July", "expires": day}
    assert await here.people.submit(MAYA, view.id, given) == {}
    await here.settle()
    await press(here, KATE, direct(here, KATE), "do:answer_template")
    await here.workspace.clock.advance_to(now + timedelta(days=4))
    await type_in(here, MAYA, "/escalate update update")
    shown = words(here.people.views(MAYA)[-1].blocks)
    assert "version 3  ·  expired, its last day was" in shown
    assert "version 1*  ·  approved by" in shown
    assert "Αξιότιμη" not in shown
