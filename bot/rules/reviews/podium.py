"""What Podium's webhooks say: reviews of local businesses, and messages of their customers.

An event is ``{"metadata": {"eventType": …}, "data": {…}}``. Of a review ``data`` has ``uid``,
``review`` (``rating``, ``body``, ``url``, ``siteName``), ``author``, ``locations``, ``responses``,
``createdAt`` and ``updatedAt``; of a message ``uid``, ``body`` or ``items``, ``conversation`` with
its ``channel``, ``contact`` and ``location``. An event of a review without ``review`` is about
nothing; beyond that only ``uid`` must be there.

Sources: docs.podium.com, Verify Webhook Signatures, The review object, The message object,
Webhooks.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.rules.reviews.review import GivenReview, ReviewSource

AGE_MAX = timedelta(days=10)  # for which Podium keeps what it could not deliver
AHEAD_MAX = timedelta(minutes=5)  # by which Podium's clock may be ahead of ours
STAMP = re.compile(r"[0-9]{10}(?:[0-9]{3})?", re.ASCII)  # seconds or milliseconds since 1970
SIGNATURE = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
ID_MAX = 100  # characters of an id
LINE_MAX, TEXT_MAX, LINK_MAX = 300, 20_000, 2_000  # characters
REVIEW_EVENTS = ("review.created", "review.updated", "review.response_created",
                 "review.response_updated")  # fmt: skip
MESSAGE_EVENT = "message.received"


@dataclass(frozen=True, slots=True)
class PodiumMessage:
    """What a customer wrote to a business by Podium; ``channel`` is by what: sms, email, …

    ``key`` is the message's own id, ``conversation`` and ``location`` are ids too, ``address`` is
    the customer's in that channel. All but ``key`` may be "", and ``at`` None.
    """

    key: str
    conversation: str
    text: str
    author: str
    channel: str
    address: str
    location: str
    at: datetime | None


def may_be_podium(timestamp: str, signature: str, now: datetime) -> bool:
    """Whether the headers may carry a signature, which is known before the body.

    Replays within ten days change nothing, since reviews and messages are known by their ids.
    ``timestamp`` is in seconds or milliseconds since 1970, ``now`` aware.
    """
    if not STAMP.fullmatch(timestamp) or not SIGNATURE.fullmatch(signature):
        return False
    signed = datetime.fromtimestamp(int(timestamp[:10]), UTC)
    return -AHEAD_MAX <= now - signed <= AGE_MAX


def is_from_podium(secrets: Sequence[str], timestamp: str, signature: str, raw: bytes) -> bool:
    """Whether one of the secrets signed these bytes; never, where there is no secret."""
    made = (podium_signature(secret, timestamp, raw) for secret in secrets)
    return any(hmac.compare_digest(each, signature.lower()) for each in made)


def podium_signature(secret: str, timestamp: str, raw: bytes) -> str:
    """What ``Podium-Signature`` must be: HMAC-SHA256 over ``<timestamp>.<body>``, in hexadecimal.

    ``timestamp`` is the header ``Podium-Timestamp`` as it came.
    """
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def read_event(raw: bytes) -> GivenReview | PodiumMessage | None:
    """What an event says; None for one that is about neither. Raises ValueError.

    That is for a body that is not UTF-8 or no JSON object, for ``metadata``, ``data`` or an element
    of a list that is no object, for an id that is missing, too long or unprintable, and for a date
    that cannot be read. Deeply nested JSON raises RecursionError. The caller has checked the
    signature.
    """
    body = _mapping(json.loads(raw.decode("utf-8")), "the body")
    about = _mapping(body.get("metadata") or {}, "metadata")
    kind = str(about.get("eventType") or about.get("event_type") or "")
    data = _mapping(body.get("data") or {}, "data")
    if kind in REVIEW_EVENTS and isinstance(data.get("review"), Mapping):
        return _read_review(data)
    return _read_message(data) if kind == MESSAGE_EVENT else None


def _read_review(data: Mapping[str, Any]) -> GivenReview:
    """The review of an event; the earliest response counts as the reply.

    Only the first location is kept. A review event without ``updatedAt`` has no ``edited_at``.
    """
    said = _part(data, "review")
    answers = [_mapping(each, "responses") for each in _list(data, "responses")]
    first = min((each for each in answers if each.get("createdAt")), key=_written, default={})
    places = [_mapping(each, "locations") for each in _list(data, "locations")]
    return GivenReview(
        source=ReviewSource.PODIUM,
        key=_id(data),
        rating=_rating(said.get("rating")),
        text=_text(said.get("body"), TEXT_MAX),
        author=_text(_part(data, "author").get("name"), LINE_MAX),
        link=_link(said.get("url")),
        site=_text(said.get("siteName"), LINE_MAX),
        location=_text(places[0].get("uid") if places else "", LINE_MAX),
        written_at=_instant(data.get("createdAt")),
        edited_at=_instant(data.get("updatedAt")),
        replied_at=_instant(first.get("createdAt")),
        reply=_text(first.get("body"), TEXT_MAX),
    )


def _link(value: object) -> str:
    """An address; empty for one that is longer than ``LINK_MAX``, since a part leads nowhere."""
    found = _text(value, LINK_MAX + 1)
    return found if len(found) <= LINK_MAX else ""


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    """A list of an event, empty where it is missing. Raises ValueError for anything else."""
    value = data.get(name) or []
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list")
    return value


def _read_message(data: Mapping[str, Any]) -> PodiumMessage:
    """The message of an event; without a body its items' are joined, each on a line."""
    items = [_mapping(each, "items") for each in _list(data, "items")]
    words = data.get("body") or "\n".join(str(item.get("body") or "") for item in items)
    talk = _part(data, "conversation")
    channel = _part(talk, "channel")
    at = data.get("createdAt") or next((item.get("createdAt") for item in items), None)
    return PodiumMessage(
        key=_id(data),
        conversation=_text(talk.get("uid"), ID_MAX),
        text=_text(words, TEXT_MAX),
        author=_text(_part(data, "contact").get("name"), LINE_MAX),
        channel=_text(channel.get("type"), LINE_MAX),
        address=_text(channel.get("identifier"), LINE_MAX),
        location=_text(_part(data, "location").get("uid"), LINE_MAX),
        at=_instant(at),
    )


def _id(data: Mapping[str, Any]) -> str:
    """Podium's id of what the event is about. Raises ValueError for one that cannot be used."""
    found = data.get("uid")
    if not isinstance(found, str) or not 0 < len(found) <= ID_MAX or not found.isprintable():
        raise ValueError("uid is missing")
    return found


def _rating(value: object) -> str:
    """Of five stars, as it is shown: ``2/5``; empty where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 5:
        return ""
    return f"{value:g}/5"


def _written(response: Mapping[str, Any]) -> str:
    return str(response["createdAt"])


def _instant(value: object) -> datetime | None:
    """An instant, which Podium always means as UTC; None where there is none. Raises ValueError."""
    if not isinstance(value, str) or not value:
        return None
    found = datetime.fromisoformat(value)
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    if not 1970 <= found.year < 9999:
        raise ValueError("a date that no calendar of ours reaches")
    return found.astimezone(UTC)


def _text(value: object, most: int) -> str:
    """The text without NUL and outer spaces, cut to ``most``; "" for what is no text."""
    return value.replace("\x00", "").strip()[:most] if isinstance(value, str) else ""


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object of this name; an empty one where there is none, or something else."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is no object")
    return value
