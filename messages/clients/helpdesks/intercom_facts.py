"""What Intercom's objects say, as we understand them: conversations, contacts, companies.

Sources: developers.intercom.com, the models Conversation, Contact, Company, Conversation Rating.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.rules.helpdesks.terms import Score
from bot.rules.helpdesks.tickets import Rating, TicketState
from messages.clients.helpdesks import Away
from messages.clients.helpdesks.http import pick_object, pick_objects

CUSTOMERS = frozenset({"user", "lead", "contact", "visitor"})  # types of authors
VALUE_MAX = 200  # characters kept of an attribute

Json = Mapping[str, Any]


def instant_of(seconds: object) -> datetime:
    """Seconds since 1970 as aware UTC. Raises Away for what is none."""
    try:
        return datetime.fromtimestamp(int(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        raise Away(f"not an instant: {str(seconds)[:40]!r}") from None


def read_conversation(
    conversation: Json, contact: Json, company: Json, workspace: str
) -> TicketState:
    """A conversation with its contact and their company; all are objects of the API.

    ``contact`` and ``company`` may be empty; then the author of the first message stands for the
    former. ``priority`` is Intercom's word, ``mailbox`` the team's id.
    """
    number, source = str(conversation.get("id")), pick_object(conversation, "source")
    author = pick_object(source, "author")
    name = str(contact.get("name") or author.get("name") or "")
    team = conversation.get("team_assignee_id")
    priority = str(conversation.get("priority") or "")
    return TicketState(
        ticket=number,
        link=f"https://app.intercom.com/a/inbox/{workspace}/inbox/conversation/{number}",
        status=str(conversation.get("state") or ""),
        subject=str(conversation.get("title") or source.get("subject") or ""),
        tags=read_tag_names(conversation),
        mailbox=str(team) if team else "",
        priority=priority,
        customer=str(company.get("name") or "") or name,
        name=name,
        email=str(contact.get("email") or author.get("email") or ""),
        rating=_rating(conversation),
        properties=dict(_properties(contact, company)),
    )


def read_tag_names(conversation: Json) -> frozenset[str]:
    """The names of a conversation's tags."""
    found = pick_objects(pick_object(conversation, "tags"), "tags")
    return frozenset(str(tag["name"]) for tag in found if tag.get("name"))


def _rating(conversation: Json) -> Rating | None:
    """The rating of the conversation: four and five are great, three is okay."""
    said = pick_object(conversation, "conversation_rating")
    given = said.get("rating")
    if not isinstance(given, int) or not 1 <= given <= 5:
        return None
    score = Score.GREAT if given >= 4 else Score.OKAY if given == 3 else Score.BAD
    at = instant_of(said.get("created_at"))
    number = str(conversation.get("id"))
    return Rating(number, score, f"{given}/5", str(said.get("remark") or ""), at)


def _properties(contact: Json, company: Json) -> Iterator[tuple[str, str]]:
    """Attributes of the contact, then of their company, whose plan and monthly spend are named."""
    known = {
        **pick_object(contact, "custom_attributes"),
        **pick_object(company, "custom_attributes"),
    }
    plan = pick_object(company, "plan").get("name")
    known |= {"plan": plan} if plan else {}
    known |= {"revenue": company["monthly_spend"]} if company.get("monthly_spend") else {}
    for name, value in known.items():
        if isinstance(value, str | int | float) and str(value).strip():
            yield str(name), str(value)[:VALUE_MAX]
