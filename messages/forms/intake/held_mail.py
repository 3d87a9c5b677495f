"""The form that asks whose a mail to the intake address is."""

from messages.forms.inputs import FormContext, external_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context


@form_of("admit_mail")
def admit_mail_form(draft: FormContext) -> list[Block]:
    """Which customer wrote it; ``customer`` is ``account:<key>`` or ``new:<name>``."""
    return [context(draft.say("how")), external_input(draft, "customer", None)]
