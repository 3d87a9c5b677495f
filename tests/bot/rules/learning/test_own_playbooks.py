"""The organisation's own playbook files: what is read, and how each mistake is named."""

from pathlib import Path

import pytest

from bot.rules.learning.own_playbooks import OwnFile, find_line, parse_file, read_own, unknown_keys
from bot.rules.learning.playbooks import as_data, from_data, load_shipped
from bot.rules.words import Language, Role, Trigger

DOCS = Path(__file__).parents[4] / "docs" / "administrators.md"
GOOD = """\
rank = 75
when = [{ triggers = ["threat_to_cancel"], severity = 2 }]
steps = ["executive_owner 60", "csm 240"]

[en]
title = "They leave"
steps = ["Call them.", "Write the plan."]
never = ["Never argue."]
"""


def example() -> str:
    """The example of the documentation."""
    text = DOCS.read_text(encoding="utf-8")
    return text.partition("`vip_outage.toml`:\n\n```toml\n")[2].partition("```")[0]


def test_the_documented_example_is_a_playbook_in_both_languages() -> None:
    found = parse_file("vip_outage.toml", example())
    assert found.mistakes == ()
    assert found.content is not None
    own = read_own(found.key, found.content)
    assert (own.key, own.rank, len(own.when)) == ("vip_outage", 90, 2)
    assert own.steps[0].role is Role.TECHNICAL_LEAD
    for language in (Language.ENGLISH, Language.GREEK):
        assert own.wordings[language.value].title == own.wording(language).title


def test_one_in_one_language_is_read_by_all() -> None:
    found = parse_file("churn.toml", GOOD.replace("[en]", "[el]"))
    assert found.content is not None
    own = read_own("churn", found.content)
    assert own.wording(Language.ENGLISH).title == "They leave"
    assert own.when[0].triggers == {Trigger.THREAT_TO_CANCEL}


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("rank = 75", "rank = 'high'", "churn.toml line 1: rank: 'high' is not a whole number"),
        ("severity = 2", "severity = 9", "churn.toml line 2: when[0].severity: 9 is not"),
        ("threat_to_cancel", "threat_to_cancl", "did you mean 'threat_to_cancel'?"),
        ("csm 240", "pilot 240", "churn.toml line 3: steps: 'pilot' is not known; allowed: "),
        ("csm 240", "csm soon", "churn.toml line 3: steps: 'csm soon' is no step"),
        ('title = "They leave"', "", "churn.toml line 5: en.title: is missing"),
        ('"Call them.", ', "", "churn.toml line 7: en.steps: has 1 sentences for 2 steps"),
        ("never =", "nevr =", "churn.toml line 8: en.nevr: unknown key"),
        ("Never argue.", "a\\nb", "churn.toml line 8: en.never: 'a\\nb' is not one line"),
        ("[en]", "[fr_FR]", "fr_FR: unknown key"),
        ("[en]", "[en", "churn.toml: "),
        ("{ triggers", "{}, { triggers", "churn.toml line 2: when[0]: sets nothing"),
        ("{ triggers", "{ legal = false }, { triggers", "churn.toml line 2: when[0]: sets nothing"),
        ('["Never argue."]', "5", "churn.toml line 8: en.never: 5 is not a list"),
        ('["Never argue."]', "true", "churn.toml line 8: en.never: True is not a list"),
        ('["Never argue."]', "[" * 5000, "churn.toml: its brackets are nested too deeply"),
        ("when =", "wenn =", "did you mean 'when'?"),
        ("severity = 2", "late = []", "when[0].late: it has 0 entries; allowed: 1 to 9"),
        ("severity = 2", 'used = ["resolution"]', "when[0].used: 'resolution' is no share"),
        ("never =", 'words = ["help"]\nnever =', "'help' says too little"),
    ],
)
def test_each_mistake_is_named_with_file_line_and_key(was: str, now: str, says: str) -> None:
    found = parse_file("churn.toml", GOOD.replace(was, now, 1))
    assert found.content is None
    assert any(says in each for each in found.mistakes), found.mistakes


def test_all_mistakes_of_a_file_are_named_at_once() -> None:
    found = parse_file("churn.toml", "rank = -1\nwhen = 5\n[en]\ntitle = ''\n")
    assert len(found.mistakes) == 5, found.mistakes


@pytest.mark.parametrize("name", ["Churn.toml", "save plan.toml", "1st.toml", "../churn.toml"])
def test_a_file_by_an_odd_name_is_told_how_to_be_called(name: str) -> None:
    assert "name it in small Latin letters" in parse_file(name, GOOD).mistakes[0]


def test_a_file_that_is_too_long_is_not_read() -> None:
    assert parse_file("churn.toml", "#" * 100_001) == OwnFile(
        "churn", mistakes=("churn.toml: it has more than 100000 characters",)
    )


def test_a_line_is_found_in_its_own_table() -> None:
    assert find_line(GOOD, "steps") == 3
    assert find_line(GOOD, "en.steps") == 7
    assert find_line(GOOD, "en.exit") == 5
    assert find_line(GOOD, "when[0].severity") == 2
    assert find_line("", "rank") is None


def test_what_the_policy_names_and_is_not_there_is_said() -> None:
    assert unknown_keys(["churn"], list(load_shipped())) == []
    assert "did you mean 'churn'?" in unknown_keys(["chrun"], list(load_shipped()))[0]


@pytest.mark.parametrize("key", load_shipped())
def test_what_a_checklist_keeps_is_all_that_it_shows(key: str) -> None:
    playbook = load_shipped()[key]
    kept = from_data(key, as_data(playbook))
    assert kept is not None
    assert kept.steps == playbook.steps
    for code, words in playbook.wordings.items():
        again = kept.wordings[code]
        shown = (words.title, words.steps, words.never, words.warn, words.exit)
        assert (again.title, again.steps, again.never, again.warn, again.exit) == shown
    assert from_data(key, {}) == playbook, "of before it was kept"
    assert from_data("gone", {}) is None
