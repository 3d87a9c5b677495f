"""A rating means the same however it is written."""

import pytest

from bot.rules.reviews.ratings import is_bad_rating, read_rating
from bot.rules.reviews.review import ReviewSource

G2, TRUSTRADIUS = ReviewSource.G2, ReviewSource.TRUSTRADIUS


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("2/5", 0.4), ("2", 0.4), ("2.0", 0.4), ("2 stars", 0.4), ("★★☆☆☆", 0.4), ("⭐⭐", 0.4),
        ("40 %", 0.4), ("2 out of 5", 0.4), ("2 από 5", 0.4), ("4 στα 10", 0.4), ("4 sta 10", 0.4),
        ("4,5", 0.9), ("0/5", 0.0), ("", None), ("bad", None), ("9/5", None), ("6", None),
        ("1/0", None),
    ],
)  # fmt: skip
def test_it_is_a_share_of_the_best(text: str, share: float | None) -> None:
    assert read_rating(text, G2) == pytest.approx(share)


def test_a_number_alone_is_of_five_and_at_trustradius_of_ten() -> None:
    assert [read_rating("4", each) for each in (G2, TRUSTRADIUS)] == [0.8, 0.4]


def test_three_of_five_is_bad_and_what_cannot_be_read_is_not() -> None:
    assert is_bad_rating("3", G2)
    assert is_bad_rating("6", TRUSTRADIUS)
    assert not is_bad_rating("3.5", G2)
    assert not is_bad_rating("no idea", G2)
