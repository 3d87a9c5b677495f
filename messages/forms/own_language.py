"""The form in which a person chooses their own language."""

from bot.rules.words import AS_IN_SLACK, Language
from messages.forms.inputs import FormContext, select_input
from messages.forms.table import form_of
from messages.kit.blocks import Block, option
from messages.kit.texts import t


@form_of("choose_language")
def choose_language_form(draft: FormContext) -> list[Block]:
    """Every language by its own name, and that of Slack; what holds now is chosen."""
    offered = [option(each.value, each.data.name) for each in Language]
    offered.append(option(AS_IN_SLACK, t(draft.language, "language.slack")))
    now = draft.viewer.chosen if draft.viewer else None
    return [select_input(draft, "language", offered, initial=now.value if now else AS_IN_SLACK)]
