"""Text from people stays text: in cards, notices, files, channel names and answers."""

import re
from typing import Any

import pytest

from sandbox.state import Channel, Message
from tests.e2e.office import ELENI, MAYA, SOFIA, TOMAS, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVIL = "<!channel> <@U0KATE> <https://evil.example|pay> *b* _i_ ~s~ `c` ```d``` &lt; @here"
LINES = f"> {EVIL}\n>>> quoted\n# head\n| a | b |\n[x](https://evil.example)\n{EVIL}"
CONTROL = "a\x00b\x1b[31mc\x07d\u202e\u2066"
# What Slack would read as something else than text.
MARKUP = re.compile(r"<!(?:channel|here|everyone)|<@U0KATE>|<https://evil\.example")


def evil_in(message: Message) -> list[str]:
    """The texts of a message in which something typed became markup."""
    texts = [message.text]
    for block in message.blocks or []:
        texts += [t["text"] for t in mrkdwn_of(block)]
    return [text for text in texts if MARKUP.search(text)]


def mrkdwn_of(part: Any) -> list[dict[str, Any]]:
    """Every mrkdwn object in a block."""
    if isinstance(part, list):
        return [found for each in part for found in mrkdwn_of(each)]
    if isinstance(part, dict):
        own = [part] if part.get("type") == "mrkdwn" else []
        return own + [found for value in part.values() for found in mrkdwn_of(value)]
    return []


def everything(desk: Office) -> list[tuple[Channel, Message]]:
    """All that the bot ever said, ephemeral messages too."""
    return [
        (c, m)
        for c in desk.ws.channels.values()
        for m in (*c.messages.values(), *c.ephemerals.values())
        if m.user == desk.bot
    ]


async def test_hostile_words_in_every_field_stay_words(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.escalate(
        MAYA,
        customer=f"{EVIL[:60]} Ltd",
        stake=LINES,
        ticket_url="https://tickets.example/a?b=<c>|d&e=f",
        contact_name=EVIL,
        severity="1",
    )
    for who, verb, given in (
        (ELENI, "claim", {}),
        (MAYA, "update", {"kind": "acknowledgement", "text": LINES, "recipient": EVIL}),
        (MAYA, "customer_replied", {"summary": LINES}),
        (TOMAS, "status", {"standing": "blocked", "remark": LINES}),
        (ELENI, "hold", {"reason": "waiting_customer", "note": LINES}),
        (ELENI, "resume", {}),
        (TOMAS, "hand_over", {"role": "technical_lead", "user": MAYA, "summary": LINES}),
        (ELENI, "ask_executive", {"user": SOFIA, "question": EVIL}),
        (ELENI, "executive_flag", {"trigger": "threat_to_cancel", "reason": LINES}),
        (ELENI, "severity", {"severity": 2, "reason": LINES}),
        (ELENI, "update", {"kind": "workaround", "text": LINES, "workaround": EVIL}),
        (ELENI, "action_item", {"owner": TOMAS, "title": EVIL}),
        (ELENI, "resolve", {"note": LINES, "text": LINES, "recipient": EVIL}),
        (TOMAS, "confirm", {"party": "technical_lead", "remark": LINES}),
        (MAYA, "confirm", {"party": "customer", "comfortable": False, "remark": LINES}),
    ):
        await desk.wants(who, verb, {"case": number, **given})
    await desk.here.settle()
    channel = desk.channel(number)
    for line in (f"show {number}", f"timeline {number}", f"timeline {number} 2", "list",
                 f"promises {number}", f"why {number}", "digest"):  # fmt: skip
        await desk.command(SOFIA if line == "digest" else MAYA, line)
    assert [(c.name, evil_in(m)) for c, m in everything(desk) if evil_in(m)] == []
    assert MARKUP.search(channel.topic.value) is None
    assert re.fullmatch(r"[a-z0-9_-]{1,80}", channel.name)
    assert (await desk.case(number)).stake == LINES.strip()  # as it was typed
    files = [f for f in desk.ws.files.values() if f.content]
    assert files
    for file in files:
        text = (file.content or b"").decode("utf-8", "replace")
        assert re.search(r"(?<!\\)\]\(https://evil|(?<!\\)<(?!\\)", text) is None, text


async def test_hostile_words_after_the_command_stay_words(socket_desk: Office) -> None:
    desk = socket_desk
    await desk.command(MAYA, f"{EVIL} nobody can pay")
    stake = next(b for b in desk.form(MAYA).blocks if b["block_id"] == "stake")
    assert "nobody can pay" in stake["element"]["initial_value"]
    await desk.close_forms(MAYA)
    await desk.command(MAYA, "<!channel>")
    assert evil_in(desk.answers(MAYA)[-1]) == []


async def test_control_characters_are_left_out(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.escalate(MAYA, stake=CONTROL, contact_name=CONTROL)
    case = await desk.case(number)
    assert all(c.isprintable() for c in case.stake + case.contact_name)
    assert case.stake.startswith("ab")


@pytest.mark.parametrize("length", [2999, 3000])
async def test_the_longest_text_is_kept_whole_and_shown_within_limits(
    socket_desk: Office, length: int
) -> None:
    desk = socket_desk
    long = ("Ωμέγα & <co> " * 300)[:length].strip()
    number = await desk.escalate(MAYA, stake=long)
    assert (await desk.case(number)).stake == long
    for verb, given in (
        ("claim", {}),
        ("update", {"kind": "acknowledgement", "text": long}),
        ("severity", {"severity": 1, "reason": long}),
        ("resolve", {"note": long, "text": long}),
    ):
        await desk.wants(ELENI, verb, {"case": number, **given})
    await desk.here.settle()
    assert (await desk.case(number)).sent[0].text == long
    for line in (f"show {number}", f"timeline {number}", f"update {number}"):
        await desk.command(MAYA, line)
    await desk.close_forms(MAYA)
    assert await desk.card_is_true(number)
    assert max(len(t) for _, m in everything(desk) for t in texts_of(m.blocks)) <= 3000


async def test_more_than_a_form_takes_is_answered_at_the_field(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.looked_at("investigating")
    await desk.command(ELENI, f"severity ESC-{number}")
    errors = await desk.fill(ELENI, severity="3", reason="x" * 10_000)
    await desk.close_forms(ELENI)
    assert list(errors) == ["reason"]


async def test_somebody_unknown_as_a_role_harms_nothing(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.stage("investigating")
    await desk.wants(ELENI, "assign", {"case": number, "role": "csm", "user": "U0NOBODY"})
    await desk.wants(ELENI, "severity", {"case": number, "severity": 3, "reason": "x"})
    await desk.here.settle()
    assert (await desk.case(number)).severity == 3
    assert await desk.card_is_true(number)
