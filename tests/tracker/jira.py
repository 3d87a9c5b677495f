"""A double of Jira Cloud, as far as we use it, built from its documentation.

It refuses what is not documented (a field, a parameter, a way to sign in), says 404 for what is not
there and for what may not be seen, answers to the old key of an issue that was moved, keeps one
remote link for each global id, and tells of each change by a signed webhook: of our own writes too.
"""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.helpdesk.double import Double, Json, unknown

SITE = "northwind.atlassian.net"
EMAIL, TOKEN, SECRET = "desk@northwind.example", "jira token", "jira-secret-of-the-tests"
NOT_THERE = "Issue does not exist or you do not have permission to see it."
CATEGORIES = {
    "To Do": (2, "new"), "In Progress": (4, "indeterminate"), "In Review": (4, "indeterminate"),
    "Done": (3, "done"),
}  # fmt: skip
KNOWN_FIELDS = ("summary", "status", "fixVersions", "duedate", "resolution", "updated")


@dataclass
class Issue:
    """An issue; its versions are ids of the project's."""

    id: str
    key: str
    summary: str = "Export drops the last column"
    status: str = "To Do"
    resolution: str = ""
    versions: list[str] = field(default_factory=list)
    due: str | None = None
    hidden: bool = False  # from our account: a 404
    forbidden: bool = False  # 403
    unlinkable: bool = False  # its links may not be changed: 403
    links: dict[str, Json] = field(default_factory=dict)


@dataclass
class JiraDouble(Double):
    """The site, with the project PAY and two issues."""

    name = "jira"
    issues: dict[str, Issue] = field(
        default_factory=lambda: {key: Issue(str(10000 + n), key) for n, key in
                                 enumerate(("PAY-77", "PAY-78"), start=1)}
    )  # fmt: skip
    moved: dict[str, str] = field(default_factory=dict)
    versions: dict[str, Json] = field(default_factory=dict)
    changes: Any = field(default_factory=itertools.count)

    def settings(self, url: str) -> Json:
        """What the app is told of it."""
        return {
            "jira_url": url, "jira_email": EMAIL, "jira_token": TOKEN,
            "jira_webhook_secret": SECRET,
        }  # fmt: skip

    # -- the API

    def app(self) -> Starlette:
        """The API, version 3."""
        root = "/rest/api/3"
        return Starlette(
            routes=[
                Route(f"{root}/myself", self._guarded(self._myself)),
                Route(f"{root}/issue/{{key}}", self._guarded(self._issue)),
                Route(
                    f"{root}/issue/{{key}}/remotelink",
                    self._guarded(self._links),
                    methods=["POST", "DELETE"],
                ),
            ]
        )

    def _guarded(self, answer: Any) -> Any:
        async def guarded(request: Request) -> Response:
            await self.noted(request)
            said = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {said}":
                return _error(401, "Client must be authenticated to access this resource.")
            if self.limited:
                self.limited -= 1
                return JSONResponse({}, 429, headers={"Retry-After": "1"})
            found: Response = await answer(request)
            return found

        return guarded

    async def _myself(self, request: Request) -> Response:
        return JSONResponse({"accountId": "5b10", "displayName": "The Desk", "active": True})

    def _find(self, key: str) -> Issue | None:
        """An issue by its key in any case, or the key that it had."""
        key = self.moved.get(key.upper(), key.upper())
        found = self.issues.get(key)
        return None if found is None or found.hidden else found

    async def _issue(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if odd := unknown(asked, "fields", "fieldsByKeys", "expand", "properties"):
            return _error(400, f"undocumented parameters {odd}")
        if self.down():
            return JSONResponse({}, 503)
        issue = self._find(request.path_params["key"])
        if issue is None:
            return _error(404, NOT_THERE)
        if issue.forbidden:
            return _error(403, "You are not allowed to see this issue.")
        wanted = asked.get("fields", "").split(",")
        if odd := unknown(dict.fromkeys(wanted), *KNOWN_FIELDS):
            return _error(400, f"undocumented fields {odd}")
        body = self.body_of(issue)
        body["fields"] = {name: body["fields"][name] for name in wanted}
        return JSONResponse(body)

    async def _links(self, request: Request) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        issue = self._find(request.path_params["key"])
        if issue is None:
            return _error(404, NOT_THERE)
        if issue.unlinkable:
            return _error(403, "You do not have permission to link issues.")
        if request.method == "DELETE":
            gone = issue.links.pop(request.query_params.get("globalId", ""), None)
            return self.faulty(
                Response(status_code=204) if gone else _error(404, "no link of that global ID")
            )
        return await self._put(issue, dict(self.asked[-1].body))

    async def _put(self, issue: Issue, body: Json) -> Response:
        shown = body.get("object") or {}
        odd = unknown(body, "globalId", "application", "relationship", "object")
        odd += unknown(body.get("application") or {}, "type", "name")
        odd += unknown(shown, "url", "title", "summary", "icon", "status")
        odd += unknown(shown.get("status") or {}, "resolved", "icon")
        mark = str(body.get("globalId", ""))
        if odd or not shown.get("url") or not shown.get("title") or len(mark) > 255:
            return _error(400, f"{odd or 'url, title, or a global ID that is too long'}")
        made = mark not in issue.links
        issue.links[mark or f"none-{self.next_id()}"] = body
        await self.tell_issue(issue.key)  # whoever subscribes hears of our own write too
        link = {"id": self.next_id(), "self": f"https://{SITE}/rest/api/3/issue/remotelink"}
        return self.faulty(JSONResponse(link, 201 if made else 200))

    # -- what people do there

    def body_of(self, issue: Issue) -> Json:
        """The issue as the API and the webhooks show it."""
        number, category = CATEGORIES[issue.status]
        return {
            "id": issue.id, "key": issue.key, "self": f"https://{SITE}/rest/api/3/issue/{issue.id}",
            "fields": {
                "summary": issue.summary,
                "status": {
                    "name": issue.status, "id": "10001",
                    "statusCategory": {"id": number, "key": category, "name": category},
                },
                "resolution": {"id": "1", "name": issue.resolution} if issue.resolution else None,
                "fixVersions": [self.versions[each] for each in issue.versions],
                "duedate": issue.due,
                "updated": f"2026-11-29T01:00:{next(self.changes) % 60:02d}.000+0000",
            },
        }  # fmt: skip

    def plan(self, name: str, day: date | None, *keys: str, number: str = "20001") -> None:
        """A version of the project with these issues; nothing is told."""
        self.versions[number] = {
            "id": number, "name": name, "archived": False, "released": False, "projectId": 1,
        } | ({"releaseDate": day.isoformat()} if day else {})  # fmt: skip
        for key in keys:
            self.issues[key].versions = [number]

    async def postpone(self, day: date, number: str = "20001") -> None:
        """Another day for the version."""
        self.versions[number]["releaseDate"] = day.isoformat()
        await self.tell_version("jira:version_updated", number)

    async def release(self, number: str = "20001") -> None:
        """The version is out."""
        self.versions[number]["released"] = True
        await self.tell_version("jira:version_released", number)

    async def turn(self, status: str, resolution: str = "", key: str = "PAY-77") -> None:
        """Another status, with a resolution where it is done."""
        self.issues[key].status, self.issues[key].resolution = status, resolution
        await self.tell_issue(key)

    async def move(self, key: str, to: str) -> None:
        """The issue goes to another project."""
        issue = self.issues.pop(key)
        issue.key, self.issues[to], self.moved[key] = to, issue, to
        await self.tell_issue(to)

    async def delete(self, key: str = "PAY-77") -> None:
        """The issue is deleted, and so it is told."""
        body = self.body_of(self.issues.pop(key))
        await self.tell({"webhookEvent": "jira:issue_deleted", "issue": body} | self._when(), "")

    async def tell_issue(self, key: str) -> None:
        """Somebody changed something in the issue."""
        body = self.body_of(self.issues[key])
        about = {"webhookEvent": "jira:issue_updated", "issue_event_type_name": "issue_updated"}
        await self.tell({**about, "issue": body} | self._when(), "")

    async def tell_version(self, what: str, number: str = "20001") -> None:
        """A webhook about a version."""
        await self.tell({"webhookEvent": what, "version": self.versions[number]} | self._when(), "")

    def _when(self) -> Json:
        return {"timestamp": 1764378000000 + next(self.changes)}

    def signed(self, raw: bytes, event: str, *, secret: str = SECRET) -> Json:
        """HMAC-SHA256 over the body, by the WebSub convention; the identifier is not signed."""
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "X-Hub-Signature": f"sha256={digest}",
            "X-Atlassian-Webhook-Identifier": f"webhook-{self.next_id()}",
        }

    def shown(self, key: str = "PAY-77") -> list[Mapping[str, Any]]:
        """The links at an issue."""
        return [each["object"] for each in self.issues[key].links.values()]


def _error(status: int, said: str) -> Response:
    return JSONResponse({"errorMessages": [said], "errors": {}}, status)
