"""The message about a candidate, and lists of them, as those who decide read them."""

import json
from dataclasses import replace

import pytest

from bot.rules.states import CandidateState
from bot.rules.words import Language
from messages.cases.home import home_view
from messages.intake.candidate import candidate_message, withdrawn_message
from messages.intake.triage import triage_answer
from messages.kit.blocks import Message
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.said import buttons
from tests.messages.sample_candidates import HOSTILE, SIGNAL, candidate, decided, line, lines
from tests.messages.sample_cases import VIEWER

EN = Language.ENGLISH


def checked(message: Message) -> None:
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)


def pressed(message: Message) -> list[str]:
    return [each["action_id"].partition("#")[0] for each in buttons(message)]


def test_it_says_who_to_call_back_and_what_they_are_worth() -> None:
    said = json.dumps(candidate_message(candidate(), EN).blocks, ensure_ascii=False)
    for words in ("Ada Lane", "☎ +30 210 1234567", "ada@acme.example", "Gold", "120,000", "renews"):
        assert words in said
    assert "threatens to leave, third contact in seven days" in said


def test_what_a_source_adds_is_named_in_the_readers_language_or_as_its_source_does() -> None:
    with_facts = replace(SIGNAL, details={"author": "Joe", "colour": "red"})
    for language, words in ((EN, "*Author*: Joe"), (Language("el"), "*Συντάκτης*: Joe")):
        shown = candidate_message(candidate(signals=(with_facts,)), language)
        said = json.dumps(shown.blocks, ensure_ascii=False)
        assert words in said
        assert "*colour*: red" in said


@pytest.mark.parametrize("language", list(Language))
def test_a_hostile_text_is_only_text(language: Language) -> None:
    names = {"customer": HOSTILE, "contact_name": HOSTILE, "contact_phone": HOSTILE}
    hostile = candidate(stake=HOSTILE, **names)
    for message in (
        candidate_message(hostile, language),
        triage_answer(lines(0), language, mine=True),
    ):
        checked(message)
        said = json.dumps(message.blocks)
        assert "<!channel>" not in said
        assert "<@U0EVIL>" not in said
        assert "<https://evil.example|here>" not in said


@pytest.mark.parametrize("language", list(Language))
def test_the_longest_texts_fit(language: Language) -> None:
    long = candidate(
        stake="&" * 3000,
        customer="&" * 200,
        contact_name="<" * 200,
        signals=(SIGNAL,) * 3,
        count=40,
        live=(1, 2, 3),
    )
    checked(candidate_message(long, language))
    checked(triage_answer(lines(10, more=True), language, mine=False))


def test_a_customers_live_case_is_one_press_away_and_another_too() -> None:
    assert pressed(candidate_message(candidate(), EN)) == [
        "ask:open_case", "do:add_candidate", "ask:log_candidate", "ask:dismiss_candidate",
    ]  # fmt: skip
    several = candidate(live=(9, 11))
    assert pressed(candidate_message(several, EN))[1:3] == ["do:add_candidate", "ask:add_candidate"]


def test_a_restricted_one_is_added_only_by_its_form() -> None:
    secret = candidate_message(candidate(sensitive=True), EN)
    assert "do:add_candidate" not in pressed(secret)
    assert "ask:add_candidate" in pressed(secret)


def test_a_decision_can_be_undone_as_long_as_it_may_be() -> None:
    assert pressed(candidate_message(decided(), EN)) == ["do:undo_decision"]
    assert pressed(candidate_message(decided(may_undo=False), EN)) == []


def test_what_was_restricted_since_names_nothing() -> None:
    said = json.dumps(withdrawn_message(candidate(sensitive=True), EN).blocks)
    assert "Acme" not in said
    assert "Nobody can pay" not in said


def test_an_empty_list_says_where_things_come_from() -> None:
    said = triage_answer(lines(0), EN, mine=False)
    assert "Nothing waits for a decision" in said.text
    assert "show:triage" in pressed(said)


def test_a_list_leads_to_the_pages_around_it() -> None:
    values = [
        json.loads(b["value"]) for b in buttons(triage_answer(lines(10, more=True), EN, mine=False))
    ]
    assert {"page": 1} in values
    assert {"page": 3} in values


def test_home_shows_what_waits_longest_and_nothing_where_it_is_not_theirs() -> None:
    home = json.dumps(home_view(VIEWER, [], [], [], 0, EN, decide=lines(5, more=True)))
    assert "To decide: " in home
    assert "show:triage" in home
    assert "To decide: " not in json.dumps(home_view(VIEWER, [], [], [], 0, EN, decide=None))


def test_a_line_says_what_became_of_it() -> None:
    done = line(state=CandidateState.ESCALATED, case_number=9, decided_by="U0NIKOS")
    said = triage_answer(lines(0).__class__((done,)), EN, mine=True).text
    assert "escalated" in said
    assert "ESC-9" in said


@pytest.mark.parametrize(
    ("rating", "language", "words"),
    [
        ("not_good", Language.ENGLISH, "rating not good"),
        ("Bad", Language.GREEK, "βαθμολογία όχι καλή"),
        ("2/5", Language.GREEK, "2/5"), ("<b>", Language.ENGLISH, "rating &lt;b&gt;"),
    ],
)  # fmt: skip
def test_a_rating_is_said_in_words_and_a_number_as_it_was_given(
    rating: str, language: Language, words: str
) -> None:
    said = candidate_message(candidate(signals=(replace(SIGNAL, rating=rating),)), language)

    assert words in str(said.blocks)
