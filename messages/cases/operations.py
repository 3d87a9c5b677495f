"""What is said about the app's own work: to an administrator, and to a reporter without a channel.

Administrators read these as direct messages, in their language. None of them carries a word from
a customer: errors are Slack's codes, hosts are our own. ``bot/operations`` decides when.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.rules.membership import Unfilled
from bot.rules.words import Language, Role
from messages.kit.blocks import Message, message, section
from messages.kit.mrkdwn import escape, format_span, mention_user, slack_date
from messages.kit.template_context import lower_first
from messages.kit.texts import label, plural, t

LINES_MAX = 20  # names in one message


def trouble_alert(
    error: str, failing: int, waiting: int, since: datetime, language: Language
) -> Message:
    """Warn that effects keep failing, as of the moment at which this is sent.

    ``error`` is Slack's code for the oldest of them, never a customer's word; ``failing`` rows of
    ``waiting`` in all are tried again; ``since`` is when the oldest was queued.
    """
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
    """Warn that a machine's clock is ahead of Slack's, or behind it where ``ahead`` is negative."""
    way = "operations.clock_behind" if ahead < timedelta(0) else "operations.clock_ahead"
    words = t(language, way, host=escape(host), difference=format_span(abs(ahead), language))
    return message(words, section(words))


def channel_waits(reference: str, position: int, seconds: int, language: Language) -> Message:
    """Tell the reporter that the case is open while its channel waits for Slack's limit.

    ``position`` counts from 1; ``seconds`` is an estimate from Slack's rate for new channels.
    """
    words = t(
        language,
        "operations.channel_waits",
        reference=reference,
        position=position,
        seconds=seconds,
    )
    return message(words, section(words))


def operations_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what administrators are told under this name: ``roster`` or ``drill_due``.

    ``extra`` of ``roster``: ``vacancies``, rows of ``role``, ``reference`` (the policy's words),
    ``reason`` (an ``Unfilled``) and ``user`` (an id, or None for a reference without a person), and
    ``deserted``, the roles that are left without any person.
    Raises KeyError for a name that does not exist.
    """
    return NOTICES[name](language, extra)


def _roster(language: Language, extra: Mapping[str, Any]) -> Message:
    """List the policy's references that give a role to no person; empty: say that all is repaired.

    At most 20 references are named, the others counted.
    """
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
    """Write one reference: a known user as a mention, followed by the policy's words for them.

    The words are left out where they are the user's id.
    """
    who = f"`{escape(given['reference'])}`"
    if given["user"]:
        who = mention_user(given["user"]) + (
            "" if given["user"] == given["reference"] else f" ({who})"
        )
    reason = lower_first(label(language, Unfilled(given["reason"])), language)
    role = label(language, Role(given["role"]))
    return t(language, "operations.roster_line", role=role, who=who, reason=reason)


def _drill_due(language: Language, extra: Mapping[str, Any]) -> Message:
    """Ask for the drill; ``last`` is when it was last done (ISO 8601), empty for never.

    ``days`` is how long that may be ago by the policy.
    """
    lead = t(language, "operations.drill_never")
    if extra["last"]:
        last = slack_date(datetime.fromisoformat(str(extra["last"])), language)
        lead = t(language, "operations.drill_old", last=last, days=extra["days"])
    words = f"{lead}\n{t(language, 'operations.drill_todo')}"
    return message(words, section(words))


NOTICES: Mapping[str, Callable[[Language, Mapping[str, Any]], Message]] = {
    "roster": _roster,
    "drill_due": _drill_due,
}
