"""Forms about what arrives: to which case it belongs, or why it is no escalation."""

from messages.forms.inputs import FormContext, text_input
from messages.forms.table import form_of
from messages.kit.blocks import Block

NUMBER_MAX = 12  # characters of a case's number as people write it


@form_of("add_candidate")
def add_candidate_form(draft: FormContext) -> list[Block]:
    """The case to which what arrived belongs."""
    return [text_input(draft, "into", lines=False, limit=NUMBER_MAX)]


@form_of("dismiss_candidate")
def dismiss_candidate_form(draft: FormContext) -> list[Block]:
    """Why it is no escalation, and what its source is told of that."""
    return [text_input(draft, "reason"), text_input(draft, "told", optional=True)]
