"""The signed webhook of the running app: real requests, and what comes of each."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlmodel import select

from bot.rules.webhook.signature import make_signature
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import Local, local_app
from handlers.http import intake
from handlers.http.intake import REPORT_MAX
from sandbox.seed import demo_workspace
from storage.models import Candidate, Inbox, Signal
from tests import postgres
from tests.mail.conftest import ELENI, World
from tests.mail.server import Box
from tests.ports import free_port

OLD, NEW, OTHER = "the older secret of shop", "the newer secret of shop", "the secret of the crm"
WITHOUT_SPACES = {each: each.replace(" ", "-") for each in (OLD, NEW, OTHER)}
SECRETS = " ".join(
    f"{name}={WITHOUT_SPACES[each]}"
    for name, each in (("shop", NEW), ("shop", OLD), ("crm", OTHER))
)


@dataclass
class Door:
    """The webhook, and short ways to knock at it."""

    here: Local
    http: httpx.AsyncClient

    def signed(
        self, body: bytes, *, secret: str = NEW, age: float = 0, nonce: str = ""
    ) -> dict[str, str]:
        """Headers that the secret makes over these bytes."""
        nonce, stamp = nonce or secrets.token_hex(16), str(int(time.time() - age))
        made = make_signature(WITHOUT_SPACES[secret], stamp, nonce, body)
        return {"X-Desk-Timestamp": stamp, "X-Desk-Nonce": nonce, "X-Desk-Signature": made}

    async def post(
        self, body: bytes | dict[str, Any], source: str = "shop", **how: Any
    ) -> httpx.Response:
        """Send a report, signed as ``how`` says."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        headers = how.pop("headers", None) or self.signed(raw, **how)
        answer = await self.http.post(f"/intake/{source}", content=raw, headers=headers)
        await self.here.settle()
        return answer

    async def get(self, key: str, source: str = "shop", **how: Any) -> httpx.Response:
        """Ask what became of a report."""
        headers = self.signed(key.encode(), **how)
        return await self.http.get(f"/intake/{source}/{key}", headers=headers)

    async def rows(self, model: Any) -> list[Any]:
        """All rows of a table."""
        async with self.here.services.database.read() as session:
            return list((await session.exec(select(model))).all())


@asynccontextmanager
async def running(folder: Path, store: str | None = None, **further: object) -> AsyncIterator[Door]:
    """The running app with two sources, and ``further`` settings."""
    outside = {
        "intake_secrets": SECRETS, "public_url": f"http://127.0.0.1:{free_port()}", **further,
    }  # fmt: skip
    async with local_app(demo_workspace(), folder, outside=outside, database_url=store) as here:
        await import_demo_accounts(here)
        async with httpx.AsyncClient(base_url=here.web_url, timeout=60) as http:
            yield Door(here, http)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    """The running app, on SQLite."""
    async with running(tmp_path) as found:
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Door]:
    """The running app, on either database."""
    store = None
    if request.param == "postgresql":
        store = await postgres.database_with_tables(request.getfixturevalue("postgres_url"))
    async with running(tmp_path, store) as found:
        yield found


REPORT = {"key": "order-1", "text": "Nothing arrives", "customer": "Corner shop"}


def counted(outcome: str, source: str = "shop") -> float:
    """How often the figure has counted that outcome."""
    labels = {"source": source, "outcome": outcome}
    return REGISTRY.get_sample_value("desk_intake_reports_total", labels) or 0.0


async def test_a_report_is_accepted_and_waits_for_a_person(door: Door) -> None:
    before = counted("new")
    answer = await door.post({**REPORT, "contact": {"email": "ann@corner.example"}, "severity": 2})
    assert answer.status_code == 202
    (candidate,) = await door.rows(Candidate)
    said = answer.json()
    assert (said["reference"], said["state"], said["key"]) == (
        f"CAN-{candidate.id}", "waiting", "order-1",
    )  # fmt: skip
    assert (candidate.customer, candidate.stake) == ("Corner shop", "Nothing arrives")
    assert (candidate.contact_email, candidate.severity) == ("ann@corner.example", 2)
    assert counted("new") == before + 1
    shown = [m.text for c in door.here.workspace.channels.values() for m in c.messages.values()]
    assert sum("Corner shop" in text for text in shown) == 1


async def test_the_same_key_is_answered_as_before_and_changes_nothing(either: Door) -> None:
    first = await either.post(REPORT)
    again = await either.post({**REPORT, "text": "Something else"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == first.json()
    assert [each.text for each in await either.rows(Signal)] == ["Nothing arrives"]
    assert (await either.post(REPORT, source="crm", secret=OTHER)).status_code == 202


async def test_a_replayed_request_is_refused_and_a_new_signature_is_answered(either: Door) -> None:
    raw = json.dumps(REPORT).encode()
    headers = either.signed(raw)
    assert (await either.post(raw, headers=headers)).status_code == 202
    replayed = await either.post(raw, headers=headers)
    assert (replayed.status_code, replayed.json()["error"]) == (409, "replayed")
    assert "sign again" in replayed.json()["message"]
    other = json.dumps({**REPORT, "key": "order-2"}).encode()
    taken = either.signed(other, nonce=headers["X-Desk-Nonce"])
    assert (await either.post(other, headers=taken)).status_code == 409
    assert (await either.post(raw)).status_code == 200
    assert len(await either.rows(Signal)) == 1
    assert len(await either.rows(Inbox)) == 2  # nonces of what was taken


async def test_the_same_request_many_times_at_once_is_taken_once(either: Door) -> None:
    raw = json.dumps(REPORT).encode()
    headers = either.signed(raw)
    same = [either.post(raw, headers=headers) for _ in range(4)]
    anew = [either.post(raw) for _ in range(4)]
    answers = await asyncio.gather(*same, *anew)
    codes = sorted(each.status_code for each in answers)
    assert codes.count(202) == 1
    assert codes.count(409) == 3
    assert codes.count(200) == 4
    assert len(await either.rows(Signal)) == 1


async def test_both_secrets_of_a_source_hold_and_no_others(door: Door) -> None:
    assert (await door.post({**REPORT, "key": "a"}, secret=NEW)).status_code == 202
    assert (await door.post({**REPORT, "key": "b"}, secret=OLD)).status_code == 202
    before = counted("unsigned")
    forged = await door.post({**REPORT, "key": "c"}, secret=OTHER)
    assert (forged.status_code, forged.json()["error"]) == (401, "unsigned")
    unknown = await door.post({**REPORT, "key": "c"}, source="nosuch")
    assert unknown.status_code == 401
    assert unknown.json() == forged.json()  # a stranger does not learn which sources there are
    raw = json.dumps(REPORT).encode()
    changed = await door.post(raw + b" ", headers=door.signed(raw))
    assert changed.status_code == 401
    assert counted("unsigned") == before + 2
    assert len(await door.rows(Signal)) == 2


async def test_a_signature_holds_for_five_minutes_either_way(door: Door) -> None:
    for age, status in ((290, 202), (-290, 202), (310, 401), (-310, 401)):
        answer = await door.post({**REPORT, "key": str(age)}, age=age)
        assert answer.status_code == status
        assert ("seconds" in str(answer.json())) == (status == 401)


async def test_what_cannot_be_signed_is_refused_before_its_body_is_there(door: Door) -> None:
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", door.http.base_url.port)
    writer.write(b"POST /intake/shop HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n{")
    answer = await asyncio.wait_for(reader.read(300), 5)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 401")
    assert time.monotonic() - begun < 5


async def test_what_is_too_large_is_refused_whether_it_says_so_or_not(door: Door) -> None:
    raw = json.dumps({**REPORT, "text": "x" * REPORT_MAX}).encode()
    declared = await door.post(raw)

    async def pieces() -> AsyncIterator[bytes]:
        yield raw

    headers = door.signed(raw)
    streamed = await door.http.post("/intake/shop", content=pieces(), headers=headers)
    for answer in (declared, streamed):
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
        assert str(REPORT_MAX) in answer.json()["message"]
    longest = {**REPORT, "text": "ώ" * 20_000}
    assert (await door.post(json.dumps(longest).encode())).status_code == 202


MISTAKES: tuple[tuple[bytes, int, str, str], ...] = (
    (b"{nope", 400, "malformed", "malformed"),
    (b"", 400, "malformed", "malformed"),
    (b'{"key": "1"}', 422, "invalid", "missing"),
    (b'{"key": "1", "text": "x", "custmer": "y"}', 422, "invalid", "unknown_field"),
    (b'{"key": "1", "text": "x", "happened_at": "8/2/27"}', 422, "invalid", "wrong_date"),
)


async def test_a_mistake_is_told_with_its_place_and_nothing_is_stored(door: Door) -> None:
    for raw, status, error, kind in MISTAKES:
        answer = await door.post(raw)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.json()["problems"][0]["kind"] == kind
        assert answer.json()["problems"][0]["do"] in answer.json()["message"]
    assert await door.rows(Signal) == []


async def test_an_unknown_account_is_taken_as_a_name_and_a_known_one_by_key_or_name(
    door: Door,
) -> None:
    answer = await door.post({"key": "1", "text": "x", "account": "Somewhere Ltd"})
    assert answer.status_code == 202
    assert "Somewhere Ltd" in answer.json()["remarks"][0]
    for key, name in (("2", "aegean-ferries"), ("3", "AEGEAN ferries")):
        known = await door.post({"key": key, "text": "x", "account": name})
        assert known.json()["remarks"] == []
    both = await door.post({"key": "4", "text": "x", "account": "nope", "customer": "Who"})
    assert "kept with the details" in both.json()["remarks"][0]
    found = [(s.customer, s.account_key) for s in await door.rows(Signal)]
    assert found == [
        ("Somewhere Ltd", None), ("Aegean Ferries", "aegean-ferries"),
        ("Aegean Ferries", "aegean-ferries"), ("Who", None),
    ]  # fmt: skip
    assert (await door.rows(Signal))[-1].details == {"account": "nope"}


async def test_greek_and_greeklish_arrive_whole(door: Door) -> None:
    greek, latin = "Δεν απαντά κανείς, θα ακυρώσω", "den apanta kaneis, tha akyroso!"
    for key, text in (("παραγγελία/1", greek), ("paraggelia-2", latin)):
        report = {"key": key, "text": text, "customer": "Ψησταριά Ο Ήλιος"}
        assert (await door.post(report)).status_code == 202
        assert (await door.get(key)).json()["key"] == key
    kept = [(each.text, each.customer) for each in await door.rows(Signal)]
    assert kept == [(greek, "Ψησταριά Ο Ήλιος"), (latin, "Ψησταριά Ο Ήλιος")]


async def test_what_became_of_a_report_is_told_to_its_source_alone(either: Door) -> None:
    await either.post(REPORT)
    waiting = await either.get("order-1")
    assert (waiting.status_code, waiting.json()["state"]) == (200, "waiting")
    (candidate,) = await either.rows(Candidate)
    world = World(either.here, Box())
    await world.do(
        ELENI, "dismiss_candidate", candidate=candidate.id, reason="Solved",
        told="noted",
    )  # fmt: skip
    decided = (await either.get("order-1")).json()
    assert decided["state"] == "dismissed"
    assert decided["told"].startswith("Thank you for telling us.")
    assert decided["decided_at"]
    assert (await either.post(REPORT)).json()["state"] == "dismissed"
    assert (await either.get("nosuch")).json()["error"] == "unknown_key"
    assert (await either.get("order-1", source="crm", secret=OTHER)).status_code == 404
    assert (await either.get("order-1", secret=OTHER)).status_code == 401
    headers = either.signed(b"order-1")
    assert (await either.http.get("/intake/shop/order-2", headers=headers)).status_code == 401
    assert (await either.http.get("/intake/shop/order-1", headers=headers)).status_code == 200
    assert (await either.http.get("/intake/shop/order-1", headers=headers)).status_code == 409


async def test_reports_of_one_thread_come_to_one_candidate(door: Door) -> None:
    first = await door.post({**REPORT, "thread": "order-1", "customer": "One"})
    second = await door.post({**REPORT, "key": "2", "thread": "order-1", "customer": "Another"})
    assert second.status_code == 202
    assert first.json()["reference"] == second.json()["reference"]
    assert len(await door.rows(Candidate)) == 1


async def test_a_source_that_sends_without_end_is_told_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "PER_MINUTE", 2)
    async with running(tmp_path) as door:
        answers = [await door.get("nosuch") for _ in range(4)]
        assert [each.status_code for each in answers][:2] == [404, 404]
        assert answers[-1].status_code == 429
        assert answers[-1].headers["Retry-After"] == "60"
        assert answers[-1].json()["error"] == "too_many"
        assert (await door.post(REPORT, source="crm", secret=OTHER)).status_code == 202


async def test_the_document_describes_what_is_taken_and_answered(door: Door) -> None:
    document = (await door.http.get("/intake/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/intake/{source}"]["post"]
    assert {"200", "202", "400", "401", "409", "413", "422", "429", "503"} <= set(post["responses"])
    shapes = document["components"]["schemas"]
    assert shapes["Report"]["required"] == ["key", "text"]
    assert shapes["Report"]["additionalProperties"] is False
    assert shapes["Report"]["properties"]["text"]["maxLength"] == 20_000
    named = [each["name"] for each in post["parameters"]]
    assert named == ["source", "X-Desk-Timestamp", "X-Desk-Nonce", "X-Desk-Signature"]
    for part in json.dumps(document).split('"$ref": "')[1:]:
        assert part.partition('"')[0].rpartition("/")[2] in shapes
    (example,) = post["requestBody"]["content"]["application/json"]["examples"].values()
    assert (await door.post(example["value"])).status_code == 202
