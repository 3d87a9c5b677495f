"""Customers from a CSV file: read whole or not at all, every mistake named."""

import pytest

from bot.people import accounts_csv

HEADER = "name,tier,arr,renewal_date,csm,language,contact_email,calendar\n"


async def nobody(_address: str) -> str | None:
    return None


async def priya(address: str) -> str | None:
    return "U0PRIYA" if address == "priya@northwind.example" else None


async def test_a_line_becomes_an_account_with_its_people_as_slack_ids() -> None:
    line = "Aegean Ferries,top,480 000,2027-01-31,priya@northwind.example,el,k@a.example,athens\n"
    [account], ignored = await accounts_csv.read_accounts(
        (HEADER + line).encode(), priya, ["athens"]
    )
    assert (account.key, account.folded) == ("aegean-ferries", "aegean ferries")
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
        (3, "contact_email"), (3, "calendar"), (4, "csm"), (5, "key"),
    }  # fmt: skip


async def test_a_time_zone_is_known_or_the_nearest_is_named() -> None:
    content = b"name,timezone\nAcme,America/New_York\nBravo,Europe/Athns\n"
    with pytest.raises(accounts_csv.BadFileError) as raised:
        await accounts_csv.read_accounts(content, nobody)
    (mistake,) = raised.value.mistakes
    assert (mistake.line, mistake.column) == (3, "timezone")
    assert mistake.message.endswith("did you mean Europe/Athens?")
    [acme], _ = await accounts_csv.read_accounts(content[: content.index(b"Bravo")], nobody)
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
    with pytest.raises(accounts_csv.BadFileError, match="whole number"):
        await accounts_csv.read_accounts(content, nobody)
    content = "\ufeffCustomer;Annual Revenue;Mood\nΔελφοί ΑΕ;€ 1 000;fine\n".encode()
    [account], ignored = await accounts_csv.read_accounts(content, nobody)
    assert (account.key, account.arr, ignored) == ("delfoi-ae", 1000, ["mood"])


async def test_how_a_contact_is_addressed_comes_from_the_file() -> None:
    content = "name,contact,salutation\nAegean,Κατερίνα Δήμου,κυρία  Δήμου\n"
    [account], ignored = await accounts_csv.read_accounts(content.encode(), nobody)
    assert account.greeting == "κυρία Δήμου"
    assert ignored == []
