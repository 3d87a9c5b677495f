"""The composer and the second person, through the whole desk, in English and in Greek."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.rules.words import Role, Severity
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, demo_policy, local_app
from sandbox.seed import demo_workspace
from sandbox.state import Channel, Message, View

MAYA, ELENI, KATE = "U0MAYA", "U0ELENI", "U0KATE"  # an agent; who manages, in Greek; who approves
OPEN = {
    "customer": "account:aegean-ferries",
    "stake": "We cannot sell tickets.",
    "trigger": "technical",
    "severity": "1",
}
GREEK = "Κυρία Δήμου, βρήκαμε την αιτία στις 11:20. Θα σας γράψω ξανά αύριο."
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def here(tmp_path_factory: Any) -> AsyncIterator[Local]:
    """The bot at work with a SEV1 case, at which two people are wanted for each message."""
    folder: Path = tmp_path_factory.mktemp("desk")
    given = demo_policy()
    policy = replace(
        given,
        roles={**given.roles, Role.COMMS_APPROVER: (KATE,)},
        severities_needing_two_approvals=frozenset({Severity.SEV1}),
    )
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


async def composing(here: Local, who: str) -> View:
    """The composer in front of somebody, freshly opened."""
    for view in list(here.people.views(who)):
        await here.people.close(who, view.id, everything=True)
    await type_in(here, who, "/escalate update")
    return here.people.views(who)[-1]


async def send(here: Local, who: str, words: str) -> dict[str, str]:
    """Send the form in front of them with these words."""
    view = here.people.views(who)[-1]
    errors = await here.people.submit(who, view.id, {"text": words})
    await here.settle()
    return errors


def direct(here: Local, who: str) -> list[Message]:
    """What the app has written to somebody, oldest first."""
    channels = [c for c in here.workspace.channels.values() if c.is_im and who in c.members]
    return [message for each in channels for message in each.messages.values()]


async def press(here: Local, who: str, message: Message, action: str, words: str = "") -> None:
    """Press a button of a direct message."""
    place = next(c for c in here.workspace.channels.values() if message in c.messages.values())
    elements = [e for b in message.blocks or [] for e in b.get("elements", [])]
    pressed = next(
        e for e in elements
        if str(e.get("action_id", "")).startswith(action) and words in str(e.get("value"))
    )  # fmt: skip
    await here.people.click(who, channel_id=place.id, ts=message.ts, action_id=pressed["action_id"])
    await here.settle()


async def sent(here: Local) -> list[str]:
    return [each.text for each in (await here.services.reading.case(1, ELENI)).sent]


async def test_what_must_not_be_sent_stays_in_the_form_with_the_reason(here: Local) -> None:
    await composing(here, MAYA)
    errors = await send(here, MAYA, "Σας προσφέρουμε έκπτωση 20%. Θα σας γράψω στις 14:00.")
    assert "έκπτωση" in errors["text"]
    errors = await send(here, MAYA, "Κυρία Δήμου, βρήκαμε την αιτία.")
    assert "Θα σας γράψω ξανά" in errors["text"]
    left = "[ποιος κάνει τι, έως πότε]"
    errors = await send(here, MAYA, f"Κυρία Δήμου, {left} Θα σας γράψω στις 14:00.")
    assert left in errors["text"]
    assert await sent(here) == []


async def test_the_approved_words_as_they_come_give_no_hint(here: Local) -> None:
    view = await composing(here, MAYA)
    draft = next(b for b in view.blocks if b["block_id"] == "text")["element"]["initial_value"]
    await here.people.click(MAYA, view_id=view.id, action_id="check")
    await here.settle()
    shown = json.dumps(here.people.views(MAYA)[-1].blocks, ensure_ascii=False)
    assert "There are no hints" in shown
    assert "As the customer will see it" in shown
    assert draft.splitlines()[0] in shown.partition("As the customer will see it")[2]


async def test_hints_stand_beside_the_text_in_the_readers_language(here: Local) -> None:
    view = await composing(here, ELENI)
    soft = "Κυρία Δήμου, το κοιτάμε. Θα σας γράψω ξανά αύριο."
    assert await send(here, ELENI, soft) == {}
    shown = here.people.views(ELENI)[-1]
    assert shown.id == view.id
    words = json.dumps(shown.payload, ensure_ascii=False)
    assert "Πριν σταλεί" in words
    assert "«το κοιτάμε»" in words
    assert "Πείτε ποιος κάνει τι" in words
    assert "Όπως θα το δει ο πελάτης" in words


async def test_a_message_goes_out_only_as_it_was_approved(here: Local) -> None:
    view = await composing(here, MAYA)
    assert f"<@{KATE}>" in str(view.blocks)
    assert view.payload["submit"]["text"] == "Ask for approval"
    assert await send(here, MAYA, GREEK) == {}
    assert await sent(here) == []
    asked = direct(here, KATE)[-1]
    assert GREEK in asked.text
    await press(here, KATE, asked, "do:answer_draft")
    answered = direct(here, MAYA)[-1]
    assert "approved" in answered.text

    await press(here, MAYA, answered, "ask:update")
    assert f"Approved by <@{KATE}>" in str(here.people.views(MAYA)[-1].blocks)
    assert await send(here, MAYA, GREEK + " Λυπάμαι.") == {}  # an edit: asked again
    assert await sent(here) == []
    changed = direct(here, KATE)[-1]
    assert "Λυπάμαι" in changed.text
    shown = str(next(m for m in direct(here, KATE) if m.ts == asked.ts).blocks)
    assert "do:answer_draft" not in shown  # what was answered cannot be pressed again
    assert "✓ You approved the message" in shown

    await press(here, KATE, changed, "ask:answer_draft")
    assert "Λυπάμαι" in str(here.people.views(KATE)[-1].blocks)
    back = here.people.views(KATE)[-1]
    assert await here.people.submit(KATE, back.id, {"remark": "Without the last word."}) == {}
    await here.settle()
    returned = direct(here, MAYA)[-1]
    assert "Without the last word." in returned.text
    await press(here, MAYA, returned, "ask:update")
    draft = next(b for b in here.people.views(MAYA)[-1].blocks if b["block_id"] == "text")
    assert draft["element"]["initial_value"] == GREEK + " Λυπάμαι."

    await send(here, MAYA, GREEK)
    await press(here, KATE, direct(here, KATE)[-1], "do:answer_draft")
    await press(here, MAYA, direct(here, MAYA)[-1], "ask:update")
    assert await send(here, MAYA, GREEK) == {}
    assert await sent(here) == [GREEK]
    verbs = [e.verb for e in (await here.services.reading.timeline(1, ELENI, 1))[0]]
    assert {"ask_approval", "answer_draft", "void_approval", "update"} <= set(verbs)


def drafted(view: View) -> str:
    """The text that stands in a form."""
    block = next(b for b in view.blocks if b["block_id"].partition("~")[0] == "text")
    return str(block["element"]["initial_value"])


FIX_TO_COME = {"fix_owner", "fix_due"}  # what a workaround leaves to do


def asked(view: View) -> set[str]:
    """The names of what a form asks."""
    return {str(block.get("block_id")).partition("~")[0] for block in view.blocks}


async def test_the_notice_follows_what_was_chosen_as_the_resolution(here: Local) -> None:
    await composing(here, ELENI)
    await type_in(here, ELENI, "/escalate claim")
    await type_in(here, ELENI, "/escalate resolve")
    view = here.people.views(ELENI)[-1]
    assert "έχει διορθωθεί" in drafted(view)
    assert not asked(view) & FIX_TO_COME
    for chosen, said, more in (
        ("workaround", "παρακάμπτει", FIX_TO_COME),
        ("fix", "έχει διορθωθεί", set[str]()),
    ):
        await here.people.click(ELENI, view_id=view.id, action_id="type", value=chosen)
        await here.settle()
        view = here.people.views(ELENI)[-1]
        assert said in drafted(view)
        assert asked(view) & FIX_TO_COME == more
    await here.people.close(ELENI, view.id, everything=True)


async def test_another_letter_brings_its_own_words(here: Local) -> None:
    view = await composing(here, ELENI)
    kinds = next(b for b in view.blocks if b["block_id"] == "kind")["element"]["options"]
    offered = {each["value"] for each in kinds}
    assert {"holding", "security", "review_reply"} <= offered
    assert not {"goodwill", "closed", "affected", "legal_holding"} & offered
    await here.people.click(ELENI, view_id=view.id, action_id="kind", value="holding")
    await here.settle()
    assert "Δεν γνωρίζουμε ακόμη την αιτία" in drafted(here.people.views(ELENI)[-1])
    await here.people.close(ELENI, view.id, everything=True)
