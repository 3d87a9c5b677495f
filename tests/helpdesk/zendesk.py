"""A double of Zendesk's Ticketing API and webhooks, from their documentation.

Basic authentication with ``email/token:token``; ``PUT /api/v2/tickets/{id}`` with a comment, whose
audit keeps custom metadata; audits and comments by cursor; 404, 409, 422 and 429 with Retry-After.
"""

import base64
import hashlib
import hmac
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rules.mail.html_text import html_text
from tests.helpdesk.double import Double, Json, unknown

EMAIL, TOKEN = "desk@northwind.example", "a token of the tests"
SECRET = "dGhlIHNlY3JldCBvZiBhIHdlYmhvb2s="
AGENT, CUSTOMER, COLLEAGUE = 11, 22, 33
ROLES = {AGENT: "admin", CUSTOMER: "end-user", COLLEAGUE: "agent"}
TICKET_FIELDS = ("comment", "metadata", "safe_update", "updated_stamp", "status")
COMMENT_FIELDS = ("body", "html_body", "public", "author_id")
METADATA_MAX = 1024  # bytes


@dataclass
class Ticket:
    """A ticket: each audit is an update, with the comment that it made."""

    status: str = "open"
    updated_at: str = "2027-02-08T07:00:00Z"
    audits: list[Json] = field(default_factory=list)


@dataclass
class ZendeskDouble(Double):
    """The account northwind.zendesk.com."""

    name = "zendesk"
    tickets: dict[int, Ticket] = field(default_factory=lambda: {5: Ticket(), 6: Ticket()})
    page: int = 100  # items a page at most
    versions: Any = field(default_factory=itertools.count)

    def settings(self, url: str) -> Json:
        """What the app is told of it."""
        return {
            "zendesk_subdomain": "northwind", "zendesk_email": EMAIL, "zendesk_api_token": TOKEN,
            "zendesk_webhook_secret": SECRET, "zendesk_api_url": url,
        }  # fmt: skip

    def url(self, ticket: int = 5) -> str:
        """The address at which agents see a ticket."""
        return f"https://northwind.zendesk.com/agent/tickets/{ticket}"

    def replies(self, ticket: int = 5) -> list[str]:
        """What we wrote publicly."""
        return [
            html_text(event["html_body"])
            for audit in self.tickets[ticket].audits
            for event in audit["events"]
            if audit["author_id"] == AGENT and event["public"]
        ]

    def end(self, ticket: int = 5) -> None:
        """Nothing more can be written."""
        self.tickets[ticket].status = "closed"

    def app(self) -> Starlette:
        """The API."""
        path = "/api/v2/tickets/{id:int}"
        return Starlette(
            routes=[
                Route(f"{path}.json", self._guarded(self._show), methods=["GET"]),
                Route(f"{path}.json", self._guarded(self._update), methods=["PUT"]),
                Route(f"{path}/audits.json", self._guarded(self._audits)),
                Route(f"{path}/comments.json", self._guarded(self._comments)),
                Route("/api/v2/users/me.json", self._guarded(self._me)),
                Route("/api/v2/users/{id:int}.json", self._guarded(self._user)),
            ]
        )

    def _guarded(self, answer: Any) -> Any:
        said = base64.b64encode(f"{EMAIL}/token:{TOKEN}".encode()).decode()

        async def guarded(request: Request) -> Response:
            body = await self.noted(request)
            if request.headers.get("authorization") != f"Basic {said}":
                return JSONResponse({"error": "Couldn't authenticate you"}, 401)
            if self.limited:
                self.limited -= 1
                return JSONResponse({"error": "APIRateLimit"}, 429, {"Retry-After": "1"})
            ticket = self.tickets.get(int(request.path_params.get("id", 0)))
            if "/tickets/" in request.url.path and ticket is None:
                return _error(404, "RecordNotFound", "Not found")
            return await answer(request, body, ticket)

        return guarded

    async def _show(self, request: Request, body: Json, ticket: Ticket) -> Response:
        return JSONResponse({"ticket": self._ticket(request, ticket)})

    def _ticket(self, request: Request, ticket: Ticket) -> Json:
        number = request.path_params["id"]
        return {
            "id": number, "status": ticket.status, "updated_at": ticket.updated_at,
            "requester_id": CUSTOMER,
        }  # fmt: skip

    async def _update(self, request: Request, body: Json, ticket: Ticket) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        wanted = body.get("ticket") or {}
        comment, metadata = wanted.get("comment") or {}, wanted.get("metadata") or {}
        odd = unknown(wanted, *TICKET_FIELDS) + unknown(comment, *COMMENT_FIELDS)
        if odd or not comment.get("html_body") or len(str(metadata)) > METADATA_MAX:
            return _error(400, "InvalidRequest", f"unknown or missing: {odd}")
        if wanted.get("safe_update") and wanted.get("updated_stamp") != ticket.updated_at:
            return _error(409, "UpdateConflict", "Safe Update prevented the update")
        if ticket.status == "closed":
            details = {"status": [{"description": "Status: closed prevents ticket update"}]}
            return _error(422, "RecordInvalid", "Record validation errors", details)
        audit = await self._written(request.path_params["id"], AGENT, comment, metadata)
        shown = {"ticket": self._ticket(request, ticket), "audit": audit}
        return self.faulty(JSONResponse(shown))

    async def _written(
        self, number: int, author: int, comment: Mapping[str, Any], metadata: Mapping[str, Any]
    ) -> Json:
        ticket = self.tickets[number]
        html = comment.get("html_body") or f"<p>{comment['body']}</p>"
        event = {
            "id": self.next_id(), "type": "Comment", "author_id": author, "html_body": html,
            "body": html_text(html), "plain_body": html_text(html), "attachments": [],
            "public": comment.get("public", True),
        }  # fmt: skip
        audit = {
            "id": self.next_id(), "ticket_id": number, "created_at": self.stamp(),
            "author_id": author, "via": {"channel": "api"},
            "metadata": {"system": {"client": "tests"}, "custom": dict(metadata)},
            "events": [event, {"id": self.next_id(), "type": "Notification", "public": False,
                               "html_body": ""}],
        }  # fmt: skip
        ticket.audits.append(audit)
        ticket.updated_at = f"{self.stamp()}#{next(self.versions)}"
        await self.tell(self._event(number, author, event), "")
        return audit

    async def _audits(self, request: Request, body: Json, ticket: Ticket) -> Response:
        return self._page(request, "audits", ticket.audits)

    async def _comments(self, request: Request, body: Json, ticket: Ticket) -> Response:
        comments = [
            {**event, "audit_id": audit["id"], "created_at": audit["created_at"]}
            for audit in ticket.audits
            for event in audit["events"]
            if event["type"] == "Comment"
        ]
        return self._page(request, "comments", comments)

    def _page(self, request: Request, what: str, items: list[Json]) -> Response:
        if odd := unknown(dict(request.query_params), "page[size]", "page[after]"):
            return _error(400, "InvalidRequest", str(odd))
        size = min(int(request.query_params["page[size]"]), self.page)
        first = int(request.query_params.get("page[after]", 0))
        more = len(items) > first + size
        meta = {"has_more": more, "after_cursor": str(first + size) if more else None}
        return JSONResponse({what: items[first : first + size], "meta": meta, "links": {}})

    async def _me(self, request: Request, body: Json, ticket: None) -> Response:
        return JSONResponse({"user": {"id": AGENT, "name": "The Desk", "role": "admin"}})

    async def _user(self, request: Request, body: Json, ticket: None) -> Response:
        number = request.path_params["id"]
        if number not in ROLES:
            return _error(404, "RecordNotFound", "Not found")
        email = self.requester if number == CUSTOMER else "agent@northwind.example"
        return JSONResponse({"user": {"id": number, "role": ROLES[number], "email": email}})

    # -- people, and webhooks

    async def customer_writes(self, text: str, ticket: int = 5) -> None:
        """The requester answers."""
        await self._written(ticket, CUSTOMER, {"body": text}, {})

    async def colleague_writes(self, text: str, ticket: int = 5, *, public: bool = True) -> None:
        """An agent answers, or leaves a note."""
        await self._written(ticket, COLLEAGUE, {"body": text, "public": public}, {})

    def _event(self, number: int, author: int, comment: Mapping[str, Any]) -> Json:
        staff = ROLES[author] != "end-user"
        said = {
            "id": comment["id"], "body": comment["body"], "is_public": comment["public"],
            "author": {"id": author, "is_staff": staff, "name": "somebody"},
        }  # fmt: skip
        return {
            "type": "zen:event-type:ticket.comment_added", "account_id": 1,
            "id": f"event-{comment['id']}", "time": self.stamp(),
            "zendesk_event_version": "2022-11-06", "subject": f"zen:ticket:{number}",
            "detail": {"id": str(number), "status": "OPEN"}, "event": {"comment": said},
        }  # fmt: skip

    def signed(self, raw: bytes, event: str, *, secret: str = SECRET, stamp: str = "") -> Json:
        """Base64 of HMAC-SHA256 over timestamp and body."""
        stamp = stamp or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hmac.new(secret.encode(), stamp.encode() + raw, hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        }


def _error(status: int, name: str, said: str, details: Json | None = None) -> Response:
    body = {"error": name, "description": said} | ({"details": details} if details else {})
    return JSONResponse(body, status)
