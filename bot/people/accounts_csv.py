"""Customers from a CSV file: read, checked line by line, stored all or none.

The file is UTF-8, with or without a byte order mark, its columns separated by commas or by
semicolons: the more frequent in the first line. The first line names the columns, in any order and
case (``COLUMNS`` has the names); only ``name`` must be there. Empty lines are skipped. An example:

    name,tier,arr,csm,language,timezone
    Northwind,gold,120000,ada@example.com,en,Europe/Athens

- ``key``: the identity of the account over imports; by default a slug of the name.
- ``tier``, ``region``: free words, shown on cards and usable to choose a broadcast's recipients.
- ``arr``: yearly revenue in whole units of ``currency`` (by default EUR); nothing is converted.
- ``renewal``: a date such as ``2027-03-31``.
- ``csm``, ``account_executive``, ``sponsor``: a Slack id or an e-mail address of a full member.
- ``language``: a code, a locale or a name (``el``, ``el-GR``, ``Greek``); by default English.
- ``contact_name``, ``contact_email``: the person at the customer who is written to.
- ``greeting``: how that person is addressed, without the salutation: ``Ms Berg``, ``κυρία Δήμου``.
- ``calendar``: one of the policy's; ``timezone``: an IANA name. Empty: as the policy has it.

Accounts that exist and are not in the file stay. Mistakes are in English, for the administrator at
the command line; nothing is stored while there is one. ``storage/models/people.py`` has the table,
``cli/admin.py`` the command.
"""

import csv
import io
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import available_timezones

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.names import fold_name, slug
from bot.rules.policy.reader import nearest_word
from bot.rules.words import Language, Standing
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
}
PEOPLE = ("csm", "account_executive", "sponsor")
USER_ID = re.compile(r"[UW][A-Z0-9_]{1,30}")

Lookup = Callable[[str], Awaitable[str | None]]
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
    meant. A row with line breaks inside quotes is counted where it ends.
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
class Table:
    """A file's rows by field, with the line each ends on, and the columns that mean nothing.

    Values are stripped. A short row lacks its last fields; where two columns mean the same field
    the last counts.
    """

    rows: list[tuple[int, dict[str, str]]]
    ignored: list[str]


async def _anybody(_user_id: str) -> Standing | None:
    """Take every user id as a full member's, where Slack cannot or need not be asked."""
    return Standing.MEMBER


async def read_accounts(
    content: bytes,
    lookup: Lookup,
    calendars: Collection[str] = (),
    standing: Ask = _anybody,
) -> tuple[list[Account], list[str]]:
    """Return the accounts in a CSV file, and the names of columns that were not understood.

    People are Slack ids, or e-mails that ``lookup`` turns into ids (None: no one has the address);
    ``standing`` tells the status of an id in the workspace, None where that cannot be told now.
    ``calendars`` are the names that the policy knows. Stores nothing; the accounts are new objects,
    in the order of the file. Raises BadFileError with every mistake in the file, and what
    ``lookup`` and ``standing`` raise.
    """
    table = _table(content)
    mistakes: list[Mistake] = []
    accounts: dict[str, Account] = {}
    for line, row in table.rows:
        account = await _account(line, row, lookup, mistakes)
        for column in PEOPLE:
            if user := getattr(account, column):
                mistakes += _unfit(line, column, row[column], await standing(user))
        if account.calendar and account.calendar not in calendars:
            known = ", ".join(calendars) or "none"
            mistakes.append(
                Mistake(line, "calendar", f"{account.calendar!r} is not in the policy: {known}")
            )
        if account.key in accounts:
            mistakes.append(Mistake(line, "key", f"{account.key} stands in the file twice"))
        accounts[account.key] = account
    if not accounts:
        mistakes.append(Mistake(1, "", "the file has no accounts"))
    if mistakes:
        raise BadFileError(mistakes)
    return list(accounts.values()), table.ignored


async def store_accounts(session: AsyncSession, accounts: list[Account]) -> None:
    """Add the accounts, or bring those with the same key up to date, in the caller's transaction.

    An existing account is replaced as a whole: a field that is empty in the file is emptied. A case
    keeps the name, contact and roles with which it was opened.
    """
    for account in accounts:
        await session.merge(account)


def _table(content: bytes) -> Table:
    """Read the file's text, header and rows.

    Raises BadFileError at once for what is not UTF-8 or has no column ``name``.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFileError([Mistake(1, "", f"not UTF-8 text ({error.reason})")]) from None
    first = text.partition("\n")[0]
    comma = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=comma)
    header = [h.strip().lower().replace(" ", "_") for h in next(reader, [])]
    fields = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    names = [fields.get(h, "") for h in header]
    if "name" not in names:
        raise BadFileError([Mistake(1, "name", "the column is missing")])
    rows = [
        (reader.line_num, {n: v.strip() for n, v in zip(names, row, strict=False) if n})
        for row in reader
        if any(v.strip() for v in row)
    ]
    return Table(rows, [h for h in header if h and h not in fields])


async def _account(
    line: int, row: Mapping[str, str], lookup: Lookup, mistakes: list[Mistake]
) -> Account:
    """Return the account of a row; what is wrong is added to ``mistakes`` and left at its default.

    Defaults: ``key`` a slug of the name, ``currency`` EUR, ``language`` en. A missing calendar or
    zone is None, which means the policy's own. ``folded`` is made here, for searches.
    """

    def wrong(column: str, message: str) -> None:
        mistakes.append(Mistake(line, column, message))

    name = row.get("name", "")
    if not name:
        wrong("name", "is empty")
    language = Language.named(row.get("language") or Language.ENGLISH)
    if language is None:
        wrong("language", f"{row['language']!r} is not one of {', '.join(Language)}")
    email = row.get("contact_email", "")
    if email and ("@" not in email or " " in email):
        wrong("contact_email", f"{email!r} is not an e-mail address")
    people = {c: await _person(c, row.get(c, ""), lookup, wrong) for c in PEOPLE}
    return Account(
        key=row.get("key") or slug(name),
        name=name,
        folded=fold_name(name),
        tier=row.get("tier", ""),
        region=row.get("region", ""),
        arr=_whole(row.get("arr", ""), wrong),
        currency=(row.get("currency") or "EUR").upper(),
        renewal=_date(row.get("renewal", ""), wrong),
        language=(language or Language.ENGLISH).value,
        contact_name=row.get("contact_name", ""),
        contact_email=email,
        greeting=" ".join(row.get("greeting", "").split()),
        calendar=row.get("calendar") or None,
        timezone=_zone(row.get("timezone", ""), wrong),
        **people,
    )


async def _person(
    column: str, value: str, lookup: Lookup, wrong: Callable[[str, str], None]
) -> str | None:
    """Return the Slack id of a colleague; None for an empty field and for a mistake.

    An id is taken as it is; its status is looked at afterwards. Only an address asks ``lookup``,
    one call to Slack each.
    """
    if not value or USER_ID.fullmatch(value):
        return value or None
    if "@" not in value:
        wrong(column, f"{value!r} is neither a Slack user id nor an e-mail address")
        return None
    found = await lookup(value)
    if found is None:
        wrong(column, f"nobody in the workspace has the address {value}")
    return found


def _unfit(line: int, column: str, value: str, standing: Standing | None) -> list[Mistake]:
    """Return why this person can have no part in a case: one mistake, or none for a full member.

    A status that Slack cannot tell now is a mistake too, so that no unchecked person is stored.
    """
    if standing is Standing.MEMBER:
        return []
    why = f"is {AS_WHAT[standing]}" if standing else "cannot be checked: Slack does not answer"
    return [Mistake(line, column, f"{value} {why}")]


def _zone(value: str, wrong: Callable[[str, str], None]) -> str | None:
    """Return an IANA name as it is; a mistake suggests the nearest one.

    None for an empty field, and for a mistake.
    """
    if not value or value in available_timezones():
        return value or None
    near = nearest_word(value, sorted(available_timezones()))
    wrong("timezone", f"{value!r} is not a time zone" + (f"; did you mean {near}?" if near else ""))
    return None


def _whole(value: str, wrong: Callable[[str, str], None]) -> int | None:
    """Return yearly revenue in whole units; None where the field is empty.

    Spaces, ``_``, ``,``, ``'`` and signs of currency are left out, so ``€ 1,200,000`` is read and
    ``1.200`` or ``12.5`` is a mistake.
    """
    digits = re.sub(r"[\s_,'€$£]", "", value)
    if not digits:
        return None
    if not digits.isdigit():
        wrong("arr", f"{value!r} is not a whole number")
        return None
    return int(digits)


def _date(value: str, wrong: Callable[[str, str], None]) -> date | None:
    """Return a date as ISO 8601 writes it, ``2027-03-31``; None where the field is empty."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        wrong("renewal", f"{value!r} is not a date such as 2027-03-31")
        return None
