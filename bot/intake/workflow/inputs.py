"""What a step brings, read from the texts that its workflow filled in.

A workflow fills them in from its forms and its variables, so each may be empty or wrong, also
those that Slack asks for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.engine.intent import LINE_MAX, TEXT_MAX, clean_text
from bot.errors import UserError
from bot.rules.customer_addresses import is_address
from bot.rules.intake import Contact
from bot.rules.words import Language, Severity

NAMES = ("customer", "stake", "contact_name", "contact_email", "severity", "asker", "language")
KEPT_MAX = TEXT_MAX + 1  # characters of each that are kept: enough to see that it is too long
SEVERITY = re.compile(r"(?:SEV(?:ERITY)?)?[\s:-]*([1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StepInputs:
    """What was filled in, checked. ``severity`` and ``language`` are None where they were left out.

    ``customer`` is a name, of an account or not; ``contact`` has no telephone.
    """

    customer: str
    stake: str
    contact: Contact
    severity: Severity | None
    language: Language | None


def keep_inputs(given: Mapping[str, object]) -> dict[str, str]:
    """Return the inputs that the step has, as printable texts, each cut at ``KEPT_MAX``.

    What is no text counts as left out, as other names do.
    """
    known = ((name, given.get(name)) for name in NAMES)
    return {name: clean_text(text)[:KEPT_MAX] for name, text in known if isinstance(text, str)}


def read_inputs(kept: Mapping[str, str]) -> StepInputs:
    """Return what was filled in.

    Raises UserError for the first that is wrong: ``step_no_customer``, ``step_no_stake``,
    ``step_long_customer``, ``step_long_stake`` and ``step_long_contact_name`` with ``limit``,
    ``step_email``, ``step_severity`` and ``step_language`` with what was ``typed``.
    """
    customer, stake = (kept.get(name, "") for name in ("customer", "stake"))
    if not customer:
        raise UserError("step_no_customer")
    if not stake:
        raise UserError("step_no_stake")
    name, email = (kept.get(name, "") for name in ("contact_name", "contact_email"))
    _require_length("step_long_customer", customer, LINE_MAX)
    _require_length("step_long_stake", stake, TEXT_MAX)
    _require_length("step_long_contact_name", name, LINE_MAX)
    if email and not (is_address(email) and len(email) <= LINE_MAX):
        raise UserError("step_email", typed=email[:LINE_MAX])
    contact = Contact(" ".join(name.split()), email)
    severity, language = _severity(kept.get("severity", "")), _language(kept.get("language", ""))
    return StepInputs(" ".join(customer.split()), stake, contact, severity, language)


def _require_length(refusal: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise UserError(refusal, limit=limit)


def _severity(typed: str) -> Severity | None:
    """Return the severity that was typed, ``2`` or ``SEV2``; None for nothing."""
    found = SEVERITY.fullmatch(typed)
    if typed and found is None:
        raise UserError("step_severity", typed=typed[:LINE_MAX])
    return Severity(int(found[1])) if found else None


def _language(typed: str) -> Language | None:
    """Return the language by its code or one of its names; None for nothing."""
    found = Language.named(typed) if typed else None
    if typed and found is None:
        raise UserError("step_language", typed=typed[:LINE_MAX])
    return found
