"""Tips: the line below a form, the message of a week, the switches in App Home."""

from collections.abc import Mapping
from typing import Any

from bot.rules.learning.tips import TipKind
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, divider, message, section
from messages.kit.texts import load_texts, t

TipsOff = tuple[bool, bool, bool | None]  # in the order of ``TipKind``


def has_tip(form: str, language: Language) -> bool:
    """Whether there are words for a tip below this form."""
    return f"tip.form.{form}" in load_texts(language)


def form_tip(form: str, language: Language) -> Block:
    """The tip below a form, with where it can be turned off."""
    return context(t(language, f"tip.form.{form}"), t(language, "tip.form_off_where"))


def tip_message(kind: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """A weekly tip, of which ``name`` of ``extra`` is that of its text, or a quiet word.

    ``kind`` is a value of ``TipKind``. The button turns it off. Raises KeyError without a name.
    """
    if kind == TipKind.COURTESY:
        return _quiet_word(language)
    title, text = t(language, "tip.title"), t(language, f"tip.weekly.{extra['name']}")
    said = f"*{title}*\n{text}"
    off = button("do:choose_tips", t(language, "tip.no_more"), _choice(TipKind.WEEKLY, on=False))
    return message(f"{title}: {text}", section(said), actions(off))


def tip_switches(off: TipsOff, language: Language) -> list[Block | None]:
    """The switches at the end of App Home, each with what pressing it does.

    ``off``: whether they turned off tips under forms, weekly ones, and quiet words; None for what
    the policy has turned off for all, which has no switch.
    """
    presses = (
        button(
            f"do:choose_tips#{number}",
            t(language, f"tip.{kind.value}_{'on' if is_off else 'off'}"),
            _choice(kind, on=is_off),
        )
        for number, (kind, is_off) in enumerate(zip(TipKind, off, strict=True), start=1)
        if is_off is not None
    )
    return [divider(), actions(*presses)]


def _quiet_word(language: Language) -> Message:
    """What only the writer of a post that blames a colleague reads; the post is not in it."""
    title, text = t(language, "tip.courtesy_title"), t(language, "tip.courtesy")
    no_more = _choice(TipKind.COURTESY, on=False)
    return message(
        f"{title}: {text}",
        section(f"*{title}*\n{text}"),
        section(t(language, "tip.courtesy_better")),
        context(t(language, "tip.courtesy_why")),
        actions(button("do:choose_tips", t(language, "tip.courtesy_off"), no_more)),
    )


def _choice(kind: TipKind, *, on: bool) -> Mapping[str, Any]:
    return {"kind": kind.value, "on": on}
