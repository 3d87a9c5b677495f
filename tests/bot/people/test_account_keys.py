"""Identities of customers: none is overwritten by another, whatever script their names are in."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.people.account_keys import store_accounts
from bot.people.accounts_csv import BadFileError, read_accounts
from bot.rules.names import fold_name
from storage.database import Database
from storage.models import Account
from tests.bot.store import Keeper

FILES = Path(__file__).parents[2] / "data" / "accounts"


@pytest.fixture
def migrated(keeper: Keeper) -> Database:
    """An empty store, on both databases."""
    return keeper.database


async def nobody(_address: str) -> str | None:
    return None


async def import_file(database: Database, content: str | bytes) -> None:
    """Import a file as the command line does."""
    data = content.encode() if isinstance(content, str) else content
    found = await read_accounts(data, nobody)
    async with database.write() as session:
        await store_accounts(session, found)


async def stored(database: Database) -> dict[str, str]:
    """The name of each account by its key."""
    async with database.read() as session:
        rows = (await session.exec(select(Account).order_by(col(Account.name)))).all()
    return {row.key: row.name for row in rows}


NAMES = (
    "株式会社青空",
    "有限会社山田",
    "Дом",
    "Мир",
    "Ναύς",
    "Nays",
    "🚀",
    "🐙",
    "“”",
    "Acme!",
    "Acme?",
)


async def test_names_in_any_script_have_keys_of_their_own(migrated: Database) -> None:
    await import_file(migrated, "name\n" + "\n".join(f'"{name}"' for name in NAMES))
    found = await stored(migrated)
    assert sorted(found.values()) == sorted(NAMES)
    assert all(found)


async def test_one_after_the_other_they_overwrite_nothing(migrated: Database) -> None:
    for name in ("cjk-1.csv", "cjk-2.csv", "cjk.csv"):
        await import_file(migrated, (FILES / name).read_bytes())
    assert len(await stored(migrated)) == 2


async def test_the_same_name_is_the_same_customer_over_imports(migrated: Database) -> None:
    await import_file(migrated, "name,tier\nElm Bank,gold\n")
    await import_file(migrated, "name,tier\nELM\u00a0bank,silver\n")
    async with migrated.read() as session:
        [account] = (await session.exec(select(Account))).all()
    assert (account.key, account.tier) == ("elm-bank", "silver")


async def test_a_key_that_was_given_is_kept_when_the_file_leaves_it_out(migrated: Database) -> None:
    await import_file(migrated, "key,name\ncrm-7,Elm Bank\n")
    await import_file(migrated, "name,tier\nElm Bank,gold\n")
    assert await stored(migrated) == {"crm-7": "Elm Bank"}


async def test_a_name_that_may_be_another_customers_is_asked_about(migrated: Database) -> None:
    await import_file(migrated, "name\nMüller\n")
    with pytest.raises(BadFileError, match="line 2, column name: 'Muller' may be an account"):
        await import_file(migrated, "name\nMuller\n")
    await import_file(migrated, "key,name\nm-2,Muller\n")
    assert len(await stored(migrated)) == 2


async def test_a_name_that_two_accounts_have_does_not_tell_which(migrated: Database) -> None:
    await import_file(migrated, "key,name\na,Elm\nb,Elm\n")
    with pytest.raises(BadFileError, match="is the name of an account"):
        await import_file(migrated, "name\nElm\n")
    assert len(await stored(migrated)) == 2


async def test_one_row_cannot_take_the_account_of_another_row(migrated: Database) -> None:
    await import_file(migrated, "key,name\na,Elm\n")
    with pytest.raises(BadFileError):
        await import_file(migrated, "key,name\na,Oak\n,Elm\n")
    assert await stored(migrated) == {"a": "Elm"}


async def test_revenue_of_thousands_of_millions_is_stored(migrated: Database) -> None:
    await import_file(migrated, "name,arr,currency\nElm,3.000.000.000,JPY\n")
    async with migrated.read() as session:
        [account] = (await session.exec(select(Account))).all()
    assert account.arr == 3_000_000_000


async def test_a_very_long_name_has_a_key_that_a_form_can_carry(migrated: Database) -> None:
    await import_file(migrated, (FILES / "long-names.csv").read_bytes())
    found = await stored(migrated)
    assert len(found) == 2
    assert all(len(key) <= 60 for key in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Larkspur Rail”", "larkspur\u00a0rail"),
        ("Πέλαγος Τροφίμων", "ΠΕΛΑΓΟΣ ΤΡΟΦΙΜΩΝ"),
        ("O’Brien", "O'Brien"),
        ("ＡＢＣ", "abc"),
        ("\u200eElm\u200b", "Elm"),
        ("Straße", "STRASSE"),
        ("Søren—Łódź", "soren-lodz"),
    ],
)
def test_names_fold_alike(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(("one", "other"), [("バス", "ハス"), ("青空", "山田"), ("🚀", "🐙")])
def test_other_letters_stay_others(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


async def test_whom_people_named_stays_until_the_file_names_somebody(
    migrated: Database,
) -> None:
    database = migrated
    async with database.write() as session:
        session.add(
            Account(key="acme", name="Acme", folded="acme", csm="UBILL", named_here={"csm": "UEM"})
        )
    for content, expected, kept in (
        (b"key,name,csm\nacme,Acme,\n", "UBILL", {"csm": "UEM"}),
        (b"key,name,csm\nacme,Acme,UCARL\n", "UCARL", {}),
        (b"key,name,csm\nacme,Acme,\n", None, {}),
    ):
        found = await read_accounts(content, nobody)
        async with database.write() as session:
            said = await store_accounts(session, found)
        async with database.read() as session:
            account = await session.get_one(Account, "acme")
            assert (account.csm, account.named_here) == (expected, kept)
        assert said == (
            ["Acme: csm is UCARL by the file, not UBILL, named in Slack"]
            if expected == "UCARL"
            else []
        )
