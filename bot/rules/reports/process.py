"""Figures of the process itself: cases in each status, how long they stay, pauses that stand out.

Pure. What is counted of a person or a case leads nowhere: only that it happened, and how often.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from bot.rules.policy.suspicious_pauses import Sign, find_suspicious_pauses
from bot.rules.reports.handling import FEW, Rate, quantile
from bot.rules.reports.periods import Period
from bot.rules.reports.records import CaseRecord
from bot.rules.words import Status


@dataclass(frozen=True, slots=True)
class StatusFigure:
    """A status: how many cases have it now, how many left it in the period, and after how long.

    ``median`` is None for fewer than ``FEW`` that left it.
    """

    status: Status
    now: int
    left: int
    median: timedelta | None


@dataclass(frozen=True, slots=True)
class PauseFigures:
    """Pauses that began in the period; ``standing_out`` of all, and why, by sign.

    ``signs`` has each sign in its order, also those of no pause.

    A pause may have several signs, so they do not add up.
    """

    standing_out: Rate
    signs: tuple[tuple[Sign, int], ...]


def measure_statuses(
    cases: Sequence[CaseRecord], now: Mapping[Status, int], period: Period
) -> tuple[StatusFigure, ...]:
    """For each status in the lifecycle's order: how many are in it, and how long cases stayed.

    A stretch counts in the period in which it ended; one of a case that came back to a status
    counts each time.
    """
    found: dict[Status, list[timedelta]] = {status: [] for status in Status}
    for case in cases:
        for stay in case.stays:
            if stay.left is not None and period.holds(stay.left):
                found[stay.status].append(stay.left - stay.entered)
    return tuple(
        StatusFigure(
            status, now.get(status, 0), len(times),
            quantile(times, Decimal("0.5")) if len(times) >= FEW else None,
        )
        for status, times in found.items()
    )  # fmt: skip


def count_pauses(cases: Iterable[CaseRecord], period: Period) -> PauseFigures:
    """Of the pauses that began in the period, those that stand out.

    What repeats is counted within the period: of one clock of a case, or by one person just before
    something was due.
    """
    ours = [pause for case in cases for pause in case.pauses if period.holds(pause.start)]
    found = find_suspicious_pauses(ours)
    signs = [sign for each in found for sign in each.signs]
    return PauseFigures(
        Rate(len(found), len(ours)), tuple((sign, signs.count(sign)) for sign in Sign)
    )
