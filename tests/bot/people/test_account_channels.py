"""The channel that a customer shares, as the accounts file names it."""

import pytest
from sqlmodel import select

from bot.people.account_keys import store_accounts
from bot.people.accounts_csv import BadFileError, read_accounts
from bot.rules.words import ConnectState
from storage.database import Database
from storage.models import ConnectLink
from tests.bot.store import Keeper


@pytest.fixture
def migrated(keeper: Keeper) -> Database:
    """An empty store, on both databases."""
    return keeper.database


async def nobody(_address: str) -> str | None:
    return None


async def import_file(database: Database, content: str) -> None:
    """Import a file as the command line does."""
    found = await read_accounts(content.encode(), nobody)
    async with database.write() as session:
        await store_accounts(session, found)


async def links(database: Database) -> list[tuple[str, str]]:
    """Each channel with its customer."""
    async with database.read() as session:
        rows = (await session.exec(select(ConnectLink))).all()
    return sorted((row.channel_id, row.account_key) for row in rows)


async def test_a_new_link_is_asked_about_at_once(migrated: Database) -> None:
    await import_file(migrated, "key,name,slack_channel\nacme,Acme,C024BE91L\n")
    async with migrated.read() as session:
        (link,) = (await session.exec(select(ConnectLink))).all()
    assert (link.channel_id, link.account_key, link.by) == ("C024BE91L", "acme", "")
    assert (link.state, link.check_at) == (ConnectState.CHECKING, link.at)


async def test_a_file_without_the_column_changes_no_link_and_an_empty_field_ends_one(
    migrated: Database,
) -> None:
    await import_file(migrated, "key,name,slack_channel\nacme,Acme,C024BE91L\n")
    await import_file(migrated, "key,name\nacme,Acme\n")
    assert await links(migrated) == [("C024BE91L", "acme")]
    await import_file(migrated, "key,name,slack_channel\nacme,Acme,\n")
    assert await links(migrated) == []


async def test_a_channel_moves_to_the_customer_that_the_file_names(migrated: Database) -> None:
    await import_file(migrated, "key,name,shared_channel\nacme,Acme,C024BE91L\n")
    await import_file(migrated, "key,name,shared_channel\nacme,Acme,\nblue,Blue,C024BE91L\n")
    assert await links(migrated) == [("C024BE91L", "blue")]


@pytest.mark.parametrize(
    ("rows", "line"),
    [("acme,Acme,#acme-shared", 2), ("acme,Acme,C024BE91L\nblue,Blue,C024BE91L", 3)],
)
async def test_a_name_for_an_id_and_a_channel_of_two_customers_are_mistakes(
    rows: str, line: int
) -> None:
    with pytest.raises(BadFileError) as wrong:
        await read_accounts(f"key,name,slack_channel\n{rows}\n".encode(), nobody)
    (mistake,) = wrong.value.mistakes
    assert (mistake.line, mistake.column) == (line, "slack_channel")
