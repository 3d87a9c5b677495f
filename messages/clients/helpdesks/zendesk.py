"""Zendesk: public comments by the Tickets API, known again by the metadata of their audit.

Idempotency keys exist there for creating tickets only. So each comment of ours carries its mark
as custom metadata of the audit that it makes, and a repeat first reads the audits. It is then
written with ``safe_update``: if anything was added to the ticket since we looked, a late comment
of ours perhaps, Zendesk answers 409 and we look again.

Sources: developer.zendesk.com, Tickets (Updating tickets, Setting metadata), Ticket Audits,
Ticket Comments, Rate limits, Webhooks (Verifying, Ticket events).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.rules.helpdesks.tickets import TicketState
from bot.rules.words import HelpDesk
from messages.clients.helpdesks import Away, Entry, Event, Reader, Refused, Reply, read_here
from messages.clients.helpdesks.http import (
    Answer,
    Api,
    as_html,
    body_of,
    event_key,
    parse_instant,
    pick_object,
    ticket_id,
)
from messages.clients.helpdesks.zendesk_facts import (
    MERGED_TAG,
    read_score,
    read_ticket,
    read_ticket_tags,
)

MARK = "escalation_desk"  # the key of our custom metadata
WINDOW = timedelta(minutes=5)  # how old a webhook's signature may be
PAGE = 100  # items a page at most
PAGES_MAX = 60  # pages looked through; a ticket holds at most 5,000 comments
TOLD = "zen:event-type:ticket."
COMMENT_ADDED, MERGED = f"{TOLD}comment_added", f"{TOLD}merged"
# What our own writes cause as well: they tell the status and the tags as they are then.
CHANGES = frozenset({f"{TOLD}status_changed", f"{TOLD}tags_changed"})
EVENTS = CHANGES | {
    COMMENT_ADDED, MERGED, f"{TOLD}created", f"{TOLD}priority_changed", f"{TOLD}csat_received",
    f"{TOLD}group_assignment_changed", f"{TOLD}next_sla_breach_changed",
}  # fmt: skip
SIGNATURE = re.compile(r"[A-Za-z0-9+/]{43}=")
END_USER = "end-user"  # the role of customers
TICKET_PATH = re.compile(
    r"/(?:agent/tickets|tickets|requests|hc/(?:[\w-]+/)?requests)/([0-9]{1,18})(?:[/?#].*)?"
)


class Zendesk:
    """One Zendesk account, as the agent that the API token belongs to.

    Several ``secrets`` may hold at once, so that one can be replaced without losing a webhook.
    Roles of authors are remembered for the life of the process.
    """

    name = HelpDesk.ZENDESK

    def __init__(
        self,
        subdomain: str,
        email: str,
        token: str,
        secrets: Sequence[str],
        base_url: str = "",
        read: Reader = read_here,
    ) -> None:
        """Speak for one account; ``subdomain`` is the part of its address before zendesk.com.

        ``secrets`` are those by which webhooks may be signed. With ``base_url`` another place is
        asked.
        """
        self._read = read
        self._host = f"{subdomain.lower()}.zendesk.com"
        said = base64.b64encode(f"{email}/token:{token}".encode()).decode()
        self._authorization = f"Basic {said}"
        self._secrets = [secret.encode() for secret in secrets]
        self._api = Api(self.name, base_url or f"https://{self._host}", wait_header="retry-after")
        self._customers: dict[int, bool] = {}  # users by id: is it a customer?

    # -- asking

    def ticket_of(self, url: str) -> str:
        """The number in the address of a ticket, for agents or for customers."""
        scheme, _, rest = url.partition("://")
        host, _, path = rest.partition("/")
        ours = scheme.lower() == "https" and host.lower() == self._host
        found = TICKET_PATH.fullmatch("/" + path)
        return found[1] if found and ours else ""

    async def reply(self, reply: Reply, *, again: bool = False) -> str:
        """A public comment; after an earlier try the audits are searched for its mark.

        ``reference`` is not written: the metadata says which of ours it is.
        """
        return await self._comment(reply, reply.text, public=True, again=again)

    async def note(self, note: Reply, *, again: bool = False) -> str:
        """A private comment, known again as a reply is; who reads it sees the mark as well."""
        text = f"{note.text.strip()}\n\n{note.reference}"
        return await self._comment(note, text, public=False, again=again)

    async def _comment(self, reply: Reply, text: str, *, public: bool, again: bool) -> str:
        """Add a comment, once; its id.

        A collision with another change (409) is Away: the next try looks again. So is an answer
        that names no comment.
        """
        comment = {"html_body": as_html(text), "public": public}
        ticket: dict[str, Any] = {"comment": comment, "metadata": {MARK: reply.mark}}
        if again:
            # Read before looking: whatever is written in between makes the update collide.
            before = (await self._get(f"/{reply.ticket}.json")).data.get("ticket") or {}
            found = await self._find(reply.ticket, reply.mark)
            if found:
                return found
            ticket |= {"safe_update": True, "updated_stamp": before.get("updated_at")}
        answer = await self._ask("PUT", f"/{reply.ticket}.json", json={"ticket": ticket})
        written = _comment_of(answer.data.get("audit") or {})
        if not written:
            raise Away("Zendesk did not say which comment it made")
        return written

    async def _find(self, ticket: str, mark: str) -> str:
        """The comment that the audit with this mark made; "" where there is none."""
        async for audit in self._pages(ticket, "audits"):
            if _mark(audit) == mark:
                return _comment_of(audit)
        return ""

    async def entries(self, ticket: str, since: datetime) -> Sequence[Entry]:
        """Public comments since then, oldest first; private notes are left out.

        Reads all audits and comments of the ticket: Refused beyond ``PAGES_MAX`` pages of either.
        """
        marks = {}
        async for audit in self._pages(ticket, "audits"):
            marks[audit.get("id")] = _mark(audit)
        found = []
        async for comment in self._pages(ticket, "comments"):
            at = parse_instant(comment.get("created_at"))
            if at >= since and comment.get("public"):
                said = str(comment.get("plain_body") or comment.get("body") or "")
                customer = await self._is_customer(comment.get("author_id"))
                mark = marks.get(comment.get("audit_id"), "")
                words = await self._read(said, html=False)
                found.append(Entry(str(comment.get("id")), at, words, customer, mark))
        return found

    async def requester(self, ticket: str) -> str:
        """The address of the ticket's requester; empty where Zendesk tells none."""
        found = (await self._get(f"/{ticket}.json")).data.get("ticket") or {}
        who = found.get("requester_id")
        if not isinstance(who, int) or who <= 0:
            return ""
        path = f"/api/v2/users/{who}.json"
        answer = await self._api.call("GET", path, authorization=self._authorization)
        return str((answer.data.get("user") or {}).get("email") or "")

    async def state(self, ticket: str, *, rating: str = "", into: str = "") -> TicketState:
        """The ticket, with its requester, their organization, the rating and the targets.

        A ticket that is tagged as closed by a merge is the one named by ``into``: only the webhook
        tells which, and only the ticket that it is so. ``rating`` is not needed: the ticket names
        its newest. A requester, an organization or a rating that may not be read is left out.
        """
        found = await self._ticket(ticket)
        if into and into != ticket and MERGED_TAG in read_ticket_tags(found):
            found = await self._ticket(into)
        user = await self._object("user", found.get("requester_id"))
        organization = await self._object("organization", found.get("organization_id"))
        given = pick_object(found, "satisfaction_rating").get("id")
        said = await self._object("satisfaction_rating", given)
        return read_ticket(found, self._host, user, organization, read_score(said))

    async def _ticket(self, ticket: str) -> Mapping[str, Any]:
        """The ticket with its service levels; empty where the answer has none."""
        answer = await self._get(f"/{ticket}.json", params={"include": "slas"})
        return pick_object(answer.data, "ticket")

    async def _object(self, what: str, number: object) -> Mapping[str, Any]:
        """Something that a ticket names by its id; empty where it names none that we may read."""
        if not isinstance(number, int) or number <= 0:
            return {}
        path = f"/api/v2/{what}s/{number}.json"
        try:
            answer = await self._api.call("GET", path, authorization=self._authorization)
        except Refused:
            return {}
        return pick_object(answer.data, what)

    async def add_tag(self, ticket: str, tag: str) -> TicketState:
        """Zendesk adds to the tags that are there.

        The ticket is read again after it, without its requester, their organization and the rating.
        """
        await self._ask("PUT", f"/{ticket}/tags.json", json={"tags": [tag]})
        return read_ticket(await self._ticket(ticket), self._host, {}, {}, None)

    async def set_status(self, ticket: str, status: str) -> TicketState:
        """Update the status, unless it is that already.

        After a change ``breach_at`` is None: targets are asked for only where the ticket is read.
        """
        found = await self._ticket(ticket)
        if found.get("status") != status:
            answer = await self._ask("PUT", f"/{ticket}.json", json={"ticket": {"status": status}})
            found = pick_object(answer.data, "ticket") or {**found, "status": status}
        return read_ticket(found, self._host, {}, {}, None)

    async def _is_customer(self, author: object) -> bool:
        """Whether an author is an end user; roles seldom change, so each is asked for once.

        False too for Zendesk itself and for an author who may not be read; only the latter is asked
        for again.
        """
        if not isinstance(author, int) or author <= 0:  # -1 is Zendesk itself
            return False
        if author not in self._customers:
            try:
                path = f"/api/v2/users/{author}.json"
                answer = await self._api.call("GET", path, authorization=self._authorization)
            except Refused:
                return False
            role = (answer.data.get("user") or {}).get("role")
            self._customers[author] = role == END_USER
        return self._customers[author]

    async def _pages(self, ticket: str, what: str) -> AsyncIterator[Mapping[str, Any]]:
        """Everything of a kind in a ticket, oldest first, page by page."""
        cursor: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            params = {"page[size]": str(PAGE), **cursor}
            data = (await self._get(f"/{ticket}/{what}.json", params=params)).data
            for item in data.get(what) or ():
                yield item
            meta = data.get("meta") or {}
            if not meta.get("has_more"):
                return
            cursor = {"page[after]": str(meta.get("after_cursor") or "")}
        raise Refused("the ticket is too long to be looked through")

    async def _get(self, path: str, **content: Any) -> Answer:
        return await self._ask("GET", path, **content)

    async def _ask(self, method: str, path: str, **content: Any) -> Answer:
        """Call what lies below ``/api/v2/tickets``. Raises Refused, Limited, Away."""
        path = f"/api/v2/tickets{path}"
        return await self._api.call(method, path, authorization=self._authorization, **content)

    async def check(self) -> str:
        """The name of the agent that the token belongs to, else their id."""
        path = "/api/v2/users/me.json"
        answer = await self._api.call("GET", path, authorization=self._authorization)
        user = answer.data.get("user") or {}
        if not user.get("id"):  # without valid credentials Zendesk may answer as for a visitor
            raise Refused("these credentials are nobody's")
        return str(user.get("name") or user["id"])

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()

    # -- being told

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """There is a secret, a timestamp from just now, and what could be a signature."""
        given = headers.get("x-zendesk-webhook-signature", "")
        try:
            age = abs(now - parse_instant(headers.get("x-zendesk-webhook-signature-timestamp", "")))
        except Away:
            return False
        return bool(self._secrets) and age <= WINDOW and SIGNATURE.fullmatch(given) is not None

    def is_signed(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """Base64 of the HMAC-SHA256 of timestamp and body, signed in the last five minutes."""
        if not self.may_be_signed(headers, now):
            return False
        stamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
        given = headers.get("x-zendesk-webhook-signature", "")
        return any(
            hmac.compare_digest(zendesk_signature(secret, stamp, raw).encode(), given.encode())
            for secret in self._secrets
        )

    def event(self, headers: Mapping[str, str], raw: bytes) -> Event | None:
        """What happened to a ticket, as Zendesk's own event or as the body of a trigger says.

        A trigger's body is JSON with ``ticket_id``; it has no id of its own, so the key is made of
        its timestamp and body. None for a private comment and for any other event; ValueError for
        what is no JSON object.
        """
        body = body_of(raw)
        detail, kind = body.get("detail"), str(body.get("type") or "")
        if isinstance(detail, dict) and kind in EVENTS:
            return _event(body, detail, kind, raw)
        if "ticket_id" in body:
            stamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
            return Event(_digest(stamp.encode() + raw), ticket_id(body["ticket_id"]))
        return None


def _event(
    body: Mapping[str, Any], detail: Mapping[str, Any], kind: str, raw: bytes
) -> Event | None:
    """What Zendesk's own event says; None for a private comment.

    ``detail`` is the ticket as it was then, ``body["event"]`` what changed: ``comment.is_public``,
    or ``target_ticket_id`` of a merge. Raises ValueError for ids that are none.
    """
    said = pick_object(body, "event")
    key, ticket = event_key(body.get("id"), raw), ticket_id(detail.get("id"))
    if kind == COMMENT_ADDED and pick_object(said, "comment").get("is_public") is False:
        return None
    if kind in CHANGES and "status" in detail:
        status = str(detail["status"]).lower()
        return Event(key, ticket, status=status, tags=read_ticket_tags(detail))
    into = said.get("target_ticket_id") if kind == MERGED else None
    return Event(key, ticket, merged=kind == MERGED, into=ticket_id(into) if into else "")


def zendesk_signature(secret: bytes, stamp: str, raw: bytes) -> str:
    """What ``X-Zendesk-Webhook-Signature`` must be."""
    return base64.b64encode(hmac.digest(secret, stamp.encode() + raw, hashlib.sha256)).decode()


def _digest(raw: bytes) -> str:
    """SHA-256 in hexadecimal digits: the key of a webhook that has no id of its own."""
    return hashlib.sha256(raw).hexdigest()


def _mark(audit: Mapping[str, Any]) -> str:
    """Our mark in an audit's metadata; empty where another program or person made it."""
    custom = (audit.get("metadata") or {}).get("custom") or {}
    return str(custom.get(MARK) or "")


def _comment_of(audit: Mapping[str, Any]) -> str:
    """The id of the comment that an audit made; empty when it made none."""
    made = (e.get("id") for e in audit.get("events") or () if e.get("type") == "Comment")
    return str(next(made, ""))
