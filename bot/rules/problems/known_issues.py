"""What is known of a minor fault that customers wait for. Pure.

Instants are aware UTC, people Slack user ids. ``bot/known_issues/queries.py`` fills these.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.rules.bugs.state import BugFacts
from bot.rules.problems.facts import AffectedFacts, BroadcastFacts, RecordFacts, name_number
from bot.rules.states import KnownIssueState

# The states in which customers go on waiting; in the others nothing more is expected.
WAITED_FOR = frozenset({KnownIssueState.OPEN, KnownIssueState.SLIPPED})
# What customers are told of by a notice.
TOLD_OF = frozenset({KnownIssueState.SLIPPED, KnownIssueState.SHIPPED, KnownIssueState.DROPPED})


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """A known issue as it stands on ``today``, the organisation's day.

    ``bug`` is a URL or a key, ``outcome`` what was said of its last step. ``waiting`` is how many
    wait, ``untold`` how many of them have no notice of that step. ``undoable``: that step can
    still be taken back. The lists are empty where only the head was asked for; ``notices`` are the
    newest first, ``record`` too. ``tracked`` is its bug as the tracker has it.
    """

    number: int
    title: str
    component: str
    bug: str
    state: KnownIssueState
    owner: str
    today: date
    expected_on: date | None = None
    workaround: str = ""
    outcome: str = ""
    waiting: int = 0
    untold: int = 0
    undoable: bool = False
    waiters: tuple[AffectedFacts, ...] = ()
    notices: tuple[BroadcastFacts, ...] = ()
    record: tuple[RecordFacts, ...] = ()
    tracked: BugFacts | None = None

    @property
    def reference(self) -> str:
        """``KI-3``; once it is a problem ``PRB-3``."""
        return name_number(self.number, known=self.state is not KnownIssueState.PROBLEM)

    @property
    def waited_for(self) -> bool:
        """True while customers go on waiting."""
        return self.state in WAITED_FOR

    @property
    def overdue(self) -> bool:
        """True once the expected day has passed and customers still wait."""
        return self.waited_for and self.expected_on is not None and self.expected_on < self.today

    @property
    def to_tell(self) -> bool:
        """True while there are customers who must hear of the last step."""
        return self.state in TOLD_OF and self.untold > 0


def order_issue(issue: IssueFacts) -> tuple[Any, ...]:
    """The key by which lists are sorted: those waited for first, by their day, the undated last.

    Ended ones follow, the newest number first.
    """
    if not issue.waited_for:
        return (1, date.max, -issue.number)
    return (0, issue.expected_on or date.max, issue.number)
