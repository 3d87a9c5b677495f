"""What the milder cases of a period came from: those that had no postmortem, by root cause.

SEV1 and SEV2 have a postmortem, in which everybody learns; the others teach by their number.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.rules.reports.periods import Period
from bot.rules.words import RootCause

SHOWN = 5  # accounts, and cases, that are named of one cause


@dataclass(frozen=True, slots=True)
class EndedCase:
    """A case that was closed in the period, as it is counted."""

    number: int
    customer: str
    cause: str
    restricted: bool


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One root cause: how many cases, of which customers, which they were.

    ``customers`` are names with their number of cases, the most first, ``cases`` numbers, the
    newest first; at most ``SHOWN`` of either. ``others`` counts the customers that are not named.
    """

    cause: RootCause
    count: int
    customers: tuple[tuple[str, int], ...]
    others: int
    cases: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Causes:
    """A period's root causes, the most frequent first; ``restricted`` are counted and no more."""

    period: Period
    lines: tuple[CauseLine, ...]
    restricted: int = 0

    @property
    def empty(self) -> bool:
        """Whether there was no such case at all."""
        return not self.lines and not self.restricted


def group_causes(period: Period, cases: Iterable[EndedCase]) -> Causes:
    """The cases of a period by root cause; ``cases`` come with the newest first.

    Of equally frequent causes the order is that of ``RootCause``. A restricted case is in no line.
    """
    listed = list(cases)
    open_to_all = [case for case in listed if not case.restricted]
    lines = [_line(cause, [c for c in open_to_all if c.cause == cause]) for cause in RootCause]
    found = sorted((line for line in lines if line.count), key=lambda line: -line.count)
    return Causes(period, tuple(found), len(listed) - len(open_to_all))


def _line(cause: RootCause, cases: list[EndedCase]) -> CauseLine:
    """The line of one cause; of equally many cases the names go by the alphabet.

    A cause without cases has a line too, which the caller leaves out.
    """
    counted = sorted(Counter(c.customer for c in cases).items(), key=lambda each: (-each[1], each))
    numbers = tuple(case.number for case in cases[:SHOWN])
    others = max(len(counted) - SHOWN, 0)
    return CauseLine(cause, len(cases), tuple(counted[:SHOWN]), others, numbers)
