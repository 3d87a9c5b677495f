"""Who and for whom: accounts, people, and how much one person has set off.

Accounts come from the administrator's CSV (``bot.people.accounts_csv``), people from Slack
(``bot.people.directory``), which is asked again when a row is older than half a day.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel

from storage.columns import instant_column, json_column, long_text

WIDE: Any = BigInteger().with_variant(Integer(), "sqlite")  # SQLite's own are as wide


class Account(SQLModel, table=True):
    """A customer; ``arr`` is yearly revenue in whole units of ``currency``, None for not known.

    ``key`` names it in the administrator's CSV, or was made from the name when it first came.
    ``folded`` is the name as searches compare it (``bot.rules.names.fold_name``). ``timezone`` is
    an IANA name, None for the policy's own; ``greeting`` is how the contact is addressed in
    ``language`` ("Ms Berg"), "" for not known; ``calendar`` names one of the policy's, for clocks
    that keep office hours. ``domains`` are mail domains of the customer besides the contact's,
    in ASCII and lower case, with spaces between them; each stands for its subdomains too.
    ``programme_sponsor`` is who sponsors it by the sponsorship programme, and goes before
    ``sponsor``, which the file names.
    ``valued``: it is worth so much, by the policy, that the priority of its cases rises.
    ``named_here`` has those of its people whom the accounts file did not name: ``csm`` or
    ``account_executive`` to the Slack user who named them.
    """

    key: str = Field(primary_key=True)
    name: str = Field(index=True)
    folded: str = Field(index=True)
    tier: str = ""
    region: str = Field(default="", sa_column_kwargs={"server_default": ""})
    arr: int | None = Field(default=None, sa_type=WIDE)
    valued: bool = Field(default=False, sa_column_kwargs={"server_default": "0"})
    currency: str = "EUR"
    renewal: date | None = None
    csm: str | None = None
    account_executive: str | None = None
    sponsor: str | None = None
    language: str = "en"
    contact_name: str = ""
    contact_email: str = ""
    greeting: str = Field(default="", sa_column_kwargs={"server_default": ""})
    calendar: str | None = None
    timezone: str | None = None
    programme_sponsor: str | None = None
    domains: str = Field(default="", sa_column_kwargs={"server_default": ""})
    named_here: dict[str, Any] = json_column("{}")


class Allowance(SQLModel, table=True):
    """How much of one kind a person has set off within the hour that began at ``since``.

    ``what`` is an ``AllowanceKind``. A row older than an hour counts as none, and is begun anew by
    ``storage.upsert.count_more``.
    """

    user_id: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    since: datetime = instant_column()
    used: int = 0


class Person(SQLModel, table=True):
    """What we last knew of a Slack user; ``dm_channel`` once we have written to them.

    ``standing`` is a ``Standing``; None for a row that must be asked for anew. ``locale`` is
    Slack's (``en-GB``), ``language`` what they chose themselves, None for nothing, ``timezone`` an
    IANA name. ``fetched_at`` is when Slack told all of this.
    """

    user_id: str = Field(primary_key=True)
    name: str
    email: str | None = None
    locale: str = "en-US"
    language: str | None = None
    timezone: str = "UTC"
    dm_channel: str | None = None
    standing: str | None = None
    fetched_at: datetime = instant_column()


class Absence(SQLModel, table=True):
    """That a person is away; ``ends`` is moved forward when they come back sooner.

    ``deputy`` stands in for them where the rota names them, None for no one. ``noted_by`` is who
    said so: they themselves, or a manager.
    """

    id: int = Field(default=None, primary_key=True)
    user_id: str = Field(index=True)
    begins: datetime = instant_column()
    ends: datetime = instant_column(index=True)
    deputy: str | None = None
    noted_by: str
    note: str = long_text()
    noted_at: datetime = instant_column()


class ReadMark(SQLModel, table=True):
    """How far into a case's record a person has read, by their last brief.

    ``entry`` is the id of the newest ``TimelineEvent`` that it went up to, ``at`` is when it was
    given.
    """

    __tablename__ = "read_mark"

    case_number: int = Field(primary_key=True, foreign_key="escalation.number")
    user_id: str = Field(primary_key=True)
    entry: int
    at: datetime = instant_column()


class ShiftEnd(SQLModel, table=True):
    """When a person next goes off duty, and what is still open of the last time that they did.

    One row for each person of the rota. ``handled`` is the last end that was looked at. ``heir``
    is who was proposed then, and ``kept`` has under ``cases`` the numbers that the person keeps.
    """

    __tablename__ = "shift_end"

    user_id: str = Field(primary_key=True)
    ends_at: datetime | None = instant_column(nullable=True)
    ask_at: datetime | None = instant_column(nullable=True, index=True)
    handled: datetime | None = instant_column(nullable=True)
    decide_at: datetime | None = instant_column(nullable=True, index=True)
    heir: str = ""
    kept: dict[str, Any] = json_column()


class DutySource(SQLModel, table=True):
    """What is known of a name in the policy that stands for people: a schedule, a user group.

    ``reference`` is the name as the policy has it. ``known`` is what was said at ``known_at``, None
    for never: under ``spells`` who is on call when (``bot.rules.duty.sources``), under ``users``
    the ids of a group, under ``group`` its id. ``fault`` is why the last look failed, empty where
    it did not. A schedule is looked at again at ``look_at``.
    """

    __tablename__ = "duty_source"

    reference: str = Field(primary_key=True)
    known: dict[str, Any] = json_column()
    known_at: datetime | None = instant_column(nullable=True)
    look_at: datetime | None = instant_column(nullable=True)
    fault: str = ""
