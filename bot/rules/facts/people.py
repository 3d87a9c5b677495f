"""What is known of people and customers."""

from dataclasses import dataclass
from datetime import date

from bot.rules.words import Language, Role, Standing, Unfilled


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody in the workspace; ``name`` is what Slack displays.

    ``standing`` is UNKNOWN also for somebody whom Slack could not be asked about.
    """

    user_id: str
    name: str
    language: Language = Language.ENGLISH
    timezone: str = "UTC"
    email: str | None = None
    standing: Standing = Standing.UNKNOWN


@dataclass(frozen=True, slots=True)
class UnreachedFacts:
    """Whom a case called for in vain: an id, an address or a group; ``heir`` stands in."""

    role: Role
    who: str
    reason: Unfilled
    heir: str = ""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A customer; ``arr`` is yearly revenue in whole units of ``currency``."""

    key: str
    name: str
    tier: str = ""
    arr: int | None = None
    currency: str = "EUR"
    renewal: date | None = None
    csm: str | None = None
    account_executive: str | None = None
    sponsor: str | None = None
    language: Language = Language.ENGLISH
    contact_name: str = ""
    contact_email: str = ""
    timezone: str | None = None
