"""Text from people is shown as typed and does nothing."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rules.words import Language
from messages.kit.mrkdwn import (
    escape,
    format_span,
    local_time,
    mrkdwn_link,
    on_day,
    quote_text,
    slack_date,
)
from tests.messages.limits import check_harmless
from tests.messages.sample_cases import HOSTILE

EN, EL = Language.ENGLISH, Language.GREEK
NOON = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_people_write_is_markup(name: str) -> None:
    check_harmless(escape(HOSTILE[name]))
    check_harmless(quote_text(HOSTILE[name]))


def test_only_slacks_three_characters_become_entities() -> None:
    assert escape("a & b < c > d \" '") == "a &amp; b &lt; c &gt; d \" '"


def test_what_is_an_entity_already_shows_as_typed() -> None:
    assert escape("&lt;b&gt;") == "&amp;lt;b&amp;gt;"


def test_marks_inside_words_and_alone_stay() -> None:
    assert escape("snake_case_name 5 * 3 a~b") == "snake_case_name 5 * 3 a~b"


def test_marks_that_would_format_only_look_the_same() -> None:
    assert escape("*x*") == "\u2217x\u2217"
    assert "`" not in escape("`x` and ```y```")


def test_a_broadcast_reaches_nobody() -> None:
    assert "<!channel>" not in escape("<!channel>")
    assert "@here" not in escape("@here")
    assert escape("me@hereford.example") == "me@hereford.example"


def test_a_line_of_theirs_is_no_quote_of_ours() -> None:
    assert not escape("> I said so").startswith("&gt;")


def test_right_to_left_text_does_not_reorder_our_line() -> None:
    assert escape("שלום") == "\u2068שלום\u2069"
    assert escape("γεια") == "γεια"


def test_every_line_of_a_quote_is_quoted() -> None:
    assert quote_text(" a\n\nb ") == ">a\n>\n>b"


def test_a_link_cannot_hide_where_it_leads() -> None:
    assert (
        mrkdwn_link("https://a.example/?x=1&y=2", "Ticket")
        == "<https://a.example/?x=1&amp;y=2|Ticket>"
    )
    assert mrkdwn_link("https://a.example/|Bank>\n<!here>", "T") == (
        "<https://a.example/%7CBank%3E%0A%3C!here%3E|T>"
    )
    assert mrkdwn_link("javascript:alert(1)", "Ticket") == "Ticket"


@pytest.mark.parametrize(
    ("minutes", "english", "greek"),
    [
        (0, "under 1 min", "λιγότερο από 1 λεπτό"),
        (1, "1 min", "1 λεπτό"),
        (59, "59 min", "59 λεπτά"),
        (60, "1 h", "1 ώρα"),
        (130, "2 h 10 min", "2 ώρες και 10 λεπτά"),
        (24 * 60 + 5, "24 h", "24 ώρες"),
        (-130, "2 h 10 min", "2 ώρες και 10 λεπτά"),
    ],
)
def test_a_length_of_time_in_words(minutes: int, english: str, greek: str) -> None:
    assert format_span(timedelta(minutes=minutes), EN) == english
    assert format_span(timedelta(minutes=minutes), EL) == greek


def test_slack_shows_an_instant_in_the_readers_zone() -> None:
    shown = slack_date(NOON, EN)
    assert shown == ("<!date^1770724800^{date_short_pretty}, {time}|10 Feb 2026, 12:00 UTC>")


def test_a_time_outside_slack_names_its_zone() -> None:
    assert local_time(NOON, "Europe/Athens", EN) == "10 Feb 2026, 14:00 EET"
    assert local_time(NOON, "Europe/Athens", EL) == "10 Φεβ 2026, 14:00 EET"
    assert local_time(NOON, "Nowhere/Land", EN) == "10 Feb 2026, 12:00 UTC"


def test_a_day_is_the_same_for_everybody() -> None:
    assert on_day(date(2026, 5, 1), EL) == "1 Μαΐ 2026"


@pytest.mark.parametrize("part", ["\n", " \n", ">", "> ", "*a ", "@channel ", "`", "\t\n"])
def test_escaping_takes_time_in_proportion_to_the_text(part: str) -> None:
    taken = []
    for size in (10_000, 100_000):
        begun = time.process_time()
        escape(part * (size // len(part)))
        taken.append(time.process_time() - begun)
    assert taken[1] < 25 * taken[0] + 0.1  # ten times the text; a hundredfold would be seconds
