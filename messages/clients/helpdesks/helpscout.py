"""Help Scout: threads by the Inbox API 2.0, known again by a reference that they end with.

The API has neither idempotency keys nor a field of ours on a thread. So each reply ends with a line
such as “Reference ESC-7-12”, a note with one such as “NOTE-3”, and a repeat first reads the newest
threads for it. Between the look and the write a late thread of ours may still appear: then it is
there twice. A conversation that was merged is known by the 301 that it answers, whatever is asked.

Sources: developer.helpscout.com, Inbox API (Authentication, Rate limiting, Conversations: get,
update, tags; Threads: list, create reply, create note; Customers: get; Ratings: get) and Webhooks.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.rules.helpdesks.tickets import TicketState
from bot.rules.mail.html_text import HTML_MAX
from bot.rules.words import HelpDesk
from messages.clients.helpdesks import Away, Entry, Event, Reader, Refused, Reply, read_here
from messages.clients.helpdesks.helpscout_facts import (
    moved_to,
    read_rating,
    read_state,
    read_tags,
)
from messages.clients.helpdesks.http import (
    REFERENCE,
    Answer,
    Api,
    Moved,
    body_of,
    parse_instant,
    pick_object,
    ticket_id,
    written_page,
)

API = "https://api.helpscout.net"
EARLY = 60.0  # seconds before its end at which a token is not used any more
UNAUTHORIZED = 401  # the answer to a token that has ended
PAGES_MAX = 20  # pages of threads looked through
MOVES_MAX = 5  # merges followed from one conversation to the next
MERGED, RATED = "convo.merged", "satisfaction.ratings"
CHANGES = frozenset({"convo.status", "convo.tags"})  # what our own writes cause as well
# Notes are no reason to look: nothing is read from them.
EVENTS = frozenset(
    {
        "convo.created", "convo.customer.reply.created", "convo.agent.reply.created",
        "convo.moved", MERGED, *CHANGES,
    }
)  # fmt: skip
CUSTOMERS, OURS, NOTES = "customer", "message", "note"  # types of threads: theirs, and ours
CONVERSATION = re.compile(
    r"https://secure\.helpscout\.net/conversation/([0-9]{1,18})(?:[/?#].*)?", re.IGNORECASE
)
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{27}=")


class HelpScout:
    """One Help Scout account, as the user that its OAuth2 application belongs to.

    Several ``secrets`` may hold at once, so that one can be replaced without losing a webhook.
    """

    name = HelpDesk.HELP_SCOUT

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        secrets: Sequence[str],
        base_url: str = API,
        read: Reader = read_here,
    ) -> None:
        """Ask for no token yet.

        ``secrets`` are those by which webhooks may be signed, several while they change.
        """
        self._read = read
        self._application = {"client_id": app_id, "client_secret": app_secret}
        self._secrets = [secret.encode() for secret in secrets]
        self._api = Api(self.name, base_url, wait_header="x-ratelimit-retry-after")
        self._token, self._token_until = "", 0.0
        self._renewing = asyncio.Lock()

    # -- asking

    def ticket_of(self, url: str) -> str:
        """The conversation's id, which comes before its number in the address."""
        found = CONVERSATION.fullmatch(url)
        return found[1] if found else ""

    async def reply(self, reply: Reply, *, again: bool = False) -> str:
        """A reply thread; after an earlier try the newest are searched for its reference.

        Raises Refused for a deleted conversation or one without a customer; Away also when Help
        Scout does not name the thread that it made.
        """
        found = await self._conversation(reply.ticket)
        number = str(found.get("id"))
        if again and (earlier := await self._find(number, reply.mark, OURS)):
            return earlier
        customer = pick_object(found, "primaryCustomer").get("id")
        if not isinstance(customer, int):
            raise Refused("the conversation has no customer")
        body = {"customer": {"id": customer}, "text": written_page(reply)}
        return await self._write(f"/v2/conversations/{number}/reply", body)

    async def note(self, note: Reply, *, again: bool = False) -> str:
        """A note thread, known again as a reply is."""
        number = str((await self._conversation(note.ticket)).get("id"))
        if again and (earlier := await self._find(number, note.mark, NOTES)):
            return earlier
        return await self._write(f"/v2/conversations/{number}/notes", {"text": written_page(note)})

    async def _write(self, path: str, body: Mapping[str, Any]) -> str:
        """Make a thread; its id."""
        written = await self._ask("POST", path, json=body)
        entry = written.headers.get("resource-id", "")
        if not entry:
            raise Away("Help Scout did not say which thread it made")
        return entry

    async def _conversation(self, ticket: str) -> Mapping[str, Any]:
        """The conversation, or the one that it went up in: Help Scout answers 301 for it.

        Raises Refused for one that was deleted.
        """
        for _ in range(MOVES_MAX):
            try:
                found = (await self._ask("GET", f"/v2/conversations/{ticket}")).data
            except Moved as moved:
                ticket = moved_to(moved.where)
                if not ticket:
                    raise
                continue
            if found.get("state") == "deleted":
                raise Refused("the conversation was deleted")
            return {**found, "id": ticket}
        raise Refused("the conversation was merged too often")

    async def state(self, ticket: str, *, rating: str = "", into: str = "") -> TicketState:
        """The conversation, its customer's properties, and the rating where one is named.

        Help Scout tells no target of its own, and a customer who cannot be read has no properties.
        ``into`` is not needed: the conversation itself says where it went. A rating of another
        conversation is left out.
        """
        found = await self._conversation(ticket)
        given = (await self._ask("GET", f"/v2/ratings/{rating}")).data if rating else {}
        if given and str(given.get("conversationId")) not in (ticket, found["id"]):
            given = {}  # a rating of another conversation says nothing of this one
        return read_state(found, await self._customer(found), read_rating(given))

    async def _customer(self, conversation: Mapping[str, Any]) -> Mapping[str, Any]:
        """The customer of a conversation, whole; empty where there is none or the API refuses it.

        Limited and Away are raised: an answer that comes later may say more.
        """
        number = pick_object(conversation, "primaryCustomer").get("id")
        if not isinstance(number, int):
            return {}
        try:
            return (await self._ask("GET", f"/v2/customers/{number}")).data
        except Refused:
            return {}

    async def add_tag(self, ticket: str, tag: str) -> TicketState:
        """All tags with this one: Help Scout only takes the whole list.

        A tag that somebody sets between our reading and our writing is lost.
        """
        found = await self._conversation(ticket)
        before = read_tags(found)
        if tag.casefold() in {each.casefold() for each in before}:
            return read_state(found, {}, None)
        tags = sorted({*before, tag})
        await self._ask("PUT", f"/v2/conversations/{found['id']}/tags", json={"tags": tags})
        return replace(read_state(found, {}, None), tags=frozenset(tags))

    async def set_status(self, ticket: str, status: str) -> TicketState:
        """Replace the status, unless it is that already."""
        found = await self._conversation(ticket)
        if found.get("status") != status:
            patch = {"op": "replace", "path": "/status", "value": status}
            await self._ask("PATCH", f"/v2/conversations/{found['id']}", json=patch)
        return replace(read_state(found, {}, None), status=status)

    async def requester(self, ticket: str) -> str:
        """The address of the conversation's customer; empty where none is known."""
        found = await self._conversation(ticket)
        return str(pick_object(found, "primaryCustomer").get("email") or "")

    async def _find(self, ticket: str, mark: str, kind: str) -> str:
        """The thread of that type with our mark; empty when there is none."""
        async for thread in self._newest(ticket):
            if thread.get("type") == kind and mark in REFERENCE.findall(_body(thread)):
                return str(thread.get("id") or "")
        return ""

    async def entries(self, ticket: str, since: datetime) -> Sequence[Entry]:
        """Published replies, the customer's and ours, since then, oldest first.

        Notes and drafts are left out. A colleague's reply may quote our reference: the last one
        counts. Raises Refused beyond ``PAGES_MAX`` pages of threads, which are read from the newest
        back to ``since``.
        """
        found = []
        async for thread in self._threads(ticket, since):
            if thread.get("type") in (CUSTOMERS, OURS) and thread.get("state") == "published":
                words = await self._read(_body(thread), html=True)
                at = parse_instant(thread.get("createdAt"))
                customer = thread.get("type") == CUSTOMERS
                mark = "" if customer else next(iter(REFERENCE.findall(words)[-1:]), "")
                found.append(Entry(str(thread.get("id")), at, words, customer, mark))
        return found[::-1]

    async def _threads(self, ticket: str, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Threads made since then, by Help Scout's clock."""
        async for thread in self._newest(ticket):
            if parse_instant(thread.get("createdAt")) < since:
                return
            yield thread

    async def _newest(self, ticket: str) -> AsyncIterator[Mapping[str, Any]]:
        """All threads; Help Scout gives the newest first. Raises Refused after so many pages."""
        for page in range(1, PAGES_MAX + 1):
            path = f"/v2/conversations/{ticket}/threads"
            data = (await self._ask("GET", path, params={"page": str(page)})).data
            for thread in (data.get("_embedded") or {}).get("threads") or ():
                yield thread
            if page >= int((data.get("page") or {}).get("totalPages") or 0):
                return
        raise Refused("the conversation is too long to be looked through")

    async def _ask(self, method: str, path: str, **content: Any) -> Answer:
        """Ask with a token; one that has ended early is renewed once: a 401 changed nothing."""
        token = await self._valid()
        try:
            return await self._api.call(method, path, authorization=f"Bearer {token}", **content)
        except Away as refused:
            if refused.status != UNAUTHORIZED:
                raise
        token = await self._valid(not_this=token)
        return await self._api.call(method, path, authorization=f"Bearer {token}", **content)

    async def _valid(self, not_this: str = "") -> str:
        """A token that still holds, asked for when there is none; one caller asks, the others wait.

        ``not_this`` has just been refused. Credentials that are refused are Away: they can be
        repaired.
        """
        async with self._renewing:
            if self._token in ("", not_this) or time.monotonic() >= self._token_until:
                data = {"grant_type": "client_credentials", **self._application}
                try:
                    answer = await self._api.call("POST", "/v2/oauth2/token", data=data)
                except Refused as refused:
                    raise Away(f"HELPSCOUT_APP_ID and _SECRET: {refused}") from refused
                self._token = str(answer.data.get("access_token") or "")
                lasts = float(answer.data.get("expires_in") or 0)
                self._token_until = time.monotonic() + max(lasts - EARLY, 0.0)
            return self._token

    async def check(self) -> str:
        """The user that the application belongs to, first and last name."""
        me = (await self._ask("GET", "/v2/users/me")).data
        return " ".join(str(me.get(part) or "") for part in ("firstName", "lastName")).strip()

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()

    # -- being told

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """There is a secret, and what could be a signature."""
        given = headers.get("x-helpscout-signature", "")
        return bool(self._secrets) and SIGNATURE.fullmatch(given) is not None

    def is_signed(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Base64 of the HMAC-SHA1 of the body; there is no timestamp, so only keys stop replays."""
        given = headers.get("x-helpscout-signature", "")
        return any(
            hmac.compare_digest(helpscout_signature(secret, raw).encode(), given.encode())
            for secret in self._secrets
        )

    def event(self, headers: Mapping[str, str], raw: bytes) -> Event | None:
        """What happened to the conversation, or the rating, that the body describes.

        The key is a digest of the body, since Help Scout numbers no webhook: equal bodies have the
        same. ``status`` and ``tags`` are there only for a change of either.
        """
        name = headers.get("x-helpscout-event", "")
        if name not in EVENTS and name != RATED:
            return None
        body, key = body_of(raw), hashlib.sha256(raw).hexdigest()
        if name == RATED:
            of = body.get("conversationId") or body.get("ticketId")
            return Event(key, ticket_id(of), rating=ticket_id(body.get("id")))
        ticket = ticket_id(body.get("id"))
        if name not in CHANGES:
            return Event(key, ticket, merged=name == MERGED)
        status = str(body.get("status") or "")
        return Event(key, ticket, status=status, tags=read_tags(body))


def _body(thread: Mapping[str, Any]) -> str:
    """A thread's HTML, as far as it is read: ``HTML_MAX`` characters."""
    return str(thread.get("body") or "")[:HTML_MAX]


def helpscout_signature(secret: bytes, raw: bytes) -> str:
    """What ``X-HelpScout-Signature`` must be."""
    return base64.b64encode(hmac.digest(secret, raw, hashlib.sha1)).decode()
