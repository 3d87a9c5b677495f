"""Intercom: conversation parts by the REST API 2.11, known again by a reference that they end with.

The API has neither idempotency keys nor a field of ours on a part. So a repeat first reads the
conversation for the reference; between the look and the write a late part of ours may still appear.
A conversation shows its newest 500 parts: one that has more is not looked through.

Sources: developers.intercom.com, Conversations (retrieve, reply, manage, tags), Tags, Contacts,
Companies, Admins (identify), Rate limiting, Webhooks (topics, signed notifications).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.rules.helpdesks.tickets import TicketState
from bot.rules.mail.html_text import HTML_MAX
from bot.rules.words import HelpDesk
from messages.clients.helpdesks import Away, Entry, Event, Reader, Refused, Reply, read_here
from messages.clients.helpdesks.http import (
    REFERENCE,
    Answer,
    Api,
    body_of,
    event_key,
    pick_object,
    pick_objects,
    ticket_id,
    written_page,
)
from messages.clients.helpdesks.intercom_facts import (
    CUSTOMERS,
    instant_of,
    read_conversation,
    read_tag_names,
)

API = "https://api.intercom.io"
VERSION = "2.11"  # of the API whose documentation this follows
ADMIN, NOTE = "admin", "note"
CHANGES = frozenset({"conversation.admin.closed", "conversation.admin.opened"})
TOPICS = CHANGES | {
    "conversation.user.created", "conversation.user.replied", "conversation.admin.replied",
    "conversation.admin.assigned", "conversation.admin.snoozed", "conversation.admin.unsnoozed",
    "conversation.rating.added", "conversation.priority.updated", "conversation_part.tag.created",
}  # fmt: skip
CONVERSATION = re.compile(
    r"https://app\.(?:eu\.|au\.)?intercom\.(?:com|io)/a/[\w/-]*?/conversations?/([0-9]{1,18})"
    r"(?:[/?#].*)?",
    re.IGNORECASE,
)
SIGNATURE = re.compile(r"sha1=[0-9a-f]{40}")


class Intercom:
    """One Intercom workspace, as the teammate that the app's access token belongs to.

    Several ``secrets`` may hold at once. Who we are there is asked once in the life of the process.
    """

    name = HelpDesk.INTERCOM

    def __init__(
        self, token: str, secrets: Sequence[str], base_url: str = API, read: Reader = read_here
    ) -> None:
        self._read = read
        self._authorization = f"Bearer {token}"
        self._secrets = [secret.encode() for secret in secrets]
        headers = {"Intercom-Version": VERSION}
        self._api = Api(self.name, base_url, wait_header="x-ratelimit-reset", headers=headers)
        self._me: Mapping[str, Any] = {}

    # -- asking

    def ticket_of(self, url: str) -> str:
        """The conversation's id at the end of its address."""
        found = CONVERSATION.fullmatch(url)
        return found[1] if found else ""

    async def reply(self, reply: Reply, *, again: bool = False) -> str:
        """A comment; after an earlier try the parts are searched for its reference."""
        return await self._part(reply, "comment", again=again)

    async def note(self, note: Reply, *, again: bool = False) -> str:
        """A note, known again as a reply is."""
        return await self._part(note, NOTE, again=again)

    async def _part(self, reply: Reply, kind: str, *, again: bool) -> str:
        """Add a part, once; its id. Away when the answer does not show it."""
        if again and (earlier := _find(await self._whole(reply.ticket), reply.mark, kind)):
            return earlier
        said = {"message_type": kind, "type": ADMIN, "admin_id": await self._admin(),
                "body": written_page(reply)}  # fmt: skip
        answer = await self._ask("POST", f"/conversations/{reply.ticket}/reply", json=said)
        written = _find(answer.data, reply.mark, kind)
        if not written:
            raise Away("Intercom did not say which part it made")
        return written

    async def entries(self, ticket: str, since: datetime) -> Sequence[Entry]:
        """What was publicly written since then, oldest first; the first message is one of them.

        Notes, what has no words (an assignment), and what a bot said are left out.
        """
        whole, found = await self._whole(ticket), []
        for part in _parts(whole):
            at, author = instant_of(part.get("created_at")), pick_object(part, "author")
            if at < since or part.get("part_type") == NOTE or not part.get("body"):
                continue
            customer = author.get("type") in CUSTOMERS
            if not customer and author.get("type") != ADMIN:
                continue  # what a bot says is no colleague's answer
            words = await self._read(str(part.get("body"))[:HTML_MAX], html=True)
            mark = "" if customer else next(iter(REFERENCE.findall(words)[-1:]), "")
            found.append(Entry(str(part.get("id")), at, words, customer, mark))
        return found

    async def requester(self, ticket: str) -> str:
        """The address of the conversation's first contact; empty where none is known."""
        return (await self.state(ticket)).email

    async def state(self, ticket: str, *, rating: str = "", into: str = "") -> TicketState:
        """The conversation, with its contact, their company, and the rating.

        Intercom tells that a target was missed, but not when one ends. Neither ``rating`` nor
        ``into`` is looked at: the conversation has its own rating. Of several contacts and
        companies the first counts.
        """
        found = await self._show(ticket)
        contacts = pick_objects(pick_object(found, "contacts"), "contacts")
        contact = await self._object("contacts", contacts[0].get("id")) if contacts else {}
        companies = pick_objects(pick_object(contact, "companies"), "data")
        company = await self._object("companies", companies[0].get("id")) if companies else {}
        return read_conversation(found, contact, company, await self._workspace())

    async def _object(self, what: str, number: object) -> Mapping[str, Any]:
        """A contact or a company; empty where it may not be read."""
        if not isinstance(number, str) or not re.fullmatch(r"[\w-]{1,64}", number):
            return {}
        try:
            return (await self._ask("GET", f"/{what}/{number}")).data
        except Refused:
            return {}

    async def add_tag(self, ticket: str, tag: str) -> TicketState:
        """Make the tag, or find it, and attach it; the others stay."""
        made = (await self._ask("POST", "/tags", json={"name": tag})).data
        if not made.get("id"):
            raise Away("Intercom did not say which tag it made")
        said = {"id": str(made["id"]), "admin_id": await self._admin()}
        await self._ask("POST", f"/conversations/{ticket}/tags", json=said)
        return await self._plain(ticket)

    async def set_status(self, ticket: str, status: str) -> TicketState:
        """Open or close the conversation, unless it is so already.

        Any status but ``closed`` opens it. The answer has what was read before, with the status
        that was asked for.
        """
        found = await self._plain(ticket)
        if found.status == status:
            return found
        said = {"message_type": "close" if status == "closed" else "open", "type": ADMIN,
                "admin_id": await self._admin()}  # fmt: skip
        await self._ask("POST", f"/conversations/{ticket}/parts", json=said)
        return replace(found, status=status)

    async def _plain(self, ticket: str) -> TicketState:
        """The conversation as its author and it alone say it.

        Contact and company are not asked for, so there are no properties and no organization.
        """
        return read_conversation(await self._show(ticket), {}, {}, await self._workspace())

    async def _show(self, ticket: str) -> Mapping[str, Any]:
        """The conversation as Intercom has it, in JSON. Raises Refused, Limited, Away."""
        return (await self._ask("GET", f"/conversations/{ticket}")).data

    async def _whole(self, ticket: str) -> Mapping[str, Any]:
        """The conversation with all its parts. Raises Refused where it has more than are shown."""
        found = await self._show(ticket)
        parts = pick_object(found, "conversation_parts")
        if int(parts.get("total_count") or 0) > len(pick_objects(parts, "conversation_parts")):
            raise Refused("the conversation is too long to be looked through")
        return found

    async def _identify(self) -> Mapping[str, Any]:
        """Our teammate and the workspace (``/me``), kept once an answer came."""
        if not self._me:
            self._me = (await self._ask("GET", "/me")).data
        return self._me

    async def _admin(self) -> str:
        """The id of our teammate, as whom we write; empty where it is not told."""
        return str((await self._identify()).get("id") or "")

    async def _workspace(self) -> str:
        """The workspace's ``id_code``, which is part of a conversation's address."""
        return str(pick_object(await self._identify(), "app").get("id_code") or "")

    async def _ask(self, method: str, path: str, **content: Any) -> Answer:
        """Call with the access token. Raises Refused, Limited, Away."""
        return await self._api.call(method, path, authorization=self._authorization, **content)

    async def check(self) -> str:
        """The teammate's name, else their id."""
        me = (await self._ask("GET", "/me")).data
        return str(me.get("name") or me.get("id") or "")

    async def close(self) -> None:
        """Close the HTTP session."""
        await self._api.close()

    # -- being told

    def may_be_signed(self, headers: Mapping[str, str], now: datetime) -> bool:
        """There is a secret, and what could be a signature."""
        given = headers.get("x-hub-signature", "")
        return bool(self._secrets) and SIGNATURE.fullmatch(given) is not None

    def is_signed(self, headers: Mapping[str, str], raw: bytes, now: datetime) -> bool:
        """``sha1=`` and the hexadecimal HMAC-SHA1 of the body, with the app's client secret.

        No timestamp goes along, so only keys stop replays.
        """
        given = headers.get("x-hub-signature", "")
        return any(
            hmac.compare_digest(intercom_signature(secret, raw).encode(), given.encode())
            for secret in self._secrets
        )

    def event(self, headers: Mapping[str, str], raw: bytes) -> Event | None:
        """What happened to the conversation that the notification has; None for other topics.

        ``status`` and ``tags`` are there only for opening and closing, where the item has both.
        Raises ValueError where the item's id is no conversation's.
        """
        body = body_of(raw)
        if body.get("topic") not in TOPICS:
            return None
        item = pick_object(pick_object(body, "data"), "item")
        key, ticket = event_key(body.get("id"), raw), ticket_id(item.get("id"))
        if body["topic"] in CHANGES and "tags" in item and "state" in item:
            return Event(key, ticket, status=str(item["state"]), tags=read_tag_names(item))
        return Event(key, ticket)


def intercom_signature(secret: bytes, raw: bytes) -> str:
    """What ``X-Hub-Signature`` must be."""
    return f"sha1={hmac.digest(secret, raw, hashlib.sha1).hex()}"


def _parts(conversation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The message that began the conversation, then what followed, oldest first."""
    first = {"part_type": "comment", "created_at": conversation.get("created_at")}
    later = pick_objects(pick_object(conversation, "conversation_parts"), "conversation_parts")
    return [{**first, **pick_object(conversation, "source")}, *later]


def _find(conversation: Mapping[str, Any], mark: str, kind: str) -> str:
    """The id of the part of that type with our mark; empty when there is none."""
    for part in reversed(_parts(conversation)):
        ours = part.get("part_type") == kind and pick_object(part, "author").get("type") == ADMIN
        if ours and mark in REFERENCE.findall(str(part.get("body") or "")):
            return str(part.get("id") or "")
    return ""
