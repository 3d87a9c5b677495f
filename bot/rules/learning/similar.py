"""What is known of a solved case that is like another. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.rules.words import ClosureCode, Status

SOLVED = (Status.RESOLVED, Status.REVIEW, Status.CLOSED)
# Closed so, a case has no solution of its own that could be used again.
TAUGHT_NOTHING = frozenset(
    {ClosureCode.DUPLICATE, ClosureCode.WITHDRAWN, ClosureCode.NO_RESPONSE, ClosureCode.CHURNED}
)


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A solved case, never a restricted one; ``worked`` is what ended or eased the trouble then.

    ``customer``, ``stake`` and ``worked`` are text from people, not escaped. ``solved_at`` is None
    for one that was reopened meanwhile. ``tried``: it is what is being tried in the case for which
    it was found.
    """

    number: int
    customer: str
    stake: str
    worked: str
    solved_at: datetime | None
    tried: bool = False

    @property
    def reference(self) -> str:
        """``ESC-7``."""
        return f"ESC-{self.number}"


def what_worked(workaround: str, resolution: str) -> str:
    """The workaround, since a case that is like it needs that first; else what solved the case.

    Both are the words of those who described them, and may be empty.
    """
    return workaround or resolution


def is_solved(status: str, closure_code: str | None, worked: str) -> bool:
    """Whether a case in this status, closed so, has something that can be used again."""
    return status in SOLVED and closure_code not in TAUGHT_NOTHING and bool(worked)


def untold(found: Collection[SimilarCase], told: Collection[int]) -> tuple[SimilarCase, ...]:
    """Those among the found that were not told yet, in their order.

    ``told`` are numbers of cases; of nothing found there is nothing to tell.
    """
    return tuple(each for each in found if each.number not in told)
