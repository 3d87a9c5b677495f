"""Reminders: every clock at every threshold, with the button that does what is asked."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.rules.facts import CaseFacts, ReminderFacts
from bot.rules.words import Language, Status
from messages.cases.reminders import PRESSES, reminder_message
from messages.kit.render import TEMPLATES
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless
from tests.messages.said import actions, buttons, check_buttons, everything
from tests.messages.sample_cases import HOSTILE, NOW, action, case, clock, full, hostile, minutes

EN, EL = Language.ENGLISH, Language.GREEK
KEYED = {"handoff": "handoff:4"}
NAMES = [KEYED.get(kind.value, kind.value) for kind in PRESSES]
THRESHOLDS = ("warn:50", "warn:90", "breach", "ladder:1", "ladder:3", "overdue:2026-02-11")


def late(**changes: Any) -> CaseFacts:
    """A case on which a clock is about to speak."""
    rich = replace(full(case(Status.INVESTIGATING)), sensitive=False, actions=(action(),))
    return replace(rich, **changes)


def about(name: str, threshold: str, **changes: Any) -> ReminderFacts:
    """A threshold of a clock, due in 25 minutes or missed by 40."""
    due = NOW + minutes(25 if threshold.startswith("warn") else -40)
    return replace(ReminderFacts(name, threshold, due), **changes)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_reminder_fits_slack_and_can_be_acted_on(
    name: str, threshold: str, language: Language
) -> None:
    said = reminder_message(late(), about(name, threshold), language)
    check_blocks(said.blocks)
    check_buttons(said)
    check_harmless(said.text)
    assert "ESC-7 Acme Hellas" in said.text.partition("\n")[0]
    assert 2 <= len(said.text.splitlines()) <= 5
    assert len(said.text) <= 500
    assert actions(said)


def test_every_clock_has_its_words() -> None:
    for language in Language:
        found = {p.name for p in (TEMPLATES / "reminders").glob(f"*.{language.value}.j2")}
        words = {*(kind.value for kind in PRESSES), "legal", "overdue"}
        assert found == {f"{each}.{language.value}.j2" for each in words}


@pytest.mark.parametrize("name", NAMES)
def test_a_reminder_is_written_in_both_languages(name: str) -> None:
    for threshold in THRESHOLDS:
        english, greek = (
            reminder_message(late(), about(name, threshold), lang).text for lang in Language
        )
        assert english.splitlines()[0] != greek.splitlines()[0]


def test_an_update_that_is_due_opens_the_composer() -> None:
    said = reminder_message(late(), about("next_update", "warn:75"), EN)
    assert actions(said) == ["ask:update"]
    assert json.loads(buttons(said)[0]["value"]) == {"case": 7, "kind": "update"}


def test_an_update_that_is_late_offers_the_apology() -> None:
    said = reminder_message(late(), about("next_update", "breach"), EN)
    kinds = [json.loads(b["value"]).get("kind") for b in buttons(said)]
    assert kinds == ["update", "apology", None]
    assert said.text.startswith("⚠️")


def test_the_first_answer_opens_the_acknowledgement() -> None:
    said = reminder_message(late(), about("first_response", "warn:90"), EN)
    assert json.loads(buttons(said)[0]["value"])["kind"] == "acknowledgement"


def test_an_unclaimed_case_is_claimed_or_declined_by_one_press() -> None:
    said = reminder_message(late(), about("acknowledge", "warn:90"), EN)
    assert actions(said) == ["do:claim", "ask:decline_page"]


def test_seen_is_offered_after_a_breach_and_names_its_cycle() -> None:
    said = reminder_message(late(), about("next_update", "ladder:2", cycle=3), EN)
    seen = [json.loads(b["value"]) for b in buttons(said) if b["action_id"] == "do:seen"]
    assert seen == [{"case": 7, "clock": "next_update", "cycle": 3}]
    assert "do:seen" not in actions(reminder_message(late(), about("next_update", "warn:90"), EN))


def test_a_check_in_asks_and_does_not_blame() -> None:
    said = reminder_message(late(), about("check_in", "breach"), EN)
    assert "late" not in said.text
    assert actions(said) == ["do:status", *["ask:status"] * 3]  # what is wrong takes a word


def test_what_was_missed_is_admitted() -> None:
    quiet = reminder_message(late(), about("resolution", "breach"), EN)
    one = reminder_message(late(), about("resolution", "breach", missed=1), EN)
    more = reminder_message(late(), about("resolution", "breach", missed=3), EN)
    assert "While I was away" not in quiet.text
    assert "While I was away, one more reminder" in one.text
    assert "While I was away, 3 more reminders" in more.text


def test_what_is_left_counts_on_the_clocks_own_hours() -> None:
    weekend = clock("resolution", 3000, remaining=minutes(90))
    said = reminder_message(late(clocks=(weekend,)), about("resolution", "warn:75"), EN)
    assert "1 h 30 min left" in said.text


def test_a_restricted_case_is_not_recognised_outside_its_channel() -> None:
    subject = replace(hostile(late(), "Zephyros"), sensitive=True)
    for name in NAMES:
        for threshold in THRESHOLDS:
            outside = everything(reminder_message(subject, about(name, threshold), EL))
            assert "Zephyros" not in outside
    inside = reminder_message(subject, about("next_update", "breach"), EN, inside=True)
    assert "Zephyros" in inside.text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_write_is_never_markup(text: str) -> None:
    for name in NAMES:
        said = reminder_message(hostile(late(), text), about(name, "breach"), EN)
        check_blocks(said.blocks)
        check_all_harmless(said.blocks)
        check_harmless(said.text)


def test_a_threshold_or_clock_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="nap:1"):
        reminder_message(late(), about("next_update", "nap:1"), EN)
    with pytest.raises(ValueError, match="siesta"):
        reminder_message(late(), about("siesta", "breach"), EN)


def test_a_clock_whose_subject_is_gone_still_speaks() -> None:
    said = reminder_message(late(handovers=()), about("handoff:99", "breach"), EN)
    check_blocks(said.blocks)


@pytest.mark.parametrize("language", Language)
def test_who_was_offered_the_role_may_still_answer_when_it_is_late(language: Language) -> None:
    for offered, verbs in ((True, ["do:answer_handover", "ask:answer_handover"]),
                           (False, ["ask:hand_over"])):  # fmt: skip
        why = about("handoff:4", "breach", offered=offered)
        said = reminder_message(late(), why, language)
        check_blocks(said.blocks)
        pressed = [each["action_id"].partition("#")[0] for each in buttons(said)]
        assert pressed == verbs
