"""What one reader is shown of many cases: a reminder, a digest, App Home, a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bot.rules.duty import Absence, Gap, Watch
from bot.rules.duty.plan import DutyDay
from bot.rules.duty.sources import SourceFault
from bot.rules.facts.case import CaseFacts
from bot.rules.facts.executives import OwedFacts
from bot.rules.facts.steps import AskFacts
from bot.rules.states import Trend, TrendReason


@dataclass(frozen=True, slots=True)
class ReminderFacts:
    """Why a person is reminded: a clock, what it reached, and when it is or was due.

    ``threshold`` is ``warn:50``, ``warn:75``, ``warn:90``, ``breach``, ``ladder:N`` or
    ``overdue:<date>``; ``missed`` counts thresholds folded into this one after downtime; ``acts``
    is false for a reader who should know of it while another person acts, ``yours`` is true for
    the case's owner, ``offered`` for one who was offered the role; ``also`` names further clocks
    that the reader is reminded of. It travels as the ``extra`` of an outbox row, with ``due`` in
    ISO 8601 (bot/sla/telling.py).
    """

    clock: str
    threshold: str
    due: datetime
    cycle: int = 1
    missed: int = 0
    acts: bool = True
    yours: bool = False
    offered: bool = False
    also: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class TrendFacts:
    """Where a case is going and why; ``owner`` is who got it in that time, empty for no one."""

    trend: Trend = Trend.SAME
    reason: TrendReason | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What one executive should know on the morning of ``local_day``, a date in their own zone.

    Empty lists are left out of the text. ``asks`` wait for their decision, ``owed`` is what they
    owe customers. ``trends`` are by case number, since their last digest.
    """

    executive: str
    local_day: date
    asks: tuple[AskFacts, ...] = ()
    at_risk: tuple[CaseFacts, ...] = ()
    breaches: tuple[CaseFacts, ...] = ()
    wins: tuple[CaseFacts, ...] = ()
    owed: tuple[OwedFacts, ...] = ()
    trends: Mapping[int, TrendFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What one person's App Home shows; ``mine`` and ``breaching`` sorted by what is due next.

    Both are cut to the size of a view; the counts are not. ``breaching`` are cases of others.
    ``issues`` counts the known issues that they own, ``money`` the concessions that wait for
    anybody's decision, ``outcomes`` those that were asked of them, ``owed`` what may be owed by
    them as an executive or a caller, ``sponsored`` the accounts that they sponsor or are asked to,
    ``actions`` the action items that wait for them, ``cards`` the role cards that people got
    and have not confirmed (0 for who does not lead), ``forms_off``
    and ``weekly_off`` whether they turned tips off, ``courtesy_off`` quiet words (None
    where the policy has none), ``away`` the viewer's absence that runs, or the
    next one.
    """

    mine: tuple[CaseFacts, ...] = ()
    breaching: tuple[CaseFacts, ...] = ()
    asks: tuple[AskFacts, ...] = ()
    open_count: int = 0
    mine_count: int = 0
    breaching_count: int = 0
    issues: int = 0
    money: int = 0
    outcomes: int = 0
    owed: int = 0
    sponsored: int = 0
    actions: int = 0
    cards: int = 0
    forms_off: bool | None = None
    weekly_off: bool | None = None
    courtesy_off: bool | None = None
    away: Absence | None = None


@dataclass(frozen=True, slots=True)
class CasePageFacts:
    """One page of a list of cases: ``total`` are in all, pages count from 1."""

    cases: tuple[CaseFacts, ...] = ()
    total: int = 0
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; all that is set must hold, and of the rest only what the reader may see.

    ``customer`` is part of a name, as ``fold_name`` compares names, ``component`` the whole of one.
    """

    mine: bool = False
    others: bool = False
    breaching: bool = False
    customer: str = ""
    component: str = ""
    open_only: bool = True


@dataclass(frozen=True, slots=True)
class LeavingFacts:
    """What a person can hand over, as ``bot.duty.summary`` makes it, and who is on duty next.

    ``heir`` is empty where the rota names no other.
    """

    cases: tuple[Mapping[str, Any], ...]
    heir: str


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Of a schedule or a user group in the rota: what is known is as of ``known_at``.

    ``known_at`` is None where nothing was ever said; ``fault`` is why the last look failed.
    """

    reference: str
    known_at: datetime | None
    fault: SourceFault | None = None


@dataclass(frozen=True, slots=True)
class DutyFacts:
    """The rota at ``now``: who is on duty, who is or will be away, and when no one is on duty.

    ``sources`` are the schedules and groups from which its people come.
    """

    now: datetime
    watch: Watch
    absences: tuple[Absence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    sources: tuple[SourceFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class DutyDaysFacts:
    """The rota of the days from ``now`` on; ``shifts`` is False where the policy has none."""

    now: datetime
    days: tuple[DutyDay, ...]
    shifts: bool = True
    sources: tuple[SourceFacts, ...] = ()
