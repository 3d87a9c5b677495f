"""A double of Zendesk's Ticketing API and webhooks, from their documentation.

Basic authentication with ``email/token:token``; ``PUT /api/v2/tickets/{id}`` with a comment, whose
audit keeps custom metadata, or a status; ``PUT …/tags`` adds; audits and comments by cursor; 404,
409, 422 and 429 with Retry-After. Every change is told by a webhook, also those that came by the
API. A ticket that was merged is closed and tagged ``closed_by_merge``.
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
AGENT, CUSTOMER, COLLEAGUE, ORGANIZATION = 11, 22, 33, 44
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
ROLES = {AGENT: "admin", CUSTOMER: "end-user", COLLEAGUE: "agent"}
TICKET_FIELDS = ("comment", "metadata", "safe_update", "updated_stamp", "status")
COMMENT_FIELDS = ("body", "html_body", "public", "author_id")
METADATA_MAX = 1024  # bytes


@dataclass
class Ticket:
    """A ticket: each audit is an update, with the comment that it made."""

    status: str = "open"
    tags: list[str] = field(default_factory=list)
    priority: str | None = None
    group: int = 85
    rating: int | None = None
    targets: list[Json] = field(default_factory=list)
    updated_at: str = "2027-02-08T07:00:00Z"
    audits: list[Json] = field(default_factory=list)


@dataclass
class ZendeskDouble(Double):
    """The account northwind.zendesk.com."""

    name = "zendesk"
    tickets: dict[int, Ticket] = field(default_factory=lambda: {5: Ticket(), 6: Ticket()})
    page: int = 100  # items a page at most
    ratings: dict[int, Json] = field(default_factory=dict)
    organization: Json = field(
        default_factory=lambda: {
            "id": ORGANIZATION, "name": "Aegean Ferries", "organization_fields": {},
        }
    )  # fmt: skip
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

    def notes(self, ticket: int = 5) -> list[str]:
        """The notes that we left."""
        return [
            html_text(event["html_body"])
            for audit in self.tickets[ticket].audits
            for event in audit["events"]
            if audit["author_id"] == AGENT and event["type"] == "Comment" and not event["public"]
        ]

    def tags(self, ticket: int = 5) -> list[str]:
        """The tags as they are."""
        return self.tickets[ticket].tags

    def status(self, ticket: int = 5) -> str:
        """The status as it is."""
        return self.tickets[ticket].status

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
                Route(f"{path}/tags.json", self._guarded(self._tag), methods=["PUT"]),
                Route("/api/v2/organizations/{number:int}.json", self._guarded(self._organization)),
                Route(
                    "/api/v2/satisfaction_ratings/{number:int}.json", self._guarded(self._rating)
                ),
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
        if odd := unknown(dict(request.query_params), "include"):
            return _error(400, "InvalidRequest", str(odd))
        shown = self._ticket(request, ticket)
        if request.query_params.get("include") == "slas":
            shown["slas"] = {"policy_metrics": ticket.targets}
        return JSONResponse({"ticket": shown})

    def _ticket(self, request: Request, ticket: Ticket) -> Json:
        number = request.path_params["id"]
        score = self.ratings.get(ticket.rating or 0, {}).get("score", "unoffered")
        rating = {"score": score} | ({"id": ticket.rating} if ticket.rating else {})
        return {
            "id": number, "status": ticket.status, "updated_at": ticket.updated_at,
            "subject": "Tickets fail", "requester_id": CUSTOMER, "organization_id": ORGANIZATION,
            "group_id": ticket.group, "priority": ticket.priority, "tags": ticket.tags,
            "satisfaction_rating": rating,
        }  # fmt: skip

    async def _tag(self, request: Request, body: Json, ticket: Ticket) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        if unknown(body, "tags", "updated_stamp", "safe_update") or not body.get("tags"):
            return _error(400, "InvalidRequest", "unknown or missing")
        if ticket.status == "closed":
            return _closed()
        tags = sorted({*ticket.tags, *body["tags"]})
        await self.tagged(*tags, ticket=request.path_params["id"])
        return self.faulty(JSONResponse({"tags": tags}))

    async def _organization(self, request: Request, body: Json, ticket: None) -> Response:
        return JSONResponse({"organization": self.organization})

    async def _rating(self, request: Request, body: Json, ticket: None) -> Response:
        found = self.ratings.get(request.path_params["number"])
        if found is None:
            return _error(404, "RecordNotFound", "Not found")
        return JSONResponse({"satisfaction_rating": found})

    async def _update(self, request: Request, body: Json, ticket: Ticket) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        wanted = body.get("ticket") or {}
        comment, metadata = wanted.get("comment") or {}, wanted.get("metadata") or {}
        odd = unknown(wanted, *TICKET_FIELDS) + unknown(comment, *COMMENT_FIELDS)
        said = bool(comment.get("html_body")) != ("status" in wanted)
        if odd or not said or len(str(metadata)) > METADATA_MAX:
            return _error(400, "InvalidRequest", f"unknown or missing: {odd}")
        if wanted.get("safe_update") and wanted.get("updated_stamp") != ticket.updated_at:
            return _error(409, "UpdateConflict", "Safe Update prevented the update")
        if ticket.status == "closed":
            return _closed()
        if "status" in wanted:
            if wanted["status"] not in STATUSES:
                return _error(422, "RecordInvalid", "no such status")
            await self.turned(wanted["status"], ticket=request.path_params["id"])
            return self.faulty(JSONResponse({"ticket": self._ticket(request, ticket)}))
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
        if author == CUSTOMER and ticket.status != "closed":
            ticket.status = "open"  # who writes opens it again
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
        return JSONResponse(
            {"user": {"id": number, "role": ROLES[number], "email": email,
                      "name": "Katerina Dimou", "user_fields": {}}}
        )  # fmt: skip

    # -- people, and webhooks

    async def customer_writes(self, text: str, ticket: int = 5) -> None:
        """The requester answers."""
        await self._written(ticket, CUSTOMER, {"body": text}, {})

    async def colleague_writes(self, text: str, ticket: int = 5, *, public: bool = True) -> None:
        """An agent answers, or leaves a note."""
        await self._written(ticket, COLLEAGUE, {"body": text, "public": public}, {})

    async def opens(self, text: str, ticket: int) -> None:
        """A customer begins a ticket."""
        self.tickets[ticket] = Ticket(status="new")
        await self.customer_writes(text, ticket)
        await self._changed(ticket, "created")

    async def tagged(self, *tags: str, ticket: int = 5) -> None:
        """A person, or the API, sets all the tags."""
        self.tickets[ticket].tags = list(tags)
        await self._changed(ticket, "tags_changed", tags_added=list(tags), tags_removed=[])

    async def turned(self, status: str, ticket: int = 5) -> None:
        """A person, or the API, sets the status."""
        before, self.tickets[ticket].status = self.tickets[ticket].status, status
        said = {"current": status.upper(), "previous": before.upper()}
        await self._changed(ticket, "status_changed", **said)

    async def raised(self, priority: str, ticket: int = 5) -> None:
        """A person sets the priority."""
        self.tickets[ticket].priority = priority
        await self._changed(ticket, "priority_changed", current=priority.upper())

    async def promised(self, breach_at: datetime, ticket: int = 5) -> None:
        """A target of the account begins, or moves."""
        at = breach_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.tickets[ticket].targets = [
            {"breach_at": at, "stage": "active", "metric": "next_reply_time", "hours": 2},
            {
                "breach_at": "2020-01-01T00:00:00Z",
                "stage": "achieved",
                "metric": "x",
            },
        ]
        await self._changed(ticket, "next_sla_breach_changed")

    async def merged(self, ticket: int, into: int) -> None:
        """A person merges a ticket into another, which takes its conversation along."""
        gone = self.tickets[ticket]
        self.tickets[into].audits += gone.audits
        gone.status, gone.tags = "closed", [*gone.tags, "closed_by_merge"]
        await self._changed(ticket, "merged", target_ticket_id=str(into))

    async def rated(self, score: str, comment: str = "", ticket: int = 5, number: int = 71) -> None:
        """The customer rates the ticket, in Help Scout's words; Zendesk's are good and bad."""
        word = {"great": "good", "not_good": "bad"}.get(score, score)
        earlier = self.ratings.get(number, {})
        self.ratings[number] = {
            "id": number, "score": word, "comment": comment, "ticket_id": ticket,
            "created_at": earlier.get("created_at", self.stamp()), "updated_at": self.stamp(),
        }  # fmt: skip
        self.tickets[ticket].rating = number
        await self._changed(ticket, "csat_received")

    def owns(self, **properties: str) -> None:
        """The fields of the customer's organization."""
        self.organization["organization_fields"] = {**properties, "since": None}

    async def _changed(self, number: int, what: str, **said: Any) -> None:
        ticket = self.tickets[number]
        ticket.updated_at = f"{self.stamp()}#{next(self.versions)}"
        body = {
            "type": f"zen:event-type:ticket.{what}", "account_id": 1,
            "id": f"event-{self.next_id()}", "time": self.stamp(),
            "zendesk_event_version": "2022-11-06", "subject": f"zen:ticket:{number}",
            "detail": {
                "id": str(number), "status": ticket.status.upper(), "tags": list(ticket.tags),
                "actor_id": str(AGENT),
            },
            "event": said,
        }  # fmt: skip
        await self.tell(body, "")

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


def _closed() -> Response:
    details = {"status": [{"description": "Status: closed prevents ticket update"}]}
    return _error(422, "RecordInvalid", "Record validation errors", details)


def _error(status: int, name: str, said: str, details: Json | None = None) -> Response:
    body = {"error": name, "description": said} | ({"details": details} if details else {})
    return JSONResponse(body, status)
