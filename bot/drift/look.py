"""What Slack shows of a case's channel, asked without changing anything.

Every answer that Slack does not give is None and counts as no difference
(``bot/rules/drift.py``). ``bot/drift/detect.py`` compares it with the store.
"""

from collections.abc import Set

from bot.clock import steady
from bot.engine.delivery import DeliveryServices
from bot.people.channel_readers import Call, find_guests, list_members
from bot.rules.drift import HINTS, LOST, Seen
from bot.rules.facts.sharing import is_shared_outside
from bot.rules.words import Drift
from bot.slack.find_earlier import UNKNOWN_METHOD
from messages.clients.slack import SlackRefused
from storage.models import Case


async def look_at_channel(
    call: Call,
    case: Case,
    people: Set[str],
    hint: Drift | None = None,
    services: DeliveryServices | None = None,
) -> Seen:
    """What Slack shows of the case's channel. Changes nothing and needs no lock.

    ``people`` are those who must be members, none to not ask for members; the directory of
    ``services`` tells which members are guests, and without it nothing is known of that. ``hint``
    is what is
    thought to have happened: Slack answers ``channel_not_found`` for a private channel that was
    deleted and for one that we were removed from. Where Slack lacks the method nothing is known
    (``Seen()``).

    Raises SlackRefused for any other refusal, and where the channel is lost between two calls.
    """
    channel = case.channel_id
    try:
        info = (await call("conversations.info", channel=channel)).get("channel") or {}
    except SlackRefused as refused:
        if refused.code in UNKNOWN_METHOD:
            return Seen()
        if refused.code not in HINTS:
            raise
        return Seen(HINTS[refused.code] or _blind(case, hint))
    if info.get("is_archived"):
        return Seen(Drift.ARCHIVED)
    if info.get("is_member") is False:
        return Seen(Drift.REMOVED)
    if is_shared_outside(info):
        return Seen(Drift.SHARED)
    members, whole = await list_members(call, channel) if people else (frozenset[str](), False)
    guests = None
    if people and services:
        services.slack.shared.readers.note_members(str(channel), members, steady())
        guests = await find_guests(services.people, members)
    if guests:
        return Seen(Drift.GUEST, guests=guests)
    card, pinned = await _card(call, case)
    return Seen(
        name=info.get("name"),
        topic=(info.get("topic") or {}).get("value"),
        card=card,
        pinned=pinned,
        members=members if whole or (people and people <= members) else None,
        guests=guests,
    )


def _blind(case: Case, hint: Drift | None) -> Drift:
    """Why there is no such channel for us: a public one was deleted, else as far as we heard.

    Of a private one: the ``hint`` if that is a loss, else the loss known already, else ``UNSEEN``.
    """
    if not (case.sensitive or case.private_channel):
        return Drift.DELETED
    known = next((Drift(what) for what in case.drift if Drift(what) in LOST), Drift.UNSEEN)
    return hint if hint in LOST else known


async def _card(call: Call, case: Case) -> tuple[bool | None, bool | None]:
    """Whether the card's message is there, and whether it is pinned; None where that is unknown."""
    if case.card_ts is None:
        return None, None
    ts = case.card_ts
    answer = await call(
        "conversations.history",
        channel=case.channel_id,
        latest=ts,
        oldest=ts,
        inclusive=True,
        limit=1,
    )
    found = next((m for m in answer.get("messages") or () if m.get("ts") == ts), None)
    if found is None:
        return False, None
    return True, case.channel_id in (found.get("pinned_to") or ()) or await _pinned(call, case)


async def _pinned(call: Call, case: Case) -> bool | None:
    """Whether the card is among the pins; asked where its message does not say so.

    None where Slack does not tell. Raises SlackRefused where the channel is lost.
    """
    try:
        answer = await call("pins.list", channel=case.channel_id)
    except SlackRefused as refused:
        if refused.code in HINTS:
            raise
        return None
    return any((p.get("message") or {}).get("ts") == case.card_ts for p in answer.get("items", ()))
