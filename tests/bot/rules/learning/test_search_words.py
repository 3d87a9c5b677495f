"""The words by which a solved case is found: folded, cut, without what every text has."""

from bot.rules.learning.search_words import (
    SOUGHT_MAX,
    WEIGHED_MAX,
    least_shared,
    search_words,
    weigh_words,
)


def test_case_accents_endings_and_the_final_sigma_do_not_matter() -> None:
    assert search_words("Πληρωμές") == search_words("πληρωμης") == ("πληρωμ",)
    assert search_words("λάθος") == search_words("ΛΑΘΟΣ") == search_words("λάθη") == ("λαθ",)
    assert search_words("Payments, payment; PAYMENT!") == ("paymen",)
    assert search_words("κάρτας") == search_words("ΚΑΡΤΑ")
    assert search_words("cards queue") == search_words("Card queues")
    assert search_words("café") == search_words("CAFE")


def test_small_words_of_both_languages_and_addresses_are_left_out() -> None:
    assert search_words("It is the same as with our customers") == ()
    assert search_words("Δεν είναι από τους πελάτες μας") == ()
    assert search_words("see https://x.example/timeout <@U123ABC> eve@acme.example") == ()


def test_short_words_count_with_a_digit_only() -> None:
    assert search_words("v2 of db at 7") == ("v2",)
    assert search_words("502") == ("502",)


def test_each_word_stands_once_and_not_too_many() -> None:
    many = " ".join(f"word{n} w{n}x" for n in range(200))
    assert len(search_words(many, limit=SOUGHT_MAX)) == SOUGHT_MAX
    assert search_words("timeout", "timeouts timeout") == ("timeou",)


def test_rare_words_weigh_most_and_what_a_third_of_all_have_weighs_nothing() -> None:
    weights = weigh_words({"rare": 1, "known": 30, "common": 400, "unknown": 0}, 1000)
    assert set(weights) == {"rare", "known"}
    assert weights["rare"] > weights["known"] > 0
    assert "common" in weigh_words({"common": 3}, 4), "few cases tell little of what is common"
    assert len(weigh_words({f"w{n}": n for n in range(1, 50)}, 1000)) == WEIGHED_MAX


def test_two_words_must_be_shared_unless_one_was_looked_for() -> None:
    assert least_shared(["one"]) == 1
    assert least_shared(["one", "two", "three"]) == 2
