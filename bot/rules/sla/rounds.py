"""One round of one clock: from its start to its fulfilment, with pauses and changes between.

A round knows how much is ``left`` of its budget. While it runs, ``due`` is where that is used up;
while it waits, only ``left`` is kept (R4). Every stretch that counted is a segment on the calendar
then in force (R6), so that what was consumed is never counted again on other hours. A round does
not know events: clock.py calls it in their order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla.model import Cause, ClockType, Cycle, PausedSpan, Result, Segment, Target

NOTHING = timedelta()


@dataclass(frozen=True)
class Terms:
    """What a clock is judged by; severity and calendar changes replace it.

    ``calendar_name`` is the key that events carry, ``pause_on`` the reasons for which it may wait.
    """

    type: ClockType
    target: Target
    calendar_name: str
    calendar: Calendar
    pause_on: tuple[str, ...] = ()
    warn_pct: tuple[int, ...] = ()
    ladder_minutes: tuple[int, ...] = ()

    @property
    def exact_days(self) -> bool:
        """Calendar days count every hour, whatever the calendar says."""
        return self.target.calendar_days is not None

    def count(self, start: datetime, end: datetime) -> timedelta:
        """How much of a stretch counts: open time, or all of it for calendar days."""
        return end - start if self.exact_days else self.calendar.between(start, end)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The earliest instant at which so much has counted."""
        return start + amount if self.exact_days else self.calendar.add(start, amount)

    def nominal(self, start: datetime) -> datetime:
        """Where a round that starts here is due if nothing happens (R2, R10)."""
        if self.target.business_days is not None:
            return self.calendar.business_day_close(start, self.target.business_days)
        if self.target.calendar_days is not None:
            return self.calendar.add_days(start, self.target.calendar_days)
        return self.calendar.add(start, self.minutes)

    @property
    def minutes(self) -> timedelta:
        """The target of a clock that counts minutes; nothing for one that counts days."""
        return timedelta(minutes=self.target.minutes or 0)

    def allowance(self, start: datetime) -> timedelta:
        """The whole budget of a round that starts here."""
        if self.target.minutes is not None:
            return self.minutes
        return self.count(start, self.nominal(start))


class Round:
    """A clock between start and fulfilment; instants must come in order.

    ``left`` is true only while it waits or at the instant of the last change; ``remaining`` answers
    it for any instant. ``breached_at`` is never taken back. ``waits`` has the pauses, the last one
    open while ``paused``; ``warn_at`` is by percent.
    """

    def __init__(self, at: datetime, terms: Terms, reasons: tuple[str, ...]) -> None:
        self.terms = terms
        self.started_at = at
        self.left = self.budget = terms.allowance(at)
        self.due: datetime | None = None
        self.promised = False
        self.stopped_at: datetime | None = None
        self.breached_at: datetime | None = None
        self.cause: Cause | None = None
        self.ladder: tuple[datetime, ...] = ()
        self.warn_at: dict[int, datetime] = {}
        self.segments: list[Segment] = []
        self.waits: list[PausedSpan] = []
        self._first = terms
        self._since: datetime | None = None
        self._why = "start"
        self._waiting_since: datetime | None = None
        self._due_before_wait: datetime | None = None
        self._held = NOTHING  # counted time that pauses and resolved spells took
        self._warn_from = NOTHING  # a cadence whose due was moved warns by what is left from there
        if reasons:
            self._wait(at, reasons)
        else:
            self._run(at, "start", terms.nominal(at))

    @property
    def first_target(self) -> Target:
        """The target that held when it began."""
        return self._first.target

    @property
    def paused(self) -> bool:
        """Whether it waits."""
        return self._waiting_since is not None

    @property
    def result(self) -> Result:
        """How it would be judged if it ended now."""
        return Result.MISSED if self.breached_at else Result.MET

    def spent(self, until: datetime) -> timedelta:
        """What counted so far, past the due instant too."""
        done = sum(map(self._weight, self.segments), NOTHING)
        return done + (self.terms.count(self._since, until) if self._since else NOTHING)

    def remaining(self, until: datetime) -> timedelta:
        """What is left of the budget at ``until``.

        After a breach that is nothing; while the round waits it does not change.
        """
        if self.breached_at:
            return NOTHING
        if self._since is None or self.due is None:
            return self.left
        return max(self.terms.count(until, self.due), NOTHING)

    def segments_at(self, until: datetime) -> tuple[Segment, ...]:
        """The stretches that counted, the present one cut at an instant."""
        return (*self.segments, *self._present(until))

    def tick(self, at: datetime, *, inclusive: bool) -> None:
        """Breach if the due instant has passed; ``inclusive`` counts the instant itself (R3)."""
        if self._since is None or self.due is None or self.breached_at:
            return
        if self.due < at or (inclusive and self.due == at):
            self._breach(self.due, Cause.ELAPSED)

    def set_reasons(self, at: datetime, reasons: tuple[str, ...], why: str) -> None:
        """Wait for these reasons, or run when there is none.

        Other reasons while it waits begin a new span of waiting and change nothing else.
        """
        if reasons and not self.paused:
            self._close(at)
            self._wait(at, reasons)
        elif reasons:
            self._note_reasons(at, reasons)
        elif self.paused:
            self._go_on(at, why)

    def change(self, at: datetime, terms: Terms, why: str, *, retarget: bool) -> None:
        """Judge the rest by other terms; consumed time carries (R6, R7).

        ``retarget``: the target changed, not only the hours. A breached round keeps its due instant
        and goes on by the new calendar; where the new budget is used up already it breaches at
        ``at``.
        """
        running = self._since is not None
        self._close(at)
        if self.paused:
            self._count_wait(at)
            self._due_before_wait = None
        due, self.terms = self.due, terms
        if self.breached_at:
            self._since, self._why = (at if running else None), why
        elif terms.type is ClockType.CADENCE:
            self._change_cadence(at, due, why, retarget=retarget)
        elif retarget or terms.target.minutes is None:
            self._rebudget(at, why, Cause.RETARGET, running=running)
        elif running:
            self._run(at, why)

    def promise(self, at: datetime, promised_at: datetime, *, override: bool) -> None:
        """Take a promise to the customer as the due instant: earlier freely, later by override.

        A promise that is not ahead of ``at`` is passed over, and so is any after a breach.
        """
        if self.breached_at or promised_at <= at:
            return
        left = self.terms.count(at, promised_at)
        if self.due is None:
            if left < self.left or override:
                self.left, self.promised = left, True
        elif promised_at <= self.due or override:
            self._close(at)
            self._warn_from = self.spent(at)
            self.left, self.promised = left, True
            self._run(at, "promise", promised_at)

    def start_earlier(self, at: datetime, received_at: datetime) -> None:
        """Count from ``received_at``, when an older report of the same was merged in.

        Later instants than the start change nothing. The time before is counted on the first terms.
        """
        if received_at >= self.started_at:
            return
        extra = self._first.calendar.between(received_at, self.started_at)
        name = self._first.calendar_name
        running = self._since is not None
        self._close(at)
        target = self._first.target
        self.segments.insert(
            0, Segment(received_at, self.started_at, name, extra, "merge_in", target)
        )
        self.started_at = received_at
        if self.breached_at:
            self._since, self._why = (at if running else None), "merge_in"
        else:
            self._rebudget(at, "merge_in", Cause.MERGE, running=running)

    def stop(self, at: datetime) -> None:
        """End it; what is left stays for a reopening.

        Warnings that lie ahead are dropped; the ladder stays only after a breach.
        """
        self._close(at)
        if self.paused:
            self._end_wait(at)
        self.stopped_at = at
        self.warn_at = {pct: when for pct, when in self.warn_at.items() if when <= at}
        if not self.breached_at:
            self.ladder = ()

    def reopen(self, at: datetime, terms: Terms, reasons: tuple[str, ...]) -> None:
        """Go on with what is left; the resolved spell does not count (R9). A breach stays one."""
        changed = terms.target != self.terms.target
        self._held += terms.count(self.stopped_at or at, at)
        self.stopped_at, self.due, self.terms = None, self.breached_at, terms
        if reasons:
            self._wait(at, reasons)
        if self.breached_at:
            self._since, self._why = (None if reasons else at), "reopen"
        else:
            cause = Cause.RETARGET if changed else Cause.ELAPSED
            self._rebudget(at, "reopen", cause, running=not reasons)

    def cycle(self, *, fulfilled: bool) -> Cycle:
        """The record of this round once it is over.

        ``fulfilled`` says whether it was, late or not.
        """
        return Cycle(self.started_at, self.due, self.stopped_at if fulfilled else None, self.result)

    def _weight(self, segment: Segment) -> timedelta:
        """What a stretch counts by the target that held in it (R6)."""
        exact = segment.target is not None and segment.target.calendar_days is not None
        return segment.end - segment.start if exact else segment.consumed

    def _present(self, until: datetime) -> list[Segment]:
        if self._since is None or self._since >= until:
            return []
        counted = self.terms.calendar.between(self._since, until)
        terms = self.terms
        return [Segment(self._since, until, terms.calendar_name, counted, self._why, terms.target)]

    def _close(self, at: datetime) -> None:
        """End the running stretch; ``left`` becomes what is left at that instant."""
        self.left = self.remaining(at)
        self.segments += self._present(at)
        self._since = None

    def _run(self, at: datetime, why: str, due: datetime | None = None) -> None:
        self._since, self._why = at, why
        self.due = due or self.terms.add(at, self.left)
        self._project(at)
        self._set_ladder(self.due)

    def _wait(self, at: datetime, reasons: tuple[str, ...]) -> None:
        self._waiting_since, self._due_before_wait = at, self.due
        self.waits.append(PausedSpan(at, None, reasons))
        if not self.breached_at:
            self.due, self.ladder = None, ()
            self._project(at)

    def _note_reasons(self, at: datetime, reasons: tuple[str, ...]) -> None:
        if self.waits[-1].reasons != reasons:
            self.waits[-1] = PausedSpan(self.waits[-1].start, at, self.waits[-1].reasons)
            self.waits.append(PausedSpan(at, None, reasons))

    def _go_on(self, at: datetime, why: str) -> None:
        """Run again after a wait; the due instant moves by what the wait took of open time."""
        waited = self.terms.count(self._waiting_since or at, at)
        due = self._due_before_wait
        self._end_wait(at)
        if self.breached_at:
            self._since, self._why = at, why
        else:  # a wait in closed hours moves nothing, not even a promise outside them
            self._run(at, why, due if due and due > at and not waited else None)

    def _end_wait(self, at: datetime) -> None:
        self._count_wait(at)
        self._waiting_since, self._due_before_wait = None, None
        self.waits[-1] = PausedSpan(self.waits[-1].start, at, self.waits[-1].reasons)

    def _count_wait(self, at: datetime) -> None:
        self._held += self.terms.count(self._waiting_since or at, at)
        self._waiting_since = at

    def _change_cadence(
        self, at: datetime, due: datetime | None, why: str, *, retarget: bool
    ) -> None:
        """R7: what was promised to the customer stands unless the new interval ends sooner."""
        interval = self.terms.allowance(at) if retarget else None
        if due is None:
            self.left = self.left if interval is None else min(self.left, interval)
            self._project(at)
            return
        if interval is None and not self.promised:
            self._run(at, why)
            return
        sooner = self.terms.nominal(at) if retarget else due
        if interval is not None and sooner < due:
            self.left, self.promised, self._warn_from = interval, False, self.spent(at)
            self._run(at, why, sooner)
        else:
            self.left = max(self.terms.count(at, due), NOTHING)
            self._run(at, why, due)

    def _rebudget(self, at: datetime, why: str, cause: Cause, *, running: bool) -> None:
        """What is left under the present terms after what was consumed; none left is a breach."""
        if self.terms.target.minutes is not None:
            self.left = self.terms.minutes - self.spent(at)
        else:
            nominal = self.terms.nominal(self.started_at)
            self.left = self.terms.count(at, self.terms.add(nominal, self._held))
        self.budget = self.spent(at) + self.left
        if running:
            self._since, self._why = at, why
        if self.left <= NOTHING:
            self._breach(at, cause)
        elif running:
            self._run(at, why)
        else:
            self._project(at)

    def _breach(self, at: datetime, cause: Cause) -> None:
        self.breached_at, self.due, self.cause, self.left = at, at, cause, NOTHING
        self.warn_at = {pct: when for pct, when in self.warn_at.items() if when <= at}
        self._set_ladder(at)

    def _set_ladder(self, start: datetime) -> None:
        """Lay out the levels in open time from ``start``.

        That is the due instant while it lies ahead, and the breach once it happened (R13).
        """
        minutes = self.terms.ladder_minutes
        self.ladder = tuple(self.terms.calendar.add(start, timedelta(minutes=m)) for m in minutes)

    def _project(self, at: datetime) -> None:
        """When each percentage of the budget is used up; what passed keeps its instant (R12).

        Those ahead are missing while it waits. The budget is computed anew as what was used and is
        left.
        """
        spent = self.spent(at)
        self.budget = spent + self.left
        whole = self.budget - self._warn_from
        projected: dict[int, datetime] = {}
        for pct in sorted(self.terms.warn_pct):
            level = self._warn_from + whole * pct // 100
            if (
                self.due and not self.left
            ):  # promised for a closed hour: only the wall clock is left
                projected[pct] = at + (self.due - at) * pct // 100
            elif level <= spent:
                projected[pct] = min(self.warn_at.get(pct, at), at)
            elif self.due:
                projected[pct] = min(self.terms.add(at, level - spent), self.due)
        self.warn_at = projected
