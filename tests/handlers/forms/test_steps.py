"""What happens around a form stands in one row, and only for forms that exist."""

from typing import Any, cast

import pytest

from bot.problems.steps import OnProblem
from bot.registry import INTENTS
from handlers.forms.problem_prefill import fill_problem
from handlers.forms.steps import ABOUT_PROBLEM, PLAIN, STEPS, steps_of
from handlers.ports import Services
from messages.forms import FORMS
from tests.messages.sample_cases import VIEWER

NOTHING = cast(Services, None)  # these ask for nothing


def test_a_row_belongs_to_a_verb_with_a_form() -> None:
    assert set(STEPS) <= set(INTENTS) & set(FORMS)
    assert set(FORMS) - set(INTENTS) == {"picker"}


def test_a_form_about_a_problem_is_given_the_problem_without_a_row() -> None:
    about = {verb for verb, model in INTENTS.items() if issubclass(model, OnProblem)}
    assert all(steps_of(verb) is ABOUT_PROBLEM for verb in about - set(STEPS))
    assert ABOUT_PROBLEM.prefill is fill_problem
    assert steps_of("hold") is PLAIN is steps_of("picker")


@pytest.mark.parametrize(
    ("prefill", "accept"), [({}, False), ({"accept": None}, False), ({"accept": True}, True)]
)
async def test_whoever_opens_the_form_of_a_handover_refuses_it(
    prefill: dict[str, Any], accept: bool
) -> None:
    known = await steps_of("answer_handover").prefill(NOTHING, None, VIEWER, prefill)
    assert known["accept"] is accept
