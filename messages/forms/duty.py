"""The form of being away."""

from messages.forms.inputs import FormContext, person_input, text_input, time_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context


@form_of("away")
def away_form(draft: FormContext) -> list[Block]:
    """Until when, from when, who stands in.

    ``colleague`` is who is away, where it is another, which managers may say.

    Only ``until`` is required. Both times are instants, asked for in the zone of the viewer, and
    the note is one line of at most ``LINE_MAX`` characters.
    """
    return [
        context(draft.say("how")),
        time_input(draft, "until", None),
        time_input(draft, "begins", None, optional=True),
        person_input(draft, "deputy", optional=True),
        text_input(draft, "note", lines=False, optional=True),
        person_input(draft, "colleague", optional=True),
    ]
