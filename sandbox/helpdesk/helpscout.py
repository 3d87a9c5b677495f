"""Help Scout's Inbox API 2.0 and webhooks, from their documentation.

OAuth2 client credentials whose tokens end; ``POST /v2/conversations/{id}/reply`` and ``/notes``
answer 201 with ``Resource-ID``; ``PUT …/tags`` replaces them and ``PATCH …`` sets one path, both
204; threads newest first, page by page; a conversation that was merged answers 301 to ``GET`` and
404 to all else; a hundred threads at most (412); 429 with ``X-RateLimit-Retry-After``. Every change
is told by a webhook, also those that came by the API.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.helpdesk.base import Account, Asked, Json, unknown
from sandbox.helpdesk.tickets import Conversation

WEB = "https://secure.helpscout.net"
APP_ID = "an app of this workspace"
USER = 9
NOTE_FIELDS = ("text", "imported", "user", "assignTo", "status", "createdAt", "attachments")
Answer = Callable[..., Awaitable[Response]]
STATUSES = ("active", "closed", "open", "pending", "spam")
WORDS = {"great": "Great", "okay": "Okay", "not_good": "Bad"}  # the API's, and those of webhooks
THREADS_MAX = 100  # of a conversation
REPLY_FIELDS = (
    "text", "draft", "customer", "imported", "status", "user", "assignTo", "cc", "bcc",
    "createdAt", "attachments",
)  # fmt: skip


@dataclass
class HelpScout(Account):
    """An account at Help Scout."""

    name = "helpscout"
    conversations: dict[int, Conversation] = field(
        default_factory=lambda: {5: Conversation(), 6: Conversation()}
    )
    page: int = 50  # threads a page
    ratings: dict[int, Json] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)  # customers who may not be read
    properties: list[Json] = field(default_factory=list)
    organization: str = "Aegean Ferries"
    app_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    secret: str = field(default_factory=lambda: secrets.token_hex(16))  # of its webhooks
    token: str = ""
    tokens: int = 0

    def settings(self, url: str) -> Json:
        """What the app is told of it."""
        return {
            "helpscout_app_id": APP_ID, "helpscout_app_secret": self.app_secret,
            "helpscout_webhook_secret": self.secret, "helpscout_api_url": url,
        }  # fmt: skip

    def url(self, ticket: int = 5) -> str:
        """The address at which agents see a conversation, there or not: id, then number."""
        number = self.conversations.get(ticket, Conversation()).number
        return f"{WEB}/conversation/{ticket}/{number}?folderId=1"

    def tags(self, ticket: int = 5) -> list[str]:
        """The tags as they are."""
        return self.conversations[ticket].tags

    def status(self, ticket: int = 5) -> str:
        """The status as it is."""
        return self.conversations[ticket].status

    def end(self, ticket: int = 5) -> None:
        """Nothing more can be written."""
        self.conversations[ticket].state = "deleted"

    def expire(self) -> None:
        """The token has ended, earlier than it said."""
        self.token = ""

    def app(self) -> Starlette:
        """The API."""
        path = "/v2/conversations/{id:int}"
        return Starlette(
            routes=[
                Route("/v2/oauth2/token", self._oauth, methods=["POST"]),
                Route(path, self._guarded(self._show), methods=["GET"]),
                Route(path, self._guarded(self._patch), methods=["PATCH"]),
                Route(f"{path}/tags", self._guarded(self._tag), methods=["PUT"]),
                Route(f"{path}/notes", self._guarded(self._note), methods=["POST"]),
                Route("/v2/customers/{customer:int}", self._guarded(self._customer)),
                Route("/v2/ratings/{rating:int}", self._guarded(self._rating)),
                Route(f"{path}/threads", self._guarded(self._list)),
                Route(f"{path}/reply", self._guarded(self._reply), methods=["POST"]),
                Route("/v2/users/me", self._guarded(self._me)),
            ]
        )

    async def _oauth(self, request: Request) -> Response:
        form = dict(await request.form())
        self.asked.append(Asked("POST", request.url.path, {}))
        wanted = {
            "grant_type": "client_credentials", "client_id": APP_ID,
            "client_secret": self.app_secret,
        }  # fmt: skip
        if form != wanted:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens += 1
        self.token = f"token {self.tokens}"
        return JSONResponse(
            {"token_type": "bearer", "access_token": self.token, "expires_in": 172800}
        )

    def _guarded(self, answer: Answer) -> Answer:
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
            if conversation is not None and (into := conversation.merged_into) is not None:
                itself = request.url.path.endswith(f"/conversations/{request.path_params['id']}")
                if itself and request.method == "GET":
                    where = f"https://api.helpscout.net/v2/conversations/{into}"
                    return Response(status_code=301, headers={"Location": where})
                return _error(404, "Not Found")
            return await answer(request, body, conversation)

        return guarded

    async def _me(self, request: Request, body: Json, conversation: None) -> Response:
        return JSONResponse({"id": USER, "firstName": "The", "lastName": "Desk"})

    async def _show(self, request: Request, body: Json, found: Conversation) -> Response:
        return JSONResponse(self._described(request.path_params["id"], found))

    def _described(self, number: int, found: Conversation) -> Json:
        return {
            "id": number, "number": found.number, "threads": len(found.threads), "type": "email",
            "status": found.status, "state": found.state, "mailboxId": found.mailbox,
            "subject": found.subject,
            "tags": [{"id": n, "color": "none", "tag": tag} for n, tag in enumerate(found.tags)],
            "primaryCustomer": {
                "id": found.customer.id, "type": "customer",
                "email": found.customer.email or self.requester,
                "first": found.customer.first, "last": found.customer.last,
            },
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
        if odd or not body.get("text") or body.get("customer") != {"id": found.customer.id}:
            return _error(400, f"Validation error: {odd}")
        return await self._made(request, "message", body["text"], found)

    async def _note(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        if (odd := unknown(body, *NOTE_FIELDS)) or not body.get("text"):
            return _error(400, f"Validation error: {odd}")
        return await self._made(request, "note", body["text"], found)

    async def _made(self, request: Request, kind: str, html: str, found: Conversation) -> Response:
        if len(found.threads) >= THREADS_MAX - 1:
            return _error(412, "The conversation has reached the maximum number of threads")
        source = {"type": "api", "via": "user"}
        thread = await self._written(request.path_params["id"], kind, html, source)
        return self.faulty(Response(status_code=201, headers={"Resource-ID": str(thread["id"])}))

    async def _tag(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        tags = body.get("tags")
        if unknown(body, "tags") or not isinstance(tags, list):
            return _error(400, "Validation error")
        await self.tagged(*tags, ticket=request.path_params["id"])
        return self.faulty(Response(status_code=204))

    async def _patch(self, request: Request, body: Json, found: Conversation) -> Response:
        if self.down():
            return JSONResponse({}, 503)
        wanted = body.get("op"), body.get("path")
        if wanted != ("replace", "/status") or body.get("value") not in STATUSES:
            return _error(400, f"Validation error: {wanted}")
        await self.turned(body["value"], ticket=request.path_params["id"])
        return self.faulty(Response(status_code=204))

    async def _customer(self, request: Request, body: Json, found: None) -> Response:
        wanted = request.path_params["customer"]
        people = {each.customer.id: each.customer for each in self.conversations.values()}
        if wanted not in people or wanted in self.hidden:
            return _error(404, "Not Found")
        who = people[wanted]
        return JSONResponse(
            {
                "id": who.id, "firstName": who.first, "lastName": who.last,
                "organization": who.company or self.organization,
                "_embedded": {"properties": self.properties, "emails": []},
            }
        )  # fmt: skip

    async def _rating(self, request: Request, body: Json, found: None) -> Response:
        rating = self.ratings.get(request.path_params["rating"])
        return JSONResponse(rating) if rating else _error(404, "Not Found")

    async def _written(self, number: int, kind: str, html: str, source: Json) -> Json:
        found = self.conversations[number]
        who = "customer" if kind == "customer" else "user"
        customer = found.customer.id
        thread = {
            "id": self.next_id(), "type": kind, "status": "active", "state": "published",
            "body": html, "source": source, "customer": {"id": customer},
            "createdBy": {"id": customer if who == "customer" else USER, "type": who},
            "createdAt": self.stamp(),
        }  # fmt: skip
        found.threads.append(thread)
        if kind == "customer":
            found.status = "active"  # who writes opens it again
        event = f"convo.{'customer' if kind == 'customer' else 'agent'}.reply.created"
        await self._told(number, event if kind != "note" else "convo.note.created")
        return thread

    async def _told(self, number: int, event: str) -> None:
        found = self.conversations[number]
        threads = {"_embedded": {"threads": found.threads[::-1]}}
        await self.tell({**self._described(number, found), **threads}, event)

    # -- people, and webhooks

    async def opens(self, text: str, ticket: int) -> None:
        """A customer begins a conversation."""
        self.conversations[ticket] = Conversation()
        await self.customer_writes(text, ticket)
        await self._told(ticket, "convo.created")

    async def tagged(self, *tags: str, ticket: int = 5) -> None:
        """A person, or the API, sets all the tags."""
        self.conversations[ticket].tags = list(tags)
        await self._told(ticket, "convo.tags")

    async def turned(self, status: str, ticket: int = 5) -> None:
        """A person, or the API, sets the status."""
        self.conversations[ticket].status = status
        await self._told(ticket, "convo.status")

    async def merged(self, ticket: int, into: int) -> None:
        """A person merges a conversation into another: its threads go along."""
        gone, kept = self.conversations[ticket], self.conversations[into]
        kept.threads = sorted(
            [*kept.threads, *gone.threads], key=lambda t: (t["createdAt"], t["id"])
        )
        gone.threads, gone.merged_into = [], into
        await self._told(into, "convo.merged")

    async def rated(self, score: str, comment: str = "", ticket: int = 5, number: int = 71) -> None:
        """The customer rates an answer: ``great``, ``okay`` or ``not_good``."""
        earlier, found = self.ratings.get(number, {}), self.conversations[ticket]
        who = found.customer
        self.ratings[number] = {
            "id": number, "threadId": 10, "conversationId": ticket,
            "conversationNumber": found.number, "mailboxId": 85, "rating": score,
            "comments": comment,
            "customer": {"id": who.id, "email": who.email or self.requester},
            "createdAt": earlier.get("createdAt", self.stamp()), "modifiedAt": self.stamp(),
        }  # fmt: skip
        said = {
            "id": number, "ticketId": ticket, "threadId": 10, "mailbox": {"id": 85, "name": "x"},
            "rating": WORDS[score], "comments": comment, "createdAt": self.stamp(),
        }  # fmt: skip
        await self.tell(said, "satisfaction.ratings")

    def owns(self, **properties: str) -> None:
        """The customer's properties."""
        self.properties = [
            {"type": "text", "slug": name, "name": name.title(), "value": value, "text": value}
            for name, value in properties.items()
        ]

    async def customer_writes(self, text: str, ticket: int = 5) -> None:
        """The customer answers by e-mail."""
        source = {"type": "email", "via": "customer"}
        await self._written(ticket, "customer", f"<div>{text}</div>", source)

    async def colleague_writes(self, text: str, ticket: int = 5, *, public: bool = True) -> None:
        """A user answers in the browser, or leaves a note."""
        kind, source = "message" if public else "note", {"type": "web", "via": "user"}
        await self._written(ticket, kind, f"<p>{text}</p>", source)

    def signed(self, raw: bytes, event: str, *, secret: str = "") -> dict[str, str]:
        """Base64 of HMAC-SHA1 over the body."""
        digest = hmac.new((secret or self.secret).encode(), raw, hashlib.sha1).digest()
        return {
            "Content-Type": "application/json",
            "X-HelpScout-Event": event,
            "X-HelpScout-Signature": base64.b64encode(digest).decode(),
        }


def _error(status: int, said: str, details: Mapping[str, Any] | None = None) -> Response:
    return JSONResponse({"message": said, "logRef": "x", **(details or {})}, status)
