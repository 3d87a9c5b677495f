"""Sums of money as each language writes them: ``€1,000``, ``1.000 €``, ``20%``.

Amounts are formatted by Babel, from CLDR's patterns. What the store and refusals carry is the
amount as ``bot/rules/money/concessions.py`` writes it, such as ``500 EUR``.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent

from bot.rules.facts import AccountFacts
from bot.rules.money.amounts import SHARE
from bot.rules.words import Language
from messages.kit.texts import cldr_locale

THOUSAND, MILLION = 1_000, 1_000_000

_CARRIED = re.compile(r"(\d+(?:\.\d+)?)(%| [A-Z]{3})")


def format_amount(amount: Decimal | int, unit: str, language: Language) -> str:
    """Write an amount in a currency (ISO 4217) or, where ``unit`` is ``%``, a share of a price.

    Cents are written where there are any. What is no currency code follows the digits as it is.
    """
    locale, whole = cldr_locale(language), Decimal(amount)
    if unit == SHARE:
        return format_percent(whole / 100, locale=locale, decimal_quantization=False)
    if not re.fullmatch("[A-Z]{3}", unit):
        return f"{format_decimal(whole, locale=locale)} {unit}".rstrip()
    written = whole.quantize(Decimal("0.01"), ROUND_HALF_UP)
    if written != written.to_integral_value():
        return format_currency(written, unit, locale=locale)
    return format_currency(written, unit, _whole_pattern(language), locale, currency_digits=False)


def say_amount(carried: str, language: Language) -> str:
    """Write ``500 EUR`` or ``20%`` for the reader; any other text stays as it is."""
    found = _CARRIED.fullmatch(carried)
    return format_amount(Decimal(found[1]), found[2].strip(), language) if found else carried


def format_revenue(account: AccountFacts, language: Language) -> str:
    """Write yearly revenue at a glance: ``€1.3M``; in Greek ``1,3 εκ. €``, ``85 χιλ. €``.

    Halves are rounded up, and what rounds to a thousand thousands is a million.
    """
    amount, currency = Decimal(account.arr or 0), account.currency
    step = Decimal(MILLION) / 10 if round_to(amount, THOUSAND) >= MILLION else Decimal(THOUSAND)
    shown = round_to(amount, step) if amount >= THOUSAND else amount
    digits = int(shown >= MILLION and shown % MILLION != 0)
    locale = cldr_locale(language)
    short = format_compact_currency(shown, currency, fraction_digits=digits, locale=locale)
    # A language without a short form, such as German for thousands, gets the amount in full.
    return short if str(shown.to_integral_value()) not in short else format_amount(
        amount, currency, language
    )  # fmt: skip


def round_to(amount: Decimal, step: Decimal | int) -> Decimal:
    """Round to the nearest multiple of a step, halves up."""
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def _whole_pattern(language: Language) -> str:
    """Return the language's pattern for money, without cents."""
    return str(cldr_locale(language).currency_formats["standard"].pattern).replace(".00", "")
