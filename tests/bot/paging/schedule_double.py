"""The schedules of PagerDuty and Opsgenie on this machine, strict about their documentation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cli.serving import serving
from tests.bot.paging.double import API_TOKEN, GENIE_KEY
from tests.helpdesk.double import Lost, listens

PAGERDUTY, OPSGENIE = "pagerduty:PI7DH85", "opsgenie:Support nights"
UUID = "d875abc4-9b4e-4219-abc3-0c26936d18de"
VERSION = "application/vnd.pagerduty+json;version=2"
LONGEST = timedelta(days=92)
Turn = tuple[str, datetime, datetime]


@dataclass
class ScheduleDouble:
    """Both services with one schedule each, the same people in turn.

    ``turns`` are an address, begin and end; an address without ``@`` is a team in Opsgenie.
    ``fault`` is of every call while it is set: ``lost``, ``down``, ``limited``, ``empty`` (an
    answer without what is promised), or a status.
    """

    turns: list[Turn] = field(default_factory=list)
    fault: str = ""
    asked: list[str] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def settings(self, url: str) -> dict[str, str]:
        """The app's settings for both."""
        return {
            "pagerduty_api_token": API_TOKEN, "pagerduty_api_url": url,
            "opsgenie_schedule_key": GENIE_KEY, "opsgenie_api_url": url,
        }  # fmt: skip

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve the APIs while the block runs; their address."""
        routes = [
            Route("/schedules/{id}", self._schedule),
            Route("/schedules/{id}/users", self._users),
            Route("/v2/schedules/{id:path}/timeline", self._timeline),
        ]
        async with serving(Starlette(routes=routes), "127.0.0.1", 0) as port:
            await listens(port)
            yield f"http://127.0.0.1:{port}"

    def _between(self, since: datetime, until: datetime) -> list[Turn]:
        """The turns in a time, cut to it, as both services cut them."""
        cut = ((who, max(a, since), min(b, until)) for who, a, b in self.turns)
        return [(who, a, b) for who, a, b in cut if a < b]

    def _note(self, request: Request) -> None:
        """Remember that something was asked."""
        self.asked.append(request.url.path)
        self.heard.set()

    async def _schedule(self, request: Request) -> Response:
        if (refused := self._pagerduty(request)) is not None:
            return refused
        since, until = (_instant(request, name) for name in ("since", "until"))
        if not since < until <= since + LONGEST:
            return JSONResponse({"error": {"message": "Invalid Input Provided", "code": 2001}}, 400)
        entries = [
            {"start": _iso(a), "end": _iso(b),
             "user": {"id": _id(who), "type": "user_reference", "summary": who.split("@")[0],
                      "self": f"https://api.pagerduty.com/users/{_id(who)}"}}
            for who, a, b in self._between(since, until)
        ]  # fmt: skip
        final = {"name": "Final Schedule", "rendered_schedule_entries": entries}
        said = {"id": request.path_params["id"], "type": "schedule", "name": "Nights",
                "time_zone": "UTC", "final_schedule": final}  # fmt: skip
        return self._answer({"schedule": said})

    async def _users(self, request: Request) -> Response:
        if (refused := self._pagerduty(request)) is not None:
            return refused
        people = self._between(_instant(request, "since"), _instant(request, "until"))
        users = [{"id": _id(who), "type": "user", "name": who.split("@")[0], "email": who}
                 for who in dict.fromkeys(who for who, _, _ in people)]  # fmt: skip
        return self._answer({"users": users})

    def _pagerduty(self, request: Request) -> Response | None:
        self._note(request)
        if request.headers.get("accept") != VERSION:
            return JSONResponse({"error": {"message": "Accept"}}, 406)
        if request.headers.get("authorization") != f"Token token={API_TOKEN}":
            return JSONResponse({"error": {"message": "Unauthorized", "code": 2006}}, 401)
        if request.path_params["id"] != "PI7DH85":
            return JSONResponse({"error": {"message": "Not Found", "code": 2100}}, 404)
        return None

    async def _timeline(self, request: Request) -> Response:
        self._note(request)
        asked, schedule = request.query_params, request.path_params["id"]
        if request.headers.get("authorization") != f"GenieKey {GENIE_KEY}":
            return JSONResponse({"message": "Could not authenticate", "took": 0.1}, 401)
        known = {"id": UUID, "name": "Support nights"}.get(asked.get("identifierType", "id"))
        if schedule != known:
            return JSONResponse({"message": "Schedule does not exist", "took": 0.1}, 404)
        if asked.get("intervalUnit") != "days" or not asked.get("interval", "").isdigit():
            return JSONResponse({"message": "Interval is not valid"}, 422)
        since = _instant(request, "date")
        until = since + timedelta(days=int(asked["interval"]))
        periods = [
            {"startDate": _iso(a), "endDate": _iso(b), "type": "default", "recipient": _who(who)}
            for who, a, b in self._between(since, until)
        ]  # fmt: skip
        rotation = {"id": "27883d3f", "name": "First", "order": 1.0, "periods": periods}
        data = {"_parent": {"id": UUID, "name": "Support nights", "enabled": True},
                "startDate": _iso(since), "endDate": _iso(until),
                "finalTimeline": {"rotations": [rotation]}}  # fmt: skip
        return self._answer({"data": data, "took": 0.1, "requestId": "1"})

    def _answer(self, said: Any) -> Response:
        match self.fault:
            case "":
                return JSONResponse(said)
            case "lost":
                return Lost()
            case "down":
                return JSONResponse({}, 503)
            case "limited":
                headers = {"Retry-After": "700", "ratelimit-reset": "700"}
                return JSONResponse({}, 429, headers=headers)
            case "empty":
                return JSONResponse({})
        return JSONResponse({"message": "refused"}, int(self.fault))


def _who(name: str) -> dict[str, str]:
    if not name:
        return {"type": "none"}
    return {"id": _id(name), "type": "user" if "@" in name else "team", "name": name}


def _id(who: str) -> str:
    return "P" + "".join(c for c in who.upper() if c.isalnum())[:12]


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(request: Request, name: str) -> datetime:
    return datetime.fromisoformat(request.query_params[name])
