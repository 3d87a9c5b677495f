"""From two states of a bug to what is told, and to the day that is expected."""

from dataclasses import replace
from datetime import date

import pytest

from bot.rules.bugs.news import BugNews, day_to_expect, find_news, find_news_of_work
from bot.rules.bugs.state import BugStage, BugState, FixVersion, describe_bug, read_state

TODAY = date(2026, 11, 29)
SOON, LATER, LAST = date(2026, 12, 5), date(2026, 12, 20), date(2027, 1, 8)


def bug(day: date | None = None, *, done: bool = False, out: bool = False, answer: str = "",
        due: date | None = None) -> BugState:  # fmt: skip
    """A bug with one version, or with none where neither day nor release is given."""
    versions = (FixVersion("1", "2.4", out, day),) if day or out else ()
    return BugState("PAY-77", "1", "x", "s", done, answer, versions, due)


def test_the_first_unreleased_version_brings_the_day_else_the_due_date() -> None:
    two = (FixVersion("2", "3.0", False, LATER), FixVersion("1", "2.4", False, SOON))
    assert replace(bug(), versions=two).fix_day == SOON
    assert bug(due=LATER).fix_day == LATER
    undated = replace(bug(due=LAST), versions=(FixVersion("1", "2.4"),))
    assert (undated.fix_day, undated.version and undated.version.name) == (LAST, "2.4")
    out = (FixVersion("1", "2.4", True, SOON), FixVersion("2", "3.0", False, LATER))
    shipped = replace(bug(), versions=out)
    assert (shipped.stage, shipped.version and shipped.version.name) == (BugStage.SHIPPED, "2.4")


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (bug(), bug(done=True), BugNews.SHIPPED),
        (bug(SOON), bug(SOON, done=True), BugNews.FIXED),
        (bug(SOON), bug(SOON, out=True), BugNews.SHIPPED),
        (bug(SOON, done=True), bug(SOON, done=True, out=True), BugNews.SHIPPED),
        (bug(SOON), bug(SOON, done=True, answer="Won’t Do"), BugNews.DROPPED),
        (bug(), bug(done=True, answer="DUPLICATE"), BugNews.DROPPED),
        (bug(done=True), bug(), BugNews.REOPENED),
        (bug(SOON, done=True, out=True), bug(SOON, done=True), BugNews.REOPENED),
        (bug(done=True, answer="Declined"), bug(), BugNews.REOPENED),
        (bug(SOON, done=True), bug(SOON), BugNews.REOPENED),
        (bug(SOON), bug(LATER), BugNews.LATER),
        (bug(LATER), bug(SOON), BugNews.EARLIER),
        (bug(), bug(SOON), BugNews.DATED),
        (bug(SOON), bug(), BugNews.UNDATED),
        (bug(SOON, out=True), bug(LATER, out=True), None),
        (bug(SOON), replace(bug(SOON), status="In Review", summary="y"), None),
        (None, bug(SOON), None),
        (None, bug(done=True), BugNews.SHIPPED),
    ],
)  # fmt: skip
def test_what_is_told(before: BugState | None, now: BugState, news: BugNews | None) -> None:
    assert find_news(before, now) is news


@pytest.mark.parametrize(
    ("before", "now", "expected", "becomes"),
    [
        (None, bug(SOON), None, SOON),
        (None, bug(SOON), LATER, None),  # people promised with more caution
        (None, bug(LATER), SOON, LATER),
        (bug(SOON), bug(LATER), SOON, LATER),
        (bug(LATER), bug(SOON), LATER, SOON),
        (bug(LATER), bug(SOON), LAST, None),
        (bug(SOON), bug(LATER), LAST, None),
        (bug(LATER), bug(LATER), SOON, None),  # people know better; it is nothing new
        (None, bug(date(2026, 11, 1)), None, None),
        (bug(SOON), bug(done=True), SOON, None),
        (bug(SOON), bug(), SOON, None),
    ],
)  # fmt: skip
def test_the_day_that_is_expected(
    before: BugState | None, now: BugState, expected: date | None, becomes: date | None
) -> None:
    assert day_to_expect(before, now, expected, TODAY) == becomes


def test_a_state_is_read_back_as_it_was_written() -> None:
    whole = bug(SOON, done=True, answer="Fixed", due=LATER)
    assert read_state({**whole.to_json(), "url": "https://x.example"}) == whole
    assert read_state({}) is None


def test_what_no_tracker_knows_is_shown_as_it_was_typed() -> None:
    facts = describe_bug("https://bugs.example/77", "", {})
    assert facts is not None
    assert (facts.name, facts.url) == ("https://bugs.example/77", "https://bugs.example/77")
    assert describe_bug("", "", {}) is None


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        (None, bug(), None),
        (None, bug(done=True), BugNews.FIXED),
        (bug(), bug(SOON, out=True), None),  # a version went out, and the work goes on
        (bug(SOON, done=True), bug(SOON, done=True, out=True), None),
        (bug(), bug(done=True, answer="Won't Do"), BugNews.DROPPED),
        (bug(done=True, answer="Won't Do"), bug(done=True), BugNews.FIXED),
        (bug(done=True), bug(), BugNews.REOPENED),
        (bug(done=True, answer="Declined"), bug(), BugNews.REOPENED),
        (bug(SOON), bug(LATER), None),
    ],
)  # fmt: skip
def test_of_the_work_itself_only_its_end_is_told(
    before: BugState | None, now: BugState, news: BugNews | None
) -> None:
    assert find_news_of_work(before, now) is news
