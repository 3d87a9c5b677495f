"""Customers from a CSV file: read whole or not at all, every mistake named."""

from pathlib import Path

import pytest

from bot.people import accounts_csv
from storage.models import Account

FILES = Path(__file__).parents[2] / "data" / "accounts"

HEADER = "name,tier,arr,renewal_date,csm,language,contact_email,calendar\n"


async def nobody(_address: str) -> str | None:
    return None


async def priya(address: str) -> str | None:
    return "U0PRIYA" if address == "priya@northwind.example" else None


async def test_a_line_becomes_an_account_with_its_people_as_slack_ids() -> None:
    line = "Aegean Ferries,top,480 000,2027-01-31,priya@northwind.example,el,k@a.example,athens\n"
    found = await accounts_csv.read_accounts((HEADER + line).encode(), priya, ["athens"])
    [account], ignored = found.accounts, found.ignored
    assert (account.key, account.folded) == ("", "aegean ferries")
    assert (account.arr, account.csm, account.language) == (480000, "U0PRIYA", "el")
    assert str(account.renewal) == "2027-01-31"
    assert account.calendar == "athens"
    assert ignored == []


async def test_every_mistake_is_named_by_its_line_and_column() -> None:
    text = HEADER + (
        ",x,,,,,,\n"
        "Acme,x,12x,2027-13-01,priya,xx,no-mail,mars\n"
        "Bravo,x,,,who@nowhere.example,,,\n"
        "Acme,x,,,,,,\n"
    )
    with pytest.raises(accounts_csv.BadFileError) as raised:
        await accounts_csv.read_accounts(text.encode(), nobody, ["athens"])
    found = {(m.line, m.column) for m in raised.value.mistakes}
    assert found == {
        (2, "name"), (3, "arr"), (3, "renewal"), (3, "csm"), (3, "language"),
        (3, "contact_email"), (3, "calendar"), (4, "csm"), (5, "name"),
    }  # fmt: skip


async def test_a_time_zone_is_known_or_the_nearest_is_named() -> None:
    content = b"name,timezone\nAcme,America/New_York\nBravo,Europe/Athns\n"
    with pytest.raises(accounts_csv.BadFileError) as raised:
        await accounts_csv.read_accounts(content, nobody)
    (mistake,) = raised.value.mistakes
    assert (mistake.line, mistake.column) == (3, "timezone")
    assert mistake.message.endswith("did you mean Europe/Athens?")
    found = await accounts_csv.read_accounts(content[: content.index(b"Bravo")], nobody)
    [acme] = found.accounts
    assert acme.timezone == "America/New_York"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "name"),
        (b"tier\nx\n", "name"),
        (b"name\n", "no accounts"),
        (b"name\n\xff\xfe\n", "UTF-8"),
    ],
)
async def test_a_file_that_is_not_one_says_why(content: bytes, said: str) -> None:
    with pytest.raises(accounts_csv.BadFileError, match=said):
        await accounts_csv.read_accounts(content, nobody)


async def test_a_spreadsheets_habits_are_understood() -> None:
    content = "\ufeffCustomer;Annual Revenue;Mood\nΔελφοί ΑΕ;€ 1.000;fine\n".encode()
    found = await accounts_csv.read_accounts(content, nobody)
    [account] = found.accounts
    assert (account.name, account.arr, found.ignored) == ("Δελφοί ΑΕ", 1000, ["mood"])


async def test_how_a_contact_is_addressed_comes_from_the_file() -> None:
    content = "name,contact,salutation\nAegean,Κατερίνα Δήμου,κυρία  Δήμου\n"
    found = await accounts_csv.read_accounts(content.encode(), nobody)
    [account] = found.accounts
    assert account.greeting == "κυρία Δήμου"
    assert found.ignored == []


async def read(content: str | bytes) -> list[Account]:
    """The accounts of a file in which no colleagues are named."""
    data = content.encode() if isinstance(content, str) else content
    return (await accounts_csv.read_accounts(data, nobody)).accounts


async def mistakes(content: str | bytes) -> list[tuple[int, str, str]]:
    """Line, column and words of each mistake in a file."""
    with pytest.raises(accounts_csv.BadFileError) as raised:
        await read(content)
    return [(m.line, m.column, m.message) for m in raised.value.mistakes]


async def test_revenue_is_read_as_it_was_meant_or_named() -> None:
    *whole, halves = await mistakes((FILES / "decimal-comma.csv").read_bytes())
    assert not whole
    assert halves[:2] == (3, "arr")
    assert "12,5" in halves[2]
    found = await read((FILES / "comma-file.csv").read_bytes())
    assert [a.arr for a in found] == [410000, 1250000, 96500, 410000, 410000]


async def test_a_currency_is_a_code_or_a_sign_or_is_named() -> None:
    [(line, column, said)] = await mistakes("name,arr,currency\nElm,410000,EURO\n")
    assert (line, column) == (2, "currency")
    assert "did you mean EUR?" in said
    found = await read("name,arr,currency\nElm,5,€\nOak,$5,\nAsh,5,usd\nFir,5 GBP,GBP\n")
    assert [a.currency for a in found] == ["EUR", "USD", "USD", "GBP"]
    assert await mistakes("name,arr,currency\nElm,$5,EUR\n")


@pytest.mark.parametrize("ends", ["\r", "\r\n", "\n"])
async def test_lines_may_end_as_on_any_machine(ends: str) -> None:
    found = await read(ends.join(["name,tier", "Iris Yards,growth", "Juno Mills,starter", ""]))
    assert [a.name for a in found] == ["Iris Yards", "Juno Mills"]
    assert len(await read((FILES / "mac-cr.csv").read_bytes())) == 2


async def test_an_open_quotation_mark_is_named_by_its_line() -> None:
    [(line, _, said)] = await mistakes('name,tier\nElm,x\nOak,"gold\nAsh,y\n' + "z" * 200_000)
    assert line == 3
    assert "quotation mark" in said


async def test_a_language_may_be_written_in_itself_and_in_small_letters() -> None:
    found = await read((FILES / "greek-word.csv").read_bytes())
    assert {a.language for a in found} == {"el"}
    assert [a.language for a in await read("name,language\nA,ΕΛΛΗΝΙΚΑ\n")] == ["el"]


async def test_two_addresses_in_a_cell_are_a_mistake() -> None:
    found = await mistakes((FILES / "two-addresses.csv").read_bytes())
    assert [(line, column) for line, column, _ in found] == [
        (2, "contact_email"), (3, "contact_email"),
    ]  # fmt: skip
    assert all("more than one" in said for _, _, said in found)


async def test_a_row_with_more_values_than_columns_is_a_mistake() -> None:
    [(line, _, said)] = await mistakes("name,arr\nElm,410,000\n")
    assert line == 2
    assert "3 values" in said
    assert [a.arr for a in await read("name,arr\nElm,410000,,\n")] == [410000]


async def test_two_columns_for_one_field_count_as_one_unless_they_differ() -> None:
    [reed] = await read((FILES / "double-columns.csv").read_bytes())
    assert (reed.name, reed.tier) == ("Reed AG", "enterprise")
    [(line, column, said)] = await mistakes("name,company\nReed AG,Reed Holding\n")
    assert (line, column) == (2, "name")
    assert "Reed Holding" in said


async def test_a_name_is_stored_without_what_is_not_seen() -> None:
    [account] = await read("name\n\u200fCafe\u0301\u00a0 Noir\u200b\n")
    assert account.name == "Café Noir"


async def test_a_key_or_a_name_that_no_form_can_carry_is_a_mistake() -> None:
    found = await mistakes(f"name,key\n{'n' * 201},a\nElm,{'k' * 121}\n")
    assert [(line, column) for line, column, _ in found] == [(2, "name"), (3, "key")]
    assert all("at most" in said for _, _, said in found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_a_file_of_excel_is_read_with_tabs_too(encoding: str) -> None:
    [account] = await read("sep=\t\nname\tarr\nΔύο\t1.000\n".encode(encoding))
    assert (account.name, account.arr) == ("Δύο", 1000)
