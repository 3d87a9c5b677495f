"""What is said about our own work: to an administrator, and to whoever waits for a channel."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.rules.words import Language, Role, Unfilled
from messages.kit.blocks import Message, message, section
from messages.kit.mrkdwn import escape, format_span, mention_user, slack_date
from messages.kit.template_context import lower_first
from messages.kit.texts import label, plural, t

LINES_MAX = 20  # names in one message


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
        since=slack_date(since, language),
    )
    return message(words, section(words))


def clock_differs(host: str, ahead: timedelta, language: Language) -> Message:
    """A machine's clock is ahead of Slack's, or behind where ``ahead`` is negative."""
    way = "operations.clock_behind" if ahead < timedelta(0) else "operations.clock_ahead"
    words = t(language, way, host=escape(host), difference=format_span(abs(ahead), language))
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


def operations_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """What is said to whoever looks after the desk under this name.

    Raises KeyError for a text that does not exist.
    """
    return NOTICES[name](language, extra)


def _roster(language: Language, extra: Mapping[str, Any]) -> Message:
    """Whom the policy names for roles in vain; once it is mended, that it is."""
    lines = [_vacancy(language, each) for each in extra["vacancies"][:LINES_MAX]]
    if not lines:
        words = t(language, "operations.roster_mended")
        return message(words, section(words))
    if (more := len(extra["vacancies"]) - LINES_MAX) > 0:
        lines.append(plural(language, "operations.roster_more", more))
    roles = ", ".join(
        lower_first(label(language, Role(role)), language) for role in extra["deserted"]
    )
    lost = [t(language, "operations.roster_deserted", roles=roles)] if roles else []
    words = "\n".join(
        [t(language, "operations.roster"), *lines, *lost, t(language, "operations.roster_mend")]
    )
    return message(words, section(words))


def _vacancy(language: Language, given: Mapping[str, Any]) -> str:
    who = f"`{escape(given['reference'])}`"
    if given["user"]:
        who = mention_user(given["user"]) + (
            "" if given["user"] == given["reference"] else f" ({who})"
        )
    reason = lower_first(label(language, Unfilled(given["reason"])), language)
    role = label(language, Role(given["role"]))
    return t(language, "operations.roster_line", role=role, who=who, reason=reason)


NOTICES: Mapping[str, Callable[[Language, Mapping[str, Any]], Message]] = {"roster": _roster}
