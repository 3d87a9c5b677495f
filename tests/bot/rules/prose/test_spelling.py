"""Words of an alphabet of its own, in each way in which they are typed."""

import pytest

from bot.rules.prose.folding import fold_text
from bot.rules.prose.spelling import read_word, spell_word
from bot.rules.words import Language

GREEK = Language.GREEK


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("θα", "tha 8a"),
        ("την", "thn tin tyn"),
        ("έχετε", "exete ehete echete"),
        ("σύντομα", "syntoma suntoma sintoma sidoma"),
        ("ευχαριστούμε", "efxaristoume euxaristoume eyharistoyme efcharistume"),
        ("λάθος", "lathos la8os"),
        ("ξανά", "ksana xana 3ana"),
        ("πρόβλημα", "provlima problhma provlhma"),
        ("υπάρχει", "yparxei iparhi uparchei"),
        ("μπορούμε", "mporoume boroume mporume"),
        ("πληρώσω", "plhrwsw pliroso"),
        ("ψάχνουμε", "psaxnoume 4axnoume"),
        ("αγγίξουμε", "aggiksoume angixoume agi3oume"),
        ("αύριο", "aurio avrio ayrio afrio"),
    ],
)
def test_a_word_typed_with_latin_letters_may_mean_the_greek_one(word: str, typed: str) -> None:
    key = spell_word(fold_text(word).text, GREEK)
    for each in typed.split():
        assert key in read_word(each, GREEK, latin=True), each


def test_a_slip_of_spelling_hides_no_word() -> None:
    assert (
        len({spell_word(each, GREEK) for each in ("αποζημιωση", "αποζημηωσει", "απoζιμιωση")}) <= 2
    )
    assert spell_word("αλλα", GREEK) == spell_word("αλα", GREEK)


def test_a_latin_word_in_greek_text_is_none_of_the_language() -> None:
    assert read_word("the", GREEK, latin=False) == frozenset()
    assert read_word("12:00", GREEK, latin=False) == {"12:00"}


def test_a_language_in_latin_letters_has_its_words_as_they_are() -> None:
    assert read_word("soon", Language.ENGLISH, latin=True) == {"soon"}


def test_a_long_word_has_no_endless_readings() -> None:
    assert len(read_word("h" * 400, GREEK, latin=True)) <= 96
