"""Customers from a CSV file: read, checked line by line, stored all or none.

The file is what ``bot/rules/csv_files.py`` reads. The first line names the columns, in any order
and case (``COLUMNS`` has the names); only ``name`` must be there. Empty lines are skipped:

    name,tier,arr,csm,language,timezone
    Northwind,gold,120000,ada@example.com,en,Europe/Athens

- ``key``: the identity of the account over imports. Without one the name is, as
  ``bot/people/account_keys.py`` has it.
- ``tier``, ``region``: free words, shown on cards and usable to choose a broadcast's recipients.
- ``arr``: yearly revenue, as ``bot/people/revenue.py`` reads it; kept in whole units of
  ``currency``, an ISO 4217 code or a sign, by default the one beside the number, else EUR.
- ``renewal``: a date such as ``2027-03-31``.
- ``csm``, ``account_executive``, ``sponsor``: a Slack id or an email address of a full member.
- ``language``: a code, a locale or a name (``el``, ``el-GR``, ``Greek``); by default English.
- ``contact_name``, ``contact_email``: the person at the customer who is written to.
- ``greeting``: how that person is addressed, without the salutation: ``Ms Berg``, ``κυρία Δήμου``.
- ``domains``: mail domains of the customer besides the contact's, such as ``acme.com, acme.gr``.
- ``calendar``: one of the policy's; ``timezone``: an IANA name. Empty: as the policy has it.
- ``slack_channel``: the id of the channel that the customer shares by Slack Connect (``C…``).

Accounts that exist and are not in the file stay. Mistakes are in English, for the administrator at
the command line; nothing is stored while there is one. ``storage/models/people.py`` has the table,
``cli/admin.py`` the command.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.people.account_cells import (
    Lookup,
    find_colleague,
    read_address_cell,
    read_date_cell,
    read_domains_cell,
    read_language_cell,
    read_revenue_cell,
    read_zone_cell,
)
from bot.rules.csv_files import Row, UnreadableFileError, read_rows
from bot.rules.names import fold_name, unify_name
from bot.rules.words import Standing
from storage.models import Account

# Column names that people use, by the field they mean.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "customer", "account", "account_name", "company"),
    "key": ("key", "id", "account_id", "account_key"),
    "tier": ("tier", "plan", "segment"),
    "region": ("region", "area", "country"),
    "arr": ("arr", "yearly_revenue", "annual_revenue", "revenue"),
    "currency": ("currency",),
    "renewal": ("renewal", "renewal_date", "renews"),
    "csm": ("csm", "customer_success_manager"),
    "account_executive": ("account_executive", "ae"),
    "sponsor": ("sponsor", "executive_sponsor"),
    "language": ("language", "lang", "locale"),
    "contact_name": ("contact_name", "contact"),
    "contact_email": ("contact_email", "email"),
    "greeting": ("greeting", "salutation", "title"),
    "calendar": ("calendar", "hours"),
    "timezone": ("timezone", "time_zone", "tz"),
    "slack_channel": ("slack_channel", "shared_channel", "slack_connect"),
    "domains": ("domains", "domain", "email_domains", "mail_domains"),
}
FIELDS: Mapping[str, str] = {alias: name for name, known in COLUMNS.items() for alias in known}
PEOPLE = ("csm", "account_executive", "sponsor")
NAME_MAX = 200  # characters, as in the form in which a case is opened
KEY_MAX = 120  # characters, so that it fits whole into an option of a form
CHANNEL_ID = re.compile(r"[CG][A-Z0-9_]{4,30}")  # as Slack gives them

Ask = Callable[[str], Awaitable[Standing | None]]

AS_WHAT: Mapping[Standing, str] = {
    Standing.GUEST: "a guest in the workspace; only full members have a part in cases",
    Standing.OUTSIDER: "a member of another workspace",
    Standing.BOT: "an app, not a person",
    Standing.DEACTIVATED: "deactivated in Slack",
    Standing.UNKNOWN: "nobody whom Slack knows",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a file; ``line`` counts from 1, the header being line 1.

    ``column`` is the field's name, not the file's heading; empty where the whole line or file is
    meant. A row with line breaks inside quotes is counted where it begins.
    """

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        """Return the mistake as the administrator reads it: ``line 3, column renewal: …``."""
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.message}"


class BadFileError(Exception):
    """A file that cannot be imported; ``mistakes`` are all that were found, in order of the lines.

    As text it is one mistake a line.
    """

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(m) for m in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class AccountsFile:
    """What a file says: its accounts, each with the line on which it stands.

    An account without a key of its own has an empty one. ``channels`` has for each the channel that
    it shares, empty for none; nothing at all where the file has no such column. ``ignored`` are the
    headings of columns that mean nothing here.
    """

    accounts: list[Account] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


async def _anybody(_user_id: str) -> Standing | None:
    """Take every user id as a full member's, where Slack cannot or need not be asked."""
    return Standing.MEMBER


async def read_accounts(
    content: bytes,
    lookup: Lookup,
    calendars: Collection[str] = (),
    standing: Ask = _anybody,
) -> AccountsFile:
    """Read the accounts in a CSV file; nothing is stored, the accounts are new objects.

    People are Slack ids, or emails that ``lookup`` turns into ids (None: no one has the address);
    ``standing`` tells the status of an id in the workspace, None where that cannot be told now.
    ``calendars`` are the names that the policy knows. Raises BadFileError with every mistake in the
    file, and what ``lookup`` and ``standing`` raise.
    """
    heading, rows = _table(content)
    mistakes: list[Mistake] = []
    earlier = _Earlier()
    found = AccountsFile(ignored=[h for h in heading if h and h not in FIELDS])
    for row in rows:
        cells = _cells(row, heading, mistakes)
        account = await _account(row.line, cells, lookup, mistakes)
        for column in PEOPLE:
            if user := getattr(account, column):
                mistakes += _unfit(row.line, column, cells[column], await standing(user))
        if account.calendar and account.calendar not in calendars:
            known = ", ".join(calendars) or "none"
            wrong = f"{account.calendar!r} is not in the policy: {known}"
            mistakes.append(Mistake(row.line, "calendar", wrong))
        mistakes += earlier.find_repeated(row.line, account)
        earlier.add(row.line, account)
        if "slack_channel" in {FIELDS.get(h) for h in heading}:
            found.channels.append(_channel(row.line, cells, found.channels, mistakes))
        found.accounts.append(account)
        found.lines.append(row.line)
    if not found.accounts:
        mistakes.append(Mistake(1, "", "the file has no accounts"))
    if mistakes:
        raise BadFileError(mistakes)
    return found


def _table(content: bytes) -> tuple[list[str], list[Row]]:
    """The headings, as ``FIELDS`` has them, and the rows below.

    Raises BadFileError at once for what cannot be read or has no column ``name``.
    """
    try:
        first, *rows = read_rows(content) or [Row(1, [])]
    except UnreadableFileError as error:
        raise BadFileError([Mistake(error.line, "", error.message)]) from None
    heading = [re.sub(r"[\s_-]+", "_", unify_name(h).casefold()) for h in first.cells]
    if "name" not in {FIELDS.get(h) for h in heading}:
        names = ", ".join(COLUMNS["name"])
        raise BadFileError([Mistake(first.line, "name", f"the column is missing: {names}")])
    return heading, rows


def _cells(row: Row, heading: Sequence[str], mistakes: list[Mistake]) -> dict[str, str]:
    """A row's values by field, as they were meant; those that are empty are left out.

    Where two columns mean one field, what one of them says counts; a mistake where they differ.
    """
    if any(cell.strip() for cell in row.cells[len(heading) :]):
        said = f"has {len(row.cells)} values, the first line {len(heading)} columns"
        mistakes.append(Mistake(row.line, "", f"{said}: write a value with a separator in quotes"))
    found: dict[str, str] = {}
    for name, cell in zip(heading, row.cells, strict=False):
        column, value = FIELDS.get(name), unify_name(cell)
        if not column or not value:
            continue
        if "\0" in cell:
            mistakes.append(Mistake(row.line, column, "has a character that is none"))
        if found.setdefault(column, value) != value:
            both = f"{found[column]!r} in one column and {value!r} in {name!r}: leave one out"
            mistakes.append(Mistake(row.line, column, both))
    return found


@dataclass(frozen=True, slots=True)
class _Earlier:
    """On which line each key and each folded name stands first; ``unkeyed`` those without a key."""

    keys: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    unkeyed: dict[str, int] = field(default_factory=dict)

    def add(self, line: int, account: Account) -> None:
        """Take in a row, in the order of the file."""
        self.names.setdefault(account.folded, line)
        (self.keys if account.key else self.unkeyed).setdefault(account.key or account.folded, line)

    def find_repeated(self, line: int, account: Account) -> list[Mistake]:
        """A mistake for an account that an earlier row has already, the first one it repeats."""
        same_key = self.keys.get(account.key) if account.key else None
        alike = (self.unkeyed if account.key else self.names).get(account.folded)
        alike = alike if account.folded else None
        if same_key is not None and (alike is None or same_key <= alike):
            return [Mistake(line, "key", f"{account.key} stands in line {same_key} already")]
        if alike is None:
            return []
        said = f"{account.name!r} stands in line {alike} already; if it is another, give keys"
        return [Mistake(line, "name", said)]


async def _account(
    line: int, row: Mapping[str, str], lookup: Lookup, mistakes: list[Mistake]
) -> Account:
    """Return the account of a row; what is wrong is added to ``mistakes`` and left at its default.

    Defaults: ``currency`` EUR, ``language`` en. A missing calendar or zone is None, which means the
    policy's own. ``folded`` is made here, for searches.
    """

    def wrong(column: str, message: str) -> None:
        mistakes.append(Mistake(line, column, message))

    name, key = row.get("name", ""), row.get("key", "")
    if not name:
        wrong("name", "is empty")
    for column, value, most in (("name", name, NAME_MAX), ("key", key, KEY_MAX)):
        if len(value) > most:
            wrong(column, f"has {len(value)} characters, at most {most}: {value[:40]}…")
    arr, currency = read_revenue_cell(row.get("arr", ""), row.get("currency", ""), wrong)
    people: dict[str, Any] = {
        c: await find_colleague(c, row.get(c, ""), lookup, wrong) for c in PEOPLE
    }
    return Account(
        key=key,
        name=name,
        folded=fold_name(name),
        tier=row.get("tier", ""),
        region=row.get("region", ""),
        arr=arr,
        currency=currency,
        renewal=read_date_cell(row.get("renewal", ""), wrong),
        language=read_language_cell(row.get("language", ""), wrong),
        contact_name=row.get("contact_name", ""),
        greeting=" ".join(row.get("greeting", "").split()),
        contact_email=read_address_cell(row.get("contact_email", ""), wrong),
        calendar=row.get("calendar") or None,
        timezone=read_zone_cell(row.get("timezone", ""), wrong),
        domains=read_domains_cell(row.get("domains", ""), wrong),
        **people,
    )


def _channel(
    line: int, row: Mapping[str, str], earlier: Collection[str], mistakes: list[Mistake]
) -> str:
    """Return the id of the channel that the customer shares; empty for none and for a mistake."""
    value = row.get("slack_channel", "")
    if value and not CHANNEL_ID.fullmatch(value):
        said = "is not a channel's id such as C024BE91L: Slack shows it below the channel's details"
        mistakes.append(Mistake(line, "slack_channel", f"{value!r} {said}"))
        return ""
    if value and value in earlier:
        said = "is another customer's in a line above; a channel belongs to one"
        mistakes.append(Mistake(line, "slack_channel", f"{value!r} {said}"))
    return value


def _unfit(line: int, column: str, value: str, standing: Standing | None) -> list[Mistake]:
    """Return why this person can have no part in a case: one mistake, or none for a full member.

    A status that Slack cannot tell now is a mistake too, so that no unchecked person is stored.
    """
    if standing is Standing.MEMBER:
        return []
    why = f"is {AS_WHAT[standing]}" if standing else "cannot be checked: Slack does not answer"
    return [Mistake(line, column, f"{value} {why}")]
