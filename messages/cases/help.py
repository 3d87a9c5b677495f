"""What ``/escalate help`` says: every subcommand, under what people are about to do.

The commands come from ``handlers/commands``; a new one needs the texts ``help.<name>`` and, for a
new group, ``help_group.<group>``. Commands keep the order of the table, groups that of their
first command.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from bot.rules.languages import read_data
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.mrkdwn import escape
from messages.kit.template_context import text_chunks
from messages.kit.texts import t


class CommandHelp(Protocol):
    """A subcommand as help shows it; what it is for is the text ``help.<name>``."""

    @property
    def name(self) -> str:
        """The word after ``/escalate``."""

    @property
    def arguments(self) -> str:
        """What may follow, as people read it."""

    @property
    def group(self) -> str:
        """What it belongs to: a text under ``help_group.``."""


def typed_usage(command: CommandHelp, language: Language) -> str:
    """Write a command as a reader of the language types it: ``ανάληψη [υπόθεση]``.

    That is the first of its words in the language's ``commands.toml``, with what stands there
    under ``arguments``; where the language has no arguments for it, its own name and English ones.
    """
    typed = _typed_words(language)
    if command.name not in typed.get("arguments", {}):
        return f"{command.name} {command.arguments}".strip()
    word = next(iter(typed.get("command", {}).get(command.name, ())), command.name)
    return f"{word} {typed['arguments'][command.name]}".strip()


@cache
def _typed_words(language: Language) -> Mapping[str, Any]:
    return read_data(language.value, "commands.toml")


def help_answer(
    commands: Sequence[CommandHelp], language: Language, *, whole: bool = True
) -> Message:
    """List subcommands, with buttons for what people come for most.

    ``whole`` is false for the reader's own part of the table; then the rest has a button. Raises
    MissingTextError for a command or a group without a text.
    """
    intro = t(language, "answer.help")
    if not whole:
        intro += "\n" + t(language, "answer.help_yours")
    groups: dict[str, list[str]] = {}
    for command in commands:
        usage = escape(typed_usage(command, language))
        what = t(language, f"help.{command.name}")
        line = t(language, "answer.help_line", usage=usage, what=what)
        groups.setdefault(command.group, []).append(line)
    parts = [
        "\n".join([f"*{t(language, f'help_group.{group}')}*", *lines])
        for group, lines in groups.items()
    ]
    return message(
        "\n".join([intro, *parts]),
        section(intro),
        *(section(chunk) for part in parts for chunk in text_chunks(part)),
        actions(
            button("ask:open_case", t(language, "answer.escalate"), {}, style="primary"),
            button("show:list", t(language, "answer.my_cases"), {"scope": "mine"}),
            None if whole else _all_commands(language),
        ),
    )


def _all_commands(language: Language) -> Block:
    """Draw the button to every command."""
    return button("show:help", t(language, "answer.help_all_button"), {"all": "all"})
