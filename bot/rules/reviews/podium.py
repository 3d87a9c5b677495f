"""What Podium's webhooks say: reviews of local businesses, and messages of their customers.

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
    """What a customer wrote to a business by Podium; ``channel`` is by what: sms, email, …"""

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
    """What ``Podium-Signature`` must be."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()


def read_event(raw: bytes) -> GivenReview | PodiumMessage | None:
    """What an event says; None for one that is about neither. Raises ValueError."""
    body = _mapping(json.loads(raw.decode("utf-8")), "the body")
    about = _mapping(body.get("metadata") or {}, "metadata")
    kind = str(about.get("eventType") or about.get("event_type") or "")
    data = _mapping(body.get("data") or {}, "data")
    if kind in REVIEW_EVENTS and isinstance(data.get("review"), Mapping):
        return _read_review(data)
    return _read_message(data) if kind == MESSAGE_EVENT else None


def _read_review(data: Mapping[str, Any]) -> GivenReview:
    said = _part(data, "review")
    answers = [_mapping(each, "responses") for each in data.get("responses") or ()]
    first = min((each for each in answers if each.get("createdAt")), key=_written, default={})
    places = [_mapping(each, "locations") for each in data.get("locations") or ()]
    return GivenReview(
        source=ReviewSource.PODIUM,
        key=_id(data),
        rating=_rating(said.get("rating")),
        text=_text(said.get("body"), TEXT_MAX),
        author=_text(_part(data, "author").get("name"), LINE_MAX),
        link=_text(said.get("url"), LINK_MAX),
        site=_text(said.get("siteName"), LINE_MAX),
        location=_text(places[0].get("uid") if places else "", LINE_MAX),
        written_at=_instant(data.get("createdAt")),
        edited_at=_instant(data.get("updatedAt")),
        replied_at=_instant(first.get("createdAt")),
        reply=_text(first.get("body"), TEXT_MAX),
    )


def _read_message(data: Mapping[str, Any]) -> PodiumMessage:
    items = [_mapping(each, "items") for each in data.get("items") or ()]
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
    return value.replace("\x00", "").strip()[:most] if isinstance(value, str) else ""


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _mapping(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is no object")
    return value
