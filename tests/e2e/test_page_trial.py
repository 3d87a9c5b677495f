"""A page for a trial goes by every way, says what became of each, and is of no case."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.paging import trial as trials
from bot.rules.policy.model import Paging
from storage.models import Case
from tests.bot.paging.double import PagerDouble
from tests.bot.paging.way_double import TOKEN, WayDouble
from tests.e2e.office import ELENI, KATE, MAYA, Office, office


async def trial(stack: AsyncExitStack, folder: Path) -> tuple[Office, WayDouble, PagerDouble]:
    """The office with ways of two people and of a step, and both pagers."""
    there, pagers = await stack.enter_async_context(WayDouble().running()), PagerDouble()
    url = await stack.enter_async_context(pagers.running())
    entries = [f"{name}={there.address(name)}" for name in ("maya-sms", "kate-sms", "teams")]
    given = {**pagers.settings(url), "page_ways": " ".join(entries)}
    desk = await stack.enter_async_context(office(folder, http=True, **given))
    people = {MAYA: ("maya-sms", "gone"), KATE: ("kate-sms",)}
    services = desk.here.services
    paging = Paging(people=people, steps={"lead": ("teams",)})
    services.policy = replace(services.policy, paging=paging)
    return desk, there, pagers


async def test_a_person_tries_their_own_ways_and_hears_of_each(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        desk, there, pagers = await trial(stack, tmp_path)
        await desk.command(MAYA, "duty")
        await desk.press(MAYA, desk.answers(MAYA)[-1], "do:test_page")
        await desk.here.settle()
        assert "A test page is on its way to you" in desk.answers(MAYA)[-1].text
        assert there.titles("maya-sms") == ["TEST by Escalation Desk. Nothing has happened."]
        assert set(there.said) == {"maya-sms"}
        assert pagers.pages == {}
        page, told = [each.text for each in desk.dms(MAYA)][-2:]
        assert "*TEST*" in page
        assert "✓ Slack, direct message" in told
        assert "✓ `maya-sms`" in told
        assert "✗ `gone`: there is no address for that name" in told
        async with desk.here.services.database.read() as session:
            assert (await session.exec(select(Case))).all() == []


async def test_an_administrator_tries_all_of_another_and_the_pagers_end_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(minutes=2) == trials.OPEN_FOR
    monkeypatch.setattr(trials, "OPEN_FOR", timedelta(seconds=1))
    async with AsyncExitStack() as stack:
        desk, there, pagers = await trial(stack, tmp_path)
        await desk.command(ELENI, f"page test <@{MAYA}>")
        assert there.said == {}  # Eleni is no administrator
        there.answers = [403, 403]
        await desk.command(KATE, f"page test <@{MAYA}>")
        await desk.here.settle()
        told = desk.dms(KATE)[-1].text
        assert told.count("the service answered 403") == 2
        assert TOKEN not in told
        assert "✓ PagerDuty" in told
        [key] = [key for key in pagers.pages if key.startswith("pagerduty:TEST.")]
        assert pagers.pages[key] == ["trigger", "resolve"]
        assert "*TEST*" in desk.dms(MAYA)[-1].text
