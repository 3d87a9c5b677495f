"""Forms of the decision log."""

from bot.rules.states import DecisionOutcome
from messages.forms.inputs import (
    FormContext,
    day_input,
    person_input,
    select_input,
    text_input,
    word_options,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, section
from messages.learning.decisions import decision_lines


@form_of("decide")
def decide_form(draft: FormContext) -> list[Block]:
    """What was decided, instead of what, why, by whom, and when it is looked at again."""
    return [
        text_input(draft, "decision"),
        text_input(draft, "options", optional=True),
        text_input(draft, "why"),
        person_input(draft, "decider", initial=draft.viewer.user_id),
        day_input(draft, "ask_on", None, optional=True),
    ]


@form_of("judge_decision")
def judge_decision_form(draft: FormContext) -> list[Block]:
    """The decision, how it came out, and what we know now.

    ``prefill``: ``shown``, a DecisionFacts; ``decision``, its id, hidden.
    """
    known = draft.prefill.get("shown")
    shown = [section(decision_lines(known, draft.language))] if known else []
    return [
        *shown,
        select_input(draft, "outcome", word_options(draft.language, DecisionOutcome)),
        text_input(draft, "lesson"),
    ]
