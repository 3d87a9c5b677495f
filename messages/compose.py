"""From an outbox payload to a message: what was decided to be said, in words for its reader."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.facts import CaseFacts, ReminderFacts
from bot.rules.words import Language
from messages.cases.notices import notice_message
from messages.cases.operations import operations_notice
from messages.cases.reminders import reminder_message
from messages.customers.template_library import library_notice
from messages.kit.blocks import Message
from messages.problems.notices import problem_notice


def compose_message(
    text: str,
    extra: Mapping[str, Any],
    case: CaseFacts | None,
    language: Language,
    *,
    inside: bool = False,
) -> Message:
    """The message for ``notice:<name>`` or ``reminder`` with its ``extra`` facts.

    ``inside`` is said in the case's own channel; elsewhere a sensitive case keeps its secrets.
    Raises KeyError for a text that does not exist.
    """
    family, _, name = text.partition(":")
    if family == "notice" and case is not None:
        return notice_message(name, case, language, inside=inside, **revive_instants(extra))
    if family == "reminder" and case is not None:
        return reminder_message(
            case, ReminderFacts(**revive_instants(extra)), language, inside=inside
        )
    if family == "library":
        return library_notice(name, language, extra)
    if family == "problem":
        return problem_notice(name, language, extra, inside=inside)
    if family == "operations":
        return operations_notice(name, language, extra)
    raise KeyError(text)


def revive_instants(extra: Mapping[str, Any]) -> dict[str, Any]:
    """``extra`` with its instants read back: keys that end in ``_at`` and ``due``/``until``."""
    return {k: _instant(v) if _is_instant(k, v) else v for k, v in extra.items()}


def _is_instant(key: str, value: Any) -> bool:
    return (
        isinstance(value, str)
        and "T" in value
        and (key.endswith("_at") or key in {"due", "until", "at"})
    )


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value)
