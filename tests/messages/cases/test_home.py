"""App Home: what presses first, inside Slack's limits."""

import json

import pytest

from bot.rules.facts import PersonFacts
from bot.rules.words import Language
from messages.cases.home import home_view
from messages.kit.blocks import Block
from messages.kit.texts import plural
from tests.messages.limits import check_all_harmless, check_blocks, walk
from tests.messages.sample_cases import HOSTILE, IRIS, VIEWER, ask, case, full, hostile

EN = Language.ENGLISH
EXECUTIVE = PersonFacts(IRIS, "Iris")


def checked(view: Block) -> str:
    """Everything that the view says, after what holds for each."""
    assert view["type"] == "home"
    check_blocks(view["blocks"], 100)
    check_all_harmless(view["blocks"])
    return json.dumps(view, ensure_ascii=False)


@pytest.mark.parametrize("language", Language)
def test_somebody_without_cases_can_escalate(language: Language) -> None:
    said = checked(home_view(VIEWER, [], [], [], 0, language))
    assert "ask:open_case" in said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_full_home_is_one_that_slack_takes(name: str, language: Language) -> None:
    mine = [hostile(full(case(number=n)), HOSTILE[name]) for n in range(1, 30)]
    late = [hostile(full(case(number=n)), HOSTILE[name]) for n in range(20, 60)]
    asks = [ask(id=n, question=HOSTILE[name]) for n in range(30)]
    checked(home_view(EXECUTIVE, mine, late, asks, 60, language))


def test_a_decision_asked_of_somebody_comes_with_two_buttons() -> None:
    view = home_view(EXECUTIVE, [], [], [ask()], 1, EN)
    pressed = {
        o["action_id"]: json.loads(o["value"])
        for o in walk(view["blocks"])
        if "answer_ask" in o.get("action_id", "")
    }
    assert pressed == {
        "do:answer_ask#1": {"case": 7, "ask": 5, "approve": True},
        "ask:answer_ask#1": {"case": 7, "ask": 5, "approve": False},
    }


@pytest.mark.parametrize("language", Language)
def test_a_restricted_question_is_read_where_it_is_answered(language: Language) -> None:
    said = checked(home_view(EXECUTIVE, [], [], [ask(restricted=True)], 1, language))
    assert ask().question not in said
    assert "ask:answer_ask#1" in said
    assert "do:answer_ask" not in said


def test_what_was_asked_of_others_or_answered_is_left_out() -> None:
    asks = [ask(), ask(id=6, answer="yes")]
    assert "answer_ask" not in checked(home_view(VIEWER, [], [], asks, 1, EN))
    assert checked(home_view(EXECUTIVE, [], [], asks, 1, EN)).count("do:answer_ask") == 1


def test_ones_own_late_case_is_listed_once() -> None:
    said = checked(home_view(VIEWER, [case()], [case(), case(number=9)], [], 2, EN))
    assert said.count("*ESC-7*") == 1
    assert said.count("*ESC-9*") == 1


@pytest.mark.parametrize("language", Language)
def test_what_does_not_fit_is_counted_with_the_way_to_it(language: Language) -> None:
    mine = [case(number=n) for n in range(1, 11)]
    late = [case(number=n) for n in range(20, 30)]
    view = home_view(VIEWER, mine, late, [], 60, language, totals=(12, 31))
    said = checked(view)
    assert plural(language, "home.left", 2) in said
    assert plural(language, "home.left", 21) in said
    ways = [json.loads(o["value"]) for o in walk(view["blocks"]) if "scope" in str(o.get("value"))]
    assert ways == [{"scope": "mine"}, {"scope": "breaching"}]
