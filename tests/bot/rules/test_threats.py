"""Threats in what customers say, against sentences it was tuned on and sentences held back."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.rules.intake import Reason, find_threats
from bot.rules.words import Language

SENTENCES = Path(__file__).parents[2] / "data" / "threats"
KINDS = (Reason.THREAT, Reason.LEGAL_THREAT)
WRITTEN = ("en", "el", "greeklish")
LEAST = {"tuned": (0.95, 0.95), "unseen": (0.85, 0.8)}  # precision, recall of each language


def score(name: str) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Right, wrong and missed by language, and what came out otherwise than it should."""
    found: Counter[tuple[str, str]] = Counter()
    odd = []
    for each in json.loads((SENTENCES / f"{name}.json").read_text(encoding="utf-8")):
        expected = Language.ENGLISH if each["language"] == "en" else Language.GREEK
        said = find_threats(each["text"], expected)
        for kind in KINDS:
            wanted, got = kind.value in each["finds"], kind in said
            result = "right" if wanted and got else "missed" if wanted else "wrong" if got else ""
            found[each["language"], result] += 1
            if result in ("missed", "wrong"):
                odd.append(f"{result} {kind.value}: {each['text']}")
    return found, odd


@pytest.mark.parametrize("name", LEAST)
@pytest.mark.parametrize("language", WRITTEN)
def test_threats_are_found_and_complaints_are_none(name: str, language: str) -> None:
    found, odd = score(name)
    right, wrong, missed = (found[language, result] for result in ("right", "wrong", "missed"))
    precision, recall = LEAST[name]
    assert right > 5
    assert right / (right + wrong) >= precision, odd
    assert right / (right + missed) >= recall, odd


def test_no_sentence_stands_in_both_lists() -> None:
    texts = [
        each["text"]
        for name in LEAST
        for each in json.loads((SENTENCES / f"{name}.json").read_text(encoding="utf-8"))
    ]
    assert len(texts) == len(set(texts))


def test_a_long_text_and_none_are_read() -> None:
    assert find_threats("", Language.ENGLISH) == ()
    assert find_threats("It is slow. " * 20_000, Language.ENGLISH) == ()


def test_both_are_found_the_gravest_first() -> None:
    text = "We are leaving you. You will hear from our lawyers."
    assert find_threats(text, Language.GREEK) == (Reason.LEGAL_THREAT, Reason.THREAT)
