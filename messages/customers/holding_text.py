"""What the composer opens with in a legal case: plain words without cause, fault, or money.

They say that the message arrived and when the customer hears from us; what else is said is agreed
with Legal, so it is in brackets until a person writes it, and a message with brackets of ours is
not sent (``unfilled_placeholders``). The texts are ``customer.legal.*``.
"""

from datetime import datetime

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language, MessageKind
from messages.customers.greeting import find_greeting, greet_customer
from messages.kit.dates import format_letter_moment
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
    """Write the text in the customer's language, with a line break at its end.

    ``viewer`` signs. ``zone`` is the customer's IANA zone, "" for the viewer's. A workaround or a
    resolution must say more than that we write again, so its middle is the bracket alone.
    """
    place = zone or viewer.timezone
    facts = {
        "reference": case.reference,
        "next_update": format_letter_moment(next_update_at, language, place, case.now, zoned=True),
        "sender": viewer.name,
    }
    middle = ["agreed"] if kind in WITH_SUBSTANCE else ["received", "next"]
    parts = [t(language, f"customer.legal.{each}", **facts) for each in (*middle, "regards")]
    return "\n\n".join([greet_customer(language, find_greeting(case)), *parts]) + "\n"
