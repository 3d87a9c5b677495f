"""What is said about our own work: to an administrator, and to whoever waits for a channel."""

from datetime import datetime, timedelta

from bot.rules.words import Language
from messages.blocks import Message, message, section
from messages.mrkdwn import escape, span, when
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


def clock_differs(host: str, ahead: timedelta, language: Language) -> Message:
    """A machine's clock is ahead of Slack's, or behind where ``ahead`` is negative."""
    way = "operations.clock_behind" if ahead < timedelta(0) else "operations.clock_ahead"
    words = t(language, way, host=escape(host), difference=span(abs(ahead), language))
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
