"""Slack does not let the app make a channel: who has to know is told, and it comes later."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import col, select

from bot.core import access
from bot.rules.words import Drift
from sandbox.state import Channel, Message
from storage.models import Outbox, Problem
from tests.e2e.office import ELENI, MAYA, NIKOS, TOMAS, Office, office

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES = ("restricted_action", "user_is_restricted", "no_permission", "missing_scope",
         "invalid_name_specials", "something_new")  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office whose Slack refuses what it is told to refuse."""
    async with office(Path(tmp_path_factory.mktemp("refused")), http=False) as here:
        yield here


@contextmanager
def refusing(desk: Office, code: str) -> Iterator[None]:
    """Slack lets nobody make a channel."""
    fault = desk.ws.faults.add("refused", "conversations.create", error=code)
    try:
        yield
    finally:
        desk.ws.faults.remove(fault.id)


def told(desk: Office, who: str, number: int) -> list[Message]:
    """What somebody was told of a channel that could not be made."""
    return [m for m in desk.dms(who) if f"ESC-{number}" in m.text and "try_again" in buttons(m)]


def buttons(message: Message) -> str:
    """The texts of the buttons, as they are called among the locale's keys."""
    shown = str(message.blocks)
    return "try_again" if "Try again" in shown or "Νέα προσπάθεια" in shown else ""


def channels(desk: Office, number: int) -> list[Channel]:
    """Those of a case."""
    return [c for c in desk.ws.channels.values() if (c.name or "").startswith(f"esc-{number}-")]


async def differs(desk: Office, number: int) -> set[Drift]:
    """What is known to be otherwise than it should."""
    await desk.here.settle()
    return {each.what for each in (await desk.case(number, ELENI)).drift}


@pytest.mark.parametrize("code", CODES)
async def test_everybody_who_has_to_know_is_told_once_and_one_press_makes_the_channel(
    desk: Office, code: str
) -> None:
    with refusing(desk, code):
        number = await desk.stage("acknowledged")
        assert await differs(desk, number) == {Drift.NO_CHANNEL}
        for who in administrators(desk) | {ELENI, MAYA}:
            (notice,) = told(desk, who, number)
            assert code in notice.text
            assert f"/escalate show ESC-{number}" in notice.text
        await desk.wants(MAYA, "customer_replied", {"case": number, "summary": "First words"})
        await desk.wants(MAYA, "customer_replied", {"case": number, "summary": "Second words"})
        pressed = told(desk, MAYA, number)[-1]
        await desk.press(MAYA, pressed, "do:mend")
        assert "✓" not in str(pressed.blocks), "what Slack still refuses is not done"
        assert "⏳ Being tried since" in str(pressed.blocks)
        heard = [m for m in desk.dms(MAYA) if code in m.text and f"ESC-{number}" in m.text]
        assert len(heard) == 2, "whoever asked hears that it is still refused"
        assert told(desk, MAYA, number) == heard[1:], "a pressed button goes"
        assert len(told(desk, ELENI, number)) == 1
    await desk.press(ELENI, told(desk, ELENI, number)[-1], "do:mend")
    assert await differs(desk, number) == set()
    (channel,) = channels(desk, number)
    said = [str(m.blocks) for m in channel.messages.values() if m.user == desk.bot]
    first, second = (
        next(i for i, each in enumerate(said) if words in each)
        for words in ("First words", "Second words")
    )
    assert first < second
    assert sum("First words" in each for each in said) == 1
    assert {ELENI, MAYA} <= set(channel.members)
    assert await desk.card_is_true(number)
    assert channel.topic.value
    for who in (ELENI, MAYA):
        assert channel.id in desk.dms(who)[-1].text


def administrators(desk: Office) -> set[str]:
    """Who looks after the desk."""
    return set(access.administrators(desk.here.services.policy))


async def test_nothing_points_to_a_channel_that_is_not_there(desk: Office) -> None:
    with refusing(desk, "restricted_action"):
        number = await desk.stage("new")
        await differs(desk, number)
        said = [m.text for who in (MAYA, ELENI, TOMAS) for m in desk.dms(who)]
        about = [text for text in said if f"ESC-{number}" in text]
        assert about
        assert not any(
            "in the case's channel" in t or "στο κανάλι της υπόθεσης" in t for t in about
        )
        await desk.command(ELENI, f"show ESC-{number}")
        assert "do:mend" in str(desk.answers(ELENI)[-1].blocks)


async def test_a_command_makes_it_too_and_who_may_not_is_refused(desk: Office) -> None:
    with refusing(desk, "restricted_action"):
        number = await desk.stage("new")
        await differs(desk, number)
    await desk.command(NIKOS, f"mend ESC-{number}")
    assert channels(desk, number) == []
    await desk.command(MAYA, f"mend ESC-{number}")
    assert len(channels(desk, number)) == 1


async def test_the_desk_tries_again_every_hour_and_says_nothing_twice(desk: Office) -> None:
    with refusing(desk, "restricted_action"):
        number = await desk.stage("new")
        await differs(desk, number)
        await desk.here.services.reconcile()
        await desk.here.settle()
        assert len(told(desk, ELENI, number)) == 1
        assert channels(desk, number) == []
    await desk.here.services.reconcile()
    assert await differs(desk, number) == set()
    assert len(channels(desk, number)) == 1


async def test_a_restricted_case_names_no_customer_where_it_tells_of_it(desk: Office) -> None:
    with refusing(desk, "missing_scope"):
        number = await desk.stage("new", sensitive=True)
        await differs(desk, number)
        (notice,) = told(desk, ELENI, number)
        assert "Delphi" not in notice.text
        assert "groups:write" in notice.text


async def test_the_owner_of_a_problem_is_told_and_its_channel_comes_by_itself(
    desk: Office,
) -> None:
    number = await desk.stage("investigating")
    with refusing(desk, "restricted_action"):
        given = {"case": number, "title": "Exports fail", "known": "Since nine", "severity": 2}
        await desk.wants(ELENI, "open_problem", given)
        await desk.here.settle()
        await desk.here.services.reconcile()
        await desk.here.settle()
        heard = [m for m in desk.dms(ELENI) if "Exports fail" in m.text and "`restr" in m.text]
        assert len(heard) == 1
    await desk.here.services.reconcile()
    await desk.here.settle()
    async with desk.here.services.database.read() as session:
        problem = (await session.exec(select(Problem))).one()
        left = select(Outbox.kind).where(
            col(Outbox.lane).startswith("problem:"), col(Outbox.state) != "done"
        )
        assert (await session.exec(left)).all() == []
    channel = desk.ws.channels[str(problem.channel_id)]
    assert ELENI in channel.members
    assert channel.pins
