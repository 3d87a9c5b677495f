"""What may interrupt a technical lead in focus: a breach, new harm, a manager's word.

Everything else that the app would tell them about the case waits until the focus is over.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot.rules.sla import ThresholdKind, kind_of_threshold
from bot.rules.words import ClockKind

REMINDER = "reminder"
# Of these nobody at the customer waits for us, or the lead can do nothing about it now.
NO_BREACH = frozenset(
    {ClockKind.CHECK_IN, ClockKind.HANDOFF, ClockKind.CUSTOMER_CONFIRMATION,
     ClockKind.POSTMORTEM_HELD}
)  # fmt: skip
LOUD = frozenset({ThresholdKind.BREACH, ThresholdKind.LADDER})
BREACHES = frozenset({"notice:breach_brief", "notice:breach_call_late"})
# Of a raised severity a lead whom it pages reads the case anew.
HARM = frozenset({"notice:report_added", "notice:opened"})
RAISED = "notice:severity_changed"
OVERRIDE = "notice:focus_interrupted"
OWN = ("notice:focus_", "focus:")  # the words of the focus itself, which are promised


class Passes(StrEnum):
    """Whether a message reaches a lead in focus, and what it counts as.

    Never stored: what was kept or let through stands as a row of its own.
    """

    KEPT = "kept"
    INTERRUPTS = "interrupts"
    QUIETLY = "quietly"  # it belongs to the focus, and is no interruption
    DROPPED = "dropped"  # the focus asks the same itself


def judge_message(text: str, extra: Mapping[str, Any], severity: int) -> Passes:
    """What becomes of a message to a lead in focus: its name, its facts, the case's severity now.

    A severity is raised where its number is less than ``before``. The clock of check-ins is
    silent for the lead: a focus has check-ins of its own.
    """
    if text == OVERRIDE:
        return Passes.INTERRUPTS
    if text.startswith(OWN):
        return Passes.QUIETLY
    if text == REMINDER:
        return _judge_reminder(str(extra.get("clock", "")), str(extra.get("threshold", "")))
    raised = text == RAISED and severity < int(extra.get("before") or 0)
    return Passes.INTERRUPTS if raised or text in BREACHES | HARM else Passes.KEPT


def _judge_reminder(clock: str, threshold: str) -> Passes:
    """Of a clock's reminders what was missed interrupts; what is only near does not.

    Neither does a morning's nudge, nor a clock of ``NO_BREACH``. Raises ValueError for a
    ``threshold`` that is none.
    """
    kind = clock.partition(":")[0]
    if kind == ClockKind.CHECK_IN:
        return Passes.DROPPED
    loud = kind_of_threshold(threshold) in LOUD and kind not in NO_BREACH
    return Passes.INTERRUPTS if loud else Passes.KEPT


def asks_check_in(text: str, extra: Mapping[str, Any]) -> bool:
    """Whether it is a word of the clock of check-ins.

    The focus asks its lead for these itself, so the clock is to say nothing to them.
    """
    kind = str(extra.get("clock", "")).partition(":")[0]
    return text == REMINDER and kind == ClockKind.CHECK_IN
