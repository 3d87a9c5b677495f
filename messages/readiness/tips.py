"""Tips: the line below a form, the message of a week, the switches in App Home."""

from collections.abc import Mapping
from typing import Any

from bot.rules.learning.tips import TipKind
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, divider, message, section
from messages.kit.texts import load_texts, t


def has_tip(form: str, language: Language) -> bool:
    """Whether there are words for a tip below this form."""
    return f"tip.form.{form}" in load_texts(language)


def form_tip(form: str, language: Language) -> Block:
    """The tip below a form, with where it can be turned off."""
    return context(t(language, f"tip.form.{form}"), t(language, "tip.form_off_where"))


def tip_message(_name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """A weekly tip; ``name`` of ``extra`` is that of its text.

    Its button turns weekly tips off. Raises KeyError without a name.
    """
    title, text = t(language, "tip.title"), t(language, f"tip.weekly.{extra['name']}")
    said = f"*{title}*\n{text}"
    off = button("do:choose_tips", t(language, "tip.no_more"), _choice(TipKind.WEEKLY, on=False))
    return message(f"{title}: {text}", section(said), actions(off))


def tip_switches(forms_off: bool, weekly_off: bool, language: Language) -> list[Block | None]:
    """The two switches at the end of App Home, each with what pressing it does."""
    presses = (
        button(
            f"do:choose_tips#{number}",
            t(language, f"tip.{kind.value}_{'on' if off else 'off'}"),
            _choice(kind, on=off),
        )
        for number, (kind, off) in enumerate(
            ((TipKind.FORMS, forms_off), (TipKind.WEEKLY, weekly_off)), start=1
        )
    )
    return [divider(), actions(*presses)]


def _choice(kind: TipKind, *, on: bool) -> Mapping[str, Any]:
    return {"kind": kind.value, "on": on}
