"""Export files of review sites: what is read, and what is told of every mistake."""

from datetime import UTC, datetime

import pytest

from bot.rules.reviews.export import (
    KEY_MAX,
    BadExportError,
    bare_link,
    read_day,
    read_export,
    review_key,
)
from bot.rules.reviews.review import ReviewSource

G2 = ReviewSource.G2
FILE = """Review ID,Review URL,Star Rating,Reviewer Name,Company,Title,What do you like best about \
the product?,What do you dislike about the product?,Date Published,Region
4711,https://www.g2.com/products/x/reviews/x-review-4711?utm=1,2,Άννα,Acme,Slow,the app,"support, \
really",2027-02-01,EMEA
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadExportError) as caught:
        read_export(text.encode(), G2)
    return list(caught.value.mistakes)


def test_columns_are_found_by_the_names_that_sites_give_them() -> None:
    found = read_export(FILE.encode(), G2)
    (review,) = found.reviews
    assert (review.key, review.rating, review.author) == ("4711", "2", "Άννα")
    assert review.text == "Slow\n\n+ the app\n\n− support, really"
    assert review.written_at == datetime(2027, 2, 1, 12, tzinfo=UTC)
    assert found.ignored == ["region"]


def test_every_mistake_is_told_with_its_line_and_column() -> None:
    assert mistakes("a,b\n1,2\n")[0].startswith("line 1: a column is missing: review id")
    said = mistakes("id,link,rating,date\n,,9,03/04/2027\n2,ftp:x,2,2027-01-01\n2,,2,2027-01-01\n")
    assert [each.partition(":")[0] for each in said] == [
        "line 2, column review id", "line 2, column rating", "line 2, column date",
        "line 3, column link", "line 4",
    ]  # fmt: skip
    assert mistakes("id,rating,date\n") == ["line 1: the file has no reviews"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-02-08", 8), ("Feb 8, 2027", 8), ("8 February 2027", 8), ("25/02/2027", 25),
        ("02/25/2027", 25), ("2027-02-08T10:00:00Z", 8), ("2027-02-08 10:00:00 UTC", 8),
        ("2/2/2027", 2), ("03/02/2027", None), ("yesterday", None), ("2027-13-01", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_date_is_read_where_it_can_have_one_meaning_only(text: str, day: int | None) -> None:
    found = read_day(text)
    assert (found and (found.month, found.day)) == (day and (2, day))


def test_a_link_is_known_again_without_what_tracks_its_visitors() -> None:
    assert bare_link("https://g2.com/r/1/?utm=2#top") == "https://g2.com/r/1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://g2.com/r?id=1", "https://g2.com/r?id=2"),
        ("https://g2.com/r#review-1", "https://g2.com/r#review-2"),
        ("https://g2.com/r?page=1&utm_source=a", "https://g2.com/r?page=2&utm_source=a"),
    ],
)
def test_two_reviews_of_one_page_are_two(one: str, other: str) -> None:
    assert bare_link(one) != bare_link(other)


@pytest.mark.parametrize(
    "link",
    [
        "https://g2.com/r?b=2&a=1", "https://g2.com/r/?a=1&b=2&utm_source=mail&gclid=x#top",
        "https://g2.com/r?fbclid=9&a=1&ref=home&b=2#:~:text=slow%20app%202",
    ],
)  # fmt: skip
def test_one_review_is_one_however_its_visitors_are_tracked(link: str) -> None:
    assert bare_link(link) == "https://g2.com/r?a=1&b=2"


def test_a_long_id_is_never_cut_so_that_two_become_one() -> None:
    long = "https://www.trustradius.com/reviews/" + "x" * 150
    head = "link,rating,date"
    found = read_export(f"{head}\n{long}1,2,2027-02-01\n{long}2,2,2027-02-01\n".encode(), G2)
    one, other = found.reviews
    assert one.key != other.key
    assert max(len(one.key), len(other.key)) <= KEY_MAX
    assert review_key("4711") == "4711"


def test_an_address_that_is_too_long_is_a_mistake_and_not_cut() -> None:
    link = "https://g2.com/" + "x" * 2_000
    assert mistakes(f"id,link,rating,date\n1,{link},2,2027-02-01\n") == [
        "line 2, column link: an address has 2000 characters at most"
    ]


@pytest.mark.parametrize("text", ["2027-02-08", "2027-02-08 UTC", "20270208", "8 Feb 2027"])
def test_a_day_without_a_time_is_noon(text: str) -> None:
    assert read_day(text) == datetime(2027, 2, 8, 12, tzinfo=UTC)


def test_a_day_with_numbers_only_may_name_its_zone() -> None:
    assert read_day("25/02/2027 UTC") == datetime(2027, 2, 25, 12, tzinfo=UTC)
