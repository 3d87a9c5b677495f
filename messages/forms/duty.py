"""The forms of being away and of a shift that ends."""

from messages.duty.shift import summary_line
from messages.forms.inputs import FormContext, person_input, text_input, time_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section


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


@form_of("hand_over_shift")
def hand_over_shift_form(draft: FormContext) -> list[Block]:
    """Who takes which of the viewer's cases; at first, all go to who is on duty next.

    ``prefill``: ``cases``, as ``bot.duty.summary`` makes them, and ``heir``, "" for no one. Each
    case has its summary and an input ``to_<number>``; the viewer's own name keeps it. Without a
    case there is no input.
    """
    cases = draft.prefill.get("cases") or ()
    if not cases:
        return [section(draft.say("nothing"))]
    heir = str(draft.prefill.get("heir") or "")
    blocks = [context(draft.say("how" if heir else "how_alone"))]
    for row in cases:
        name, reference = f"to_{row['case']}", f"ESC-{row['case']}"
        blocks.append(section(summary_line(row, draft.language)))
        named = draft.say("to", reference=reference)
        blocks.append(person_input(draft, name, initial=heir, named=named))
    return [*blocks, text_input(draft, "note", optional=True)]
