"""What a first response does not yet confirm."""

import pytest

from bot.rules.tone.first_response import Part, find_gaps, name_parts
from bot.rules.tone.lint import Rule, Setting, lint_message
from bot.rules.words import Language

ENGLISH, GREEK = Language.ENGLISH, Language.GREEK
ALL = frozenset(Part)


@pytest.mark.parametrize(
    ("language", "text", "gaps"),
    [
        (ENGLISH, "We are on it.", "receipt priority urgency target next_update"),
        (ENGLISH, "Thank you for your message. We write to you at 14:00.",
         "priority urgency target"),
        (ENGLISH, "I have your report of 10:02, we treat it with high priority.",
         "urgency target next_update"),
        (ENGLISH, "Your email reached us, it is an urgent case. We aim to solve it in 24 h.",
         "next_update"),
        (ENGLISH, "We aim to have you working again by 16:00.",
         "receipt priority urgency next_update"),
        (GREEK, "Το κοιτάμε.", "receipt priority urgency target next_update"),
        (GREEK, "Λάβαμε το μήνυμά σας. Θα σας γράψω στις 15:00.", "priority urgency target"),
        (GREEK, "Η αναφορά σας καταχωρίστηκε με υψηλή προτεραιότητα.",
         "urgency target next_update"),
        (GREEK, "Στόχος μας είναι να έχει λυθεί έως αύριο στις 10:00.",
         "receipt priority urgency next_update"),
        (GREEK, "Labame to minima sas. Tha sas grapsw stis 15:00.", "priority urgency target"),
    ],
)  # fmt: skip
def test_the_parts_that_a_text_lacks_are_named(language: Language, text: str, gaps: str) -> None:
    assert list(find_gaps(text, language, ALL)) == gaps.split()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (ENGLISH, "I know that every hour counts for you."),
        (ENGLISH, "We know that it cannot wait for long."),
        (ENGLISH, "I understand how pressing this is."),
        (ENGLISH, "It is urgent, and we treat it so."),
        (ENGLISH, "Your deadline is close: we have no time to lose."),
        (ENGLISH, "The damage grows by the hour, and we act on it."),
        (GREEK, "Γνωρίζουμε ότι για εσάς μετρά κάθε ώρα."),
        (GREEK, "Καταλαβαίνω ότι επείγει."),
        (GREEK, "Η ζημία μεγαλώνει ώρα με την ώρα."),
        (GREEK, "Δεν μπορεί να περιμένει πολύ."),
        (GREEK, "Σας πιέζει ο χρόνος, το γνωρίζω."),
    ],
)
def test_how_pressing_it_is_can_be_said_in_many_ways(language: Language, text: str) -> None:
    assert find_gaps(text, language, {Part.URGENCY}) == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (ENGLISH, "I have your report. We treat it with high priority."),
        (ENGLISH, "We are working on it every day."),
        (GREEK, "Έλαβα την αναφορά σας. Τη χειριζόμαστε με υψηλή προτεραιότητα."),
    ],
)
def test_what_says_nothing_of_it_lacks_it(language: Language, text: str) -> None:
    assert find_gaps(text, language, {Part.URGENCY}) == (Part.URGENCY,)


def test_only_what_is_wanted_is_missed() -> None:
    assert find_gaps("We are on it.", ENGLISH, {Part.TARGET}) == (Part.TARGET,)
    assert find_gaps("We are on it.", ENGLISH, frozenset()) == ()


def test_the_lint_advises_and_never_stops() -> None:
    setting = Setting(ENGLISH, promises=True, confirms=ALL, reader=GREEK, letter=False)
    found = lint_message("We are on it. We write to you at 14:00.", setting)
    (said,) = [each for each in found if each.rule is Rule.FIRST_RESPONSE]
    assert not said.stops
    assert said.suggestion == (
        "Η πρώτη απάντηση δεν λέει ακόμη: ότι λάβαμε την αναφορά του πελάτη, με ποια"
        " προτεραιότητα τη χειριζόμαστε, ότι γνωρίζουμε πόσο επείγει, έως πότε πρέπει να λυθεί."
    )


def test_a_next_time_that_stops_is_not_named_twice() -> None:
    setting = Setting(ENGLISH, promises=True, confirms=ALL, letter=False)
    found = {each.rule: each.suggestion for each in lint_message("We are on it.", setting)}
    assert Rule.NO_NEXT_UPDATE in found
    assert "hear from us next" not in found[Rule.FIRST_RESPONSE]
    freely = Setting(ENGLISH, confirms=ALL, letter=False)
    (said,) = [
        each.suggestion
        for each in lint_message("We are on it.", freely)
        if each.rule is Rule.FIRST_RESPONSE
    ]
    assert said.endswith("when they hear from us next.")


def test_every_part_has_a_name_in_every_language() -> None:
    for language in Language:
        named = [name_parts([part], language) for part in Part]
        assert all(named)
        assert len(set(named)) == len(Part)
