"""What Help Scout's objects say, as we understand them: conversations, customers, ratings.

Sources: developer.helpscout.com, Inbox API: Get Conversation, Get Customer, Get Satisfaction
Rating; Webhooks: Rating Object.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.rules.helpdesks.terms import Score
from bot.rules.helpdesks.tickets import Rating, TicketState
from messages.clients.helpdesks.http import parse_instant, pick_object, pick_objects

# The API's words, then those of webhooks.
SCORES: Mapping[str, Score] = {
    "great": Score.GREAT, "okay": Score.OKAY, "not_good": Score.BAD, "bad": Score.BAD,
}  # fmt: skip
AT = re.compile(r"(?:https?://[^/]+)?/v2/conversations/([0-9]{1,18})/?")
VALUE_MAX = 200  # characters kept of a property


def moved_to(location: str) -> str:
    """The conversation that an address of the API names; empty for any other address."""
    found = AT.fullmatch(location)
    return found[1] if found else ""


def read_state(
    conversation: Mapping[str, Any], customer: Mapping[str, Any], rating: Rating | None
) -> TicketState:
    """A conversation with what is known of its customer; both are objects of the API.

    ``customer`` may be empty: then ``properties`` are, and the person's name stands for the
    organization. ``link`` names the number that people see as well as the id. No ``breach_at``.
    """
    number, mailbox = str(conversation.get("id")), conversation.get("mailboxId")
    primary = pick_object(conversation, "primaryCustomer")
    name = _name(primary, "first", "last") or _name(customer, "firstName", "lastName")
    return TicketState(
        ticket=number,
        link=f"https://secure.helpscout.net/conversation/{number}/{conversation.get('number')}",
        status=str(conversation.get("status") or ""),
        subject=str(conversation.get("subject") or ""),
        tags=read_tags(conversation),
        mailbox=str(mailbox) if isinstance(mailbox, int) else "",
        customer=str(customer.get("organization") or "") or name,
        name=name,
        email=str(primary.get("email") or ""),
        rating=rating,
        properties=dict(_properties(customer)),
    )


def read_tags(conversation: Mapping[str, Any]) -> frozenset[str]:
    """The names of a conversation's tags."""
    found = (tag.get("tag") for tag in pick_objects(conversation, "tags"))
    return frozenset(str(tag) for tag in found if tag)


def read_rating(said: Mapping[str, Any]) -> Rating | None:
    """A rating as the API has it; None for one that says nothing, such as ``unknown``."""
    word = str(said.get("rating") or "")
    score = SCORES.get(word.lower())
    if score is None:
        return None
    at = parse_instant(said.get("createdAt"))
    return Rating(str(said.get("id")), score, word, str(said.get("comments") or ""), at)


def _name(person: Mapping[str, Any], first: str, last: str) -> str:
    """First and last name, a blank between; "" for neither. The two objects name the keys apart."""
    return " ".join(str(person.get(part) or "") for part in (first, last)).strip()


def _properties(customer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The customer's properties, by slug and by name; ``text`` is the value as people read it."""
    for found in pick_objects(pick_object(customer, "_embedded"), "properties"):
        value = str(found.get("text") or found.get("value") or "")[:VALUE_MAX]
        for name in (found.get("name"), found.get("slug")):
            if name and value:
                yield str(name), value
