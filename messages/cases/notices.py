"""Compose what people are told when something happens to a case.

The words of ``name`` are in ``templates/notices/<name>.<language>.j2``, or under
``[template.notices]`` beside a verb's other words; the first line is the headline. Templates see
the case (``messages/kit/template_context.py`` has the names), its ``ranking``, and, as ``it``, what
the caller gave: JSON values, so that a notice can wait in the outbox. A retry composes the notice
anew: the facts of the case are those of that moment, the values in ``it`` those of the day it was
queued.

Which notices there are, and what each key of ``it`` carries: ``messages/cases/notice_table.py``.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from bot.rules.drift import Hindrance
from bot.rules.facts import CaseFacts, DriftFacts, UnreachedFacts
from bot.rules.membership import Unfilled
from bot.rules.states import DecisionOutcome, Prevention
from bot.rules.words import (
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    Role,
    Severity,
    Trigger,
)
from messages.cases.notice_table import NOTICES
from messages.kit.blocks import Message
from messages.kit.case_lines import priority_line
from messages.kit.notice_spec import Facts, draw_buttons
from messages.kit.privacy import restricted_facts
from messages.kit.render import MissingFactError, Safe, slack_text
from messages.kit.template_context import message_from_text, place_facts, template_facts


def _instant(value: Any) -> Any:
    """Read an instant that was kept as ISO 8601 text; None for an empty one."""
    return datetime.fromisoformat(value) if value and isinstance(value, str) else value or None


# How a JSON value becomes the word that it stands for; a hold's reason is a word, others are text.
WORDS: Mapping[str, Callable[[Any], Any]] = {
    "found": lambda rows: tuple(_difference(row) for row in rows),
    "unreached": lambda rows: tuple(_unreached(row) for row in rows),
    "passed": lambda rows: tuple(_unreached(row) for row in rows),
    "missing": lambda rows: tuple(_unreached(row) for row in rows),
    "changes": lambda rows: tuple(_change(row) for row in rows),
    "entries": tuple,
    "hindrance": Hindrance,
    "role": lambda value: Role(value) if value else value,
    "trigger": lambda value: Trigger(value) if value else value,
    "kind": MessageKind,
    "desk": HelpDesk,
    "before": Severity,
    "expected": lambda value: date.fromisoformat(value) if value else value,
    "was_due": lambda value: date.fromisoformat(value) if value else value,
    "next_on": lambda value: date.fromisoformat(value) if value else value,
    "actions": tuple,
    "at": _instant,
    "since": _instant,
    "silent": lambda users: tuple(users) if isinstance(users, list) else users,
    "declined": tuple,
    "due": _instant,
    "until": _instant,
    "promised": _instant,
    "result": DecisionOutcome,
    "prevention": lambda value: Prevention(value) if value else value,
}
HOLDS = frozenset({"held", "hold_ended", "resumed"})


def _difference(row: Mapping[str, str]) -> DriftFacts:
    """Read a row of ``found``. Raises KeyError for a missing key, ValueError for a new word."""
    return DriftFacts(Drift(row["what"]), datetime.fromisoformat(row["at"]), row["seen"])


def _change(row: Mapping[str, str]) -> dict[str, Any]:
    """Read a row of ``changes``: a reason and a language are words, all else is text."""
    word = {"trigger": Trigger, "language": Language}.get(row["part"], str)
    return {"part": row["part"], "was": word(row["was"]), "now": word(row["now"])}


def _unreached(row: Mapping[str, str]) -> UnreachedFacts:
    """Read a row of ``unreached``; ``heir`` may be missing in rows of earlier versions."""
    heir = row.get("heir") or ""
    return UnreachedFacts(Role(row["role"]), row["who"], Unfilled(row["reason"]), heir)


def notice_message(
    name: str, case: CaseFacts, language: Language, *, inside: bool = False, **extra: Any
) -> Message:
    """Compose what is said of ``case`` under this name; ``extra`` is described in the table.

    ``inside`` is true in the case's own channel. Anywhere else a restricted case shows neither its
    customer nor anything that people wrote: a text keeps its key and becomes "".
    Raises KeyError for an unknown name, MissingFactError for a fact in ``needs`` that is absent or
    None, or for an id that the case does not have, and ValueError for a word that is none of ours.
    """
    spec, template = NOTICES[name], notice_template(name, language)
    given = dict(spec.defaults) | extra
    for fact in spec.needs:
        if given.get(fact) is None:
            raise MissingFactError(template, fact)
    hidden = case.sensitive and not inside
    it = _words(name, given)
    facts = template_facts(case, language, hidden=hidden)
    facts["ranking"] = Safe(priority_line(facts["case"], language))
    shown = restricted_facts(it) if hidden else it
    facts["it"] = shown | _looked_up(facts["case"], it, template)
    text = slack_text(template, facts)
    presses = draw_buttons(spec.presses, facts, language, {"case": case.number})
    return message_from_text(text, *presses, **place_facts(facts, inside=inside))


def _words(name: str, given: Facts) -> dict[str, Any]:
    """Turn JSON into words and instants. ``reason`` is a ``HoldReason`` only in ``HOLDS``."""
    reads = dict(WORDS) | ({"reason": HoldReason} if name in HOLDS else {})
    return {key: reads[key](value) if key in reads else value for key, value in given.items()}


def _looked_up(case: CaseFacts, it: Facts, template: str) -> dict[str, Any]:
    """Find what the ids in ``it`` stand for in the case as it is now.

    ``message`` gives ``sent``, ``action`` gives ``item`` and ``days`` (calendar days left, negative
    when overdue, counted from the UTC date), ``ask`` gives ``asked``. A value that is no int is not
    looked up. Raises MissingFactError when the case has no such row.
    """
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
    """Return the template's name below ``templates/``, also where the words are among the texts."""
    return f"notices/{name}.{language.value}.j2"
