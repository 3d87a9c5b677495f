"""A page goes out to both pagers; who acknowledges there has the case here."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.rules.words import Status
from tests.bot.paging.double import (
    SECRET,
    PagerDouble,
    opsgenie_event,
    pagerduty_event,
    sign_event,
)
from tests.e2e.office import ELENI, KATE, Office, office

KEY = "ESC-1.acknowledge.1.0"
BOTH = (f"pagerduty:{KEY}", f"opsgenie:{KEY}")


@asynccontextmanager
async def paging(folder: Path) -> AsyncIterator[tuple[Office, PagerDouble]]:
    """The office with both pagers set up."""
    double = PagerDouble()
    async with double.running() as url, office(folder, http=True, **double.settings(url)) as desk:
        double.people["PKATE"] = desk.ws.users[KATE].email
        yield desk, double


async def told(desk: Office, name: str, raw: bytes, **headers: str) -> tuple[int, str]:
    """A webhook comes in; the status and what became of it."""
    async with httpx.AsyncClient(base_url=desk.here.web_url) as web:
        answer = await web.post(f"/pager/{name}", content=raw, headers=headers)
    await desk.here.settle()
    return answer.status_code, json.loads(answer.text)["outcome"]


async def test_a_page_goes_out_is_acknowledged_and_is_over(tmp_path: Path) -> None:
    async with paging(tmp_path) as (desk, there):
        number = await desk.stage("new", severity=1)
        assert [there.pages[each] for each in BOTH] == [["trigger"], ["trigger"]]
        assert "They cannot invoice" not in json.dumps(there.said)
        await desk.wants(ELENI, "claim", {"case": number})
        await desk.here.settle()
        assert [there.pages[each][-1] for each in BOTH] == ["acknowledge", "acknowledge"]
        await desk.wants(ELENI, "dismiss", {"case": number, "reason": "A test"})
        await desk.here.settle()
        assert [there.pages[each][-1] for each in BOTH] == ["resolve", "resolve"]


async def test_who_acknowledges_there_has_the_case_here(tmp_path: Path) -> None:
    async with paging(tmp_path) as (desk, _):
        number = await desk.stage("new", severity=1)
        raw = pagerduty_event(KEY, id="PKATE")
        right = {"x-pagerduty-signature": sign_event(raw)}
        assert await told(desk, "pagerduty", raw) == (401, "unsigned")
        assert await told(desk, "pagerduty", raw, **right) == (200, "accepted")
        case = await desk.case(number)
        assert (case.owner, case.status) == (KATE, Status.ACKNOWLEDGED)
        assert await told(desk, "pagerduty", raw, **right) == (200, "ignored")
        assert (KATE, "claim") in await desk.done(number)


async def test_who_is_not_known_stops_the_silence_and_is_asked_to_claim(tmp_path: Path) -> None:
    async with paging(tmp_path) as (desk, _):
        number = await desk.stage("new", severity=1)
        raw = opsgenie_event(KEY, "nobody@elsewhere.example")
        assert await told(desk, "opsgenie", raw, authorization="Bearer x") == (401, "unsigned")
        right = {"authorization": f"Bearer {SECRET}"}
        assert await told(desk, "opsgenie", raw, **right) == (200, "accepted")
        assert (await desk.case(number)).status is Status.NEW
        assert any("acknowledged in Opsgenie" in m.text for m in desk.said(number))
        assert all(page.again_at is None for page in (await desk.case(number)).pages)


async def test_of_a_restricted_case_no_name_leaves(tmp_path: Path) -> None:
    async with paging(tmp_path) as (desk, there):
        await desk.stage("new", severity=1, sensitive=True)
        assert BOTH[0] in there.pages
        assert "Delphi" not in json.dumps(there.said)


async def test_a_page_that_was_lost_is_sent_again_as_the_same(tmp_path: Path) -> None:
    async with paging(tmp_path) as (desk, there):
        there.faults = ["lost", "lost"]
        await desk.stage("new", severity=1)
        assert {key: set(done) for key, done in there.pages.items()} == {
            each: {"trigger"} for each in BOTH
        }
