"""What the composer opens with in a legal case: plain words without cause, fault, or money.

They say that the message arrived and when the customer hears from us; what else is said is agreed
with Legal, so it stands in brackets until somebody writes it.
"""

from datetime import datetime

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language, MessageKind
from messages.kit.dates import format_moment
from messages.kit.texts import t

WITH_SUBSTANCE = frozenset({MessageKind.WORKAROUND, MessageKind.RESOLUTION})  # it must say more


def holding_text(
    kind: MessageKind,
    case: CaseFacts,
    language: Language,
    *,
    viewer: PersonFacts,
    zone: str,
    next_update_at: datetime,
) -> str:
    """The text in the customer's language; ``viewer`` signs, ``zone`` is the customer's."""
    facts = {
        "contact": case.contact_name or t(language, "customer.nobody"),
        "reference": case.reference,
        "next_update": format_moment(next_update_at, language, zone or viewer.timezone),
        "sender": viewer.name,
    }
    middle = ["agreed"] if kind in WITH_SUBSTANCE else ["received", "next"]
    parts = ["greeting", *middle, "regards"]
    return "\n\n".join(t(language, f"customer.legal.{each}", **facts) for each in parts) + "\n"
