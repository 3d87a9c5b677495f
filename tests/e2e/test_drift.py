"""What people do to a case's channel by hand: told once, repaired by a button, never taken over."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import col, select

from bot.drift.repair import Look
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.rules.words import Drift
from sandbox import conversations, posting
from sandbox.state import Message
from storage.models import Inbox, Outbox
from tests.e2e.office import ELENI, HOUR, MAYA, NIKOS, STRANGER, SUPPORT, TOMAS, Office, office

pytestmark = pytest.mark.asyncio(loop_scope="module")

Deed = Callable[[Office, str], Awaitable[None]]  # what somebody does to a channel


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office whose channels are disturbed."""
    async with office(Path(tmp_path_factory.mktemp("drift")), http=False) as here:
        yield here


async def differs(desk: Office, number: int) -> set[Drift]:
    """What the store says that Slack shows otherwise."""
    await desk.here.settle()
    return {each.what for each in (await desk.case(number, ELENI)).drift}


def told(desk: Office, who: str, number: int) -> list[Message]:
    """The notices that offer to repair this case."""
    return [m for m in desk.dms(who) if f"ESC-{number}" in m.text and "'do:mend" in str(m.blocks)]


def card_ts(desk: Office, channel: str) -> str:
    """The pinned message."""
    return next(iter(desk.ws.channels[channel].pins))


@contextmanager
def silence(desk: Office) -> Iterator[None]:
    """Slack tells nobody what happens."""
    hooks, desk.ws.on_event = desk.ws.on_event, []
    try:
        yield
    finally:
        desk.ws.on_event = hooks


async def rename(desk: Office, channel: str) -> None:
    await desk.here.people.rename(
        MAYA, channel, f"lunch-{len(desk.ws.channels)}-{channel[-6:].lower()}"
    )


async def retitle(desk: Office, channel: str) -> None:
    await desk.here.people.set_topic(MAYA, channel, "Lunch at one")


async def delete_card(desk: Office, channel: str) -> None:
    await desk.here.people.delete_message(MAYA, channel, card_ts(desk, channel))


async def unpin(desk: Office, channel: str) -> None:
    await desk.here.people.unpin(MAYA, channel, card_ts(desk, channel))


async def let_go(desk: Office, channel: str) -> None:
    await desk.here.people.leave(TOMAS, channel)


async def take_out(desk: Office, channel: str) -> None:
    await desk.here.people.kick(MAYA, channel, desk.bot)


async def delete(desk: Office, channel: str) -> None:
    await desk.here.people.delete_channel(MAYA, channel)


async def archive(desk: Office, channel: str) -> None:
    await desk.here.people.archive(MAYA, channel)


MENDED_AT_ONCE: dict[Drift, Deed] = {
    Drift.RENAMED: rename,
    Drift.TOPIC: retitle,
    Drift.CARD: delete_card,
    Drift.PIN: unpin,
    Drift.MEMBER: let_go,
    Drift.REMOVED: take_out,
}


@pytest.mark.parametrize("what", MENDED_AT_ONCE)
async def test_what_somebody_changed_is_told_once_and_one_press_puts_it_right(
    desk: Office, what: Drift
) -> None:
    number = await desk.stage("investigating")
    channel = desk.channel(number)
    name, topic, members = channel.name, channel.topic.value, set(channel.members)
    await MENDED_AT_ONCE[what](desk, channel.id)
    assert await differs(desk, number) == {what}
    for again in range(2):  # Slack tells it again, and the next hour comes
        await desk.here.services.accept(
            Look(case=number), Actor(SYSTEM, "event"), f"again:{number}:{again}", ReplyTo(SYSTEM)
        )
        assert await differs(desk, number) == {what}
    (notice,) = told(desk, ELENI, number)
    assert "διόρθωση" in str(notice.blocks).lower() or "Επιστροφή" in str(notice.blocks)
    await desk.press(ELENI, notice, "do:mend")
    assert await differs(desk, number) == set()
    assert (channel.name, channel.topic.value) == (name, topic)
    assert members <= set(channel.members)
    assert len(channel.pins) == 1
    assert await desk.card_is_true(number)
    done = [verb for _, verb in await desk.done(number)]
    assert [v for v in done if v in ("drift", "mend", "drift_over")] == [
        "drift", "mend", "drift_over",
    ]  # fmt: skip
    assert "όλα είναι πάλι όπως πρέπει" in desk.dms(ELENI)[-1].text


async def test_an_archived_channel_comes_back_when_somebody_opens_it(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = desk.channel(number)
    await archive(desk, channel.id)
    assert await differs(desk, number) == {Drift.ARCHIVED}
    (notice,) = told(desk, ELENI, number)
    assert "αρχειοθετήθηκε" in notice.text
    await desk.wants(MAYA, "customer_replied", {"case": number, "summary": "Still down"})
    await desk.here.settle()
    await desk.press(ELENI, notice, "do:mend")
    assert await differs(desk, number) == {Drift.ARCHIVED}, "a bot cannot open it"
    assert "δεν μπόρεσα" in desk.dms(ELENI)[-1].text
    assert not any("Still down" in str(m.blocks) for m in desk.said(number))
    await desk.here.people.unarchive(MAYA, channel.id)
    assert await differs(desk, number) == set()
    assert desk.bot in channel.members
    said = [m for m in desk.said(number) if "Still down" in str(m.blocks)]
    assert len(said) == 1, "what could not be said is said, once"
    assert await desk.card_is_true(number)


@pytest.mark.parametrize("deed", [delete, archive, take_out])
async def test_a_lost_channel_is_given_up_for_a_new_one(desk: Office, deed: Deed) -> None:
    number = await desk.stage("investigating")
    old = desk.channel(number)
    people, card = set(old.members), desk.card(number).ts
    await deed(desk, old.id)
    await differs(desk, number)
    await desk.wants(MAYA, "customer_replied", {"case": number, "summary": "Still down"})
    await desk.here.settle()
    (notice,) = told(desk, ELENI, number)
    name = "do:mend#2" if deed is not delete else "do:mend"
    await desk.press_exactly(ELENI, notice, name)
    assert await differs(desk, number) == set()
    case = await desk.case(number)
    new = desk.ws.channels[str(case.channel_id)]
    assert new.id != old.id
    assert people <= set(new.members)
    assert list(new.pins) == [case.card_ts] != [card]
    assert new.topic.value
    words = [str(m.blocks) + m.text for m in new.messages.values() if m.user == desk.bot]
    assert sum("the case goes on in" in each for each in words) == 1
    assert sum("Still down" in each for each in words) == 1
    assert (old.id in str(words)) == (deed is not delete), "where it was before"
    assert "η υπόθεση συνεχίζεται εδώ" in desk.dms(ELENI)[-1].text


async def test_a_restricted_case_says_what_a_person_must_do(desk: Office) -> None:
    number = await desk.stage("investigating", sensitive=True)
    channel = desk.channel(number)
    await take_out(desk, channel.id)
    assert await differs(desk, number) == {Drift.REMOVED}
    (notice,) = told(desk, ELENI, number)
    assert "/invite @Escalation Desk" in notice.text
    assert "Delphi" not in notice.text
    await desk.here.people.invite(MAYA, channel.id, desk.bot)
    assert await differs(desk, number) == set()


async def test_a_private_channel_that_was_archived_is_known_to_be_so(desk: Office) -> None:
    number = await desk.stage("investigating", sensitive=True)
    await archive(desk, desk.channel(number).id)
    assert await differs(desk, number) == {Drift.ARCHIVED}
    await desk.wants(ELENI, "look", {"case": number})
    assert await differs(desk, number) == {Drift.ARCHIVED}, "although nothing can be seen there"


async def test_what_we_change_ourselves_is_no_drift(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.wants(ELENI, "severity", {"case": number, "severity": 3, "reason": "Less"})
    await desk.wants(ELENI, "assign", {"case": number, "role": "technical_lead", "user": NIKOS})
    await desk.wants(ELENI, "look", {"case": number})
    assert await differs(desk, number) == set()
    assert "drift" not in {verb for _, verb in await desk.done(number)}


async def test_several_things_at_once_are_one_message_and_one_press(desk: Office) -> None:
    number = await desk.stage("investigating")
    channel = desk.channel(number)
    conversations.rename(desk.ws, MAYA, channel.id, f"tea-{number}")
    conversations.set_topic(desk.ws, MAYA, channel.id, "Tea")
    ts = card_ts(desk, channel.id)
    posting.remove(desk.ws, channel, ts, MAYA)
    await desk.here.people.delivery.first_attempts()
    assert await differs(desk, number) == {Drift.RENAMED, Drift.TOPIC, Drift.CARD}
    assert len(told(desk, ELENI, number)) <= 3
    await desk.press(ELENI, told(desk, ELENI, number)[-1], "do:mend")
    assert await differs(desk, number) == set()
    assert channel.name.startswith(f"esc-{number}")


async def test_an_effect_that_slack_refuses_tells_it_too(desk: Office) -> None:
    number, other = await desk.stage("investigating"), await desk.stage("investigating")
    with silence(desk):
        await take_out(desk, desk.channel(number).id)
        await delete_card(desk, desk.channel(other).id)
        assert await differs(desk, number) == await differs(desk, other) == set()
    await desk.wants(MAYA, "customer_replied", {"case": number, "summary": "Still down"})
    assert await differs(desk, number) == {Drift.REMOVED}
    await desk.wants(MAYA, "customer_replied", {"case": other, "summary": "Still down"})
    assert await differs(desk, other) == {Drift.CARD}
    await desk.press(ELENI, told(desk, ELENI, number)[-1], "do:mend")
    assert await differs(desk, number) == set()
    assert sum("Still down" in str(m.blocks) for m in desk.said(number)) == 1


async def test_a_redelivered_event_is_one_look(desk: Office) -> None:
    number = await desk.stage("investigating")
    for _ in range(3):
        intent, actor = Look(case=number, hint=Drift.ARCHIVED), Actor(SYSTEM, "event")
        await desk.here.services.accept(intent, actor, "event:Ev0SAME", ReplyTo(SYSTEM))
    assert await differs(desk, number) == set()
    async with desk.here.services.database.read() as session:
        query = select(Inbox).where(col(Inbox.key) == "event:Ev0SAME")
        assert len((await session.exec(query)).all()) == 1


async def test_only_who_manages_the_case_may_mend(desk: Office) -> None:
    number = await desk.stage("investigating")
    await retitle(desk, desk.channel(number).id)
    assert await differs(desk, number) == {Drift.TOPIC}
    for who in (STRANGER, NIKOS):
        await desk.here.people.command(who, SUPPORT, f"/escalate repair ESC-{number}")
    assert await differs(desk, number) == {Drift.TOPIC}
    await desk.command(ELENI, f"mend ESC-{number}")
    assert await differs(desk, number) == set()
    await desk.command(ELENI, f"mend ESC-{number}")
    assert "δεν υπάρχει τίποτα να διορθωθεί" in desk.answers(ELENI)[-1].text


async def test_the_card_offers_to_mend_what_does_not_hide_it(desk: Office) -> None:
    number = await desk.stage("investigating")
    await retitle(desk, desk.channel(number).id)
    await desk.here.settle()
    assert "topic changed" in str(desk.card(number).blocks)
    await desk.press(ELENI, desk.card(number), "do:mend")
    assert await differs(desk, number) == set()
    assert "topic changed" not in str(desk.card(number).blocks)


async def test_after_the_end_a_channel_may_be_archived(desk: Office) -> None:
    number = await desk.stage("closed")
    await archive(desk, desk.channel(number).id)
    assert await differs(desk, number) == set()
    assert not told(desk, ELENI, number)
    assert await pending(desk) == []


async def pending(desk: Office) -> list[Any]:
    """What is still to be done."""
    async with desk.here.services.database.read() as session:
        return list(
            (await session.exec(select(Outbox).where(col(Outbox.state) == "pending"))).all()
        )


async def test_after_a_gap_everything_that_happened_meanwhile_is_found(desk: Office) -> None:
    numbers = [await desk.stage("investigating") for _ in MENDED_AT_ONCE]
    archived = await desk.stage("investigating")
    with silence(desk):
        for number, deed in zip(numbers, MENDED_AT_ONCE.values(), strict=True):
            await deed(desk, desk.channel(number).id)
        await archive(desk, desk.channel(archived).id)
    await desk.pass_time(HOUR)
    await desk.here.services.after_gap(0.0)
    for number, what in zip(numbers, MENDED_AT_ONCE, strict=True):
        assert await differs(desk, number) == {what}
        assert len(told(desk, ELENI, number)) == 1
    assert await differs(desk, archived) == {Drift.ARCHIVED}


async def test_a_round_without_news_asks_for_one_list_and_tells_nobody(desk: Office) -> None:
    await desk.here.services.reconcile(timedelta(0))
    await desk.here.settle()
    before = sum(len(desk.dms(who)) for who in (ELENI, MAYA, TOMAS))
    calls: list[str] = []
    real = desk.here.services.slack.call

    async def noted(method: str, **given: Any) -> dict[str, Any]:
        calls.append(method)
        return await real(method, **given)

    desk.here.services.slack.call = noted  # type: ignore[method-assign]
    try:
        await desk.here.services.reconcile()
        await desk.here.settle()
    finally:
        desk.here.services.slack.call = real  # type: ignore[method-assign]
    assert calls == ["users.conversations"]
    assert sum(len(desk.dms(who)) for who in (ELENI, MAYA, TOMAS)) == before
