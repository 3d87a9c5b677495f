"""The rules are code without a language: what they know of one stands in its files."""

import unicodedata
from pathlib import Path

RULES = Path(__file__).parents[3] / "bot" / "rules"


def foreign_letters(source: str) -> set[str]:
    """The letters of a text that are of another script than Latin; marks such as ʼ are none."""
    letters = {char for char in source if char.isalpha() and unicodedata.category(char) != "Lm"}
    return {char for char in letters if not unicodedata.name(char, "").startswith("LATIN")}


def test_no_module_of_the_rules_has_letters_of_another_script_than_latin() -> None:
    found = {
        str(path.relative_to(RULES)): letters
        for path in sorted(RULES.rglob("*.py"))
        if (letters := foreign_letters(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_letter_of_another_script_would_be_seen() -> None:
    assert foreign_letters("re.compile('ευρω|euro')") == set("ευρω")
