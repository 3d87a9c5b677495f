"""What was typed and not understood: what may be typed instead, and buttons to go on.

The texts are in ``typed.toml``. Words that may have been meant for a new case are offered as one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, fit_plain, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape
from messages.kit.texts import load_texts, t

STAKE_MAX = 1200  # characters of what was said that a button carries on
WORD_MAX = 40  # characters of a word that are repeated


def unknown_command(word: str, nearest: str | None, said: str, language: Language) -> Message:
    """Say that a word is no subcommand, with the nearest one where there is one."""
    facts = {"word": short_text(word, WORD_MAX), "nearest": escape(nearest or "")}
    words = t(language, "answer.unknown_nearest" if nearest else "answer.unknown", **facts)
    return message(words, section(words), actions(_new_case(said, language)))


def unread_word(
    word: str,
    command: str,
    wants: str,
    choices: Sequence[str],
    form: tuple[str, Mapping[str, Any]],
    said: str,
    language: Language,
) -> Message:
    """Say that a word means nothing in a command, and what may stand in its place.

    ``wants`` is what it was probably meant for, ``choices`` what may be typed for that; ``form`` is
    the interaction that asks for it, with what was read, empty where there is none.
    """
    facts = {"word": short_text(word, WORD_MAX), "command": escape(command)}
    own = f"typed.{wants}"
    key = own if own in load_texts(language) else "typed.choices" if choices else "typed.word"
    words = t(language, key, **facts, choices=", ".join(escape(each) for each in choices))
    interaction, given = form
    ask = button(interaction, t(language, "typed.form"), given) if interaction else None
    return message(words, section(words), actions(ask, _new_case(said, language)))


def offer_said(
    command: str, form: tuple[str, Mapping[str, Any]], said: str, language: Language
) -> Message:
    """Answer words in a mention or a direct message, by which nothing is done but by a button.

    ``form`` is the interaction that ``command`` leads to, empty where the words are no command.
    """
    interaction, given = form
    key = "typed.said_command" if interaction else "typed.said"
    words = t(language, key, command=escape(command))
    label = t(language, "typed.go_on", command=command)
    go_on = button(interaction, label, given, style="primary") if interaction else None
    help_us = button("show:help", t(language, "answer.help_button"), {})
    return message(words, section(words), actions(go_on, _new_case(said, language), help_us))


def _new_case(said: str, language: Language) -> Block | None:
    """The button that opens the form of a new case with the words; None for a single word."""
    if len(said.split()) < 2:
        return None
    stake = {"stake": fit_plain(said, STAKE_MAX)}
    return button("ask:open_case", t(language, "typed.new_case"), stake)
