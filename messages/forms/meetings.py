"""Forms about meetings of a case."""

from datetime import timedelta

from messages.forms.inputs import FormContext, select_input, text_input, time_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option
from messages.kit.dates import format_duration

LENGTHS, USUAL = (30, 45, 60, 90), 60  # minutes


@form_of("plan_postmortem")
def plan_postmortem_form(draft: FormContext) -> list[Block]:
    """When, how long, and where the postmortem is."""
    lengths = [
        option(str(each), format_duration(timedelta(minutes=each), draft.language))
        for each in LENGTHS
    ]
    return [
        context(draft.say("how")),
        time_input(draft, "at", None),
        select_input(draft, "minutes", lengths, initial=str(USUAL)),
        text_input(draft, "place", lines=False, optional=True),
    ]


@form_of("cancel_postmortem")
def cancel_postmortem_form(draft: FormContext) -> list[Block]:
    """Why it does not take place."""
    return [text_input(draft, "reason")]
