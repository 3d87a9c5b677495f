"""Notices about problems: the table and the texts belong together."""

import pytest

from bot.rules.words import Language
from messages.kit.render import MissingFactError
from messages.kit.texts import load_texts
from messages.problems.notice_table import PROBLEM_NOTICES
from messages.problems.notices import problem_notice
from tests.messages.sample_problems import EXTRA

EN = Language.ENGLISH
NEEDY = [(name, fact) for name, spec in PROBLEM_NOTICES.items() for fact in spec.needs]


def test_every_sentence_is_that_of_a_notice_in_the_table() -> None:
    family = "problem.said."
    said = [key.removeprefix(family) for key in load_texts(EN) if key.startswith(family)]
    assert all(any(key.startswith(name) for name in PROBLEM_NOTICES) for key in said)


@pytest.mark.parametrize(("name", "missing"), NEEDY)
def test_a_fact_that_is_not_given_is_named(name: str, missing: str) -> None:
    given = {"approve": True, "code": "name_taken", "hindrance": "name"}
    facts = {key: value for key, value in {**EXTRA, **given}.items() if key != missing}
    with pytest.raises(MissingFactError, match=rf"{name}.*{missing}"):
        problem_notice(name, EN, facts)


def test_a_notice_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        problem_notice("gossip", EN, EXTRA)
