"""Playbooks in Slack's words: within its limits, in both languages, by the glossary."""

import pytest

from bot.rules.learning.playbooks import load_playbooks
from bot.rules.words import Language, Status, Trigger
from messages.kit.texts import label
from messages.learning.playbooks import playbook_answer, playbook_list
from tests.docs.test_glossary import misused
from tests.messages.limits import check_blocks, check_harmless
from tests.messages.sample_cases import case

ALL = load_playbooks()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", ALL)
def test_each_says_steps_with_role_and_time_and_what_never_to_do(
    key: str, language: Language
) -> None:
    said = playbook_answer(ALL[key], None, language)
    check_blocks(said.blocks)
    check_harmless(said.text)
    words = ALL[key].wording(language)
    for line in (*words.steps, *words.say, *words.never):
        assert line.split("'")[0] in said.text
        assert misused(line) == []
    assert said.text.count(label(language, ALL[key].steps[0].role)) >= 1


@pytest.mark.parametrize("language", Language)
def test_those_that_fit_the_case_stand_first_and_bare_causes_last(language: Language) -> None:
    here = case(Status.INVESTIGATING, trigger=Trigger.UNHEARD)
    listed = playbook_list(here, ALL, "", language)
    check_blocks(listed.blocks)
    titles = [block["text"]["text"] for block in listed.blocks]
    assert ALL["unheard"].wording(language).title in titles[1]
    assert len(titles) == 1 + len(ALL) + 1
    assert ("Documentation" in titles[-1]) or ("Τεκμηρίωση" in titles[-1])


def test_a_name_that_is_none_is_said_without_markup() -> None:
    said = playbook_list(None, ALL, "<!channel> *gossip*", Language.ENGLISH)
    check_harmless(said.text)
    assert "No playbook has the name" in said.text
