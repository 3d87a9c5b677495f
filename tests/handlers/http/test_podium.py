"""Podium's webhooks at the running app: forged, repeated, changed; and what people then see."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from bot.rules.reviews.podium import podium_signature
from cli.workspace.local import local_app
from sandbox.seed import demo_workspace
from storage.models import Candidate, Review, ReviewEdit, Signal
from tests.e2e.office import ELENI, MAYA, SUPPORT, Office
from tests.e2e.test_outside import offering
from tests.handlers.http.test_intake import Door
from tests.ports import free_port

OLD, NEW = "the-older-secret-of-podium", "the-newer-secret-of-podium"


@pytest.fixture(params=[f"{NEW} {OLD}", ""], ids=["with secrets", "without a secret"])
async def door(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    """The running app, with two secrets for Podium or with none."""
    outside = {
        "podium_webhook_secret": request.param,
        "public_url": f"http://127.0.0.1:{free_port()}",
    }
    local = local_app(demo_workspace(), tmp_path, outside=outside)
    async with local as here, httpx.AsyncClient(base_url=here.web_url, timeout=60) as http:
        yield Door(here, http)


def review(rating: float, body: str, updated: str = "2027-02-01T10:00:00Z") -> dict[str, Any]:
    return {
        "uid": "r1", "author": {"id": "7", "name": "Joe Orange"}, "locations": [{"uid": "l1"}],
        "review": {"body": body, "rating": rating, "url": "https://maps.example/r1",
                   "siteName": "Google"},
        "createdAt": "2027-02-01T10:00:00Z", "updatedAt": updated, "responses": [],
    }  # fmt: skip


async def send(
    door: Door, kind: str, data: Any, secret: str = NEW, stamp: str = ""
) -> httpx.Response:
    raw = json.dumps({"data": data, "metadata": {"eventType": kind}}).encode()
    stamp = stamp or str(int(time.time() * 1000))
    headers = {
        "podium-timestamp": stamp, "podium-signature": podium_signature(secret, stamp, raw),
    }  # fmt: skip
    answer = await door.http.post("/intake/podium", content=raw, headers=headers)
    await door.here.settle()
    return answer


@pytest.mark.parametrize("door", [""], indirect=True)
async def test_without_a_secret_everything_is_refused(door: Door) -> None:
    for secret in (NEW, ""):
        answer = await send(door, "review.created", review(1, "Rude"), secret)
        assert (answer.status_code, answer.json()) == (401, {"outcome": "unsigned"})
    unsigned = await door.http.post("/intake/podium", content=b"{}")
    assert unsigned.status_code == 401
    assert await door.rows(Review) == []


@pytest.mark.parametrize("door", [f"{NEW} {OLD}"], indirect=True)
async def test_a_review_is_taken_once_and_an_edit_is_shown_as_a_change(door: Door) -> None:
    taken = REGISTRY.get_sample_value("desk_podium_events_total", {"outcome": "new"}) or 0
    assert (await send(door, "review.created", review(2, "Αργήσατε"))).json() == {"outcome": "new"}
    again = await send(door, "review.created", review(2, "Αργήσατε"), OLD)
    assert again.json() == {"outcome": "known"}
    edited = review(1, "Αργήσατε και δεν ζητήσατε συγγνώμη", "2027-02-02T10:00:00Z")
    assert (await send(door, "review.updated", edited)).json() == {"outcome": "changed"}
    late = await send(door, "review.created", review(2, "Αργήσατε"))
    assert late.json() == {"outcome": "known"}
    after = REGISTRY.get_sample_value("desk_podium_events_total", {"outcome": "new"})
    assert after == taken + 1
    assert len(await door.rows(Candidate)) == 1
    assert len(await door.rows(ReviewEdit)) == 1

    for answer in (
        await send(door, "review.created", review(2, "x"), "not-the-secret-of-podium"),
        await send(door, "review.created", review(2, "x"), stamp="1600000000"),
    ):
        assert answer.status_code == 401
    assert (await send(door, "review.created", {"review": {}})).status_code == 400
    assert (await send(door, "invoice.created", {})).json() == {"outcome": "ignored"}

    office = Office(door.here)
    await office.command(MAYA, "reviews", SUPPORT)
    shown = offering(office.answers(MAYA), "do:take_review#1")
    for words in ("Joe Orange", "Google", "2/5 → 1/5", "Αργήσατε", "Open the review"):
        assert words in str(shown.blocks)
    await office.press(MAYA, shown, "do:take_review#1")
    told = offering(office.answers(MAYA), "ask:record_review_reply")
    assert "You reply to the review" in told.text
    await office.press(MAYA, told, "ask:record_review_reply")
    assert await office.fill(MAYA, text="Σας ζητάμε συγγνώμη") == {}
    assert "is recorded" in office.answers(MAYA)[-1].text
    await office.command(ELENI, "reviews", SUPPORT)
    assert "answered by" in str(office.answers(ELENI)[-1].blocks)


@pytest.mark.parametrize("door", [f"{NEW} {OLD}"], indirect=True)
async def test_a_message_comes_to_triage_where_its_words_ask_for_it(door: Door) -> None:
    def message(key: str, body: str) -> dict[str, Any]:
        talk = {"uid": "c1", "channel": {"type": "sms", "identifier": "+306900000000"}}
        return {"uid": key, "body": body, "contact": {"name": "Άννα"}, "conversation": talk}

    kind = "message.received"
    assert (await send(door, kind, message("m0", "Are you open?"))).json()["outcome"] == "ignored"
    angry = message("m1", "Θα ακυρώσω, θέλω τα λεφτά μου")
    assert (await send(door, kind, angry)).json()["outcome"] == "new"
    assert (await send(door, kind, angry)).json()["outcome"] == "repeated"
    more = message("m2", "Are you there?")  # of a conversation that waits for a decision
    assert (await send(door, kind, more)).json()["outcome"] == "added"
    (candidate,) = await door.rows(Candidate)
    assert (candidate.customer, candidate.contact_phone) == ("Άννα", "+306900000000")
    assert candidate.reasons["found"] == ["threat"]
    assert len(await door.rows(Signal)) == 2
