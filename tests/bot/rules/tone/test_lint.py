"""Folding, places, what is exempt, and the shape of a whole message."""

import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.money.concessions import Allowance
from bot.rules.prose.books import books_of
from bot.rules.tone.lint import (
    Finding,
    Rule,
    Setting,
    Weight,
    find_stops,
    lint_message,
    load_phrases,
)
from bot.rules.tone.secrets import is_iban, passes_luhn
from bot.rules.tone.shape import WORDS_MAX
from bot.rules.tone.suggestions import tone_rules, tone_suggestion
from bot.rules.words import Language

LONG_LETTER_MAX = 0.2  # seconds of a processor that others use too; a tenth of it is usual
EN = Setting(Language.ENGLISH, letter=False)
EL = Setting(Language.GREEK, letter=False)

FRAGMENTS = st.sampled_from(
    ["Λυπούμαστε για την όποια ταλαιπωρία", "ASAP", "σύντομα", "ΣΥΝΤΟΜΑ", "we will refund €5",
     "4111 1111 1111 1111", "“", "”", "«", "»", ">", "\n", "ΐ", "ΐ", "ς", "ß", "İ",
     "\u00ad", "\u200b", "?", ";", "tha to doume", "🙂", "100%", "Initech"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.text(max_size=12), FRAGMENTS), max_size=12).map(" ".join)


def rules(found: tuple[Finding, ...]) -> list[Rule]:
    return [finding.rule for finding in found]


@given(TEXTS, st.sampled_from(Language), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_finding_quotes_exactly_what_stands_at_its_place(
    text: str, language: Language, promises: bool
) -> None:
    setting = Setting(language, contact="Μαρία", others=("Initech",), promises=promises)
    for finding in lint_message(text, setting):
        assert 0 <= finding.start <= finding.end <= len(text)
        assert finding.quote == text[finding.start : finding.end]
        assert finding.suggestion


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_accents_written_apart_change_nothing(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    apart = unicodedata.normalize("NFD", composed)
    assert rules(lint_message(composed, EL)) == rules(lint_message(apart, EL))


@pytest.mark.parametrize(
    "text",
    ["Θα γράψω ΣΎΝΤΟΜΑ.", "Θα γράψω συντομα.", "Θα γράψω σύντομα.", "Θα γράψω σύ\u00adντομα.",
     "Tha sas grapsw suntoma.", "Tha sas grapso sintoma.", "THA SAS grapso SYNTOMA"],
)  # fmt: skip
def test_case_accents_and_letters_do_not_hide_a_phrase(text: str) -> None:
    assert rules(lint_message(text, EL)) == [Rule.UNDATED]


def test_a_final_sigma_is_a_sigma() -> None:
    for text in ("εντός των ημερών", "εντόσ των ημερών", "ΕΝΤΟΣ των ημερών"):
        (finding,) = lint_message(text, EL)
        assert finding.quote == text


def test_an_apostrophe_is_one_however_it_is_drawn() -> None:
    for text in ("We're looking into it.", "We’re looking into it.", "We`re looking into it."):
        assert rules(lint_message(text, EN)) == [Rule.OWNERLESS]


def test_what_the_customer_said_is_not_judged() -> None:
    known = Setting(Language.ENGLISH, quoted=("Fix it ASAP,\nor refund us €500",), letter=False)
    assert lint_message("You wrote Fix it ASAP, or refund us €500 on Monday.", known) == ()
    assert lint_message("You wrote “fix it ASAP”.", EN) == ()
    assert lint_message("Γράψατε «άμεσα».", EL) == ()
    assert lint_message("  > fix it ASAP and refund us €500", EN) == ()


def test_quotation_marks_do_not_smuggle_an_offer_or_a_secret() -> None:
    (offer,) = lint_message("“We will refund you €500.”", EN)
    assert (offer.rule, offer.severity) == (Rule.CONCESSION, Weight.STOP)
    assert rules(find_stops("“4111 1111 1111 1111”", EN)) == [Rule.SECRET]


def test_the_approved_words_are_not_judged_again() -> None:
    line = "Thank you for your patience."
    assert rules(lint_message(line, EN)) == [Rule.CLICHE]
    assert (
        lint_message(line, Setting(Language.ENGLISH, approved=f"Dear,\n{line}\n", letter=False))
        == ()
    )


def test_an_approved_concession_may_be_written() -> None:
    text = "We will refund you €500."
    assert rules(find_stops(text, EN)) == [Rule.CONCESSION]
    allowed = Allowance(Decimal(500))
    assert lint_message(text, Setting(Language.ENGLISH, allowance=allowed, letter=False)) == ()


@pytest.mark.parametrize(
    ("own", "text", "stopped"),
    [
        ("Acme Hellas", "Initech has it too.", True),
        ("Acme Hellas", "An initech of ours.", False),  # not written as a name
        ("Initech Hellas", "Initech Hellas has it.", False),
        ("Initech Hellas", "Initech has it.", False),  # a part of their own name
        ("Acme", "Initechnology has it.", False),
    ],
)
def test_another_customers_name_stops_where_it_is_a_name(
    own: str, text: str, stopped: bool
) -> None:
    setting = Setting(
        Language.ENGLISH, customer=own, others=("Initech S.A.", own, "We"), letter=False
    )
    assert bool(find_stops(text, setting)) is stopped


def test_a_greeting_names_the_person_in_any_case_of_the_name() -> None:
    greeted = Setting(Language.GREEK, contact="Μαρία Παπαδοπούλου")
    for text in ("Αγαπητή Μαρία,", "Υπόψη: κας Παπαδοπούλου", "ΜΑΡΙΑ, καλημέρα σας."):
        assert Rule.GREETING not in rules(lint_message(text, greeted))
    (finding,) = lint_message("Καλημέρα σας.", greeted)
    assert (finding.rule, finding.start, finding.end) == (Rule.GREETING, 0, 0)
    assert "Μαρία" in finding.suggestion


def test_only_words_of_ones_own_are_counted() -> None:
    own, stake = "word " * WORDS_MAX, "their own words " * 20
    setting = Setting(Language.ENGLISH, quoted=(stake.strip(),))
    assert lint_message(own + stake, setting) == ()
    (finding,) = lint_message(own + "and two more", setting)
    assert (finding.rule, finding.quote) == (Rule.LENGTH, "and two more")


def test_a_web_address_may_have_a_question_mark_in_greek() -> None:
    assert lint_message("Δείτε το https://x.example/α?β=1 και πείτε μου.", EL) == ()


def test_a_suggestion_is_in_the_language_of_the_text_and_names_owner_and_time() -> None:
    facts = {"owner": "Eleni", "time": "14:00"}
    (english,) = lint_message(
        "We are looking into it.", Setting(Language.GREEK, letter=False, **facts)
    )
    (greek,) = lint_message("Το κοιτάμε.", Setting(Language.ENGLISH, letter=False, **facts))
    (latin,) = lint_message("To koitame.", Setting(Language.GREEK, letter=False, **facts))
    assert english.suggestion.startswith("Name who does what")
    assert greek.suggestion == latin.suggestion
    assert greek.suggestion.startswith("Πείτε ποιος κάνει τι")
    assert all("Eleni" in f.suggestion and "14:00" in f.suggestion for f in (english, greek))


def test_advice_is_in_the_readers_language_and_its_example_in_the_customers() -> None:
    setting = Setting(Language.GREEK, letter=False, reader=Language.ENGLISH, time="14:00")
    (found,) = lint_message("Θα σας γράψουμε σύντομα.", setting)

    assert found.suggestion == (
        "Give a time: “Θα σας γράψω ξανά στις 14:00, ακόμη κι αν δεν έχει αλλάξει κάτι.”"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I will write to you again at 15:00.", ["15:00"]),
        ("I will write to you at 14:00, or at 15:00.", []),
        ("I will write to you at 2:00 pm.", []),
        ("At 09:10 your payments stopped; I will write to you tomorrow.", []),
        ("Θα σας γράψω ξανά στις 15:00.", ["15:00"]),
        ("Θα σας γράψω ξανά στις 2:00 μ.μ.", []),
    ],
)
def test_a_time_in_the_text_that_is_not_the_promised_one_is_pointed_out(
    text: str, found: list[str]
) -> None:
    setting = Setting(Language.ENGLISH, letter=False, time="14:00")
    quotes = [f.quote for f in lint_message(text, setting) if f.rule is Rule.OTHER_TIME]
    assert quotes == found


def test_every_rule_has_a_better_wording_in_every_language() -> None:
    english, greek = Language.ENGLISH, Language.GREEK
    for rule in Rule:
        assert tone_suggestion(rule.value, english, english) != tone_suggestion(
            rule.value, greek, greek
        )
    named = {
        name for each in Language for name, told in tone_rules(each).items() if "phrases" in told
    }
    assert named <= set(Rule)


def test_no_suggestion_is_itself_at_fault() -> None:
    aside = {Rule.CONCESSION, Rule.WRONG_CUSTOMER, Rule.SECRET, Rule.CAPITALS}
    for rule in set(Rule) - aside:
        for language in Language:
            known = {"time": "14:00", "owner": "Eleni", "contact": "Maria", "missing": "Maria"}
            better = tone_suggestion(rule.value, language, language, **known)
            spoken = better.replace("“", " ").replace("”", " ").replace("«", " ").replace("»", " ")
            found = set(rules(lint_message(spoken, Setting(language, letter=False))))
            assert not found - {Rule.QUESTION_MARK}, (rule, better)


def test_check_digits_tell_numbers_from_numbers() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")
    assert is_iban("gr16 0110 1250 0000 0001 2300 695")
    assert not is_iban("gr17 0110 1250 0000 0001 2300 695")


@pytest.mark.parametrize(
    "text",
    ["Order 4111111111111112 is paid.", "Call +30 210 1234567.", "Parcel 12345678901 left.",
     "The password page opens again.", "On 10.02.2026 at 09:10.", "ESC-7 and INC-4711"],
)  # fmt: skip
def test_ordinary_numbers_are_no_secrets(text: str) -> None:
    assert find_stops(text, EN) == ()


def test_phrases_are_loaded_before_the_first_message() -> None:
    load_phrases()
    before = books_of.cache_info().misses
    lint_message("We refund it soon.", EN)
    assert books_of.cache_info().misses == before


def test_a_long_letter_is_judged_in_some_tens_of_milliseconds() -> None:
    letter = (
        "From 09:10 to 10:40 your customers could not pay by card. We are looking into it. " * 25
    )
    load_phrases()
    taken = []
    for _ in range(3):
        begun = time.process_time()
        lint_message(letter[:2000], EN)
        taken.append(time.process_time() - begun)
    assert min(taken) < LONG_LETTER_MAX
