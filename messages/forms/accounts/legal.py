"""Forms of Legal."""

from messages.forms.inputs import FormContext, text_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context


@form_of("begin_legal_hold")
def begin_legal_hold_form(draft: FormContext) -> list[Block]:
    """Why nothing of the case may be deleted."""
    return [context(draft.say("how")), text_input(draft, "reason")]


@form_of("end_legal_hold")
def end_legal_hold_form(draft: FormContext) -> list[Block]:
    """Why nothing of the case need be kept any more."""
    return [context(draft.say("how")), text_input(draft, "reason")]
