"""No sentence has a broken shape, whatever the count: one is not many, and money is grouped.

Everything that the app says is rendered with counts of 0, 1, 2 and 5 in each language.
"""

import re

import pytest

from bot.rules.words import Language
from tests.messages.limits import CONTROL
from tests.messages.rendered import COUNTS, everything_said

EN, EL = Language.ENGLISH, Language.GREEK
# What no sentence may contain, in any language.
BROKEN = {
    "two full stops": r"(?<!\.)\.\.(?!\.)|[.…][”»\"]\.|…\.",
    "two spaces": r"[\w.,;:!?»”]  +[\w«“]",
    "a space before a stop": r"\w [,.;:!?](?=\s|$)",
    "nothing in brackets": r"\(\s*\)|,\s*[,.]|:\s*[.,](?!\w)",
    "a name of the program": r"\b(?:True|False)\b|\bNone\b(?! (?:was|is|of))",
    "a fact left open": r"[{}]",
    "a date of machines": r"\b\d{4}-\d{2}-\d{2}\b",
    "money without separators": r"[€$£]\s?\d{4}|\b\d{4,}(?:[.,]\d+)?\s?(?:€|EUR|USD|%)",
    "a thousand thousands": r"\b1000\s?(?:χιλ|K\b|k\b)|\b1[.,]000\s?(?:χιλ|K\b)",
    "a typographic apostrophe": r"’",
}
# Nouns that are counted: as they stand after 1, and after any other number.
NOUNS = {
    EN: "customer/customers case/cases item/items hour/hours day/days minute/minutes email/emails "
        "person/people recipient/recipients reminder/reminders hint/hints message/messages "
        "character/characters time/times problem/problems line/lines update/updates",
    EL: "πελάτης/πελάτες πελάτη/πελάτες υπόθεση/υποθέσεις ημέρα/ημέρες ώρα/ώρες λεπτό/λεπτά "
        "ενέργεια/ενέργειες μήνυμα/μηνύματα πρόσωπο/πρόσωπα υπόδειξη/υποδείξεις φορά/φορές "
        "παραλήπτης/παραλήπτες υπενθύμιση/υπενθυμίσεις χαρακτήρας/χαρακτήρες γραμμή/γραμμές",
}  # fmt: skip
EVERY = {EN: r"\bevery 1\b", EL: r"\bκάθε 1\b"}
# Facts in braces, of which a person is told who writes a template or a broadcast.
SHOWN = re.compile(r"\{\{ ?\w+ ?\}\}|\{(?:greeting|contact|customer)\}")


def miscounted(language: Language) -> re.Pattern[str]:
    """A number beside the wrong form of a noun; one word may stand between."""
    pairs = [pair.split("/") for pair in NOUNS[language].split()]
    one, many = ("|".join(forms) for forms in zip(*pairs, strict=True))
    number = r"(?<![\d.,:#-])"
    wrong = (
        rf"{number}1 (?:\w+ )?(?:{many})\b",
        rf"{number}[025] (?:\w+ )?(?:{one})\b",
        EVERY[language],
    )
    return re.compile("|".join(wrong), re.IGNORECASE)


def broken(text: str, language: Language) -> list[str]:
    """The shapes that a text has and must not have, each with the words around it."""
    plain = CONTROL.sub("§", SHOWN.sub("x", text)).replace("  ·  ", " | ")
    shapes = [*BROKEN.items(), ("a wrong number", miscounted(language))]
    found = [(name, re.search(shape, plain)) for name, shape in shapes]
    return [f"{name}: {plain[max(m.start() - 30, 0) : m.end() + 30]}" for name, m in found if m]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("language", Language)
def test_no_sentence_has_a_broken_shape(language: Language, count: int) -> None:
    said = set(everything_said(language, count))
    assert sorted({(place, each) for place, text in said for each in broken(text, language)}) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sent to 1 customers.", EN),
        ("Sent to 5 customer.", EN),
        ("1 open cases", EN),
        ("Στάλθηκε σε 1 πελάτες.", EL),
        ("Απομένουν 1 ώρες", EL),
        ("a message at least every 1 hour", EN),
        ("τουλάχιστον κάθε 1 ώρα", EL),
        ("up to €10000", EN),
        ("έως 10000 €", EL),
        ("1000 χιλ. €", EL),
        ("due 2026-02-24", EN),
        ("They wrote “we lose our client.”.", EN),
        ("Done..", EN),
        ("Owner: None.", EN),
        ("by {user}", EN),
        ("two  spaces", EN),
        ("the customer’s page", EN),
        ("Approved by () today", EN),
    ],
)
def test_a_broken_shape_is_noticed(text: str, language: Language) -> None:
    assert broken(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sent to 1 customer, 2 customers and 0 customers.", EN),
        ("Kept 1 of 5. None was recorded… and so on.", EN),
        ("up to €10,000", EN),
        ("έως 10.000 €, σε 1 πελάτη και 5 πελάτες, σε 1 ώρα", EL),
        ("ESC-1 cases", EN),
    ],
)
def test_a_sound_sentence_is_left_alone(text: str, language: Language) -> None:
    assert broken(text, language) == []
