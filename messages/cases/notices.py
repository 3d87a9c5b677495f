"""What people are told when something happens to a case.

The words of ``name`` stand in ``templates/notices/<name>.<language>.j2``, or under
``[template.notices]`` beside a verb's other words; the first line is the headline. Templates see
the case, and as ``it`` what the caller gave: JSON values, so that a notice can wait in the outbox.
Ids are looked up in the case as it is when the notice is rendered.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.rules.drift import Hindrance
from bot.rules.facts import CaseFacts, DriftFacts, UnreachedFacts
from bot.rules.words import (
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    Role,
    Severity,
    Trigger,
    Unfilled,
)
from messages.cases.notice_table import NOTICES
from messages.kit.blocks import Message
from messages.kit.notice_spec import Facts, draw_buttons
from messages.kit.privacy import restricted_facts
from messages.kit.render import MissingFactError, slack_text
from messages.kit.template_context import message_from_text, place_facts, template_facts


def _instant(value: Any) -> Any:
    """An instant that was kept as text; nothing for an empty one."""
    return datetime.fromisoformat(value) if value and isinstance(value, str) else value or None


# How a JSON value becomes the word that it stands for; a hold's reason is a word, others are text.
WORDS: Mapping[str, Callable[[Any], Any]] = {
    "found": lambda rows: tuple(_difference(row) for row in rows),
    "unreached": lambda rows: tuple(_unreached(row) for row in rows),
    "hindrance": Hindrance,
    "role": lambda value: Role(value) if value else value,
    "trigger": Trigger,
    "kind": MessageKind,
    "desk": HelpDesk,
    "before": Severity,
    "at": _instant,
    "due": _instant,
    "until": _instant,
    "promised": _instant,
}
HOLDS = frozenset({"held", "hold_ended", "resumed"})


def _difference(row: Mapping[str, str]) -> DriftFacts:
    return DriftFacts(Drift(row["what"]), datetime.fromisoformat(row["at"]), row["seen"])


def _unreached(row: Mapping[str, str]) -> UnreachedFacts:
    heir = row.get("heir") or ""
    return UnreachedFacts(Role(row["role"]), row["who"], Unfilled(row["reason"]), heir)


def notice_message(
    name: str, case: CaseFacts, language: Language, *, inside: bool = False, **extra: Any
) -> Message:
    """What is said of ``case`` under this name; ``extra`` as in the table's ``needs``.

    ``inside`` is true in the case's own channel. Anywhere else a restricted case shows neither
    its customer nor anything that people wrote.
    Raises KeyError for an unknown name and MissingFactError for a fact that is not given.
    """
    spec, template = NOTICES[name], notice_template(name, language)
    given = dict(spec.defaults) | extra
    for fact in spec.needs:
        if given.get(fact) is None:
            raise MissingFactError(template, fact)
    hidden = case.sensitive and not inside
    it = _words(name, given)
    facts = template_facts(case, language, hidden=hidden)
    shown = restricted_facts(it) if hidden else it
    facts["it"] = shown | _looked_up(facts["case"], it, template)
    text = slack_text(template, facts)
    presses = draw_buttons(spec.presses, facts, language, {"case": case.number})
    return message_from_text(text, *presses, **place_facts(facts, inside=inside))


def _words(name: str, given: Facts) -> dict[str, Any]:
    reads = dict(WORDS) | ({"reason": HoldReason} if name in HOLDS else {})
    return {key: reads[key](value) if key in reads else value for key, value in given.items()}


def _looked_up(case: CaseFacts, it: Facts, template: str) -> dict[str, Any]:
    """What the ids stand for: ``sent``, ``item`` with ``days`` left, ``asked``."""
    found: dict[str, Any] = {}
    for key, name, rows in (
        ("message", "sent", case.sent),
        ("action", "item", case.actions),
        ("ask", "asked", case.asks),
    ):
        if not isinstance(it.get(key), int):
            continue
        found[name] = next((row for row in rows if row.id == it[key]), None)
        if found[name] is None:
            raise MissingFactError(template, f"{key} {it[key]}")
    if "item" in found:
        found["days"] = it.get("days", (found["item"].due - case.now.date()).days)
    return found


def notice_template(name: str, language: Language) -> str:
    """Where the notice's words stand, below ``templates/``."""
    return f"notices/{name}.{language.value}.j2"
