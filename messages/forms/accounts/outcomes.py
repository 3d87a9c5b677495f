"""Forms about what became of a customer's business."""

from bot.rules.business.outcomes import OutcomeResult, OutcomeView
from messages.forms.inputs import FormContext, select_input, text_input, word_options
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.outcomes.listing import about_view

AMOUNT_MAX = 40  # characters


@form_of("record_outcome")
def record_outcome_form(draft: FormContext) -> list[Block]:
    """The result, and what is paid a year before and after.

    ``prefill``: ``shown``, an OutcomeView; ``outcome``, hidden; ``before`` and ``after`` as text.
    """
    return _fields(draft)


@form_of("correct_outcome")
def correct_outcome_form(draft: FormContext) -> list[Block]:
    """The same with what was recorded, and why it is corrected."""
    return [*_fields(draft), text_input(draft, "why")]


def _fields(draft: FormContext) -> list[Block]:
    shown: OutcomeView | None = draft.prefill.get("shown")
    about = [section(f"*{about_view(shown, draft.language)}*")] if shown else []
    results = word_options(draft.language, OutcomeResult)
    return [
        *about,
        context(draft.say("how")),
        select_input(draft, "result", results),
        text_input(draft, "before", lines=False, limit=AMOUNT_MAX, optional=True),
        text_input(draft, "after", lines=False, limit=AMOUNT_MAX, optional=True),
        text_input(draft, "note", optional=True),
    ]
