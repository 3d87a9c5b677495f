"""What arrives about customers, before it is a case: its facts, and what they suggest. Pure."""

from bot.rules.intake.arrival import Arrival, Contact, Reason
from bot.rules.intake.redaction import redact_secrets
from bot.rules.intake.suggestions import suggest_severity, suggest_trigger
from bot.rules.intake.tellings import Telling
from bot.rules.intake.threats import find_threats

__all__ = [
    "Arrival",
    "Contact",
    "Reason",
    "Telling",
    "find_threats",
    "redact_secrets",
    "suggest_severity",
    "suggest_trigger",
]
