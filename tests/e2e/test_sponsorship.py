"""The sponsorship programme through the doors: from six texts to an exit with its reason."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader
from sqlmodel import select

from bot.rules.sponsorship.words import SponsorshipTopic
from bot.rules.states import SponsorshipState
from handlers.http.own.pages import PER_LINK
from sandbox.state import Message
from storage.models import Sponsorship
from tests.e2e.office import (
    ELENI,
    KATE,
    MAYA,
    PRIYA,
    RICHARD,
    SOFIA,
    STRANGER,
    Office,
    office,
)
from tests.ports import free_port

S = SponsorshipState
DAY = timedelta(days=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, http=False) as desk:
        yield desk


async def rows(desk: Office) -> list[Sponsorship]:
    """Every membership and nomination, oldest first."""
    async with desk.here.services.database.read() as session:
        found = (await session.exec(select(Sponsorship))).all()
    return sorted(found, key=lambda row: row.id)


def newest(desk: Office, who: str, button: str) -> Message:
    """The newest direct message, or private answer, with this button."""
    seen = sorted([*desk.answers(who), *desk.dms(who)], key=lambda message: message.ts)
    return next(m for m in reversed(seen) if button in str(m.blocks))


async def pressed(desk: Office, who: str, button: str, **values: Any) -> dict[str, str]:
    """Press it in the newest message that has it, and fill its form where it opens one."""
    await desk.press(who, newest(desk, who, button), button)
    return await desk.fill(who, **values) if button.startswith("ask:") else {}


async def begin(desk: Office) -> None:
    """Save the six suggestions, and have them signed."""
    await desk.command(KATE, "sponsor")
    await pressed(desk, KATE, "show:programme")
    for _ in SponsorshipTopic:  # the next one that is missing is offered each time
        assert await pressed(desk, KATE, "ask:edit_sponsorship_text") == {}
    await pressed(desk, SOFIA, "do:sign_sponsorship")


async def test_from_six_texts_to_an_exit_with_its_reason(desk: Office) -> None:
    await begin(desk)
    assert (await desk.here.services.sponsorship.programme()).active

    number = await desk.stage("reviewed")
    await desk.wants(
        PRIYA, "executive_flag",
        {"case": number, "trigger": "threat_to_cancel", "reason": "They want the exit terms"},
    )  # fmt: skip
    await desk.here.settle()
    await desk.wants(ELENI, "close", {"case": number})
    await desk.here.settle()
    offer = newest(desk, ELENI, "do:nominate_sponsorship")
    assert f"ESC-{number}" in offer.text
    await pressed(desk, ELENI, "do:nominate_sponsorship")
    (row,) = await rows(desk)
    assert (row.state, row.sponsor, row.reason) == (S.OFFERED, SOFIA, "They want the exit terms")

    assert await pressed(desk, SOFIA, "ask:answer_sponsorship", consent_by="κ. Ράπτης") == {}
    (row,) = await rows(desk)
    assert (row.state, row.consent_by) == (S.ACTIVE, "κ. Ράπτης")
    await pressed(desk, SOFIA, "do:read_sponsor_brief")
    assert (await rows(desk))[0].read_at is not None
    await desk.command(SOFIA, "sponsor delphi")
    await pressed(desk, SOFIA, "show:sponsor_brief")
    assert "They want the exit terms" in desk.answers(SOFIA)[-1].text

    for _ in range(10):
        await desk.pass_time(9 * DAY + DAY / 2)
    assert "ask:log_touch" in str(newest(desk, SOFIA, "ask:log_touch").blocks)
    assert "Delphi Energy" in newest(desk, RICHARD, "show:sponsor").text  # missed
    errors = await pressed(desk, SOFIA, "ask:log_touch", how="visit", note="They are content")
    assert errors == {}
    assert "They are content" in desk.everything_seen(RICHARD)

    for _ in range(26):
        await desk.pass_time(10 * DAY)
    assert "Delphi Energy" in newest(desk, KATE, "ask:end_sponsorship").text
    errors = await pressed(
        desk, KATE, "ask:end_sponsorship", exit_reason="length_reached", why="A good year"
    )
    assert errors == {}
    (row,) = await rows(desk)
    assert (row.state, row.exit_reason, row.ended_by) == (S.ENDED, "length_reached", KATE)
    assert "A good year" in desk.everything_seen(SOFIA)


async def test_the_quarterly_brief_comes_by_itself_and_when_it_is_asked_for(
    tmp_path: Path,
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with office(tmp_path, http=False, public_url=url) as desk:
        await begin(desk)
        await desk.command(KATE, "sponsor nominate Cedar Clinics")
        form = {"sponsor": RICHARD, "reason": "They grow", "score": "90", "consent_by": "Dr Haddad"}
        assert await desk.fill(KATE, **form, deputy=ELENI) == {}
        await pressed(desk, RICHARD, "do:answer_sponsorship")
        await desk.command(KATE, "sponsor brief cedar")
        assert "comes to you as a direct message" in desk.answers(KATE)[-1].text
        assert "Kate" in text_of(desk, KATE)
        await desk.command(RICHARD, "sponsor")
        await pressed(desk, RICHARD, "do:send_brief")
        assert "€96K a year" in text_of(desk, RICHARD)
        await desk.command(MAYA, "sponsor brief cedar")
        assert "No such account" in desk.answers(MAYA)[-1].text
        before = len(briefs(desk, ELENI))
        for _ in range(10):
            await desk.pass_time(9 * DAY + DAY / 2)
        (own,) = briefs(desk, ELENI)[before:]
        assert "Cedar Clinics" in own.text
        assert "/b/" in own.text
        assert "Τι κάνετε τώρα" in text_of(desk, ELENI)  # she reads Greek
        link = re.findall(r"https?://\S+/b/[\w-]+", own.text)[0]
        async with httpx.AsyncClient() as client:
            page, file = await client.get(link), await client.get(f"{link}.pdf?lang=en")
            wrong = await client.get(link[:-1] + ("a" if link[-1] != "a" else "b"))
        assert (page.status_code, file.status_code, wrong.status_code) == (200, 200, 404)
        assert "Cedar Clinics" in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "What to do next" in PdfReader(BytesIO(file.content)).pages[0].extract_text()
        async with httpx.AsyncClient() as client:
            asked = [client.get(link) for _ in range(PER_LINK + 10)]
            answers = await asyncio.gather(*asked)
        assert {each.status_code for each in answers} == {200, 429}
        assert {each.headers["retry-after"] for each in answers if each.status_code == 429} == {
            "60"
        }


def briefs(desk: Office, who: str) -> list[Message]:
    """The direct messages that carry a brief, oldest first."""
    theirs = {key for key, file in desk.ws.files.items() if file.name.startswith("brief-")}
    found = [m for m in desk.dms(who) if theirs & set(m.files)]
    return sorted(found, key=lambda message: message.ts)


def text_of(desk: Office, who: str) -> str:
    """The words of the newest brief that a person was given."""
    (file,) = briefs(desk, who)[-1].files
    content = desk.ws.files[file].content or b""
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


async def test_the_list_says_how_one_begins_and_who_may_sees_more(desk: Office) -> None:
    await desk.command(MAYA, "sponsor")
    answer = desk.answers(MAYA)[-1]
    assert "Not active. Still missing: Purpose" in answer.text
    assert "ask:nominate_sponsorship" not in str(answer.blocks)
    await begin(desk)
    await desk.command(PRIYA, "sponsor nominate Cedar Clinics")
    form = desk.form(PRIYA)
    assert form.callback_id == "nominate_sponsorship"
    errors = await desk.fill(
        PRIYA, sponsor=RICHARD, reason="They grow", score="90", consent_by="Dr Haddad"
    )
    assert errors == {}
    await desk.command(RICHARD, "sponsor accept")
    assert await desk.fill(RICHARD) == {}
    await desk.command(MAYA, "sponsor cedar")
    seen = desk.answers(MAYA)[-1].text
    assert "Cedar Clinics" in seen
    assert "Score" not in seen
    assert "96" not in seen
    await desk.command(KATE, "sponsor cedar")
    assert "Score 90" in desk.answers(KATE)[-1].text
    assert "€96K" in desk.answers(KATE)[-1].text
    await desk.command(STRANGER, "sponsor cedar")
    assert "is not in the programme" in desk.answers(STRANGER)[-1].text
    await desk.here.people.open_home(RICHARD)
    await desk.here.settle()
    home = desk.here.people.home(RICHARD)
    assert home is not None
    shown = json.dumps(home.payload)
    assert "My accounts" in shown
    assert "Cedar Clinics" in shown


async def test_a_sponsor_says_no_and_another_takes_over(desk: Office) -> None:
    await begin(desk)
    await desk.command(KATE, "sponsor cedar clinics")
    await desk.press(KATE, newest(desk, KATE, "show:programme"), "ask:nominate_sponsorship")
    assert "Cedar Clinics" in json.dumps(desk.form(KATE).payload)
    await desk.close_forms(KATE)
    await desk.command(KATE, "sponsor nominate Cedar Clinics")
    form = {"sponsor": RICHARD, "reason": "They grow", "score": "90", "consent_by": "Dr Haddad"}
    assert await desk.fill(KATE, **form) == {}
    await pressed(desk, RICHARD, "ask:answer_sponsorship", remark="No time this year")
    assert (await rows(desk))[-1].state is S.SEEKING
    assert "No time this year" in newest(desk, KATE, "ask:pass_sponsorship").text
    assert await pressed(desk, KATE, "ask:pass_sponsorship", user=SOFIA) == {}
    await pressed(desk, SOFIA, "do:answer_sponsorship")
    (row,) = await rows(desk)
    assert (row.state, row.sponsor) == (S.ACTIVE, SOFIA)
    await desk.command(SOFIA, "sponsor touch")
    assert await desk.fill(SOFIA, how="call", note="All is well") == {}
    for _ in range(20):
        await desk.pass_time(10 * DAY)
    later = (desk.ws.now() + 60 * DAY).date().isoformat()
    assert await pressed(desk, SOFIA, "ask:keep_sponsorship", review_on=later) == {}
    assert str((await rows(desk))[0].review_on) == later


async def test_what_is_missing_or_wrong_is_said_where_it_is(desk: Office) -> None:
    await begin(desk)
    await desk.command(KATE, "sponsor nominate")
    form = desk.form(KATE)
    await desk.here.people.suggest(KATE, "customer", "Quill Post", view_id=form.id)
    errors = await desk.fill(
        KATE, customer="new:Quill Post", sponsor=RICHARD, reason="They grow", score="90"
    )
    assert "customer" in errors
    await desk.here.people.suggest(KATE, "customer", "Cedar", view_id=form.id)
    errors = await desk.fill(
        KATE, customer="account:cedar-clinics", sponsor=RICHARD, reason="x", score="much"
    )
    assert "score" in errors
    await desk.close_forms(KATE)
    await desk.command(KATE, "sponsor touch No Such Name")
    assert "No such account" in desk.answers(KATE)[-1].text
