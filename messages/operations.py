"""What is said about our own work: to an administrator, and to whoever waits for a channel."""

from datetime import datetime

from bot.rules.words import Language
from messages.blocks import Message, message, section
from messages.mrkdwn import escape, when
from messages.texts import t


def trouble_alert(
    error: str, failing: int, waiting: int, since: datetime, language: Language
) -> Message:
    """Effects keep failing; ``error`` is Slack's code for one of them, never a customer's word."""
    words = t(
        language,
        "operations.trouble",
        error=f"`{escape(error)}`",
        failing=failing,
        waiting=waiting,
        since=when(since, language),
    )
    return message(words, section(words))


def channel_waits(reference: str, position: int, seconds: int, language: Language) -> Message:
    """The reporter's case is open, its channel still waits for Slack's limit."""
    words = t(
        language,
        "operations.channel_waits",
        reference=reference,
        position=position,
        seconds=seconds,
    )
    return message(words, section(words))
