"""A first idea of the severity from a few plain questions; a person decides.

The more is lost and the less the customer can do meanwhile, the higher. What the account is worth
is not asked: it raises priority, never severity.
"""

from collections.abc import Collection

from bot.rules.words import Severity

GRAVE = ("business_stopped", "data_security_legal")
WORSE = ("no_workaround", "many_users", "deadline_near")
SIGNS = (*GRAVE, *WORSE)  # in the order in which they are asked


def suggest_severity(signs: Collection[str]) -> Severity | None:
    """The severity that these signs speak for; None when none of ``SIGNS`` is among them.

    One grave sign is SEV1; two others together are SEV2, one alone is SEV3. SEV4 is never
    suggested. What is no member of ``SIGNS`` is left out.
    """
    if any(sign in signs for sign in GRAVE):
        return Severity.SEV1
    worse = sum(sign in signs for sign in WORSE)
    if not worse:
        return None
    return Severity.SEV2 if worse > 1 else Severity.SEV3
