"""The approved customer messages: good words in two clicks, completed by a person before sending.

Where only a person knows what to say, the text has a line in brackets; ``unfilled_placeholders``
finds those that were not replaced. Fields of each message: support practice, see docs/glossary.md.

The words that ship are files ``templates/customer/<kind>.<language>.md.j2`` with front matter; a
version that people proposed and approved is a body in the store, in the sandbox's smaller language
(``messages/customers/template_sandbox.py``). Both get the same facts, as plain text in the
customer's language:

- people: ``contact``, ``sender``, ``sender_email``, ``manager``, ``manager_email``, and ``leads``,
  which is true when the sender is the manager
- times, in the customer's zone: ``received``, ``last_contact``, ``next_update``, ``resolved``,
  ``reopen_until`` and ``review_by`` (days), ``promise``, ``promised_at`` and ``late_by`` of the
  promise that was broken
- the case: ``reference``, ``stake``, ``severity``, ``meaning``, ``targets`` (a list), ``kind`` (of
  the resolution), ``resolution``, ``workaround``

What is not known is "", and ``next_update`` is None; ``contact``, the addresses and ``targets``
have words for it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from bot.rules.facts import CaseFacts, ClockFacts, PersonFacts
from bot.rules.lifecycle import REOPEN_WINDOW
from bot.rules.local_time import known_zone
from bot.rules.words import ClockKind, Language, MessageKind, ResolutionType, Severity
from messages.customers import template_sandbox
from messages.kit.dates import format_day, format_duration, format_moment
from messages.kit.render import (
    MissingFactError,
    customer_text,
    front_matter,
    split_front_matter,
    template_path,
    template_text,
)
from messages.kit.texts import load_texts, plural, t, text_facts

_BRACKETS = re.compile(r"\[[^\[\]\n]+\]")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Approval:
    """A template's front matter: who may send it where, who approved it, and until when.

    ``expires`` is the last day on which the words count as approved; ``approver`` is a role;
    ``requires`` are the facts without which nothing is rendered.
    """

    name: str
    audience: str
    channel: tuple[str, ...]
    languages: tuple[Language, ...]
    approver: str
    version: int
    expires: date
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A policy target told to the customer; ``working_time`` when only open hours count."""

    clock: ClockKind
    within: timedelta
    working_time: bool = False


def customer_template(kind: MessageKind, language: Language) -> str:
    """Return the template's name, below ``templates/``."""
    return f"customer/{kind.value}.{language.value}.md.j2"


@cache
def template_approval(kind: MessageKind, language: Language) -> Approval:
    """Read the front matter of one template; kept for the life of the process.

    Raises FileNotFoundError for a kind that has no file in this language.
    """
    matter = front_matter(customer_template(kind, language))
    return Approval(
        name=matter["name"],
        audience=matter["audience"],
        channel=tuple(matter["channel"]),
        languages=tuple(Language(code) for code in matter["languages"]),
        approver=matter["approver"],
        version=matter["version"],
        expires=matter["expires"],
        requires=tuple(matter["requires"]),
    )


def required_facts(kind: MessageKind) -> tuple[str, ...]:
    """Return the facts without which the message is not rendered; the English file lists them."""
    return template_approval(kind, Language.ENGLISH).requires


def approved_text(
    kind: MessageKind,
    case: CaseFacts,
    language: Language,
    *,
    viewer: PersonFacts,
    manager: PersonFacts | None = None,
    zone: str = "",
    next_update_at: datetime | None = None,
    targets: Sequence[Target] = (),
    review_by: datetime | None = None,
    body: str = "",
) -> str:
    """Write the message as the composer opens with it, plain text in the customer's language.

    ``viewer`` signs; ``manager`` is the case's escalation manager (None: the viewer); ``zone`` is
    the customer's IANA zone (empty: the viewer's); ``next_update_at`` is what is promised, by
    default the due time of the next-update clock when it is still to come; ``targets`` are the
    policy's for the severity, ``review_by`` when the postmortem is due; ``body`` is a template that
    people wrote, used instead of the file. A required fact that such a body does not name is not
    asked for. Raises MissingFactError naming the first required fact that is not known, and
    BadTemplateError ``too_much`` for a body that prints more than fits.
    """
    facts = _people(case, language, viewer, manager)
    facts |= _times(case, language, zone or viewer.timezone, next_update_at, review_by)
    facts |= _words(case, language, targets)
    wanted = required_facts(kind)
    for fact in wanted:
        if facts[fact] in (None, "", []) and (
            not body or fact in template_sandbox.facts_used(body)
        ):
            raise MissingFactError(customer_template(kind, language), fact)
    if body:
        return template_sandbox.render_stored(body, facts) + "\n"
    return customer_text(customer_template(kind, language), facts) + "\n"


def unfilled_placeholders(text: str, *bodies: str) -> tuple[str, ...]:
    """Find the bracketed lines of our templates, in any language, that are still in a text.

    ``bodies`` are templates that people wrote. Brackets in the text itself are the writer's. In the
    order of the text; a line that is there twice is found twice.
    """
    ours = _placeholders().union(*(_BRACKETS.findall(body) for body in bodies))
    return tuple(found for found in _BRACKETS.findall(text) if found in ours)


@cache
def _placeholders() -> frozenset[str]:
    """Collect the brackets of every shipped template and of the texts under ``customer.``."""
    found: set[str] = set()
    for language in Language:
        for kind in (each for each in MessageKind if is_shipped(each, language)):
            found.update(_BRACKETS.findall(template_source(kind, language)))
        found.update(
            text
            for key, text in load_texts(language).items()
            if key.startswith("customer.") and _BRACKETS.fullmatch(text) and not text_facts(text)
        )
    return frozenset(found)


def template_source(kind: MessageKind, language: Language) -> str:
    """Return what the file says, below its front matter."""
    return split_front_matter(template_text(customer_template(kind, language)))[1]


def is_shipped(kind: MessageKind, language: Language) -> bool:
    """True when a file has the words of this kind in this language."""
    return template_path(customer_template(kind, language)) is not None


def _people(
    case: CaseFacts, language: Language, viewer: PersonFacts, manager: PersonFacts | None
) -> dict[str, Any]:
    leader = manager or viewer
    unknown = t(language, "customer.address")
    return {
        "contact": case.contact_name or t(language, "customer.nobody"),
        "sender": viewer.name,
        "sender_email": viewer.email or unknown,
        "manager": leader.name,
        "manager_email": leader.email or unknown,
        "leads": leader.user_id == viewer.user_id,
    }


def _times(
    case: CaseFacts,
    language: Language,
    zone: str,
    next_update_at: datetime | None,
    review_by: datetime | None,
) -> dict[str, Any]:
    def told(instant: datetime | None) -> str | None:
        return format_moment(instant, language, zone) if instant else None

    def on_day(instant: datetime | None) -> str:
        return format_day(instant.astimezone(known_zone(zone)), language) if instant else ""

    missed = missed_promise(case)
    return {
        "received": told(case.received_at),
        "last_contact": told(max((sent.sent_at for sent in case.sent), default=None)) or "",
        "next_update": told(next_update_at or _coming_update(case)),
        "resolved": told(case.resolved_at) or "",
        "reopen_until": on_day((case.resolved_at or case.now) + REOPEN_WINDOW),
        "review_by": on_day(review_by or _due(case, ClockKind.POSTMORTEM_HELD)),
        "promise": t(language, f"customer.promise.{missed.kind}") if missed else "",
        "promised_at": told(missed.due) if missed else "",
        "late_by": format_duration(_late(case, missed), language) if missed else "",
    }


def _words(case: CaseFacts, language: Language, targets: Sequence[Target]) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "stake": case.stake.strip(),
        "severity": case.severity.label,
        "meaning": _meaning(case.severity, language),
        "targets": [_target(each, language) for each in targets]
        or [t(language, "customer.target.unknown")],
        "kind": (case.resolution_type or ResolutionType.FIX).value,
        "resolution": case.resolution_note.strip(),
        "workaround": case.workaround_note.strip(),
    }


def _meaning(severity: Severity, language: Language) -> str:
    return t(language, f"customer.meaning.{severity.name.lower()}")


def _target(target: Target, language: Language) -> str:
    span = _within(target, language)
    every = _every(target, span, language)
    return t(language, f"customer.target.{target.clock.value}", span=span, every=every)


def _within(target: Target, language: Language) -> str:
    """Write how long a target gives: whole hours of working time are business hours."""
    if not target.working_time:
        return format_duration(target.within, language)
    if target.within % HOUR:
        span = format_duration(target.within, language)
        return t(language, "customer.target.working_time", span=span)
    return plural(language, "customer.target.working_hours", target.within // HOUR)


def _every(target: Target, span: str, language: Language) -> str:
    """Write how often: nobody says “every 1 hour”."""
    if target.within != HOUR:
        return t(language, "customer.target.every", span=span)
    word = "every_working_hour" if target.working_time else "every_hour"
    return t(language, f"customer.target.{word}")


def _due(case: CaseFacts, kind: ClockKind) -> datetime | None:
    clock = case.clock(kind.value)
    return clock.due if clock else None


def _coming_update(case: CaseFacts) -> datetime | None:
    """Return when the next update is due; None when that time has passed or nothing is owed."""
    due = _due(case, ClockKind.NEXT_UPDATE)
    return due if due and due > case.now else None


def missed_promise(case: CaseFacts) -> ClockFacts | None:
    """Return the oldest broken promise that the customer knows of; None when there is none.

    Those still owed come before those kept too late. A clock counts as known to the customer when
    there are words for it under ``customer.promise.``.
    """
    promised = load_texts(Language.ENGLISH)
    broken = [
        clock
        for clock in case.clocks
        if clock.breached_at and clock.due and f"customer.promise.{clock.kind}" in promised
    ]
    return min(broken, key=lambda c: (c.ended, c.due), default=None)


def _late(case: CaseFacts, clock: ClockFacts) -> timedelta:
    """Return how late we were to the customer: by the wall clock, not by our opening hours."""
    return (clock.stopped_at or case.now) - (clock.due or case.now)
