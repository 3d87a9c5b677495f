"""Jira's JSON of an issue and its versions, read into ours.

Everything is checked as it is read: what has another shape than documented is left out, and an
issue without a key is no issue.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.rules.bugs.state import BugState, FixVersion
from messages.clients.helpdesks.http import pick_object, pick_objects

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,49}-[1-9][0-9]{0,9}")
FIELDS = ("summary", "status", "fixVersions", "duedate", "resolution", "updated")
TEXT_MAX = 300  # characters kept of a summary, a status, a version's name
VERSIONS_MAX = 20  # of one issue
DONE = "done"  # the key of a status category: new, indeterminate, done, undefined


def read_issue(data: Mapping[str, Any]) -> BugState | None:
    """The issue; None for what has no key or no status, as an issue always does."""
    fields = pick_object(data, "fields")
    status = pick_object(fields, "status")
    key = data.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key) or not status:
        return None
    versions = (read_version(each) for each in pick_objects(fields, "fixVersions"))
    return BugState(
        key=key,
        id=_text(data.get("id")),
        summary=_text(fields.get("summary")),
        status=_text(status.get("name")),
        done=pick_object(status, "statusCategory").get("key") == DONE,
        resolution=_text(pick_object(fields, "resolution").get("name")),
        versions=tuple(each for each in versions if each is not None)[:VERSIONS_MAX],
        due=_day(fields.get("duedate")),
    )


def read_version(data: Mapping[str, Any]) -> FixVersion | None:
    """A version; None without an id. One that is archived is as released as it says."""
    found = _text(data.get("id"))
    if not found:
        return None
    released = data.get("released") is True
    return FixVersion(found, _text(data.get("name")), released, _day(data.get("releaseDate")))


def _text(value: object) -> str:
    """A text on one line; numbers are ids. Everything else is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())[:TEXT_MAX]


def _day(value: object) -> date | None:
    """The day with which a text in ISO 8601 begins; None for anything else."""
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
