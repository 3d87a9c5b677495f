"""The identity of a customer over imports, and storing what a file says of them.

A key that a file gives is the identity: its account is replaced, also under another name. Without
one the name is: an account of that name, whatever its case and width, is replaced, else a key is
made that no account has. Keys are kept for good, since cases refer to them.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.clock import SystemClock
from bot.people.accounts_csv import AccountsFile, BadFileError, Mistake
from bot.rules.names import is_same_name, slug
from storage.models import Account, ConnectLink

MADE_MAX = 60  # characters of a key that is made; a number may follow
LONG = 500  # names asked for at once, below the databases' limit of parameters


async def store_accounts(session: AsyncSession, file: AccountsFile) -> list[str]:
    """Add the accounts, or bring those that are known up to date, in the caller's transaction.

    An account that exists is replaced as a whole: a field that is empty in the file is emptied, but
    for a person who was named in Slack (``Account.named_here``). Whom the file names holds; where
    that is another than was named in Slack, a line of the answer says so, in English. A case keeps
    the name, contact and roles with which it was opened. Raises BadFileError where a name does not
    tell which account is meant; then nothing may be committed.
    """
    stored = frozenset((await session.exec(select(Account.key))).all())
    known = await _known(session, [a.folded for a in file.accounts if not a.key])
    used = {account.key for account in file.accounts}
    mistakes: list[Mistake] = []
    for account, line in zip(file.accounts, file.lines, strict=True):
        if not account.key:
            wrong = _give_key(account, known.get(account.folded, []), used, stored)
            mistakes += [Mistake(line, "name", f"{account.name!r} {wrong}")] if wrong else []
            used.add(account.key)
    if mistakes:
        raise BadFileError(mistakes)
    replaced: list[str] = []
    sponsored = await _sponsored(session)
    for account in file.accounts:
        account.programme_sponsor = sponsored.get(account.key)
        if account.key in stored:
            replaced += _keep_named(await session.get_one(Account, account.key), account)
            await session.merge(account)
        else:  # an INSERT, so that a second import at the same time replaces nothing
            session.add(account)
    await session.flush()
    for account, channel in zip(file.accounts, file.channels, strict=False):
        await _store_channel(session, account.key, channel)
    return replaced


def _keep_named(known: Account, account: Account) -> Iterator[str]:
    """Keep in ``account`` whom people named where the file is empty; yield whom it replaces."""
    for column, by in known.named_here.items():
        named, said = getattr(known, column), getattr(account, column)
        if not said:
            setattr(account, column, named)
            account.named_here = {**account.named_here, column: by}
        elif said != named:
            yield f"{account.name}: {column} is {said} by the file, not {named}, named in Slack"


async def _sponsored(session: AsyncSession) -> Mapping[str, str]:
    """Who sponsors which account by the sponsorship programme, which no file knows."""
    query = select(Account.key, Account.programme_sponsor).where(
        col(Account.programme_sponsor).is_not(None)
    )
    return {key: sponsor for key, sponsor in (await session.exec(query)).all() if sponsor}


async def _store_channel(session: AsyncSession, account: str, channel: str) -> None:
    """Link the channel that the file names; an empty field ends a link that a file made.

    A link that is there already is left as it is. Another of the account, or of the channel, gives
    way to the file's, also where a person made it. The links are locked. The running app asks Slack
    about a new link at once (``ConnectLink.check_at``).
    """
    query = select(ConnectLink).where(
        (col(ConnectLink.account_key) == account) | (col(ConnectLink.channel_id) == channel)
    )
    found = (await session.exec(query.with_for_update())).all()
    if any(link.channel_id == channel and link.account_key == account for link in found):
        return
    for link in found:
        if channel or not link.by:
            await session.delete(link)
    await session.flush()
    if channel:
        now = SystemClock().now()
        session.add(ConnectLink(channel_id=channel, account_key=account, at=now, check_at=now))


async def _known(session: AsyncSession, folded: list[str]) -> Mapping[str, list[tuple[str, str]]]:
    """The key and the name of each stored account whose folded name is asked for, by that name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for at in range(0, len(folded), LONG):
        query = select(Account.folded, Account.key, Account.name)
        rows = await session.exec(query.where(col(Account.folded).in_(folded[at : at + LONG])))
        for name, key, written in rows.all():
            found.setdefault(name, []).append((key, written))
    return found


def _give_key(
    account: Account,
    alike: Sequence[tuple[str, str]],
    used: Collection[str],
    stored: Collection[str],
) -> str:
    """Set the key of an account by its name: that of the one it is, else a new one.

    ``used`` are the keys in the file. Answers what is wrong where the name does not tell.
    """
    same = [key for key, name in alike if is_same_name(name, account.name)]
    if not alike:
        account.key = make_key(account.name, {*used, *stored})
    elif len(same) == 1 and same[0] not in used:
        account.key = same[0]
    else:
        said = "is the name of an account" if same else "may be an account"
        others = ", ".join(f"{name!r} with the key {key}" for key, name in alike)
        return f"{said} that there is: {others}. Give each its key, in a column “key”"
    return ""


def make_key(name: str, taken: Collection[str]) -> str:
    """A key for a new account, like its name, that is not among ``taken``.

    In Latin letters where the name has some, else in its own script; ``account`` for a name without
    letters and digits.
    """
    own = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
    first = (slug(name) or own or "account")[:MADE_MAX].strip("-")
    tries = (first if number == 1 else f"{first}-{number}" for number in count(1))
    return next(key for key in tries if key not in taken)
