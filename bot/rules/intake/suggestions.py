"""What the reasons of a candidate suggest for the case that may come of it.

A suggestion only: the person who escalates decides, since few of what looks bad is a case.
"""

from collections.abc import Collection, Mapping

from bot.rules.intake.arrival import Reason
from bot.rules.words import Severity, Trigger

GRAVE = frozenset({Reason.LEGAL_THREAT, Reason.THREAT})
# The first reason that is there decides.
TRIGGERS: Mapping[Reason, Trigger] = {
    Reason.LEGAL_THREAT: Trigger.LEGAL,
    Reason.THREAT: Trigger.THREAT_TO_CANCEL,
    Reason.REOPENED: Trigger.HANDLED_WRONGLY,
    Reason.THIRD_CONTACT: Trigger.UNHEARD,
    Reason.NEAR_BREACH: Trigger.TOO_SLOW,
    Reason.BAD_SURVEY: Trigger.HANDLED_WRONGLY,
    Reason.BAD_PULSE: Trigger.HANDLED_WRONGLY,
    Reason.BAD_RATING: Trigger.HANDLED_WRONGLY,
    Reason.AGAIN: Trigger.UNHEARD,
}


def suggest_severity(given: Severity | None, reasons: Collection[Reason]) -> Severity:
    """What the source says, else SEV2 for a threat and SEV3 for all else; never SEV1 or SEV4."""
    if given is not None:
        return given
    return Severity.SEV2 if GRAVE.intersection(reasons) else Severity.SEV3


def suggest_trigger(given: Trigger | None, reasons: Collection[Reason]) -> Trigger:
    """What the source says, else what the gravest reason means; technical without any.

    The order of ``TRIGGERS`` counts, not that of ``reasons``. Reasons that mean no trigger, such as
    ``ASKED``, ``TAGGED`` and ``EDITED``, leave it technical too.
    """
    if given is not None:
        return given
    return next((TRIGGERS[each] for each in TRIGGERS if each in reasons), Trigger.TECHNICAL)
