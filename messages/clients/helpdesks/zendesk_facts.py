"""What Zendesk's objects say, as we understand them: tickets, users, organizations, ratings.

Sources: developer.zendesk.com, Tickets, Users, Organizations, Satisfaction Ratings, Side-loading
(``slas``), Webhooks (Ticket events).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.helpdesks.terms import Score
from bot.rules.helpdesks.tickets import Rating, TicketState
from messages.clients.helpdesks import Away
from messages.clients.helpdesks.http import parse_instant, pick_object, pick_objects

SCORES: Mapping[str, Score] = {"good": Score.GREAT, "bad": Score.BAD}  # others say nothing yet
MERGED_TAG = "closed_by_merge"  # on a ticket that went up in another
RUNNING = "active"  # the stage of a target that is still counted
VALUE_MAX = 200  # characters kept of a field

Json = Mapping[str, Any]


def read_ticket(
    ticket: Json, host: str, user: Json, organization: Json, rating: Rating | None
) -> TicketState:
    """A ticket with its requester and their organization; all are objects of the API.

    ``user`` and ``organization`` may be empty. Where both have a field of one key, the
    organization's counts. ``host`` is the account's, without a scheme.
    """
    number, name = str(ticket.get("id")), str(user.get("name") or "")
    group = ticket.get("group_id")
    return TicketState(
        ticket=number,
        link=f"https://{host}/agent/tickets/{number}",
        status=str(ticket.get("status") or ""),
        subject=str(ticket.get("subject") or ""),
        tags=read_ticket_tags(ticket),
        mailbox=str(group) if isinstance(group, int) else "",
        priority=str(ticket.get("priority") or ""),
        customer=str(organization.get("name") or "") or name,
        name=name,
        email=str(user.get("email") or ""),
        rating=rating,
        breach_at=_next_breach(ticket),
        properties={
            **_fields(user.get("user_fields")),
            **_fields(organization.get("organization_fields")),
        },
    )


def read_ticket_tags(ticket: Json) -> frozenset[str]:
    """The tags of a ticket, or of the ``detail`` of a webhook."""
    found = ticket.get("tags")
    return (
        frozenset(tag for tag in found if isinstance(tag, str))
        if isinstance(found, list)
        else frozenset()
    )


def read_score(said: Json) -> Rating | None:
    """A satisfaction rating; None for one that was only asked for.

    ``good_with_comment`` and ``bad_with_comment`` are what triggers call the same.
    """
    word = str(said.get("score") or "")
    score = SCORES.get(word.removesuffix("_with_comment"))
    if score is None:
        return None
    at = parse_instant(said.get("created_at"))
    return Rating(str(said.get("id")), score, word, str(said.get("comment") or ""), at)


def _next_breach(ticket: Json) -> datetime | None:
    """When the next of the targets that still run ends."""
    found = []
    for metric in pick_objects(pick_object(ticket, "slas"), "policy_metrics"):
        if metric.get("stage") == RUNNING:
            try:
                found.append(parse_instant(metric.get("breach_at")))
            except Away:  # a target without an instant says nothing
                continue
    return min(found, default=None)


def _fields(fields: object) -> dict[str, str]:
    """Fields that hold a text, a number or a yes, by their keys."""
    known = fields.items() if isinstance(fields, Mapping) else ()
    return {
        str(key): str(value)[:VALUE_MAX]
        for key, value in known
        if isinstance(value, str | int | float) and str(value).strip()
    }
