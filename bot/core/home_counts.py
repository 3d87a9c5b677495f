"""What is counted of what waits for a person, so that App Home reads only what there is."""

from typing import Any

from bot.core.case_selection import count_issues, count_waiting_outcomes
from bot.core.executive_facts import count_owed
from bot.core.granted import count_waiting_concessions


def count_for_home(viewer: str) -> tuple[Any, ...]:
    """Scalar queries, in the order of the last fields of ``HomeFacts``."""
    return (
        count_issues(viewer),
        count_waiting_concessions(),
        count_waiting_outcomes(viewer),
        count_owed(viewer),
    )
