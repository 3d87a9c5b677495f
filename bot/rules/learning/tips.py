"""Which tips there are: the weekly ones, in their order; a form has one where there are words.

The words are under ``tip.form.<verb>`` and ``tip.weekly.<name>`` in each language.
"""

from enum import StrEnum

TIMES = 3  # that a form is opened with its tip
FORMS_MAX = 100  # forms that are counted for one person

WEEKLY_TIPS = (
    "brief", "why", "playbook", "similar", "promises", "handover", "decide", "actions", "phone",
    "duty", "readiness", "help",
)  # fmt: skip


class TipKind(StrEnum):
    """What a person may turn off by itself."""

    FORMS = "forms"
    WEEKLY = "weekly"
    COURTESY = "courtesy"  # quiet words about their own posts
