"""The form that asks people with a skill to help."""

from messages.forms.inputs import FormContext, select_input, text_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option, section

COUNTS = (1, 2, 3, 4, 5)


@form_of("swarm")
def swarm_form(draft: FormContext) -> list[Block]:
    """The skill, how many, and what is asked of them. Without skills in the policy it says so.

    ``prefill``: ``skills``, the names in the policy.
    """
    skills = draft.prefill.get("skills") or ()
    if not skills:
        return [section(draft.say("none"))]
    counts = [option(str(each), str(each)) for each in COUNTS]
    return [
        context(draft.say("how")),
        select_input(draft, "skill", [option(name, name) for name in skills]),
        select_input(draft, "count", counts),
        text_input(draft, "question", limit=300, optional=True),
    ]
