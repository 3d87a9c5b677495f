"""Forms about what executives owe a customer: a talk that is logged, three commitments."""

from messages.forms.inputs import (
    FormContext,
    day_input,
    person_input,
    select_input,
    text_input,
    time_input,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option
from messages.kit.texts import t

WAYS = ("call", "meeting", "message")
COMMITMENTS = ("first", "second", "third")


@form_of("log_contact")
def log_contact_form(draft: FormContext) -> list[Block]:
    """Who spoke with whom, when, what was said, what we owe, and when next.

    The executive is by default who has the flag, else the viewer; with whom, the case's contact.
    """
    case = draft.about()
    flag = case.flagging
    executive = (flag.had_by if flag else None) or draft.viewer.user_id
    ways = [option(way, t(draft.language, f"talk.{way}")) for way in WAYS]
    known = draft.prefill.get("contact") or case.contact_name
    told = FormContext(
        draft.verb, draft.language, draft.viewer, draft.case, {**draft.prefill, "contact": known}
    )
    return [
        person_input(draft, "executive", initial=executive),
        select_input(draft, "way", ways, initial=WAYS[0]),
        text_input(told, "contact", lines=False),
        time_input(draft, "at", None, optional=True),
        text_input(draft, "said"),
        text_input(draft, "owed", lines=False, optional=True),
        day_input(draft, "owed_by", None, optional=True),
        person_input(draft, "owed_owner", optional=True),
        day_input(draft, "next_on", None, optional=True),
    ]


@form_of("commit")
def commit_form(draft: FormContext) -> list[Block]:
    """Three commitments, each with its owner and its day; the first owner is the case's own."""
    blocks = [context(draft.say("how"))]
    for name in COMMITMENTS:
        blocks += [
            text_input(draft, name, lines=False),
            person_input(draft, f"{name}_owner", initial=draft.about().owner),
            day_input(draft, f"{name}_by", None),
        ]
    return blocks
