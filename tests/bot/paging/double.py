"""PagerDuty and Opsgenie on this machine, strict about what their documentation says."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cli.serving import serving
from tests.helpdesk.double import Lost, listens

ROUTING_KEY, API_TOKEN, GENIE_KEY = "R0123456789ABCDEF0123456789ABCDE", "u+readonly", "genie-key-1"
SECRET = "pager-secret-0123456789"
SEVERITIES = {"critical", "error", "warning", "info"}


@dataclass
class PagerDouble:
    """Both pagers. ``pages`` is by key what became of each page, in the order of the calls.

    ``faults`` are of the next calls: ``lost`` after it was carried out, ``down`` instead of it,
    ``limited`` a rate limit.
    """

    pages: dict[str, list[str]] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # PagerDuty's ids to addresses

    def settings(self, url: str) -> dict[str, str]:
        """The app's settings for both."""
        return {
            "pagerduty_routing_key": ROUTING_KEY, "pagerduty_webhook_secret": SECRET,
            "pagerduty_api_token": API_TOKEN, "pagerduty_events_url": url,
            "pagerduty_api_url": url, "opsgenie_key": GENIE_KEY,
            "opsgenie_webhook_secret": SECRET, "opsgenie_api_url": url,
        }  # fmt: skip

    def app(self) -> Starlette:
        """The APIs."""
        return Starlette(
            routes=[
                Route("/v2/enqueue", self._enqueue, methods=["POST"]),
                Route("/users/{user}", self._user),
                Route("/v2/alerts", self._alert, methods=["POST"]),
                Route("/v2/alerts/{alias}/{action}", self._on_alert, methods=["POST"]),
            ]
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve the APIs while the block runs; their address."""
        async with serving(self.app(), "127.0.0.1", 0) as port:
            await listens(port)
            yield f"http://127.0.0.1:{port}"

    async def _enqueue(self, request: Request) -> Response:
        event = await request.json()
        if event.get("routing_key") != ROUTING_KEY:
            return JSONResponse({"status": "invalid event", "errors": ["routing_key"]}, 400)
        action, key = event.get("event_action"), event.get("dedup_key", "")
        wrong = action not in {"trigger", "acknowledge", "resolve"} or not 0 < len(key) <= 255
        if action == "trigger":
            payload = event.get("payload", {})
            wrong |= payload.get("severity") not in SEVERITIES or not payload.get("source")
            wrong |= not 0 < len(payload.get("summary", "")) <= 1024
        if wrong:
            return JSONResponse({"status": "invalid event", "message": "Event object"}, 400)
        return self._done(f"pagerduty:{key}", action, event, {"status": "success"})

    async def _user(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Token token={API_TOKEN}":
            return JSONResponse({"error": {"message": "unauthorized"}}, 401)
        email = self.people.get(request.path_params["user"])
        if email is None:
            return JSONResponse({"error": {"message": "Not Found"}}, 404)
        return JSONResponse({"user": {"id": request.path_params["user"], "email": email}})

    async def _alert(self, request: Request) -> Response:
        alert = await request.json()
        if (refused := self._unlocked(request)) is not None:
            return refused
        wrong = not 0 < len(alert.get("message", "")) <= 130
        wrong |= not 0 < len(alert.get("alias", "")) <= 512
        if wrong or alert.get("priority") not in {"P1", "P2", "P3", "P4", "P5"}:
            return JSONResponse({"message": "Request body is not processable"}, 422)
        return self._done(f"opsgenie:{alert['alias']}", "trigger", alert, _taken())

    async def _on_alert(self, request: Request) -> Response:
        if (refused := self._unlocked(request)) is not None:
            return refused
        action = {"acknowledge": "acknowledge", "close": "resolve"}.get(
            request.path_params["action"]
        )
        if action is None or request.query_params.get("identifierType") != "alias":
            return JSONResponse({"message": "No handler found"}, 404)
        key = f"opsgenie:{request.path_params['alias']}"
        return self._done(key, action, await request.json(), _taken())

    def _unlocked(self, request: Request) -> Response | None:
        if request.headers.get("authorization") == f"GenieKey {GENIE_KEY}":
            return None
        return JSONResponse({"message": "Could not authenticate"}, 401)

    def _done(self, key: str, action: str, said: dict[str, Any], answer: Any) -> Response:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "down":
            return JSONResponse({}, 503)
        if fault == "limited":
            return JSONResponse({}, 429, headers={"Retry-After": "1"})
        self.pages.setdefault(key, []).append(action)
        self.said.append(said)
        return Lost() if fault == "lost" else JSONResponse(answer, 202)


def _taken() -> dict[str, Any]:
    return {"result": "Request will be processed", "took": 0.1, "requestId": "1"}


def pagerduty_event(key: str, kind: str = "incident.acknowledged", **agent: Any) -> bytes:
    """A webhook of version 3, as the documentation shows it."""
    who = {"id": "PLH1HKV", "type": "user_reference", "summary": "Kate Jones"} | agent
    return json.dumps(
        {
            "event": {
                "id": "5ac64822-4adc-4fda-ade0-410becf0de4f", "event_type": kind,
                "resource_type": "incident", "occurred_at": "2027-02-10T01:06:00.000Z",
                "agent": who, "client": None,
                "data": {"id": "PGR0VU2", "type": "incident", "incident_key": key,
                         "status": "acknowledged"},
            }
        }
    ).encode()  # fmt: skip


def sign_event(raw: bytes, secret: str = SECRET) -> str:
    """The header of PagerDuty's signature."""
    return "v1=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def opsgenie_event(key: str, user: str, action: str = "Acknowledge", source: str = "web") -> bytes:
    """A webhook, as the documentation shows it."""
    return json.dumps(
        {
            "source": {"name": "", "type": source},
            "alert": {"tags": [], "alertId": "052652ac", "message": "ESC-1", "username": user,
                      "alias": key, "createdAt": 1406201443000, "userId": "daed1180"},
            "action": action, "integrationId": "37c8f316", "integrationName": "Webhook",
        }
    ).encode()  # fmt: skip
