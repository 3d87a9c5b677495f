"""The short texts: the same in every language, and strict."""

import json

import pytest

from bot.rules.words import Language, Status
from messages.cases.card import case_card
from messages.kit.blocks import BUTTON_MAX, OPTION_MAX, PLACEHOLDER_MAX, TITLE_MAX
from messages.kit.texts import (
    FAMILIES,
    MissingTextError,
    label,
    load_texts,
    own_texts,
    plural,
    say_instead,
    t,
    text_facts,
)
from tests.messages.sample_cases import case

EN, EL = Language.ENGLISH, Language.GREEK

# Texts that are the same in both languages because they are names, signs or layout.
SAME = {
    "answer.help_line", "answer.case_place", "card.title", "card.standing", "card.role",
    "card.resolution", "card.said.opening", "card.in_the_way", "home.title", "kind.chat",
    "route.email", "route.chat", "form.action_done.item",
    "form.verify_action.item", "form.drop_action.item",
    "form.reassign_action.item", "form.answer_action_offer.item", "form.link_bug.bug_placeholder",
    "form.request_concession.amount_placeholder", "form.action_item.bug_placeholder",
    "form.edit_action.bug_placeholder",
}  # fmt: skip


def test_every_language_has_the_same_texts() -> None:
    assert {whole(key) for key in own_texts(EN)} == {whole(key) for key in own_texts(EL)}


def whole(key: str) -> str:
    """The key without its plural form, which each language has as its grammar wants it."""
    stem, _, form = key.rpartition(".")
    return stem if form in ("zero", "one", "two", "few", "many", "other") else key


def test_a_text_needs_the_same_facts_in_every_language() -> None:
    for key, english in load_texts(EN).items():
        if key in own_texts(EL):
            assert text_facts(english) == text_facts(own_texts(EL)[key]), key


def test_no_text_is_empty_or_padded() -> None:
    for language in Language:
        for key, text in load_texts(language).items():
            assert text, key
            assert key == "span.and" or text == text.rstrip(), key


def test_every_word_of_the_field_has_a_name_that_fits_a_menu() -> None:
    for language in Language:
        for words in FAMILIES:
            for word in words:
                assert 0 < len(label(language, word)) <= OPTION_MAX


def test_no_two_words_of_a_kind_share_a_name() -> None:
    for language in Language:
        for words in FAMILIES:
            names = [label(language, word) for word in words]
            assert len(set(names)) == len(names), words


@pytest.mark.parametrize("language", Language)
def test_nothing_is_cut_where_slack_gives_little_room(language: Language) -> None:
    for key, text in load_texts(language).items():
        family, _, last = key.partition(".")[0], None, key.rpartition(".")[2]
        if family == "form" and last in ("title", "submit", "cancel"):
            assert len(text) <= TITLE_MAX, key
        if family == "form" and last.endswith("_placeholder"):
            assert len(text) <= PLACEHOLDER_MAX, key
        if family in ("button", "menu", "press"):
            assert len(text) <= BUTTON_MAX - 20, key
        if family in ("severity_meaning", "sign") or last.endswith("_note"):
            assert len(text) <= OPTION_MAX, key


def test_greek_texts_are_greek() -> None:
    for key, greek in load_texts(EL).items():
        if key.partition(".")[0] in ("form", "refusal", "field", "help", "card", "button", "menu"):
            if key in SAME or greek != load_texts(EN)[key]:
                continue
            pytest.fail(f"{key} is the same in both languages")


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(MissingTextError, match="no text status"):
        t(EN, "status.gone")


def test_a_missing_fact_is_an_error_that_names_it() -> None:
    with pytest.raises(MissingTextError, match="needs the fact"):
        t(EN, "card.owner")


def test_facts_are_not_templates() -> None:
    assert "{number}" in t(EN, "card.owner", user="{number}")


def test_one_is_not_many() -> None:
    assert plural(EN, "home.open", 1) == "1 open case."
    assert plural(EN, "home.open", 0) == "0 open cases."
    assert plural(EL, "home.open", 1) == "1 ανοιχτή υπόθεση."


def test_a_status_is_named_in_the_readers_language() -> None:
    assert label(EN, Status.NEW) == "New"
    assert label(EL, Status.NEW) == "Νέα"


def test_an_organisations_own_words_are_said_instead_of_ours() -> None:
    key, ours = "severity_meaning.sev1", t(EN, "severity_meaning.sev1")
    try:
        say_instead({(EN, key): "A {plant} stands still"})
        assert t(EN, key) == "A {plant} stands still"
        card = case_card(case(), EN)
        assert "A {plant} stands still" in json.dumps(card.blocks)
    finally:
        say_instead({})
    assert t(EN, key) == ours
