"""A double of Help Scout's Inbox API 2.0 and webhooks, from their documentation.

OAuth2 client credentials whose tokens end; ``POST /v2/conversations/{id}/reply`` answers 201 with
``Resource-ID``; threads newest first, page by page; 429 with ``X-RateLimit-Retry-After``.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.rules.mail.html_text import html_text
from tests.helpdesk.double import Asked, Double, Json, unknown

APP_ID, APP_SECRET = "an app of the tests", "its secret"
SECRET = "the-secret-of-a-webhook"
CUSTOMER, USER = 456, 9
REPLY_FIELDS = (
    "text", "draft", "customer", "imported", "status", "user", "assignTo", "cc", "bcc",
    "createdAt", "attachments",
)  # fmt: skip


@dataclass
class Conversation:
    """A conversation: its threads, oldest first."""

    state: str = "published"
    threads: list[Json] = field(default_factory=list)


@dataclass
class HelpScoutDouble(Double):
    """An account at Help Scout."""

    name = "helpscout"
    conversations: dict[int, Conversation] = field(
        default_factory=lambda: {5: Conversation(), 6: Conversation()}
    )
    page: int = 50  # threads a page
    token: str = ""
    tokens: int = 0

    def settings(self, url: str) -> Json:
        """What the app is told of it."""
        return {
            "helpscout_app_id": APP_ID, "helpscout_app_secret": APP_SECRET,
            "helpscout_webhook_secret": SECRET, "helpscout_api_url": url,
        }  # fmt: skip

    def url(self, ticket: int = 5) -> str:
        """The address at which agents see a conversation: id, then number."""
        return f"https://secure.helpscout.net/conversation/{ticket}/349?folderId=1"

    def replies(self, ticket: int = 5) -> list[str]:
        """What we wrote."""
        threads = self.conversations[ticket].threads
        return [html_text(t["body"]) for t in threads if t["source"]["type"] == "api"]

    def end(self, ticket: int = 5) -> None:
        """Nothing more can be written."""
        self.conversations[ticket].state = "deleted"

    def expire(self) -> None:
        """The token has ended, earlier than it said."""
        self.token = "ended"

    def app(self) -> Starlette:
        """The API."""
        path = "/v2/conversations/{id:int}"
        return Starlette(
            routes=[
                Route("/v2/oauth2/token", self._oauth, methods=["POST"]),
                Route(path, self._guarded(self._show)),
                Route(f"{path}/threads", self._guarded(self._list)),
                Route(f"{path}/reply", self._guarded(self._reply), methods=["POST"]),
                Route("/v2/users/me", self._guarded(self._me)),
            ]
        )

    async def _oauth(self, request: Request) -> Response:
        form = dict(await request.form())
        self.asked.append(Asked("POST", request.url.path, {}))
        wanted = {
            "grant_type": "client_credentials", "client_id": APP_ID, "client_secret": APP_SECRET,
        }  # fmt: skip
        if form != wanted:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens += 1
        self.token = f"token {self.tokens}"
        return JSONResponse(
            {"token_type": "bearer", "access_token": self.token, "expires_in": 172800}
        )

    def _guarded(self, answer: Any) -> Any:
        async def guarded(request: Request) -> Response:
            body = await self.noted(request)
            if not self.token or request.headers.get("authorization") != f"Bearer {self.token}":
                return JSONResponse({"error": "invalid_token"}, 401)
            if self.limited:
                self.limited -= 1
                headers = {"X-RateLimit-Retry-After": "1", "X-RateLimit-Remaining-Minute": "0"}
                return JSONResponse({"error": "throttle_limit"}, 429, headers)
            conversation = self.conversations.get(int(request.path_params.get("id", 0)))
            if "/conversations/" in request.url.path and conversation is None:
                return _error(404, "Not Found")
            return await answer(request, body, conversation)

        return guarded

    async def _me(self, request: Request, body: Json, conversation: None) -> Response:
        return JSONResponse({"id": USER, "firstName": "The", "lastName": "Desk"})

    async def _show(self, request: Request, body: Json, found: Conversation) -> Response:
        return JSONResponse(self._described(request.path_params["id"], found))

    def _described(self, number: int, found: Conversation) -> Json:
        return {
            "id": number, "number": 349, "threads": len(found.threads), "type": "email",
            "status": "active", "state": found.state, "mailboxId": 85,
            "primaryCustomer": {"id": CUSTOMER, "type": "customer", "email": self.requester},
            "userUpdatedAt": self.stamp(), "source": {"type": "email", "via": "customer"},
        }  # fmt: skip

    async def _list(self, request: Request, body: Json, found: Conversation) -> Response:
        newest = found.threads[::-1]
        page = int(request.query_params.get("page", 1))
        shown = newest[(page - 1) * self.page : page * self.page]
        pages = -(-len(newest) // self.page)
        about = {"size": self.page, "totalElements": len(newest), "totalPages": pages}
        return JSONResponse(
            {"_embedded": {"threads": shown}, "page": {**about, "number": page}},
            headers={"Content-Type": "application/hal+json"},
        )

    async def _reply(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        odd = unknown(body, *REPLY_FIELDS)
        if odd or not body.get("text") or body.get("customer") != {"id": CUSTOMER}:
            return _error(400, f"Validation error: {odd}")
        thread = await self._written(
            request.path_params["id"], "message", body["text"], {"type": "api", "via": "user"}
        )
        return self.faulty(Response(status_code=201, headers={"Resource-ID": str(thread["id"])}))

    async def _written(self, number: int, kind: str, html: str, source: Json) -> Json:
        who = "customer" if kind == "customer" else "user"
        thread = {
            "id": self.next_id(), "type": kind, "status": "active", "state": "published",
            "body": html, "source": source, "customer": {"id": CUSTOMER},
            "createdBy": {"id": CUSTOMER if who == "customer" else USER, "type": who},
            "createdAt": self.stamp(),
        }  # fmt: skip
        found = self.conversations[number]
        found.threads.append(thread)
        event = f"convo.{'customer' if kind == 'customer' else 'agent'}.reply.created"
        body = {**self._described(number, found), "_embedded": {"threads": found.threads[::-1]}}
        await self.tell(body, event if kind != "note" else "convo.note.created")
        return thread

    # -- people, and webhooks

    async def customer_writes(self, text: str, ticket: int = 5) -> None:
        """The customer answers by e-mail."""
        source = {"type": "email", "via": "customer"}
        await self._written(ticket, "customer", f"<div>{text}</div>", source)

    async def colleague_writes(self, text: str, ticket: int = 5, *, public: bool = True) -> None:
        """A user answers in the browser, or leaves a note."""
        kind, source = "message" if public else "note", {"type": "web", "via": "user"}
        await self._written(ticket, kind, f"<p>{text}</p>", source)

    def signed(self, raw: bytes, event: str, *, secret: str = SECRET) -> dict[str, str]:
        """Base64 of HMAC-SHA1 over the body."""
        digest = hmac.new(secret.encode(), raw, hashlib.sha1).digest()
        return {
            "Content-Type": "application/json",
            "X-HelpScout-Event": event,
            "X-HelpScout-Signature": base64.b64encode(digest).decode(),
        }


def _error(status: int, said: str, details: Mapping[str, Any] | None = None) -> Response:
    return JSONResponse({"message": said, "logRef": "x", **(details or {})}, status)
