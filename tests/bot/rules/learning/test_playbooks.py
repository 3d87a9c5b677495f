"""Playbooks: all are there in each language, each fits its situation, and what they warn of."""

from dataclasses import replace
from typing import Any

import pytest

from bot.rules.facts import CallFacts
from bot.rules.learning.playbooks import (
    PlaybookError,
    find_playbook,
    fitting,
    load_playbooks,
    read_playbook,
    uncovered_causes,
)
from bot.rules.learning.warned import find_warned
from bot.rules.words import ClockKind, Language, Role, RootCause, Severity, Status, Trigger
from tests.messages.sample_cases import NOW, case, clock

ALL = load_playbooks()
SITUATIONS = {
    "outage", "data_loss", "security", "billing", "missed_commitment", "unheard", "churn", "legal",
    "public_review", "many_customers", "third_party", "no_cause", "silent_customer",
    "absent_manager", "breach", "desk_down",
}  # fmt: skip
EN = {"title": "Own", "steps": ["Do it"]}


def fits(**facts: Any) -> set[str]:
    """The keys of the playbooks that fit such a case."""
    calm = {"trigger": Trigger.EXTRAORDINARY, "severity": Severity.SEV3, "stake": "It is odd"}
    here = case(Status.INVESTIGATING, **(calm | facts))
    return {each.key for each in fitting(ALL.values(), here)}


def test_there_is_one_for_each_situation_complete_in_each_language() -> None:
    assert set(ALL) == SITUATIONS
    for playbook in ALL.values():
        for language in Language:
            words = playbook.wording(language)
            assert language.value in playbook.wordings
            assert len(words.steps) == len(playbook.steps) >= 4
            assert words.title
            assert words.say
            assert words.never
            assert words.exit
        minutes = [step.minutes for step in playbook.steps]
        assert minutes == sorted(minutes)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, set()),
        ({"trigger": Trigger.TECHNICAL, "severity": Severity.SEV1}, {"outage"}),
        ({"trigger": Trigger.TECHNICAL, "severity": Severity.SEV2}, set()),
        ({"trigger": Trigger.UNHEARD}, {"unheard"}),
        ({"trigger": Trigger.THREAT_TO_CANCEL}, {"churn"}),
        ({"legal": True}, {"legal"}),
        ({"problem": 3}, {"many_customers"}),
        ({"call": CallFacts(1)}, {"breach"}),
        ({"stake": "We lost data in the export"}, {"data_loss"}),
        ({"stake": "We lost data", "severity": Severity.SEV4}, set()),
        ({"stake": "Χάθηκαν δεδομένα πελατών"}, {"data_loss"}),
        ({"stake": "Έχουμε διπλή χρέωση"}, {"billing"}),
        ({"root_cause": RootCause.THIRD_PARTY}, {"third_party"}),
    ],
)
def test_a_playbook_fits_by_the_facts_of_the_case(
    facts: dict[str, Any], expected: set[str]
) -> None:
    assert fits(**facts) == expected


def test_no_cause_fits_at_half_over_the_time_and_not_once_the_cause_is_known() -> None:
    spent = replace(
        clock(ClockKind.RESOLUTION, -60), share_used=1.5, breached_at=NOW, stopped_at=None
    )
    assert {"no_cause", "breach"} <= fits(clocks=(spent,))
    assert "no_cause" not in fits(clocks=(replace(spent, share_used=1.4),))
    assert "no_cause" not in fits(clocks=(spent,), root_cause=RootCause.CHANGE)


def test_what_no_playbook_is_for_is_listed() -> None:
    assert uncovered_causes(ALL.values()) == (RootCause.DOCUMENTATION,)
    assert uncovered_causes(()) == tuple(RootCause)


def test_one_is_found_by_its_name_in_any_language_or_its_beginning() -> None:
    for name in ("outage", "OUTAGE", "διακοπη λειτουργιας", "Διακοπή"):
        assert find_playbook(ALL, name) is ALL["outage"]
    assert find_playbook(ALL, "data loss") is ALL["data_loss"]
    assert find_playbook(ALL, "") is None
    assert find_playbook(ALL, "gossip") is None


def test_it_warns_of_what_its_never_lines_forbid_whatever_the_spelling() -> None:
    churn = [ALL["churn"]]
    for text, quote in (
        ("We give you a DISCOUNT", "DISCOUNT"),
        ("Σας δίνουμε εκπτωση.", "εκπτωση"),
        ("One FREE\nmonth for you", "FREE\nmonth"),
    ):
        [warned] = find_warned(churn, text)
        assert text[slice(*warned.span)] == quote
    assert find_warned(churn, "They rediscounted it") == ()
    assert find_warned(churn, "We are sorry. A colleague calls you today.") == ()
    assert find_warned([], "discount") == ()


@pytest.mark.parametrize(
    ("rule", "words", "says"),
    [
        ({}, {"en": EN}, "'steps' is missing"),
        ({"steps": ["agent"]}, {"en": EN}, "has no minutes"),
        ({"steps": ["pilot 5"]}, {"en": EN}, "pilot"),
        ({"steps": ["agent 5", "agent 6"]}, {"en": EN}, "2 steps, 1 in en"),
        ({"steps": ["agent 5"]}, {}, "no words in any language"),
        ({"steps": ["agent 5"], "when": [{"moon": True}]}, {"en": EN}, "'moon' is unknown"),
        ({"steps": ["agent 5"], "when": [{"late": ["lunch"]}]}, {"en": EN}, "lunch"),
    ],
)
def test_one_that_is_wrong_is_named_with_what_is_wrong(
    rule: dict[str, Any], words: dict[str, dict[str, Any]], says: str
) -> None:
    with pytest.raises(PlaybookError, match=f"own: .*{says}"):
        read_playbook("own", rule, words)


def test_a_step_has_its_role() -> None:
    assert ALL["churn"].steps[0].role is Role.EXECUTIVE_OWNER
