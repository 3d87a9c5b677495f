"""The tone lint against sentences: those that it was tuned on, and those that were held back."""

from collections import Counter
from pathlib import Path

import pytest

from bot.rules.tone.lint import Rule
from tests.tone_corpus import (
    ASIDE,
    SHAPES,
    STOPPING,
    Sample,
    Score,
    lint_sample,
    main,
    read_samples,
    report_scores,
    score_samples,
    share,
)

CORPUS = Path(__file__).parents[3] / "data" / "tone"
TUNED = tuple(
    sample
    for name in ("tuned", "reworded", "trades")
    for sample in read_samples(CORPUS / f"{name}.json")
)
HELD_BACK = tuple(
    sample
    for name in ("held_back", "trades_held_back", "other_hand")
    for sample in read_samples(CORPUS / f"{name}.json")
)
SENTENCES_MIN, OF_A_LANGUAGE_MIN = 300, 60
PRECISION_MIN, RECALL_MIN = 0.95, 0.95  # of every rule, where it was tuned
ADVICE_PRECISION_MIN, ADVICE_RECALL_MIN = 0.85, 0.6  # in each language, where it was not
STOPS_PRECISION_MIN, STOPS_RECALL_MIN = 0.98, 0.9
RULES = {"shape", *({rule.value for rule in set(Rule) - set(SHAPES)} - ASIDE)}


def test_the_corpus_is_large_and_every_sentence_stands_in_it_once() -> None:
    every = (*TUNED, *HELD_BACK)
    texts = Counter((sample.text, sample.promises) for sample in every)
    assert [text for text, count in texts.items() if count > 1] == []
    assert len(every) >= SENTENCES_MIN
    assert min(Counter(sample.language for sample in every).values()) >= OF_A_LANGUAGE_MIN
    assert frozenset().union(*(sample.finds for sample in every)) == RULES


def test_every_rule_keeps_its_precision_and_recall_where_it_was_tuned() -> None:
    every, _, odd = score_samples(TUNED)
    for key in {*every.right, *every.wrong, *every.missed}:
        assert share(every.right[key], every.wrong[key]) >= PRECISION_MIN, (key, odd)
        assert share(every.right[key], every.missed[key]) >= RECALL_MIN, (key, odd)


@pytest.mark.parametrize("language", ["en", "el", "greeklish"])
def test_advice_on_sentences_held_back_is_more_often_right_than_not(language: str) -> None:
    samples = [sample for sample in HELD_BACK if sample.language == language]
    every, _, _ = score_samples(samples)
    right, wrong, missed = advice_figures(every)
    assert share(right, wrong) >= ADVICE_PRECISION_MIN
    assert share(right, missed) >= ADVICE_RECALL_MIN


def advice_figures(score: Score) -> tuple[int, int, int]:
    """Right, wrong and missed of the rules that only advise."""
    figures = [score.figures(f"{key} ") for key in ("en", "el", "greeklish")]
    stops = [
        score.figures(f"{key} {rule}") for key in ("en", "el", "greeklish") for rule in STOPPING
    ]
    right, wrong, missed = (
        sum(each[at] for each in figures) - sum(each[at] for each in stops) for at in range(3)
    )
    return right, wrong, missed


def test_hard_stops_on_sentences_held_back_are_nearly_always_right() -> None:
    _, stops, _ = score_samples(HELD_BACK)
    right, wrong, missed = stops.figures()
    assert share(right, wrong) >= STOPS_PRECISION_MIN
    assert share(right, missed) >= STOPS_RECALL_MIN


def test_a_good_sentence_is_never_stopped() -> None:
    stopped = [s.text for s in TUNED if not s.finds and any(f.stops for f in lint_sample(s))]
    assert stopped == []


def test_only_four_things_stop_a_message() -> None:
    stopping = {f.rule for sample in TUNED for f in lint_sample(sample) if f.stops}
    assert stopping == {Rule.CONCESSION, Rule.SECRET, Rule.WRONG_CUSTOMER, Rule.NO_NEXT_UPDATE}


def test_the_command_names_mistakes_and_ends_with_the_figures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "sentences.json"
    file.write_text(
        '{"setting": {"others": ["Granite Insurance"]}, "sentences": ['
        '{"l": "en", "t": "We will get back to you soon.", "f": ["undated"]},'
        '{"l": "en", "t": "We refund you 500 EUR.", "f": ["concession"], "s": true},'
        '{"l": "en", "t": "Granite Insurance has it.", "f": []},'
        '{"l": "en", "t": "The list is here.", "f": ["blame"]}]}',
        encoding="utf-8",
    )
    assert main([str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "missed: en blame: The list is here." in said
    assert "wrong as a stop: en wrong_customer: Granite Insurance has it." in said
    assert said[-1] == "precision 0.67, recall 0.67, hard stops: 1 right, 1 wrong, 0 missed"


def test_a_score_of_nothing_is_full() -> None:
    assert list(report_scores(Score(), Score())) == [
        "precision 1.00, recall 1.00, hard stops: 0 right, 0 wrong, 0 missed"
    ]


def test_what_is_promised_must_be_said_in_a_sample_too() -> None:
    sample = Sample("en", "We found it.", frozenset(), False, True, "", ())
    assert [finding.rule for finding in lint_sample(sample)] == [Rule.NO_NEXT_UPDATE]
