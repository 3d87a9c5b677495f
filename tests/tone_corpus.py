"""How well the tone lint judges sentences: ``python -m tests.tone_corpus FILE.json …``.

A file has the form

    {"setting": {"customer": "Acme Foods", "others": ["Granite Insurance"]},
     "sentences": [{"l": "en", "t": "We will fix it soon.", "f": ["undated"]}]}

``l`` is the language (``greeklish`` is Greek in Latin letters), ``t`` the text, ``f`` the rules
that should find something in it, ``s`` true where it should be stopped, ``p`` true where the
message promises a next time and so must say it. ``shape`` stands for capitals,
length and placeholders. What was
missed and what was wrongly found is printed, then precision and recall of each language and rule.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.rules.tone.lint import Finding, Rule, Setting, lint_message
from bot.rules.words import Language

LANGUAGES = {"en": Language.ENGLISH, "el": Language.GREEK, "greeklish": Language.GREEK}
SHAPES = (Rule.CAPITALS, Rule.LENGTH, Rule.GREETING, Rule.PLACEHOLDER)
SHAPE = {rule.value: "shape" for rule in SHAPES}
ALWAYS_STOP = frozenset({"secret", "wrong_customer", "no_next_update"})
STOPPING = ALWAYS_STOP | {"concession"}
# What is looked for in a legal case alone has tests of its own, as has what needs a whole letter.
ASIDE = frozenset(
    {
        Rule.OTHER_TIME.value,
        Rule.UNCHECKED.value,
        Rule.FIRST_RESPONSE.value,
        Rule.LIABILITY.value,
        Rule.PLAYBOOK.value,
    }
)


@dataclass(frozen=True)
class Sample:
    """A sentence with the rules that should find something, and what is known of the case."""

    language: str
    text: str
    finds: frozenset[str]
    stops: bool
    promises: bool
    customer: str
    others: tuple[str, ...]

    @property
    def stopping(self) -> frozenset[str]:
        """The rules that should stop it."""
        return self.finds & (STOPPING if self.stops else ALWAYS_STOP)


@dataclass
class Score:
    """How often a rule was right, found what is not there, and missed what is."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, key: str, got: Iterable[str], wanted: Iterable[str]) -> None:
        """Count rules found and wanted under ``<key> <rule>``."""
        found, due = set(got), set(wanted)
        self.right.update(f"{key} {rule}" for rule in found & due)
        self.wrong.update(f"{key} {rule}" for rule in found - due)
        self.missed.update(f"{key} {rule}" for rule in due - found)

    def figures(self, prefix: str = "") -> tuple[int, int, int]:
        """Right, wrong and missed of all keys that begin so."""
        return tuple(  # type: ignore[return-value]  # three counters
            sum(count for key, count in each.items() if key.startswith(prefix))
            for each in (self.right, self.wrong, self.missed)
        )


def read_samples(path: Path) -> Iterator[Sample]:
    """The sentences of a file."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    setting = told["setting"]
    for each in told["sentences"]:
        yield Sample(
            each["l"],
            each["t"],
            frozenset(each["f"]),
            bool(each.get("s")),
            bool(each.get("p")),
            setting.get("customer", ""),
            tuple(setting.get("others", ())),
        )


def lint_sample(sample: Sample) -> tuple[Finding, ...]:
    """What the lint finds in a sentence."""
    setting = Setting(
        LANGUAGES[sample.language],
        customer=sample.customer,
        others=sample.others,
        promises=sample.promises,
    )
    found = lint_message(sample.text, setting)
    return tuple(each for each in found if each.rule.value not in ASIDE)


def rules_of(found: Iterable[Finding]) -> frozenset[str]:
    """The names of the rules as the file has them."""
    return frozenset(SHAPE.get(each.rule.value, each.rule.value) for each in found)


def score_samples(samples: Iterable[Sample]) -> tuple[Score, Score, list[str]]:
    """Scores of everything and of hard stops, and a line for each mistake."""
    every, stops, lines = Score(), Score(), []
    for sample in samples:
        found = lint_sample(sample)
        got, stopped = rules_of(found), rules_of(each for each in found if each.stops)
        every.add(sample.language, got, sample.finds)
        stops.add("stop", stopped, sample.stopping)
        lines += _mistakes(sample, got, sample.finds, "")
        lines += _mistakes(sample, stopped, sample.stopping, " as a stop")
    return every, stops, lines


def _mistakes(
    sample: Sample, got: frozenset[str], wanted: frozenset[str], what: str
) -> Iterator[str]:
    for rule in sorted(wanted - got):
        yield f"missed{what}: {sample.language} {rule}: {sample.text}"
    for rule in sorted(got - wanted):
        yield f"wrong{what}: {sample.language} {rule}: {sample.text}"


def share(part: int, rest: int) -> float:
    """A part of a whole; 1 where there is nothing."""
    return part / (part + rest) if part + rest else 1.0


def report_scores(every: Score, stops: Score) -> Iterator[str]:
    """A line for each language and rule, for the advice in each language, and the last line."""
    keys = sorted({*every.right, *every.wrong, *every.missed})
    for key in keys:
        right, wrong, missed = every.right[key], every.wrong[key], every.missed[key]
        yield f"{key:30} precision {share(right, wrong):.2f} recall {share(right, missed):.2f}"
    for language in sorted({key.split()[0] for key in keys}):
        advice = [
            key for key in keys if key.split()[0] == language and key.split()[1] not in STOPPING
        ]
        right, wrong, missed = (
            sum(each[key] for key in advice) for each in (every.right, every.wrong, every.missed)
        )
        yield (
            f"{language}, advice: precision {share(right, wrong):.2f},"
            f" recall {share(right, missed):.2f} ({right} right, {wrong} wrong, {missed} missed)"
        )
    right, wrong, missed = every.figures()
    s, w, m = stops.figures()
    yield (
        f"precision {share(right, wrong):.2f}, recall {share(right, missed):.2f},"
        f" hard stops: {s} right, {w} wrong, {m} missed"
    )


def main(paths: list[str]) -> int:
    """Print mistakes and figures of the files."""
    samples = [each for path in paths for each in read_samples(Path(path))]
    every, stops, lines = score_samples(samples)
    sys.stdout.write("\n".join([*lines, *report_scores(every, stops)]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
