"""A page for a trial: how it reads in Slack, that it is on its way, and what became of it."""

from collections.abc import Mapping
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import Message, message, section
from messages.kit.mrkdwn import escape, mention_user
from messages.kit.template_context import name_way_fault
from messages.kit.texts import load_texts, t

NAMES = frozenset({"page_trial", "page_trying", "page_tried"})


def trial_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose one of ``NAMES``.

    ``extra``: ``by`` of the first; ``user`` and ``yours`` of the others, and of the last ``ways``,
    pairs of a way's name and why it failed, "" where it did not.
    """
    if name == "page_trial":
        words = t(language, "page_trial.said", by=mention_user(str(extra["by"])))
        return message(words, section(words))
    user = mention_user(str(extra["user"]))
    own = "" if extra.get("yours") else "_other"
    if name == "page_trying":
        words = t(language, f"page_trial.trying{own}", user=user)
        return message(words, section(words))
    ways = [(str(way), str(fault)) for way, fault in extra["ways"]]
    head = t(language, f"page_trial.tried{own}", user=user)
    lines = [_line(way, fault, language) for way, fault in ways]
    notes = [t(language, "page_trial.taken")]
    if len(ways) == 1:
        notes.append(t(language, "page_trial.only_slack"))
    if any(way in ("pagerduty", "opsgenie") for way, _ in ways):
        notes.append(t(language, "page_trial.resolved"))
    parts = ["\n".join([head, *lines]), "\n".join(notes)]
    return message("\n".join(parts), *(section(part) for part in parts))


def _line(way: str, fault: str, language: Language) -> str:
    """One way, with why nothing arrived by it."""
    known = load_texts(language)
    name = known.get(f"pager.{way}") or known.get(f"page_trial.way_{way}") or f"`{escape(way)}`"
    if not fault:
        return t(language, "page_trial.arrived", way=name)
    ours = f"way_fault.{fault.partition(':')[0]}" in known
    why = name_way_fault(fault, language) if ours else escape(fault)
    return t(language, "page_trial.failed", way=name, why=why)
