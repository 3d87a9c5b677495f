"""What the programme has brought, as its leads read it: each figure with its n."""

from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from bot.rules.sponsorship.metrics import Figure, ProgrammeFigures
from bot.rules.words import Language
from messages.kit.texts import cldr_locale, plural, t

PERCENT, SIGNED, MONTHS, NUMBER = "percent", "signed", "months", "number"


def figure_lines(found: ProgrammeFigures, language: Language) -> str:
    """List the figures; of too few the line says so, and of how many.

    Answers mrkdwn: a heading, a line a figure, and below them what they do not show.
    """
    lines = [f"*{t(language, 'sponsorship.figure.title')}*"]
    lines += [_line(name, figure, kind, language) for name, figure, kind in _rows(found)]
    return "\n".join([*lines, t(language, "sponsorship.figure.note")])


def _rows(found: ProgrammeFigures) -> Iterator[tuple[str, Figure, str]]:
    """Each figure with its name and how its value is written, in the order in which they are read.

    What was before stands above what is since, so that the two are compared.
    """
    yield "retention", found.retention, PERCENT
    if found.expansion is not None:
        yield "expansion", found.expansion, SIGNED
    yield "tenure", found.tenure, MONTHS
    yield "adherence", found.adherence, PERCENT
    yield "before", found.before, NUMBER
    yield "since", found.since, NUMBER
    yield "satisfied_before", found.satisfied_before, NUMBER
    yield "satisfaction", found.satisfaction, NUMBER


def _line(name: str, figure: Figure, kind: str, language: Language) -> str:
    said = t(language, f"sponsorship.figure.{name}")
    if figure.value is None:
        return t(language, "sponsorship.figure.few", name=said, n=figure.n)
    value = _written(figure.value, kind, language)
    return t(language, "sponsorship.figure.line", name=said, value=value, n=figure.n)


def _written(value: Decimal, kind: str, language: Language) -> str:
    """The value as the language writes it, without false precision.

    Percents and months are whole, halves of a month cut off; all else has one decimal.
    """
    locale = cldr_locale(language)
    if kind == MONTHS:
        return plural(language, "sponsorship.months", int(value))
    if kind == NUMBER:
        return str(format_decimal(value, "0.0", locale=locale))
    written = str(format_percent(value / 100, "0%", locale=locale))
    return f"+{written}" if kind == SIGNED and value > 0 else written
