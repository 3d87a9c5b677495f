"""A legal case through the doors: the composer's stop, Legal's yes, the letter, the legal hold."""

import json

import pytest

from bot.rules.words import Language
from messages.cases.card import case_card
from sandbox.state import Channel, User
from tests.e2e.office import ELENI, HOUR, KATE, MAYA, RICHARD, Office
from tests.e2e.test_concessions import newest

pytestmark = pytest.mark.asyncio(loop_scope="module")

ADMITS = "It was our fault. I write again at 14:00."


async def threatened(desk: Office, stage: str = "investigating") -> int:
    """A case whose customer threatens legal action, by the form and its box."""
    number = await desk.stage(stage)
    await desk.command(MAYA, "flag", desk.channel(number).id)
    assert await desk.fill(MAYA, trigger="legal", reason="Their lawyer wrote", filed=["true"]) == {}
    return number


async def test_what_admits_fault_goes_out_once_legal_has_agreed_to_it(desk: Office) -> None:
    number = await threatened(desk)
    assert (await desk.case(number, ELENI)).legal_filed
    draft = {
        "case": number, "kind": "update", "text": ADMITS, "recipient": "Maria", "route": "chat",
        "next_update_at": (desk.ws.now() + 2 * HOUR).isoformat(),
    }  # fmt: skip
    await desk.wants(ELENI, "update", draft)
    await desk.here.settle()
    await desk.press(RICHARD, newest(desk, RICHARD, "ask:answer_draft"), "ask:answer_draft")
    shown = json.dumps(desk.form(RICHARD).payload["blocks"], ensure_ascii=False)
    assert "admitting fault: “our fault”" in shown
    assert ADMITS not in [sent.text for sent in (await desk.case(number, ELENI)).sent]
    assert await desk.fill(RICHARD, approve="true") == {}
    await desk.wants(ELENI, "update", draft)
    await desk.here.settle()
    assert (await desk.case(number, ELENI)).sent[-1].text == ADMITS
    assert (RICHARD, "answer_draft") in await desk.done(number, ELENI)


async def test_legal_alone_ends_the_hold_from_the_card(desk: Office) -> None:
    number = await threatened(desk)
    for language in (Language.ENGLISH, Language.GREEK):
        card = json.dumps(case_card(await desk.case(number, ELENI), language).blocks)
        assert "ask:end_legal_hold" in card
    await desk.command(ELENI, f"end-hold ESC-{number} It is settled")
    assert (await desk.case(number, ELENI)).legal_hold_at is not None
    await desk.command(RICHARD, f"end-hold {number}")
    assert desk.form(RICHARD).callback_id == "end_legal_hold"
    assert await desk.fill(RICHARD, reason="It is settled") == {}
    assert (await desk.case(number, ELENI)).legal_hold_at is None


async def test_a_case_that_has_ended_offers_the_hold_on_its_card(desk: Office) -> None:
    number = await desk.stage("closed")
    for language in (Language.ENGLISH, Language.GREEK):
        card = json.dumps(case_card(await desk.case(number, ELENI), language).blocks)
        assert "ask:begin_legal_hold" in card


async def test_a_case_without_a_threat_is_held_by_command_until_legal_ends_it(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    await desk.command(MAYA, f"legal-hold ESC-{number} All of it")
    assert (await desk.case(number, ELENI)).legal_hold_at is None  # she manages nothing
    await desk.command(ELENI, f"legal-hold {number}")
    assert desk.form(ELENI).callback_id == "begin_legal_hold"
    assert await desk.fill(ELENI, reason="Letter of counsel: keep all of it") == {}
    case = await desk.case(number, ELENI)
    assert (case.legal, case.sensitive, case.legal_hold_at is not None) == (False, False, True)
    said = [m for m in desk.channel(number).messages.values() if "held for Legal" in m.text]
    assert len(said) == 1
    assert "Letter of counsel" not in said[0].text  # whoever reads the channel need not know why
    await desk.command(ELENI, f"legal-hold ESC-{number} Again")
    assert any("διατηρείται ήδη" in said.text for said in desk.answers(ELENI))
    await desk.command(ELENI, f"end-hold ESC-{number} Over")
    assert (await desk.case(number, ELENI)).legal_hold_at is not None


def legal_channels(desk: Office, number: int) -> list[Channel]:
    """The channels for Legal of a case."""
    name = f"esc-{number}-legal"
    return [each for each in desk.ws.channels.values() if each.name.startswith(name)]


async def test_legal_talks_in_a_private_channel_that_ends_with_the_hold(desk: Office) -> None:
    number = await threatened(desk, "new")
    own = (await desk.case(number, ELENI)).channel_id
    said = len(desk.ws.channels[own].messages)
    await desk.command(MAYA, f"legal {number}")
    assert legal_channels(desk, number) == []  # an agent does not open it
    await desk.command(RICHARD, f"legal {number}")
    (room,) = legal_channels(desk, number)
    assert room.is_private
    owner = (await desk.case(number, ELENI)).owner
    assert {RICHARD, owner} <= set(room.members)
    assert MAYA not in room.members or owner == MAYA
    words = [message.text for message in room.messages.values()]
    assert any("What is said here stays here" in each for each in words)
    assert any(f"/escalate decide ESC-{number}`" in each for each in words)
    assert len(desk.ws.channels[own].messages) == said  # the case's channel is told nothing
    await desk.command(RICHARD, f"legal {number} <@{MAYA}>")
    assert MAYA in room.members
    await desk.command(RICHARD, f"end-hold {number}")
    await desk.fill(RICHARD, reason="It is settled")
    assert not room.is_archived  # the case goes on
    await desk.wants(ELENI, "dismiss", {"case": number, "reason": "It was a misunderstanding"})
    await desk.here.settle()
    assert room.is_archived


async def test_a_channel_that_was_archived_by_hand_is_told_of(desk: Office) -> None:
    number = await threatened(desk)
    await desk.command(RICHARD, f"legal {number}")
    (room,) = legal_channels(desk, number)
    room.is_archived = True
    await desk.here.services.reconcile()
    await desk.here.settle()
    told = newest(desk, RICHARD, "do:open_legal_room")
    assert "the channel for Legal cannot be used" in told.text
    await desk.press(RICHARD, told, "do:open_legal_room")
    assert len(legal_channels(desk, number)) == 2


async def passed_on(desk: Office) -> tuple[int, Channel, str]:
    """A case whose owner changed after Legal opened a channel; its channel, the former owner."""
    number = await threatened(desk)
    await desk.command(RICHARD, f"legal {number}")
    (room,) = legal_channels(desk, number)
    before = (await desk.case(number, ELENI)).owner
    assert before in room.members
    heir = KATE if before != KATE else ELENI
    await desk.wants(ELENI, "assign", {"case": number, "role": "escalation_manager", "user": heir})
    await desk.here.settle()
    return number, room, before


async def test_a_former_owner_is_taken_out_of_legals_channel(desk: Office) -> None:
    number, room, before = await passed_on(desk)
    await desk.here.services.reconcile()
    await desk.here.settle()
    assert before not in room.members
    assert {RICHARD, (await desk.case(number, RICHARD)).owner} <= set(room.members)


async def test_where_slack_does_not_let_the_app_legal_alone_hears_who_is_still_in(
    desk: Office,
) -> None:
    _, room, before = await passed_on(desk)
    desk.ws.faults.add("refused", "conversations.kick", error="restricted_action")
    await desk.here.services.reconcile()
    await desk.here.settle()
    assert before in room.members
    told = desk.dms(RICHARD)[-1]
    assert "still in your channel for Legal" in told.text
    assert f"<@{before}>" in told.text
    assert "still in your channel for Legal" not in desk.everything_seen(before)


async def test_a_channel_for_legal_that_a_guest_reads_is_lost(desk: Office) -> None:
    number = await threatened(desk, "new")
    await desk.command(RICHARD, f"legal {number}")
    (room,) = legal_channels(desk, number)
    desk.ws.add_user(User("U0GUEST", "gus", "Gus Brand", is_restricted=True))
    await desk.here.people.invite(RICHARD, room.id, "U0GUEST")
    await desk.here.services.reconcile()
    await desk.here.settle()
    notice = next(m for m in reversed(desk.dms(RICHARD)) if f"ESC-{number}" in m.text)
    assert "a guest of the workspace" in notice.text
    await desk.command(RICHARD, f"legal {number}")
    _, another = legal_channels(desk, number)
    assert "U0GUEST" not in another.members
