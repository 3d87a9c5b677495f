"""What a person owes customers, as App Home shows it, each with the button that does it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.facts import OwedFacts
from bot.rules.words import Language
from messages.kit.blocks import Block, button, divider, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import slack_date
from messages.kit.texts import t

# The interaction, and the name of its text, by what is owed.
STEPS: Mapping[str, tuple[str, str]] = {
    "have": ("do:have_flag", "button.have_flag"),
    "call": ("ask:log_contact", "button.log_contact"),
    "contact": ("ask:log_contact", "button.log_contact"),
    "breach_call": ("ask:breach_talk", "press.talked"),
}
FIRST_NUMBER = 40  # of the buttons: the lists of Home have the numbers before
NAME_SHOWN = 60  # characters of a customer's name


def owed_rows(owed: Sequence[OwedFacts], language: Language) -> list[Block | None]:
    """Draw each thing owed with its button; nothing where nothing is."""
    if not owed:
        return []
    title = section(f"*{t(language, 'executive.mine')}*")
    rows = [_row(each, language, FIRST_NUMBER + n) for n, each in enumerate(owed)]
    return [divider(), title, *rows]


def _row(each: OwedFacts, language: Language, number: int) -> Block:
    """Draw what is owed in one case with its button, which ``number`` makes unique in the view.

    The button has ``case``; for a call after a missed promise also ``talk``, its id.
    """
    action, text = STEPS[each.what]
    values: dict[str, Any] = {"case": each.case_number}
    if each.what == "breach_call":
        values["talk"] = each.row
    press = button(f"{action}#{number}", t(language, text), values)
    return section(owed_line(each, language), press)


def owed_line(each: OwedFacts, language: Language) -> str:
    """Name the case, and what was due already; of a restricted one not its customer."""
    reference = f"ESC-{each.case_number}"
    name = reference if each.restricted else f"{reference} {short_text(each.customer, NAME_SHOWN)}"
    if each.due is None:
        return t(language, "executive.owes_no_time", name=name)
    said = t(
        language, f"executive.owes_{each.what}", name=name, when=slack_date(each.due, language)
    )
    return t(language, "executive.owes_late", said=said) if each.late else said
