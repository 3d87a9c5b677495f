"""A quiet word in Slack: who blames a colleague reads it alone, once, and turns it off by a button.

What it says is "tip:courtesy".
"""

import pytest
from sqlmodel import select

from storage.models import Inbox, Outbox, TimelineEvent
from tests.e2e.office import ELENI, MAYA, NIKOS, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

BLAME = "the platform team broke production again"
BLAME_EL = "φταίει πάλι η ομάδα του Νίκου"
QUIET = "courtesy"  # in what its button carries


async def says(desk: Office, who: str, words: str, channel: str) -> None:
    """Somebody writes in a channel, and the app has heard it."""
    await desk.here.people.say(who, channel, words)
    await desk.here.settle()


def quiet(desk: Office, who: str) -> list[str]:
    """The quiet words that this person was given, in order."""
    return [m.text for m in desk.answers(who) if QUIET in str(m.blocks)]


async def kept(desk: Office) -> str:
    """Everything of inbox, outbox and timelines."""
    async with desk.here.services.database.read() as session:
        rows = [
            each
            for model in (Inbox, Outbox, TimelineEvent)
            for each in (await session.exec(select(model))).all()
        ]
    return " ".join(str(row) for row in rows)


async def test_only_the_writer_reads_it_and_nothing_of_the_post_is_kept(desk: Office) -> None:
    number = await desk.stage("investigating")
    place = desk.channel(number).id
    said = len(desk.said(number))
    await says(desk, TOMAS, BLAME, place)
    await says(desk, TOMAS, BLAME, place)
    (word,) = quiet(desk, TOMAS)
    assert word.startswith("Only you see this")
    assert len(desk.said(number)) == said
    assert not [who for who in (ELENI, MAYA) if quiet(desk, who)]
    stored = await kept(desk)
    assert "quiet_word" in stored  # that there was one, for the day
    assert BLAME not in stored


async def test_the_words_are_in_the_writers_language(desk: Office) -> None:
    number = await desk.stage("investigating")
    await says(desk, ELENI, BLAME_EL, desk.channel(number).id)
    (word,) = quiet(desk, ELENI)
    assert word.startswith("Το βλέπετε μόνο εσείς")


async def test_it_is_turned_off_where_it_is_read_and_on_in_the_home(desk: Office) -> None:
    number = await desk.stage("investigating")
    await says(desk, MAYA, BLAME, desk.channel(number).id)
    (shown,) = [m for m in desk.answers(MAYA) if QUIET in str(m.blocks)]
    await desk.press(MAYA, shown, "do:choose_tips")
    await desk.here.people.open_home(MAYA)
    home = await desk.here.people.until(lambda: desk.here.people.home(MAYA))
    assert "Turn on quiet words" in str(home.payload)


async def test_elsewhere_nothing_is_said(desk: Office) -> None:
    await says(desk, NIKOS, BLAME, "C0SUPPORT")
    assert quiet(desk, NIKOS) == []
