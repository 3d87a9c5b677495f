"""A double of Intercom's REST API 2.11 and webhooks, from their documentation.

A bearer token; ``POST /conversations/{id}/reply`` answers 200 with the conversation and the part
that it made; a tag is made first, then attached by its id; ``/parts`` opens and closes; the newest
parts only are shown; 429 with the second at which the limit ends. Every change is told by a
webhook, signed with the app's client secret, also those that came by the API.
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rules.mail.html_text import html_text
from tests.helpdesk.double import Double, Json, unknown

TOKEN, SECRET, VERSION = "a token of the tests", "the-client-secret-of-the-app", "2.11"
ADMIN, COLLEAGUE, CONTACT, COMPANY = "11", "33", "5ba682d23d7cf92bef87bfd4", "acme-1"
REPLY_FIELDS = ("message_type", "type", "admin_id", "body", "attachment_urls", "created_at")
STATES = {"close": "closed", "open": "open"}
SHOWN_A_PAGE = 10  # parts for each of ``page``, so that the limit of 500 can be lowered
SCORES = {"great": 5, "okay": 3, "not_good": 1}


@dataclass
class Conversation:
    """A conversation: its parts, oldest first."""

    state: str = "open"
    parts: list[Json] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    team: int = 85
    priority: str = "not_priority"
    rating: Json | None = None
    ended: bool = False


@dataclass
class IntercomDouble(Double):
    """A workspace at Intercom."""

    name = "intercom"
    conversations: dict[int, Conversation] = field(
        default_factory=lambda: {5: Conversation(), 6: Conversation()}
    )
    page: int = 50
    known_tags: dict[str, str] = field(default_factory=dict)
    company: Json = field(
        default_factory=lambda: {"id": COMPANY, "name": "Aegean Ferries", "custom_attributes": {}}
    )

    def settings(self, url: str) -> Json:
        """What the app is told of it."""
        return {
            "intercom_api_token": TOKEN, "intercom_webhook_secret": SECRET, "intercom_api_url": url,
        }  # fmt: skip

    def url(self, ticket: int = 5) -> str:
        """The address at which teammates see a conversation."""
        return f"https://app.intercom.com/a/inbox/abc123/inbox/conversation/{ticket}"

    def replies(self, ticket: int = 5) -> list[str]:
        """What we wrote."""
        return self._ours(ticket, "comment")

    def notes(self, ticket: int = 5) -> list[str]:
        """The notes that we left."""
        return self._ours(ticket, "note")

    def _ours(self, ticket: int, kind: str) -> list[str]:
        parts = self.conversations[ticket].parts
        ours = [p for p in parts if p["part_type"] == kind and p["author"]["id"] == ADMIN]
        return [html_text(part["body"]) for part in ours]

    def tags(self, ticket: int = 5) -> list[str]:
        """The tags as they are."""
        return self.conversations[ticket].tags

    def status(self, ticket: int = 5) -> str:
        """The state as it is."""
        return self.conversations[ticket].state

    def end(self, ticket: int = 5) -> None:
        """The conversation was deleted."""
        self.conversations[ticket].ended = True

    def app(self) -> Starlette:
        """The API."""
        path = "/conversations/{id:int}"
        return Starlette(
            routes=[
                Route("/me", self._guarded(self._me)),
                Route("/tags", self._guarded(self._make_tag), methods=["POST"]),
                Route("/contacts/{key}", self._guarded(self._contact)),
                Route("/companies/{key}", self._guarded(self._company)),
                Route(path, self._guarded(self._show), methods=["GET"]),
                Route(f"{path}/reply", self._guarded(self._reply), methods=["POST"]),
                Route(f"{path}/parts", self._guarded(self._manage), methods=["POST"]),
                Route(f"{path}/tags", self._guarded(self._attach), methods=["POST"]),
            ]
        )

    def _guarded(self, answer: Any) -> Any:
        async def guarded(request: Request) -> Response:
            body = await self.noted(request)
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return _error(401, "unauthorized", "Access Token Invalid")
            if request.headers.get("intercom-version") != VERSION:
                return _error(400, "intercom_version_invalid", "The requested version is unknown")
            if self.limited:
                self.limited -= 1
                now = int(time.time())
                headers = {"X-RateLimit-Reset": str(now + 1), "Date": formatdate(now, usegmt=True)}
                return JSONResponse({"type": "error.list", "errors": []}, 429, headers)
            found = self.conversations.get(int(request.path_params.get("id", 0)))
            if "/conversations/" in request.url.path and (found is None or found.ended):
                return _error(404, "not_found", "Resource deleted or not found")
            return await answer(request, body, found)

        return guarded

    async def _me(self, request: Request, body: Json, found: None) -> Response:
        app = {"type": "app", "id_code": "abc123"}
        return JSONResponse({"type": "admin", "id": ADMIN, "name": "The Desk", "app": app})

    async def _contact(self, request: Request, body: Json, found: None) -> Response:
        if request.path_params["key"] != CONTACT:
            return _error(404, "not_found", "User Not Found")
        companies = {"type": "list", "data": [{"id": COMPANY, "type": "company"}]}
        return JSONResponse(
            {
                "type": "contact", "id": CONTACT, "role": "user", "email": self.requester,
                "name": "Katerina Dimou", "custom_attributes": {}, "companies": companies,
            }
        )  # fmt: skip

    async def _company(self, request: Request, body: Json, found: None) -> Response:
        return JSONResponse(self.company)

    async def _show(self, request: Request, body: Json, found: Conversation) -> Response:
        return JSONResponse(self._described(request.path_params["id"], found))

    def _described(self, number: int, found: Conversation) -> Json:
        shown = found.parts[-self.page * SHOWN_A_PAGE :]
        tags = [{"type": "tag", "id": tag, "name": tag} for tag in found.tags]
        contacts = [{"type": "contact", "id": CONTACT}]
        return {
            "type": "conversation", "id": str(number), "created_at": 1, "title": "Tickets fail",
            "source": {"id": "403918349", "body": "", "author": {"type": "user", "id": CONTACT}},
            "contacts": {"type": "contact.list", "contacts": contacts},
            "state": found.state, "open": found.state == "open", "priority": found.priority,
            "team_assignee_id": found.team, "tags": {"type": "tag.list", "tags": tags},
            "conversation_rating": found.rating,
            "conversation_parts": {
                "type": "conversation_part.list", "conversation_parts": shown,
                "total_count": len(found.parts),
            },
        }  # fmt: skip

    async def _reply(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        kind = body.get("message_type")
        odd = unknown(body, *REPLY_FIELDS) or body.get("admin_id") != ADMIN
        if odd or kind not in ("comment", "note") or not body.get("body"):
            return _error(400, "parameter_invalid", f"{odd}")
        number = request.path_params["id"]
        part = await self._written(number, kind, body["body"], {"type": "admin", "id": ADMIN})
        parts = {"conversation_parts": [part], "total_count": 1}
        shown = {**self._described(number, found), "conversation_parts": parts}
        return self.faulty(JSONResponse(shown))

    async def _manage(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        state = STATES.get(str(body.get("message_type")))
        if unknown(body, "message_type", "type", "admin_id", "body") or state is None:
            return _error(400, "parameter_invalid", "message_type")
        await self.turned(state, ticket=request.path_params["id"])
        return self.faulty(JSONResponse(self._described(request.path_params["id"], found)))

    async def _make_tag(self, request: Request, body: Json, found: None) -> Response:
        if unknown(body, "name", "id") or not body.get("name"):
            return _error(400, "parameter_invalid", "name")
        key = self.known_tags.setdefault(body["name"], str(self.next_id()))
        return JSONResponse({"type": "tag", "id": key, "name": body["name"]})

    async def _attach(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        names = {key: name for name, key in self.known_tags.items()}
        if unknown(body, "id", "admin_id") or body.get("id") not in names:
            return _error(404, "not_found", "Resource Not Found")
        tags = dict.fromkeys([*found.tags, names[body["id"]]])
        await self.tagged(*tags, ticket=request.path_params["id"])
        return self.faulty(JSONResponse({"type": "tag", "id": body["id"]}))

    async def _written(self, number: int, kind: str, html: str, author: Json) -> Json:
        part = {
            "type": "conversation_part", "id": str(self.next_id()), "part_type": kind,
            "body": html, "created_at": int(self.now().timestamp()), "author": author,
        }  # fmt: skip
        found = self.conversations[number]
        found.parts.append(part)
        customer = author["type"] == "user"
        found.state = "open" if customer else found.state  # who writes opens it again
        said = "user.replied" if customer else f"admin.{'noted' if kind == 'note' else 'replied'}"
        await self._told(number, f"conversation.{said}")
        return part

    async def _told(self, number: int, topic: str) -> None:
        item = self._described(number, self.conversations[number])
        body = {
            "type": "notification_event", "app_id": "abc123", "id": f"notif_{self.next_id()}",
            "topic": topic, "data": {"type": "notification_event_data", "item": item},
            "created_at": int(self.now().timestamp()),
        }  # fmt: skip
        await self.tell(body, topic)

    # -- people, and webhooks

    async def opens(self, text: str, ticket: int) -> None:
        """A customer begins a conversation."""
        self.conversations[ticket] = Conversation()
        await self.customer_writes(text, ticket)
        await self._told(ticket, "conversation.user.created")

    async def customer_writes(self, text: str, ticket: int = 5) -> None:
        """The customer answers."""
        who = {"type": "user", "id": CONTACT, "email": self.requester}
        await self._written(ticket, "comment", f"<p>{text}</p>", who)

    async def colleague_writes(self, text: str, ticket: int = 5, *, public: bool = True) -> None:
        """A teammate answers, or leaves a note."""
        who = {"type": "admin", "id": COLLEAGUE}
        await self._written(ticket, "comment" if public else "note", f"<p>{text}</p>", who)

    async def tagged(self, *tags: str, ticket: int = 5) -> None:
        """A person, or the API, sets the tags."""
        self.conversations[ticket].tags = list(tags)
        await self._told(ticket, "conversation_part.tag.created")

    async def turned(self, status: str, ticket: int = 5) -> None:
        """A person, or the API, opens or closes it."""
        self.conversations[ticket].state = status
        await self._told(
            ticket, f"conversation.admin.{'closed' if status == 'closed' else 'opened'}"
        )

    async def merged(self, ticket: int, into: int) -> None:
        """Intercom's API tells nothing of merges, so nothing happens."""

    async def rated(self, score: str, comment: str = "", ticket: int = 5, number: int = 71) -> None:
        """The customer rates the conversation, in Help Scout's words; Intercom counts to five."""
        found = self.conversations[ticket]
        first = (found.rating or {}).get("created_at", int(self.now().timestamp()))
        found.rating = {"rating": SCORES[score], "remark": comment, "created_at": first}
        await self._told(ticket, "conversation.rating.added")

    def owns(self, **properties: str) -> None:
        """The attributes of the customer's company."""
        self.company["custom_attributes"] = {**properties, "since": None}

    def signed(self, raw: bytes, event: str, *, secret: str = SECRET) -> dict[str, str]:
        """``sha1=`` and the hexadecimal HMAC-SHA1 of the body."""
        digest = hmac.new(secret.encode(), raw, hashlib.sha1).hexdigest()
        return {"Content-Type": "application/json", "X-Hub-Signature": f"sha1={digest}"}


def _error(status: int, code: str, said: str, more: Mapping[str, Any] | None = None) -> Response:
    errors = [{"code": code, "message": said, **(more or {})}]
    return JSONResponse({"type": "error.list", "request_id": "b", "errors": errors}, status)
