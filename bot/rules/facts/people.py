"""What is known of people and customers."""

from dataclasses import dataclass
from datetime import date

from bot.rules.membership import Unfilled
from bot.rules.words import Language, Role, Standing


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person in the workspace; ``name`` is what Slack displays.

    ``language`` is the one to write to them in, ``chosen`` that of their own choice, if they made
    one. ``standing`` is UNKNOWN also where Slack did not tell it. ``timezone`` is an IANA name,
    ``UTC`` where none is known; ``email`` is None where Slack does not tell it.
    """

    user_id: str
    name: str
    language: Language = Language.ENGLISH
    timezone: str = "UTC"
    email: str | None = None
    standing: Standing = Standing.UNKNOWN
    chosen: Language | None = None


@dataclass(frozen=True, slots=True)
class UnreachedFacts:
    """A person or group that a case called for in vain.

    ``who`` is an id, an address or a user group as the policy names it; ``heir`` is the user id of
    the person who takes the role over, empty where it stays open.
    """

    role: Role
    who: str
    reason: Unfilled
    heir: str = ""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A customer, as the accounts file has it.

    ``arr`` is yearly revenue in whole units of ``currency`` (ISO 4217), ``renewal`` a local date.
    ``timezone`` None means that the customer is told times in the policy's zone. ``greeting`` is
    how the contact is addressed in ``language``, without the salutation: ``Ms Berg``.
    ``withheld``: there is a revenue, which these facts do not say.
    ``valued``: it is worth so much, by the policy, that the priority of its cases rises.
    """

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
    greeting: str = ""
    timezone: str | None = None
    valued: bool = False
    withheld: bool = False
