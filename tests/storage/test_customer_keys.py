"""Customers with keys that no form could carry get others, and keep their cases."""

from alembic import command
from sqlalchemy import Connection, MetaData, Table, text

from storage import schema
from storage.database import Database
from tests.storage.test_schema import value

LONG = "zweckverband-" * 14


def fill_before(connection: Connection) -> None:
    """Three customers of the version before, two with cases, one of them without its account."""
    command.upgrade(schema._config(connection), "0140")
    for key, name, folded in (
        ("", "株式会社青空", "株式会社青空"),
        (LONG, "Zweckverband", "zweckverband"),
        ("plain", "“Quill” Ltd", "“quill” ltd"),
    ):
        connection.execute(
            text(
                "INSERT INTO account (key, name, folded, tier, currency, language, contact_name,"
                " contact_email, arr) VALUES (:key, :name, :folded, '', 'EUR', 'en', '', '', 7)"
            ),
            {"key": key, "name": name, "folded": folded},
        )


def add_case(connection: Connection, number: int, key: str | None, customer: str) -> None:
    """A case with what must be said of it, and no more."""
    table = Table("escalation", MetaData(), autoload_with=connection)
    row = {c.name: value(c) for c in table.columns if not c.nullable}
    row |= {"number": number, "account_key": key, "customer": customer}
    connection.execute(table.insert().values(row))


async def test_customers_get_keys_of_their_own_and_their_cases(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(fill_before)
        await connection.run_sync(add_case, 1, None, "株式会社青空")
        await connection.run_sync(add_case, 2, LONG, "Zweckverband")
        await connection.run_sync(add_case, 3, None, "Somebody else")

    await schema.upgrade_schema(database)

    async with database.engine.connect() as connection:
        accounts = await connection.execute(text("SELECT name, key, folded, arr FROM account"))
        found = {row.name: row for row in accounts}
        cases = await connection.execute(text("SELECT number, account_key FROM escalation"))
        theirs = {row.number: row.account_key for row in cases}
    assert {row.arr for row in found.values()} == {7}
    assert found["株式会社青空"].key == theirs[1] != ""
    assert found["Zweckverband"].key == theirs[2]
    assert len(theirs[2]) < 100
    assert theirs[3] is None
    assert (found["“Quill” Ltd"].key, found["“Quill” Ltd"].folded) == ("plain", 'quill" ltd')
