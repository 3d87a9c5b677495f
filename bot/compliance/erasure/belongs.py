"""What belongs to a person, or to a customer, besides what was typed: it is read from the rows.

Of a colleague the name and the address, of an address at a customer's the name and the telephone
number that stand beside it, of a customer all that its row says and its contacts in cases.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, or_, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compliance.erasure.finding import columns_of, tables
from bot.rules.compliance.columns import Holds
from bot.rules.compliance.persons import words_of
from bot.rules.names import fold_name
from storage.models import Account, Person

PARTS = ("name", "email", "phone")  # ends of columns that tell of one person, as `contact_email`
SLACK_ID = re.compile(r"[UW][A-Z0-9_]{1,30}")


class UnknownError(Exception):
    """There is no person or customer by what was typed, or there is more than one."""


async def belonging_to_person(session: AsyncSession, asked: str, *more: str) -> list[str]:
    """All by which a person is named in texts, what was typed first.

    A Slack id brings the name and the address that Slack told, an address the names and telephone
    numbers beside it. A name alone brings nothing: two people may have it.
    """
    found = [asked, *more]
    if SLACK_ID.fullmatch(asked):
        row = await session.get(Person, asked)
        if row is not None:
            found += [row.name, row.email or "", row.dm_channel or ""]
    for address in [each for each in found if "@" in each]:
        found += await _beside(session, address)
    return _clean(found)


async def _beside(session: AsyncSession, address: str) -> list[str]:
    """The names and telephone numbers that stand beside an address, in every table."""
    found, wanted = list[str](), words_of(address)
    for table in tables():
        for group in contact_groups(table):
            if "email" not in group:
                continue
            email = group["email"]
            query = select(*group.values()).where(email.is_not(None), email != "").distinct()
            connection = await session.connection()
            for row in (await connection.execute(query)).mappings():
                if words_of(str(row[email.name])) == wanted:
                    found += [str(row[each.name] or "") for each in group.values()]
    return found


def contact_groups(table: Table) -> list[Mapping[str, Any]]:
    """The columns of a table that tell of one person: ``name``, ``email``, ``phone``."""
    groups: dict[str, dict[str, Any]] = {}
    contact = (Holds.CONTACT, Holds.KEPT)
    for name, holds in columns_of(table).items():
        before, _, part = name.rpartition("_")
        if part in PARTS and holds in contact:
            groups.setdefault(before, {})[part] = table.c[name]
    return [group for group in groups.values() if len(group) > 1]


async def find_account(session: AsyncSession, asked: str) -> Account:
    """The customer with this key, or else this name. Raises UnknownError."""
    row = await session.get(Account, asked)
    if row is not None:
        return row
    table = SQLModel.metadata.tables["account"].c
    query = select(table.key).where(or_(table.name == asked, table.folded == fold_name(asked)))
    connection = await session.connection()
    keys = [key for (key,) in (await connection.execute(query)).all()]
    if len(keys) != 1:
        raise UnknownError(
            f"{len(keys)} customers have that name; give the key: {', '.join(sorted(keys))}"
            if keys
            else "no customer has that key or name; `accounts import` brought the keys"
        )
    return await session.get_one(Account, keys[0])


async def belonging_to_account(
    session: AsyncSession, account: Account
) -> tuple[list[str], list[str]]:
    """All by which a customer and its people are named, the name first; and its domains.

    Contacts are read from every table that has the customer's key, or a case of the customer. A
    contact of two customers is erased with either.
    """
    found = [account.name, account.contact_name, account.contact_email, account.greeting]
    domains = [each for each in re.split(r"[\s,;]+", account.domains) if each]
    connection = await session.connection()
    for table in tables():
        names = [n for n, holds in columns_of(table).items() if holds is Holds.CONTACT]
        if not names or not {"account_key", "case_number"} & set(table.c.keys()):
            continue
        query = select(*(table.c[name] for name in names)).where(_is_of(table, account.key))
        for row in (await connection.execute(query.distinct())).all():
            found += [str(value or "") for value in row]
    return _clean(found), domains


def _is_of(table: Table, key: str) -> Any:
    """The condition that a row is of a customer, by itself or by its case."""
    if "account_key" in table.c:
        return table.c.account_key == key
    case = SQLModel.metadata.tables["escalation"].c
    return table.c.case_number.in_(select(case.number).where(case.account_key == key))


def _clean(found: Iterable[str]) -> list[str]:
    """Each once, without those that say nothing: empty ones, marks, pseudonyms, single letters."""
    kept: dict[str, None] = {}
    for each in (text.strip() for text in found):
        alone = "".join(words_of(each))
        if len(alone) > 1 and not re.fullmatch(r"(person|account)[0-9a-f]{8}", alone):
            kept[each] = None
    return list(kept)
