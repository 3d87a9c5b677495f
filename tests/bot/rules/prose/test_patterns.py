"""The syntax of phrases."""

import pytest

from bot.rules.languages import LanguageError
from bot.rules.prose.books import books_of
from bot.rules.prose.folding import fold_text
from bot.rules.prose.patterns import Compiler, Pattern, PatternError
from bot.rules.prose.sentences import Sentence, split_sentences


def compiled(source: str) -> tuple[Pattern, set[str]]:
    compiler = Compiler(lambda word: word, {"we": "(we|i)"})
    return compiler.compile(source), compiler.known


def matched(source: str, text: str) -> list[str]:
    """The words of each longest match, as they stand in the text."""
    pattern, known = compiled(source)
    (sentence,) = split_sentences(fold_text(text))
    keys = [keys_of(sentence, at, known) for at in range(len(sentence.words))]
    found = []
    for at in range(len(keys)):
        if ends := pattern.match(keys, at):
            start, end = sentence.span_of(at, max(ends))
            found.append(text[start:end])
    return found


def keys_of(sentence: Sentence, at: int, known: set[str]) -> frozenset[str]:
    word = sentence.words[at]
    parts = {f"{word.text[:n]}*" for n in range(1, 30)} | {
        f"*{word.text[-n:]}" for n in range(1, 30)
    }
    return frozenset({word.text, *(parts & known)}) | word.kinds


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("look* into", "We are looking into it", ["looking into"]),
        ("@we (will|shall)? call", "I call, we will call", ["I call", "we will call"]),
        ("any .. trouble", "any kind of trouble", ["any kind of trouble"]),
        ("any ..1 trouble", "any kind of trouble", []),
        ("any .. trouble", "any of it, no trouble", []),
        ("go _ home", "go straight home", ["go straight home"]),
        ("go _ home", "go home", []),
        ("just !now", "just now, just wait", ["just"]),
        ("< call", "Please call, call", ["call"]),
        ("*ing", "looking it up", ["looking"]),
        ("at #clock", "at 12:00", ["at 12:00"]),
        ("do not worry", "Don’t worry", ["Don’t worry"]),
        ("e-mail", "an e-mail", ["e-mail"]),
    ],
)
def test_a_phrase_is_found(source: str, text: str, found: list[str]) -> None:
    assert matched(source, text) == found


@pytest.mark.parametrize("source", ["(a|b", "a|", "@nothing", "a?", "", "(|a)", ")"])
def test_what_is_no_phrase_is_named(source: str) -> None:
    with pytest.raises(PatternError, match="is no phrase"):
        compiled(source)


def test_every_phrase_of_every_language_is_of_the_syntax() -> None:
    try:
        assert books_of("tone.toml")
        assert books_of("money.toml")
    except LanguageError as error:
        pytest.fail(str(error))


def test_the_end_of_a_short_form_is_a_word_of_a_phrase() -> None:
    pattern = Compiler(lambda word: word, {}).compile("landlord 's fault")
    words = [frozenset({each}) for each in ("landlord", "'s", "fault")]
    assert pattern.match(words, 0) == {3}
