"""Public reviews in Slack: pasted by their link, taken, answered, changed; typed and pressed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from cli.workspace.local import local_app
from sandbox.seed import demo_workspace
from storage.models import Candidate
from tests.e2e.office import ELENI, MAYA, NIKOS, SUPPORT, Office
from tests.e2e.test_outside import offering

LINK = "https://www.trustradius.com/reviews/x-2027-02-08"


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A workspace in which no review has come yet."""
    async with local_app(demo_workspace(), tmp_path) as here:
        yield Office(here)


async def paste(office: Office, **changes: str) -> dict[str, str]:
    """Maya pastes a review by its link; answers what is wrong with which field."""
    await office.command(MAYA, f"review {LINK}?from=mail", SUPPORT)
    assert office.form(MAYA).callback_id == "add_review"
    day = str((office.ws.now() - timedelta(days=1)).date())
    given = {"author": "Άννα <b>", "rating": "3", "text": "Αργήσατε & <!channel>", "written": day}
    return await office.fill(MAYA, **{**given, **changes})


async def test_a_pasted_review_is_taken_answered_and_compared(office: Office) -> None:
    await office.command(MAYA, "reviews", SUPPORT)
    empty = offering(office.answers(MAYA), "ask:add_review")
    assert "No public review is waiting" in empty.text
    await office.press(MAYA, empty, "ask:add_review")
    assert office.form(MAYA).callback_id == "add_review"
    await office.close_forms(MAYA)

    assert await paste(office) == {}
    told = offering(office.answers(MAYA), "do:take_review")
    assert "waits in triage" in told.text
    assert "TrustRadius" in told.text
    (candidate,) = await rows(office)
    assert candidate.customer == "Άννα <b>"
    await office.command(NIKOS, "reviews", SUPPORT)
    theirs = offering(office.answers(NIKOS), "do:take_review#1")
    await office.press(NIKOS, theirs, "do:take_review#1")
    await office.press(MAYA, told, "do:take_review")
    assert "has taken over the reply" in office.dms(NIKOS)[-1].text

    mine = offering(office.answers(MAYA), "show:templates")
    await office.press(MAYA, mine, "show:templates")
    assert "public review" in office.answers(MAYA)[-1].text.lower()
    await office.press(MAYA, mine, "show:reviews")
    listed = offering(office.answers(MAYA), "ask:record_review_reply#1")
    assert "&lt;!channel&gt;" in str(listed.blocks)
    assert "<!channel>" not in str(listed.blocks)

    assert await paste(office, rating="8", text="They called me") == {}
    changed = office.dms(MAYA)[-1]
    assert "has changed the review" in changed.text
    assert "3 → *8*" in str(changed.blocks)
    assert len(await rows(office)) == 1

    await office.press(MAYA, listed, "ask:record_review_reply")
    assert await office.fill(MAYA, text="Thank you for writing this.") == {}
    assert "is recorded" in office.answers(MAYA)[-1].text
    assert "You took the reply" in str(told.blocks)
    await office.command(ELENI, "reviews", SUPPORT)
    assert "Answered last" in str(office.answers(ELENI)[-1].blocks)


async def test_a_mistake_is_told_and_nothing_is_kept(office: Office) -> None:
    await paste(office, rating="awful")
    assert "is no rating" in office.answers(MAYA)[-1].text
    assert "link" in await paste(office, link="the review of Άννα")
    assert await rows(office) == []


async def test_a_reply_is_recorded_once_though_two_people_do(office: Office) -> None:
    await paste(office)
    for who in (MAYA, NIKOS):
        await office.command(who, "reviews", SUPPORT)
    for who, said in ((MAYA, "is recorded"), (NIKOS, "answered already")):
        listed = offering(office.answers(who), "ask:record_review_reply#1")
        await office.press(who, listed, "ask:record_review_reply#1")
        await office.fill(who, text="Thank you")
        assert said in office.answers(who)[-1].text


async def rows(office: Office) -> list[Candidate]:
    """What waits in triage."""
    async with office.here.services.database.read() as session:
        return list((await session.exec(select(Candidate))).all())
