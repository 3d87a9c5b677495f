"""From an outbox payload to a message: what was decided to be said, in words for its reader.

A payload has ``text`` and ``extra``. ``text`` is ``<family>:<name>`` or ``reminder``:
``notice:held`` is about a case, as ``brief:case`` and ``playbook:checklist`` are,
``focus:over`` likewise, ``problem:linked`` about a problem,
``library:proposed`` about approved words, ``shift:offered`` about cases at the end of a shift,
``candidate:waits`` about what arrived, ``review:taken`` about a public review,
``request:admitted`` about what customers ask for themselves, ``outcome:asked`` about what became of
a customer's business, ``sponsorship:offered`` about the sponsorship programme,
``list:actions_overdue`` what those who lead are sent from time to time,
``tip:weekly`` for whoever wants tips,
``setup:mail_tried`` about a test mail, ``access:asked`` about the access review,
``operations:roster`` for administrators. ``extra`` is JSON; each family's module says what it
carries. Nothing is cached: a retry composes the message again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.rules.facts import CaseFacts, ReminderFacts
from bot.rules.words import Language
from messages.cases.answers import language_chosen
from messages.cases.notices import notice_message
from messages.cases.operations import operations_notice
from messages.cases.reminders import reminder_message
from messages.customers.template_library import library_notice
from messages.drills.marks import mark_drill
from messages.duty import trial
from messages.duty.rota import duty_notice
from messages.duty.shift import shift_notice
from messages.focus.over import focus_message
from messages.intake.candidate import candidate_notice
from messages.intake.connect import connect_notice
from messages.intake.reviews.notices import review_notice
from messages.intake.strangers import request_notice
from messages.kit.blocks import Message
from messages.learning.brief import brief_message
from messages.learning.checklist import playbook_message
from messages.learning.lists import list_notice
from messages.outcomes.notices import outcome_notice
from messages.problems.notices import problem_notice
from messages.readiness.tips import tip_message
from messages.reports.access import access_notice
from messages.reports.quarterly import quarterly_notice
from messages.setup.mail_trial import setup_notice
from messages.sponsorship.notices import sponsorship_notice

# Families of which each name, with a language and what is carried, makes the message by itself.
PLAIN: Mapping[str, Callable[[str, Language, Mapping[str, Any]], Message]] = {
    "library": library_notice,
    "shift": shift_notice,
    "review": review_notice,
    "connect": connect_notice,
    "request": request_notice,
    "outcome": outcome_notice,
    "quarterly": quarterly_notice,
    "access": access_notice,
    "list": list_notice,
    "sponsorship": sponsorship_notice,
    "operations": operations_notice,
    "tip": tip_message,
    "setup": setup_notice,
}


def compose_message(
    text: str,
    extra: Mapping[str, Any],
    case: CaseFacts | None,
    language: Language,
    *,
    inside: bool = False,
) -> Message:
    """Compose the message for a text of the outbox, or of a private answer, with its ``extra``.

    ``inside`` is said in the case's own channel; elsewhere a restricted case keeps its secrets.
    What is said of a drill says first that it is one.
    Raises KeyError for a text that does not exist, or that is about a case when there is none, and
    what the family's module raises for facts that are missing or wrong.
    """
    return mark_drill(_compose(text, extra, case, language, inside=inside), case, language)


def _compose(
    text: str,
    extra: Mapping[str, Any],
    case: CaseFacts | None,
    language: Language,
    *,
    inside: bool,
) -> Message:
    """The message before it is marked as that of a drill; ``text`` is ``family:name``.

    A family that needs a case does not match without one, and is then looked up among the plain
    ones.
    """
    family, _, name = text.partition(":")
    if family == "notice" and case is not None:
        return notice_message(name, case, language, inside=inside, **revive_instants(extra))
    if family == "reminder" and case is not None:
        return reminder_message(
            case, ReminderFacts(**revive_instants(extra)), language, inside=inside
        )
    if family == "brief" and case is not None:
        return brief_message(case, language, extra)
    if family == "playbook":
        return playbook_message(name, case, language, extra)
    if family == "focus" and case is not None:
        return focus_message(name, case, language, extra, compose_message)
    if family == "problem":
        return problem_notice(name, language, extra, inside=inside)
    if family == "duty" and name in trial.NAMES:
        return trial.trial_notice(name, language, extra)
    if family == "duty":
        return duty_notice(name, language, revive_instants(extra))
    if family == "candidate":
        return candidate_notice(name, language, revive_instants(extra))
    if family == "language":
        return language_chosen(language, str(extra["chosen"]))
    return PLAIN[family](name, language, extra)


def revive_instants(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``extra`` with its instants read back.

    These are texts with a ``T`` under ``at``, ``due``, ``until`` and keys that end in ``_at``. A
    text there that is no ISO 8601 raises ValueError.
    """
    return {k: _instant(v) if _is_instant(k, v) else v for k, v in extra.items()}


def _is_instant(key: str, value: Any) -> bool:
    return (
        isinstance(value, str)
        and "T" in value
        and (key.endswith("_at") or key in {"due", "until", "at"})
    )


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value)
