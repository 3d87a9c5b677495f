"""The record in sentences: one text a verb, with what changed filled in from the entry.

An entry keeps the words of the day on which it was written, so a verb or a fact that is not known
here is still shown, only less finely.

A sentence ``event.<verb>`` may use ``{actor}``, each key of ``after``, and each key of ``before``
with ``was_`` in front. Keys are read by name:

- those of ``WORDS`` as words of the field, such as ``severity`` or ``reason``
- those of ``PEOPLE`` as user ids, and ``clock`` as a clock's name (``handoff:3``)
- those of ``INSTANTS`` as ISO 8601: an instant with its offset, or a day
- ``route`` as one of the ways to the customer, ``party`` and ``standing`` as texts of that family
- all else as text from people, on one line, cut and escaped

Values that are None are left out, and a sentence that needs one of them is replaced by the general
one. Slack and the postmortem's file share the sentences and differ in their ``Voice``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.facts import TimelineFacts
from bot.rules.states import DecisionOutcome, Prevention
from bot.rules.words import (
    ActionType,
    ClosureCode,
    Drift,
    HelpDesk,
    HoldReason,
    Language,
    MessageKind,
    Priority,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
    Urgency,
)
from messages.kit import mrkdwn
from messages.kit.dates import full_day
from messages.kit.template_context import (
    clip_line,
    clock_label,
    lower_first,
    mention_person,
    route_word,
)
from messages.kit.texts import MissingTextError, label, load_texts, t

SYSTEM = "system"  # the actor of what the app did by itself
WHY_MAX = 200  # characters of a reason on the timeline's one line

WORDS: Mapping[str, tuple[type[Enum], ...]] = {
    "code": (ClosureCode,),
    "drift": (Drift,),
    "desk": (HelpDesk,),
    "kind": (MessageKind,),
    "reason": (HoldReason,),
    "role": (Role,),
    "root_cause": (RootCause,),
    "severity": (Severity,),
    "spoken": (Language,),
    "status": (Status,),
    "trigger": (Trigger,),
    "urgency": (Urgency,),
    "priority": (Priority,),
    "type": (ResolutionType, ActionType),
    "result": (OutcomeResult, DecisionOutcome),
    "prevention": (Prevention,),
}
PEOPLE = frozenset({"user", "owner", "facilitator"})
INSTANTS = frozenset({"until", "at", "next_update_at", "due"})
OUTCOMES = ("accept", "comfortable", "answer", "approve")  # facts that say how it came out


@dataclass(frozen=True, slots=True)
class Voice:
    """How people, people's text and instants are written in one place: Slack, or a file.

    ``person`` gets a user id or ``SYSTEM``; ``moment`` an aware instant. All three give markup that
    is ready for the place.
    """

    language: Language
    person: Callable[[str], str]
    escape: Callable[[str], str]
    moment: Callable[[datetime], str]


def slack_voice(language: Language) -> Voice:
    """Write mentions, and times in the reader's own zone."""
    return Voice(
        language,
        person=lambda user_id: mention_person(user_id, language),
        escape=mrkdwn.escape,
        moment=lambda instant: mrkdwn.slack_date(instant, language),
    )


def timeline_line(entry: TimelineFacts, language: Language) -> str:
    """Write the entry as one line of mrkdwn, without its time."""
    return entry_as_text(entry, slack_voice(language))


def entry_as_text(entry: TimelineFacts, voice: Voice) -> str:
    """Write the entry as one line, in a voice.

    A change of status that the entry carries is said at the end, then the reason, cut to 200
    characters. A verb without a text is shown by its own words.
    """
    language = voice.language
    facts = _facts(entry.after, voice)
    facts |= {f"was_{key}": value for key, value in _facts(entry.before, voice).items()}
    try:
        said = t(
            language, f"event.{_key(entry, language)}", actor=voice.person(entry.actor), **facts
        )
    except MissingTextError:
        verb = voice.escape(clip_line(entry.verb.replace("_", " ")))
        said = t(language, "event.other", actor=voice.person(entry.actor), verb=verb)
    if facts.get("status") and facts.get("was_status", facts["status"]) != facts["status"]:
        said += t(language, "event.now", status=facts["status"])
    why = clip_line(entry.why, WHY_MAX)
    return said + (t(language, "event.why", why=voice.escape(why)) if why else "")


def _key(entry: TimelineFacts, language: Language) -> str:
    """Choose the name of the sentence: the verb's own, or the one of how or by whom it came out.

    Which of these a verb has, its texts say: ``<verb>``, or ``<verb>_yes`` and ``<verb>_no``, and
    ``<verb>_by_itself`` where the app itself may do it, ``<verb>_yes_legal`` where Legal did it and
    the entry has the ``words``. A fact in ``OUTCOMES`` that is true or
    ``approve`` makes it a yes; without one it is a no.
    """
    known = load_texts(language)
    if entry.actor == SYSTEM and f"event.{entry.verb}_by_itself" in known:
        return f"{entry.verb}_by_itself"
    if f"event.{entry.verb}_yes" not in known:
        return entry.verb
    well = any(entry.after.get(name) in (True, "approve") for name in OUTCOMES)
    key = f"{entry.verb}_{'yes' if well else 'no'}"
    by_legal = "words" in entry.after and f"event.{key}_legal" in known
    return f"{key}_legal" if by_legal else key


def _facts(values: Mapping[str, Any], voice: Voice) -> dict[str, str]:
    """Write the values that are not None, each as its key tells."""
    return {key: _fact(key, value, voice) for key, value in values.items() if value is not None}


def _fact(key: str, value: Any, voice: Voice) -> str:
    """Write one value as its key tells; the result is markup of the voice's place."""
    if key in WORDS:
        return _word(WORDS[key], value, voice)
    if key in PEOPLE:
        return voice.person(str(value))
    if key in INSTANTS:
        return _moment(str(value), voice)
    if key == "clock":
        return _clock(str(value), voice)
    if key == "route":
        return route_word(str(value), voice.language) or voice.escape(clip_line(str(value)))
    if key in {"party", "standing"}:
        return _named(f"{key}.{value}", str(value), voice)
    if key == "what":
        return _named(f"withdrawal.{value}", str(value), voice)
    return voice.escape(clip_line(str(value)))


def _word(kinds: tuple[type[Enum], ...], value: Any, voice: Voice) -> str:
    """Find a value among several kinds of words, the first match winning; else show it as text."""
    for kind in kinds:
        if value in {word.value for word in kind}:
            name = label(voice.language, kind(value))
            return name if kind in (Severity, HelpDesk) else lower_first(name, voice.language)
    return voice.escape(clip_line(str(value)))


def _moment(value: str, voice: Voice) -> str:
    """Write an instant, or a calendar day where there is no time; other text stays as it is."""
    try:
        if "T" not in value:  # a day, the same for everybody
            return full_day(date.fromisoformat(value), voice.language)
        return voice.moment(datetime.fromisoformat(value))
    except ValueError:
        return voice.escape(clip_line(value))


def _clock(name: str, voice: Voice) -> str:
    """Write a clock's name inside a sentence; an unknown one is shown as it is."""
    try:
        return lower_first(clock_label(name, voice.language), voice.language)
    except ValueError:
        return voice.escape(name)


def _named(key: str, value: str, voice: Voice) -> str:
    """Look up a text of the value's family; an unknown value is shown as text."""
    try:
        return lower_first(t(voice.language, key), voice.language)
    except MissingTextError:
        return voice.escape(clip_line(value))
