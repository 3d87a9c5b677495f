"""How values of a report are written in one language: counts, shares, times, amounts."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from bot.rules.reports.handling import Rate, Times
from bot.rules.reports.periods import Period, PeriodKind, read_stored
from bot.rules.sponsorship.metrics import Figure
from bot.rules.words import Language
from messages.kit.amounts import format_amount
from messages.kit.dates import format_rough_duration, full_day, short_day
from messages.kit.texts import cldr_locale, t


def name_period(period: Period, language: Language) -> str:
    """``Q3 2026``, ``2026``, ``1 Jul to 28 Sep 2026``: as people of the language say it."""
    if period.kind is PeriodKind.QUARTER:
        number = (period.first.month - 1) // 3 + 1
        return t(language, "figures.quarter", number=number, year=period.first.year)
    if period.kind is PeriodKind.YEAR:
        return str(period.first.year)
    return t(
        language, "figures.from_to", first=short_day(period.first, language),
        last=full_day(period.last, language),
    )  # fmt: skip


def read_quarter(key: str) -> Period:
    """The period of a stored key, in UTC.

    Only its name is shown, which no zone changes.
    """
    return read_stored(key, "UTC")


@dataclass(frozen=True)
class Writer:
    """Writes values in a language; of what is too little to be told it says so."""

    language: Language

    def say(self, key: str, **facts: object) -> str:
        """A text of the figures."""
        return t(self.language, f"figures.{key}", **facts)

    def whole(self, count: int) -> str:
        """A count, with the language's mark between thousands."""
        return str(format_decimal(count, locale=cldr_locale(self.language)))

    def number(self, value: Decimal | None) -> str:
        """A number with one decimal."""
        if value is None:
            return self.say("unknown")
        return str(format_decimal(value, "0.0", locale=cldr_locale(self.language)))

    def share(self, part: int, of: int) -> str:
        """A part of a whole in percent, however small the whole is: both are shown beside it."""
        return self.percent(Decimal(100 * part) / of) if of else self.say("unknown")

    def percent(self, value: Decimal) -> str:
        """A share of 0 to 100, without decimals."""
        return str(format_percent(value / 100, "0%", locale=cldr_locale(self.language)))

    def rate(self, rate: Rate) -> str:
        """A share in whole percent; where there are too few, that."""
        return self.say("few") if rate.percent is None else self.percent(rate.percent)

    def mean(self, mean: Figure, *, signed: bool = False) -> str:
        """A mean with one decimal; ``signed``: one above 0 has its sign."""
        if mean.value is None:
            return self.say("few")
        value = mean.value.quantize(Decimal("0.1")) + 0  # no minus before 0
        written = self.number(value)
        return f"+{written}" if signed and value > 0 else written

    def span(self, span: timedelta | None) -> str:
        """A time as a person would say it: to five minutes, from three hours on to the hour, days.

        None is of too few.
        """
        return self.say("few") if span is None else format_rough_duration(span, self.language)

    def median(self, times: Times) -> str:
        """The middle of some times, as ``span`` writes it."""
        return self.span(times.median)

    def euro(self, amount: Decimal) -> str:
        """An amount in euro, as the language writes it; cents where there are any."""
        return format_amount(amount, "EUR", self.language)

    def month(self, month: Period) -> str:
        """A month as an axis has it: ``07/26``."""
        return f"{month.first:%m/%y}"
