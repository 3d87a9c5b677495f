"""The tone lint against a corpus of good and bad sentences: precision and recall of each rule."""

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.rules.tone.lint import Finding, Rule, Setting, Weight, lint_message
from bot.rules.words import Language

CORPUS = Path(__file__).parents[3] / "data" / "tone"
LANGUAGES = {"english": Language.ENGLISH, "greek": Language.GREEK, "greeklish": Language.GREEK}
OTHERS = ("Globex Corporation", "Initech", "Καλλιστώ ΑΕ", "Up", "Acme")
SENTENCES_MIN = 250
PRECISION_MIN, RECALL_MIN = 0.95, 0.95  # of every rule; what the corpus shows is printed
MENTION = "concession_mention"  # money spoken of but not offered: pointed out, never stopped


@dataclass(frozen=True)
class Sample:
    """A sentence and the rules that should be found in it."""

    language: Language
    text: str
    finds: frozenset[str]
    promises: bool = False


def samples() -> Iterator[Sample]:
    """Every sentence of the corpus."""
    for path in sorted(CORPUS.glob("*.toml")):
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        language = LANGUAGES[path.stem]
        for text in told["good"]:
            yield Sample(language, text, frozenset())
        for rule, texts in told["bad"].items():
            for text in texts:
                yield Sample(language, text, frozenset({rule}))
        for text in told["missing"]["no_next_update"]:
            yield Sample(language, text, frozenset({"no_next_update"}), promises=True)
        for text in told["missing"]["said"]:
            yield Sample(language, text, frozenset(), promises=True)
        for each in told.get("several", []):
            yield Sample(language, each["text"], frozenset(each["finds"]))


SAMPLES = tuple(samples())


def found(sample: Sample) -> tuple[Finding, ...]:
    """What the lint finds in a sentence of the corpus."""
    setting = Setting(
        sample.language,
        customer="Acme Hellas",
        others=OTHERS,
        promises=sample.promises,
        letter=False,
    )
    return lint_message(sample.text, setting)


def names(sample: Sample) -> set[str]:
    """The rules found; an offer and a mention of money are told apart."""
    return {
        MENTION if f.rule is Rule.CONCESSION and f.severity is Weight.WARN else f.rule.value
        for f in found(sample)
    }


def test_the_corpus_is_large_and_every_sentence_stands_in_it_once() -> None:
    texts = Counter((s.text, s.promises) for s in SAMPLES)
    assert len(texts) >= SENTENCES_MIN
    assert [text for text, count in texts.items() if count > 1] == []
    by_language = Counter(sample.language for sample in SAMPLES)
    assert min(by_language.values()) >= 100


def test_every_rule_keeps_its_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    odd = []
    for sample in SAMPLES:
        got = names(sample)
        right.update(got & sample.finds)
        wrong.update(got - sample.finds)
        missed.update(sample.finds - got)
        if got != sample.finds:
            odd.append(f"{sample.text!r}: found {sorted(got)}, expected {sorted(sample.finds)}")
    rules = sorted({*right, *wrong, *missed})
    with capsys.disabled():
        sys.stdout.write(
            f"\ntone lint: {len(SAMPLES)} sentences\n{'rule':20} precision recall  n\n"
        )
        for rule in rules:
            precision = right[rule] / max(right[rule] + wrong[rule], 1)
            recall = right[rule] / max(right[rule] + missed[rule], 1)
            count = right[rule] + missed[rule]
            sys.stdout.write(f"{rule:20} {precision:9.2f} {recall:6.2f} {count:3}\n")
    for rule in rules:
        assert right[rule] >= PRECISION_MIN * (right[rule] + wrong[rule]), (rule, odd)
        assert right[rule] >= RECALL_MIN * (right[rule] + missed[rule]), (rule, odd)


def test_a_good_sentence_is_never_stopped() -> None:
    stopped = [s.text for s in SAMPLES if not s.finds and any(f.stops for f in found(s))]
    assert stopped == []


def test_only_four_things_stop_a_message() -> None:
    stopping = {f.rule for sample in SAMPLES for f in found(sample) if f.stops}
    assert stopping == {Rule.CONCESSION, Rule.SECRET, Rule.WRONG_CUSTOMER, Rule.NO_NEXT_UPDATE}
