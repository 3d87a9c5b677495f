"""Pagers: services that wake people by telephone, and what they say to us. Pure.

Each page to take a case is one incident there, known by a key of ours, so that the same page twice
is one, and an acknowledgement finds its case again.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

KEY = re.compile(r"ESC-([0-9]{1,9})\.acknowledge\.[0-9]{1,4}\.[0-9]{1,3}", re.ASCII)
SIGNATURES_MAX = 10  # in one header; PagerDuty sends two while a secret is changed
TEXT_MAX = 200  # characters kept of a name or an address


class PagerName(StrEnum):
    """The pagers, as rows of the outbox and addresses of webhooks name them."""

    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"


@dataclass(frozen=True, slots=True)
class PagerEvent:
    """A person acknowledged, or ended, the page of this ``key`` there.

    ``agent`` is their id there, ``email`` and ``name`` what the pager tells of them; each may be
    empty.
    """

    key: str
    agent: str = ""
    email: str = ""
    name: str = ""


def page_key(case: int, cycle: int, turn: int) -> str:
    """The key of a page: case, its clock ``acknowledge``, the cycle, and which page of the case."""
    return f"ESC-{case}.acknowledge.{cycle}.{turn}"


def case_of_key(key: str) -> int | None:
    """The case's number; None for a key that is not one of ours."""
    found = KEY.fullmatch(key)
    return int(found[1]) if found else None


def is_from_pagerduty(secrets: Sequence[str], header: str, raw: bytes) -> bool:
    """Whether one of the signatures is right: ``v1=`` and the HMAC-SHA256 of the body, in hex."""
    given = [each.strip() for each in header.split(",")[:SIGNATURES_MAX]]
    rights = ["v1=" + hmac.new(s.encode(), raw, hashlib.sha256).hexdigest() for s in secrets]
    return any(hmac.compare_digest(a.encode(), b.encode()) for a in given for b in rights)


def is_from_opsgenie(secrets: Sequence[str], header: str) -> bool:
    """Whether the header is ``Bearer`` and a secret: Opsgenie signs nothing, it sends headers."""
    scheme, _, given = header.partition(" ")
    right = [hmac.compare_digest(given.strip().encode(), s.encode()) for s in secrets]
    return scheme.lower() == "bearer" and any(right)


def read_pagerduty(raw: bytes) -> PagerEvent | None:
    """What a webhook (version 3) says; None for what is no acknowledgement of a page of ours.

    Raises ValueError for what is no JSON object.
    """
    event = _object(_parsed(raw), "event")
    if event.get("event_type") not in ("incident.acknowledged", "incident.resolved"):
        return None
    key, agent = _text(_object(event, "data"), "incident_key"), _object(event, "agent")
    if case_of_key(key) is None:
        return None
    user = str(agent.get("type", "")).startswith("user")
    if not user:
        return None  # an integration, our own among them
    return PagerEvent(key, agent=_text(agent, "id"), name=_text(agent, "summary"))


def read_opsgenie(raw: bytes) -> PagerEvent | None:
    """The same of Opsgenie, where the key is the alert's alias and the user an email address."""
    said = _parsed(raw)
    alert = _object(said, "alert")
    key, user = _text(alert, "alias"), _text(alert, "username")
    if said.get("action") not in ("Acknowledge", "Close") or case_of_key(key) is None:
        return None
    if _object(said, "source").get("type") == "api":
        return None  # what we did there ourselves
    return PagerEvent(key, email=user if "@" in user else "", name=user)


def _parsed(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in a body. Raises ValueError for what is no JSON, or no object."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as unreadable:
        raise ValueError("no JSON") from unreadable
    if not isinstance(said, dict):
        raise ValueError("no JSON object")
    return said


def _object(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under ``name``; an empty one where it is missing or something else."""
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _text(said: Mapping[str, Any], name: str) -> str:
    """The text under ``name`` on one line, cut to ``TEXT_MAX``; empty where it is none."""
    found = said.get(name)
    return " ".join(found.split())[:TEXT_MAX] if isinstance(found, str) else ""
