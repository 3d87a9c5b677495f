"""Where a text names somebody, and what is left of it."""

import pytest

from bot.rules.compliance.columns import Holds
from bot.rules.compliance.persons import Finder, Sought, alias_of, keep, words_of

ALIAS = "person-0123abcd"
ZORA = Sought(ALIAS, ("U0ZEBRA", "Zora Zebrafink", "zora@zebrafink.example"))
GREEK = Sought("person-4567cdef", ("Μαρία Παπαδοπούλου", "Κώστας Παπαδόπουλος"))
ACME = Sought("account-0123abcd", ("Box",), ("box.example",))
KEY = b"k" * 32


@pytest.mark.parametrize(("said", "left"), [
    ("Ask Zora Zebrafink.", f"Ask {ALIAS}."),
    ("ZORA  ZEBRAFINK's line", f"{ALIAS}'s line"),
    ("Zebrafink, Zora", ALIAS),
    ("Zorà Zébrafink wrote", f"{ALIAS} wrote"),
    ("<@U0ZEBRA> and <@U0ZEBRA|zora>", f"{ALIAS} and {ALIAS}"),
    ("mail <zora@zebrafink.example>", f"mail <{ALIAS}>"),
    ("dm:U0ZEBRA", f"dm:{ALIAS}"),
    ("see https://x.example/zora-zebrafink/1 now", f"see https://x.example/{ALIAS}/1 now"),
    ("see https://x.example/zorazebrafink/1 now", f"see {ALIAS} now"),
    ("Zora and Mr Zebrafinkel", "Zora and Mr Zebrafinkel"),
    ("the zebra", "the zebra"),
    ("", ""),
])  # fmt: skip
def test_the_name_goes_and_the_words_around_stay(said: str, left: str) -> None:
    assert ZORA.erase(said) == left
    assert ZORA.erase(left) == left
    assert ZORA.is_named(said) is (said != left)


@pytest.mark.parametrize(("said", "left"), [
    ("Η Μαρία Παπαδοπούλου κάλεσε", f"Η {GREEK.alias} κάλεσε"),
    ("της ΜΑΡΙΑΣ ΠΑΠΑΔΟΠΟΥΛΟΥ", f"της {GREEK.alias}"),
    ("του Κώστα Παπαδόπουλου", f"του {GREEK.alias}"),
    ("τον Παπαδόπουλο Κώστα", f"τον {GREEK.alias}"),
    ("Μαρία Παππά", "Μαρία Παππά"),
])  # fmt: skip
def test_greek_names_are_found_in_every_case(said: str, left: str) -> None:
    assert GREEK.erase(said) == left


def test_a_name_of_one_word_is_no_word_of_a_sentence() -> None:
    assert ACME.erase("put it in the box for Box") == "put it in the box for account-0123abcd"
    assert ACME.erase("esc-7-box") == "esc-7-account-0123abcd"
    assert ACME.erase("ada@box.example wrote") == "account-0123abcd wrote"
    assert ACME.erase("<m1@box.example>", Holds.FACT) == "<m1@account-0123abcd>"


def test_an_address_that_stands_alone_leaves_nothing_and_a_name_the_pseudonym() -> None:
    assert ZORA.erase("zora@zebrafink.example", Holds.CONTACT) == ""
    assert ZORA.erase("Zora Zebrafink", Holds.CONTACT) == ALIAS
    assert ZORA.erase("https://x.example/zora-zebrafink", Holds.LINKS) == ""


def test_json_keeps_its_shape() -> None:
    said = {"n": 3, "U0ZEBRA": ["U0ZEBRA", None, {"by": "Zora Zebrafink"}], "on": True}
    left = {"n": 3, ALIAS: [ALIAS, None, {"by": ALIAS}], "on": True}
    assert ZORA.erase_in(said) == left


def test_a_pseudonym_is_stable_and_of_the_key() -> None:
    assert alias_of("person", "U0ZEBRA", KEY) == alias_of("person", "u0zebra", KEY)
    assert alias_of("person", "U0ZEBRA", KEY) != alias_of("person", "U0ZEBRA", b"x")
    assert alias_of("person", "U0ZEBRA", KEY).startswith("person-")


def test_who_was_erased_is_found_again_by_digests() -> None:
    finder = Finder([keep(ZORA, KEY), keep(ACME, KEY), keep(GREEK, KEY)], KEY)
    finder.look("Nobody is here")
    assert finder.sought() == []
    for text in ("zora zebrafink", "της Μαρίας Παπαδοπούλου", "x@box.example", "dm:U0ZEBRA"):
        finder.look(text)
    zora, box, maria = finder.sought()
    assert (zora.alias, zora.texts) == (ALIAS, ("U0ZEBRA", "zora zebrafink"))
    assert box.domains == ("box.example",)
    assert words_of(maria.texts[0]) == words_of("Μαρία Παπαδοπούλου")
    other = Finder([keep(ZORA, b"x")], KEY)
    other.look("Zora Zebrafink")
    assert other.sought() == []
