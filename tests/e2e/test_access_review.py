"""The access review through the doors: asked for by itself, read, kept as a file, signed once.

Its answers are "show:access_review" and "show:access_file", its button "do:sign_access_review".
"""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlmodel import select

from bot.reports.access_review import plan_access_reviews
from storage.models import AccessReview
from tests.e2e.office import DAN, ELENI, KATE, MAYA, Office, office, texts_of

DAYS = timedelta(days=1)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    """Some hours before the quarter ends."""
    async with office(tmp_path, http=False) as desk:
        await desk.stage("investigating")
        await plan_access_reviews(desk.here.services)
        yield desk


def asked(desk: Office, who: str) -> list[Any]:
    """The messages that ask for a signature."""
    return [each for each in desk.dms(who) if "show:access_review" in str(each.blocks)]


def words(desk: Office, who: str) -> str:
    """The last private answer."""
    return desk.answers(who)[-1].text + "\n".join(texts_of(desk.answers(who)[-1].blocks))


async def reviews(desk: Office) -> list[AccessReview]:
    """Every row."""
    async with desk.here.services.database.read() as session:
        return list((await session.exec(select(AccessReview))).all())


async def home(desk: Office, who: str) -> str:
    """What stands in a person's App Home."""
    await desk.here.people.open_home(who)
    await desk.here.settle()
    return str((await desk.here.people.until(lambda: desk.here.people.home(who))).payload)


async def quarter_ends(desk: Office) -> None:
    """It is the second of April: the quarter of the story, which is February, is over."""
    await desk.pass_time(timedelta(days=56))


async def test_administrators_are_asked_once_more_and_no_more(desk: Office) -> None:
    assert await plan_access_reviews(desk.here.services) == 0  # one row for each quarter
    assert asked(desk, KATE) == []
    await quarter_ends(desk)
    assert len(asked(desk, KATE)) == 1
    assert "Q1 2027" in asked(desk, KATE)[0].text
    assert asked(desk, MAYA) == asked(desk, ELENI) == []
    await desk.pass_time(15 * DAYS)
    assert "nobody has signed it yet" in asked(desk, KATE)[-1].text
    await desk.pass_time(40 * DAYS)
    assert len(asked(desk, KATE)) == 2


async def test_the_list_is_read_kept_and_signed(desk: Office) -> None:
    await quarter_ends(desk)
    await desk.press(KATE, asked(desk, KATE)[0], "show:access_review")
    shown = words(desk, KATE)
    assert "Access review, Q1 2027" in shown
    assert f"<@{KATE}>" in shown
    answer = desk.answers(KATE)[-1]
    await desk.press(KATE, answer, "show:access_file")
    carrier = next(m for m in reversed(desk.dms(KATE)) if m.files)
    rows = list(csv.reader(io.StringIO((desk.ws.files[carrier.files[0]].content or b"").decode())))
    kate = next(row for row in rows if row[1:2] == [KATE])
    assert "Administrator" in kate[3]
    await desk.press(KATE, answer, "do:sign_access_review")
    assert "Signed: the access review, Q1 2027" in words(desk, KATE)
    (row,) = await reviews(desk)
    assert (row.signed_by, row.next_at) == (KATE, None)
    assert any(row.digest in cell for line in rows for cell in line)  # of the file that she kept
    await desk.command(KATE, "access")
    assert f"Signed by <@{KATE}>" in words(desk, KATE)
    assert "do:sign_access_review" not in json.dumps(desk.answers(KATE)[-1].blocks)
    await desk.pass_time(20 * DAYS)
    assert len(asked(desk, KATE)) == 1


async def test_a_list_that_changed_meanwhile_is_not_signed(desk: Office) -> None:
    await quarter_ends(desk)
    await desk.command(KATE, "access")
    answer = desk.answers(KATE)[-1]
    await desk.stage("new")
    await desk.press(KATE, answer, "do:sign_access_review")
    assert "Nothing is signed" in words(desk, KATE)
    (row,) = await reviews(desk)
    assert row.signed_at is None


async def test_others_are_refused(desk: Office) -> None:
    for who in (MAYA, DAN):
        await desk.command(who, "access")
        assert "permission" in words(desk, who)
        await desk.wants(who, "sign_access_review", {"review": 1, "digest": "0" * 16})
        (row,) = await reviews(desk)
        assert row.signed_at is None


async def test_it_stands_on_the_home_of_those_who_may_read_it(desk: Office) -> None:
    assert "show:access_review" in await home(desk, KATE)
    assert "show:access_review" not in await home(desk, MAYA)
