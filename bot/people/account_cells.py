"""Cells of the accounts file: each is read, or noted as a mistake that says what would be right."""

from collections.abc import Awaitable, Callable
from datetime import date
from zoneinfo import available_timezones

from bot.people.revenue import (
    NotRevenueError,
    agrees_with,
    read_currency,
    read_revenue,
    similar_currency,
)
from bot.rules.customer_addresses import is_address
from bot.rules.intake.customer_domains import NotDomainError, read_domains
from bot.rules.membership import USER_ID
from bot.rules.policy.reader import nearest_word
from bot.rules.words import Language

Lookup = Callable[[str], Awaitable[str | None]]  # an address to a Slack user's id
Wrong = Callable[[str, str], None]  # notes a mistake: the column, what is wrong

CURRENCY = "EUR"  # where neither the file nor a sign says another


def read_language_cell(value: str, wrong: Wrong) -> str:
    """Return the code of a language; English where the field is empty."""
    found = Language.named(value) if value else Language.ENGLISH
    if found is None:
        known = ", ".join(f"{each.value} ({each.data.english_name})" for each in Language)
        wrong("language", f"{value!r} is not one of {known}")
    return (found or Language.ENGLISH).value


def read_address_cell(value: str, wrong: Wrong) -> str:
    """Return one email address as it is; several are a mistake of their own."""
    if not value or is_address(value):
        return value
    several = value.count("@") > 1
    said = "holds more than one address; give one" if several else "is not an email address"
    wrong("contact_email", f"{value!r} {said}")
    return ""


def read_domains_cell(value: str, wrong: Wrong) -> str:
    """Return mail domains as they are stored, with spaces between them."""
    try:
        return " ".join(read_domains(value))
    except NotDomainError as error:
        wrong("domains", str(error))
        return ""


async def find_colleague(column: str, value: str, lookup: Lookup, wrong: Wrong) -> str | None:
    """Return the Slack id of a colleague; None for an empty field and for a mistake.

    An id is taken as it is; its status is looked at afterwards. Only an address asks ``lookup``,
    one call to Slack each.
    """
    if not value or USER_ID.fullmatch(value):
        return value or None
    if "@" not in value:
        wrong(column, f"{value!r} is neither a Slack user id nor an email address")
        return None
    found = await lookup(value)
    if found is None:
        wrong(column, f"nobody in the workspace has the address {value}")
    return found


def read_zone_cell(value: str, wrong: Wrong) -> str | None:
    """Return an IANA name as it is; a mistake suggests the nearest one.

    None for an empty field, and for a mistake.
    """
    if not value or value in available_timezones():
        return value or None
    near = nearest_word(value, sorted(available_timezones()))
    wrong("timezone", f"{value!r} is not a time zone" + (f"; did you mean {near}?" if near else ""))
    return None


def read_revenue_cell(value: str, currency: str, wrong: Wrong) -> tuple[int | None, str]:
    """Return yearly revenue in whole units, None for an empty field, and its currency."""
    code = read_currency(currency) if currency else ""
    if code is None:
        near = similar_currency(currency)
        hint = f"; did you mean {near}?" if near else " such as EUR"
        wrong("currency", f"{currency!r} is not an ISO 4217 code{hint}")
    try:
        revenue = read_revenue(value)
    except NotRevenueError as error:
        wrong("arr", f"{value!r} {error}")
        revenue = None
    sign = revenue.currency if revenue else ""
    if code and not agrees_with(sign, code):
        wrong("arr", f"{value!r} is in {sign}, the column currency says {code}")
    return revenue.units if revenue else None, code or sign or CURRENCY


def read_date_cell(value: str, wrong: Wrong) -> date | None:
    """Return a date as ISO 8601 writes it, ``2027-03-31``; None where the field is empty."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        wrong("renewal", f"{value!r} is not a date such as 2027-03-31")
        return None
