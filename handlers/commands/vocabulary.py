"""What people type for the field's words: the enum's value, its short forms, its Greek.

Keys are folded (see ``fold``): lower case, no accents, one final sigma, words joined by ``_``.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from bot.rules.words import ClockKind, HoldReason, MessageKind, Role, Severity, Trigger

_SEVERITY = re.compile(r"(?:sev|severity|p|σοβαροτητα)?[_-]?([1-4])")
_CASE = re.compile(r"(?:esc-|#)(\d{1,9})|<#\w+\|esc-(\d{1,9})(?:-[^>]*)?>")
_USER = re.compile(r"<@([UW][A-Z0-9_]{1,30})(?:\|[^>]*)?>")
_URL = re.compile(r"<?(https?://[^\s<>|]+)(?:\|[^<>]*)?>?")
_NUMBER = re.compile(r"\d{1,9}")


def fold(word: str) -> str:
    """The word as the tables below know it: case, accents and final sigma do not matter."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return plain.casefold().replace("ς", "σ").replace(" ", "_")


def _table(words: type[Any], more: Mapping[str, str]) -> Mapping[str, Any]:
    exact = {fold(str(word.value)): word for word in words}
    return exact | {fold(typed): words(value) for typed, value in more.items()}


ROLES: Mapping[str, Role] = _table(
    Role,
    {
        "em": "escalation_manager", "manager": "escalation_manager",
        "διαχειριστής": "escalation_manager", "υπεύθυνος": "escalation_manager",
        "tl": "technical_lead", "tech lead": "technical_lead", "dri": "technical_lead",
        "τεχνικός": "technical_lead", "τεχνικός υπεύθυνος": "technical_lead",
        "ae": "account_executive", "πωλητής": "account_executive",
        "customer success": "csm", "customer success manager": "csm",
        "exec": "executive_owner", "executive": "executive_owner", "διευθυντής": "director",
        "lead": "support_lead", "πράκτορας": "agent", "εκπρόσωπος": "agent",
    },
)  # fmt: skip

KINDS: Mapping[str, MessageKind] = _table(
    MessageKind,
    {
        "ack": "acknowledgement", "acknowledge": "acknowledgement", "λήψη": "acknowledgement",
        "progress": "update", "ενημέρωση": "update", "παράκαμψη": "workaround",
        "fix": "resolution", "resolve": "resolution", "λύση": "resolution", "sorry": "apology",
        "apologise": "apology", "apologize": "apology", "συγγνώμη": "apology",
    },
)  # fmt: skip

HOLDS: Mapping[str, HoldReason] = _table(
    HoldReason,
    {
        "customer": "waiting_customer", "πελάτης": "waiting_customer",
        "vendor": "waiting_third_party", "third party": "waiting_third_party",
        "third": "waiting_third_party", "τρίτος": "waiting_third_party",
        "requested": "customer_requested", "change": "scheduled_change",
        "scheduled": "scheduled_change", "αλλαγή": "scheduled_change",
    },
)  # fmt: skip

CLOCKS: Mapping[str, ClockKind] = _table(
    ClockKind,
    {
        "ack": "acknowledge", "response": "first_response", "reply": "next_reply",
        "update": "next_update", "checkin": "check_in", "fix": "resolution",
        "postmortem": "postmortem_held", "action": "action_item", "ενημέρωση": "next_update",
        "λύση": "resolution",
    },
)  # fmt: skip

STANDINGS: Mapping[str, str] = {
    fold(typed): value
    for value, all_typed in {
        "on_track": ("on_track", "ok", "fine", "καλά", "εντός"),
        "blocked": ("blocked", "stuck", "κόλλησε"),
        "need_help": ("need_help", "help", "βοήθεια"),
        "eta_moved": ("eta_moved", "late", "moved", "καθυστέρηση"),
    }.items()
    for typed in all_typed
}

SCOPES: Mapping[str, str] = {
    fold(typed): value
    for value, all_typed in {
        "mine": ("mine", "my", "δικές μου", "μου"),
        "breaching": ("breaching", "breached", "late", "overdue", "εκπρόθεσμες"),
        "customer": ("customer", "account", "πελάτης"),
    }.items()
    for typed in all_typed
}


TRIGGERS: Mapping[str, Trigger] = {
    fold(typed): Trigger(value)
    for value, all_typed in {
        "threat_to_cancel": ("threat_to_cancel", "cancel", "churn", "ακύρωση"),
        "legal": ("legal", "νομικό", "νομικά"),
        "extraordinary": ("extraordinary", "έκτακτο"),
    }.items()
    for typed in all_typed
}


def severity(word: str) -> Severity | None:
    """The severity in ``2``, ``sev2``, ``SEV-2``; None for anything else."""
    found = _SEVERITY.fullmatch(fold(word))
    return Severity(int(found[1])) if found else None


def case(word: str) -> int | None:
    """The case in ``ESC-12``, ``#12`` or an escaped mention of its channel."""
    found = _CASE.fullmatch(word) or _CASE.fullmatch(fold(word))
    return int(found[1] or found[2]) if found else None


def user(word: str) -> str | None:
    """The user id in an escaped mention such as ``<@U123|name>``."""
    found = _USER.fullmatch(word)
    return found[1] if found else None


def number(word: str) -> int | None:
    """A whole number without sign."""
    return int(word) if _NUMBER.fullmatch(word) else None


def url(word: str) -> str | None:
    """The address in ``https://…``, or as Slack escapes it, ``<https://…|name>``."""
    found = _URL.fullmatch(word)
    return found[1] if found else None
