"""What customers read is said in their own language, and nothing that they read is forgotten."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rules.words import Language
from messages.customers import outward_texts
from messages.customers.outward_texts import OUTWARD, find_borrowed_texts
from messages.kit.texts import own_texts

CUSTOMERS = Path(outward_texts.__file__).parent
# Modules that write what customers read; the others are about templates, for colleagues.
WRITERS = ("greeting", "holding_text", "letter_facts", "mail_body", "pages")


def asked_keys() -> Iterator[str]:
    """The keys of texts that the modules and pages for customers ask for, as far as written out."""
    for name in WRITERS:
        for node in ast.walk(ast.parse((CUSTOMERS / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("t", "plural"):
                asked = node.args[1]
                parts = asked.values if isinstance(asked, ast.JoinedStr) else [asked]
                if isinstance(parts[0], ast.Constant):
                    yield str(parts[0].value)


@pytest.mark.parametrize("language", Language)
def test_no_customer_reads_a_sentence_in_another_language(language: Language) -> None:
    assert find_borrowed_texts(language) == []


def test_every_text_that_customers_are_shown_counts_as_theirs() -> None:
    asked = set(asked_keys())
    assert len(asked) > 10
    assert [key for key in asked if not key.startswith(OUTWARD)] == []


def test_what_is_missing_is_named_and_what_has_no_words_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = own_texts(Language.GREEK)
    gone = ("page.send", "date.with_zone", "status.new", "customer.target.working_hours.one")
    left = {key: text for key, text in whole.items() if key not in gone}
    monkeypatch.setattr(outward_texts, "own_texts", lambda language: left)
    assert find_borrowed_texts(Language.GREEK) == ["page.send"]
