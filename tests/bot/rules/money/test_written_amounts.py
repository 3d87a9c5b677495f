"""Amounts as people write them in letters: covered by exactly what was approved, nothing less."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.rules.facts import ConcessionFacts
from bot.rules.money.concessions import Allowance, Gap
from bot.rules.money.offers import find_offers
from bot.rules.states import ConcessionState
from bot.rules.tone.lint import Rule, Setting, find_stops
from bot.rules.words import ConcessionKind, Language

DATA = Path("tests/data/money")
ENDS = datetime(2026, 12, 31, tzinfo=UTC)


def written() -> Iterator[tuple[str, str, str, str]]:
    """Every written offer with its language, amount and currency."""
    for file in ("written_amounts.toml", "more_written_amounts.toml"):
        lists = tomllib.loads((DATA / file).read_text(encoding="utf-8"))
        for language, rows in lists.items():
            yield from ((language, *row) for row in rows)


WRITTEN = tuple(written())


def grant(amount: Decimal, currency: str, text: str) -> ConcessionFacts:
    """What was approved, of a kind that the words can mean."""
    kind = sorted(find_offers(text)[0].kinds)[0]
    return ConcessionFacts(1, kind, amount, currency, ConcessionState.APPROVED, ENDS)


def stops(text: str, language: str, *granted: ConcessionFacts) -> list[Gap | None]:
    """Why the composer stops the text for money."""
    setting = Setting(Language(language), allowance=Allowance(granted=granted))
    found = [each for each in find_stops(text, setting) if each.rule is Rule.CONCESSION]
    return [each.uncovered.gap if each.uncovered else None for each in found]


def test_there_are_sixty_amounts_in_both_languages_and_as_many_again_apart() -> None:
    assert sum(row[0] == "en" for row in WRITTEN) >= 45
    assert sum(row[0] == "el" for row in WRITTEN) >= 45


@pytest.mark.parametrize(("language", "text", "amount", "currency"), WRITTEN)
def test_exactly_what_was_approved_passes(
    language: str, text: str, amount: str, currency: str
) -> None:
    approved = grant(Decimal(amount), currency, text)
    assert stops(text, language, approved) == []
    assert stops(text, language) == [Gap.NOTHING]
    for other in (Decimal("-0.01"), Decimal("0.01"), Decimal(100)):
        changed = replace(approved, amount=approved.amount + other)
        assert stops(text, language, changed) == [Gap.AMOUNT]
    assert stops(text, language, replace(approved, currency="SEK")) == [Gap.AMOUNT]


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("We will credit you 500 EUR and later another 500 EUR.", [Gap.TWICE]),
        ("We will credit you 500 EUR. You also get a refund of 20 EUR.", [Gap.NOTHING]),
        ("We will give you a discount of 500 EUR.", [Gap.KIND]),
        ("We will give you a free month worth 500 EUR.", [Gap.KIND]),
        ("We will refund the month of March.", [Gap.UNNAMED]),
        ("We will take 20% off your invoice.", [Gap.UNNAMED]),
        ("We will refund you between 400 and 500 euro.", [Gap.AMOUNT]),
        ("We will refund you 500 EUR a month.", [Gap.UNNAMED]),
        ("We will refund you 5,000 EUR.", [Gap.AMOUNT]),
        ("We will refund you 500,000 EUR.", [Gap.AMOUNT]),
        ("Σας δίνουμε έκπτωση 500 ευρώ.", [Gap.KIND]),
        ("Σας πιστώνουμε 500 ευρώ και άλλα 500 ευρώ.", [Gap.TWICE]),
    ],
)
def test_another_part_of_a_text_is_named(text: str, gaps: list[Gap]) -> None:
    approved = ConcessionFacts(
        1, ConcessionKind.GOODWILL, Decimal(500), "EUR", ConcessionState.APPROVED, ENDS
    )
    assert stops(text, "el" if "α" in text else "en", approved) == gaps


@pytest.mark.parametrize("gap", [Gap.WAITING, Gap.EXPIRED, Gap.ELSEWHERE, Gap.LEGAL, Gap.DECISION])
def test_what_comes_nearest_says_why(gap: Gap) -> None:
    near = ConcessionFacts(
        1, ConcessionKind.GOODWILL, Decimal(500), "EUR", ConcessionState.WAITING, ENDS
    )
    judged = Allowance(others=((gap, near),)).judge_offers(find_offers("We credit you 500 EUR."))
    assert [(each.gap, each.near) for each in judged.uncovered] == [(gap, near)]


def test_what_the_writer_gives_alone_must_fit_in_all() -> None:
    allowed = Allowance(Decimal(100), {"USD": Decimal("0.9")})
    within = allowed.judge_offers(find_offers("We credit you 60 EUR. We refund you 44 USD."))
    assert [(each.amount, each.currency) for each in within.own] == [
        (Decimal(60), "EUR"), (Decimal(44), "USD"),
    ]  # fmt: skip
    beyond = allowed.judge_offers(find_offers("We credit you 60 EUR. We refund you 45 USD."))
    assert len(beyond.uncovered) == 2
    assert beyond.own == ()
    unknown = allowed.judge_offers(find_offers("We refund you 1 SEK."))
    assert [each.gap for each in unknown.uncovered] == [Gap.NOTHING]
