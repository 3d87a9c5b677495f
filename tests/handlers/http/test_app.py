"""The door: who may come in, how much they may bring, and what they hear when it is nonsense."""

import json
import time
from collections.abc import MutableMapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from handlers.http.app import BODY_MAX, web_app
from handlers.slack.app import slack_app
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import SECRET, USER, Workspace

TOKEN = "token-of-the-figures"

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def test_the_challenge_is_returned(slack: Workspace) -> None:
    body = {"type": "url_verification", "token": "t", "challenge": "abc"}
    response = await slack.post(json.dumps(body).encode(), JSON)
    assert (response.status_code, response.json()) == (200, {"challenge": "abc"})


async def test_a_forged_signature_is_refused(slack: Workspace, desk: FakeDesk) -> None:
    slack.secret = "another"
    response = await slack.command("claim", channel_id="C0ESC7")
    assert response.status_code == 401
    assert desk.accepted == []


@pytest.mark.parametrize("stamp", [None, "", "1", "now", "-5", "٩٩", "9" * 5000])
async def test_a_request_of_another_time_is_refused(slack: Workspace, stamp: str | None) -> None:
    headers = {b"content-type": FORM.encode(), b"x-slack-signature": b"v0=00"}
    if stamp is not None:
        headers[b"x-slack-request-timestamp"] = stamp.encode()
    response = await slack.http.post("/slack/events", content=b"command=x", headers=headers)
    assert response.status_code == 401


async def test_too_large_a_body_is_refused_whether_it_says_so_or_not(slack: Workspace) -> None:
    response = await slack.post(b"x" * (BODY_MAX + 1), FORM)
    assert response.status_code == 413

    async def pieces() -> object:
        for _ in range(BODY_MAX // 1024 + 1):
            yield b"x" * 1024

    response = await slack.http.post(
        "/slack/events",
        content=pieces(),  # type: ignore[arg-type]
        headers={
            "x-slack-request-timestamp": str(int(time.time())),
            "x-slack-signature": f"v0={'0' * 64}",
        },
    )
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("age", "signature"), [(400, f"v0={'0' * 64}"), (-400, f"v0={'0' * 64}"), (0, ""), (0, "v0=00")]
)
async def test_a_body_that_cannot_be_signed_is_not_even_read(
    slack: Workspace, age: int, signature: str
) -> None:
    async def pieces() -> object:
        yield b"x"
        raise AssertionError("the body was read")

    response = await slack.http.post(
        "/slack/events",
        content=pieces(),  # type: ignore[arg-type]
        headers={
            "x-slack-request-timestamp": str(int(time.time()) - age),
            "x-slack-signature": signature,
        },
    )
    assert response.status_code == 401


async def test_a_body_that_says_it_is_too_large_is_not_even_read(desk: FakeDesk) -> None:
    async def ready() -> bool:
        return True

    async def read() -> MutableMapping[str, Any]:
        raise AssertionError("the body was read")

    answers: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        answers.append(message)

    app = web_app(
        slack_app(desk, SimpleNamespace(slack_signing_secret=SECRET)),
        ready,
        CollectorRegistry(),
        signing_secret=SECRET,
    )
    length = str(BODY_MAX + 1).encode()
    scope = {
        "type": "http", "method": "POST", "path": "/slack/events", "query_string": b"",
        "headers": [(b"content-length", length)],
    }  # fmt: skip
    await app(scope, read, send)
    assert answers[0]["status"] == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"\xff\xfe\x00", FORM),
        (b"payload=", FORM),
        (b"payload=%7B", FORM),
        (b"payload=[1]", FORM),
        (b"payload=null", FORM),
        (b"{", JSON),
        (b"[]", JSON),
        (b"null", JSON),
        (b'"text"', JSON),
        (b"[" * 200_000, JSON),
        (b'{"a":' * 200_000, JSON),
        (b'{"type":"event_callback"}', JSON),
        (b'{"type":"event_callback","event":"x"}', JSON),
        (b'{"type":"event_callback","event":{"type":5}}', JSON),
        (b'{"type":"event_callback","event":[]}', JSON),
        (b'{"type":"event_callback","event":null}', JSON),
        (b'{"type":"event_callback","authorizations":[null],"event":{"type":"message"}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","channel":NaN}}', JSON),
        (b'{"type":"event_callback","event_time":1e999,"event":{"type":"message"}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","text":"\\ud800"}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":"U\\u0000"}}', JSON),
        (b'{"type":"event_callback","event":{"type":"message","user":[1],"channel":{}}}', JSON),
        (b'{"type":"event_callback","event":{"type":"app_mention","user":"U1","text":7}}', JSON),
        (b"command=%2Fescalate", FORM),
        (b"command=&text=%00", FORM),
        (b"ssl_check=1&token=x", FORM),
    ],
)
async def test_nonsense_gets_a_plain_answer(
    slack: Workspace, desk: FakeDesk, body: bytes, content_type: str
) -> None:
    response = await slack.post(body, content_type)
    await desk.settle()
    assert response.status_code in {200, 400}
    assert "Traceback" not in response.text
    assert "Error" not in response.text


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "block_actions"},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [5], "user": {"id": USER}},
        {"type": "block_actions", "actions": [{"action_id": "menu"}], "user": {"id": USER}},
        {"type": "block_actions", "actions": [{"action_id": "signs"}], "user": {"id": USER}},
        {"type": "block_actions", "actions": [{"action_id": "kind"}], "user": {"id": USER}},
        {"type": "view_submission", "view": {"callback_id": "open_case"}, "user": {"id": USER}},
        {"type": "view_submission", "user": {"id": USER},
         "view": {"callback_id": "hold", "state": 5, "blocks": [7], "private_metadata": 3}},
        {"type": "view_submission", "user": {"id": USER},
         "view": {"callback_id": "picker", "state": {"values": {"case": {"case": 1}}}}},
        {"type": "view_closed", "view": {"callback_id": "hold"}, "user": {"id": USER}},
        {"type": "shortcut", "callback_id": "other", "user": {"id": USER}},
        {"type": "message_action", "callback_id": "escalate_message", "message": 5},
        {"type": "block_suggestion", "action_id": "customer"},
        {"type": "interactive_message", "callback_id": "x", "actions": [{}]},
        {"type": "dialog_submission", "callback_id": "x"},
        {"type": "something_new", "user": {"id": USER}},
        {"type": "block_actions", "actions": None, "user": {"id": USER}},
        {"type": "block_actions", "actions": [None], "user": {"id": USER}},
        {"type": "block_actions", "actions": [{"action_id": None}], "user": {"id": USER}},
        {"type": "block_actions", "actions": {"0": {}}, "user": {"id": USER}},
        {"type": "block_actions", "actions": [{"action_id": "show:list"}], "user": ["U1"]},
        {"type": "view_submission", "view": None, "user": {"id": USER}},
        {"type": "view_submission", "view": {"callback_id": "hold", "blocks": 7},
         "user": {"id": USER}, "response_urls": None},
        {"type": "shortcut", "callback_id": "escalate", "user": {"id": USER}, "team": True},
    ],
)  # fmt: skip
async def test_a_payload_of_no_known_shape_does_nothing(
    slack: Workspace, desk: FakeDesk, payload: dict[str, object]
) -> None:
    response = await slack.interact(payload)
    await desk.settle()
    assert response.status_code in {200, 400}
    assert "Traceback" not in response.text
    assert desk.accepted == []


async def test_what_slack_never_sends_is_one_line_in_the_log_without_a_stack(
    slack: Workspace, logged: list[Any]
) -> None:
    response = await slack.post(b'{"type":"event_callback","event":[{}]}', JSON)
    assert response.status_code == 400
    (line,) = logged
    assert (line["event"], line["why"]) == ("malformed_request", "body.event is list")
    assert "exc_info" not in line


async def test_what_is_not_signed_is_refused_before_its_shape_is_judged_or_logged(
    slack: Workspace, logged: list[Any]
) -> None:
    forger = Workspace(slack.http, secret="another")
    response = await forger.post(b'{"type":"event_callback","event":[{}]}', JSON)
    assert (response.status_code, logged) == (401, [])


async def test_the_endpoint_takes_only_posts(slack: Workspace) -> None:
    assert (await slack.http.get("/slack/events")).status_code == 405


async def test_health_readiness_and_figures() -> None:
    able = False
    registry = CollectorRegistry()
    Counter("escalations_total", "Escalations.", registry=registry).inc()

    async def ready() -> bool:
        return able

    bolt = slack_app(FakeDesk(), SimpleNamespace(slack_signing_secret=SECRET))
    web = web_app(bolt, ready, registry, signing_secret=SECRET, metrics_token=TOKEN)
    given = {"authorization": f"Bearer {TOKEN}"}
    transport = httpx.ASGITransport(web)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://desk.test", headers=given
    ) as http:
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        able = True
        assert (await http.get("/readyz")).status_code == 200
        assert "escalations_total 1.0" in (await http.get("/metrics")).text


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", None, 404),
        ("", "Bearer ", 404),
        (TOKEN, None, 401),
        (TOKEN, "Bearer", 401),
        (TOKEN, f"Bearer {TOKEN}x", 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, f"bearer {TOKEN}", 200),
    ],
)
async def test_figures_and_readiness_are_for_those_who_have_the_token(
    token: str, given: str | None, status: int
) -> None:
    async def ready() -> bool:
        return True

    bolt = slack_app(FakeDesk(), SimpleNamespace(slack_signing_secret=SECRET))
    registry = CollectorRegistry()
    Counter("escalations_total", "Escalations.", registry=registry).inc()
    web = web_app(bolt, ready, registry, signing_secret=SECRET, metrics_token=token)
    headers = {"authorization": given} if given is not None else {}
    transport = httpx.ASGITransport(web)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as http:
        for path in ("/metrics", "/readyz"):
            answer = await http.get(path, headers=headers)
            assert answer.status_code == status
            assert ("escalations" in answer.text) == (status == 200 and path == "/metrics")
        assert (await http.get("/healthz")).json() == {"ok": True}


async def test_form_encoding_keeps_what_was_typed(slack: Workspace, desk: FakeDesk) -> None:
    await slack.post(
        urlencode({"command": "/escalate", "text": "reopen ESC-7 a+b &amp; &lt;c&gt; ΠΑΡΑΔΟΣΗ 100%",
                   "user_id": USER, "trigger_id": "1"}).encode(), FORM
    )  # fmt: skip
    assert desk.accepted[0][0].reason == "a+b & <c> ΠΑΡΑΔΟΣΗ 100%"  # type: ignore[attr-defined]


async def test_a_command_about_a_payload_is_a_command(slack: Workspace, desk: FakeDesk) -> None:
    response = await slack.command("severity 2 every payload=fails", channel_id="C0ESC7")
    assert response.status_code == 200
    assert [intent.verb for intent, *_ in desk.accepted] == ["severity"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_reports_are_refused_as_json_while_the_app_starts(method: str) -> None:
    def never() -> bool:
        return False

    async def ready() -> bool:
        return False

    bolt = slack_app(FakeDesk(), SimpleNamespace(slack_signing_secret=SECRET))
    web = web_app(bolt, ready, CollectorRegistry(), working=never, signing_secret=SECRET)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=web), base_url="http://app"
    ) as http:
        answer = await http.request(method, "/intake/shop")
        other = await http.request(method, "/slack/events")
    assert (answer.status_code, answer.json()["error"]) == (503, "come_again")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/json"
    assert (other.status_code, other.text) == (503, "not ready")
