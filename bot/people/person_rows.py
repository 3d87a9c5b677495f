"""What is stored of a person, made from what Slack says and read as facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.facts import PersonFacts
from bot.rules.words import Language, Standing
from storage.models import Person


def read_person(row: Person, spoken: Language) -> PersonFacts:
    """The facts of a row: the language they chose, else that of their Slack, else ``spoken``."""
    language = Language.named(row.language or "") or Language.named(row.locale)
    return PersonFacts(
        row.user_id,
        row.name,
        language or spoken,
        row.timezone,
        row.email,
        Standing(row.standing) if row.standing else Standing.UNKNOWN,
        chosen=Language.named(row.language or ""),
    )


def make_person(
    user: Mapping[str, Any], before: Person | None, standing: Standing | None, asked: datetime
) -> Person:
    """The row for what Slack says of a user; what it leaves out is as it was ``before``."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or user.get("real_name") or user.get("name")
    return Person(
        user_id=str(user["id"]),
        name=str(name or user["id"]),
        email=profile.get("email"),
        locale=str(user.get("locale") or (before.locale if before else "en-US")),
        language=before.language if before else None,
        timezone=str(user.get("tz") or "UTC"),
        standing=standing.value if standing else before.standing if before else None,
        fetched_at=max(asked, before.fetched_at) if before else asked,
    )
