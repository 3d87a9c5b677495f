"""One clock of a case: how each event moves it. The arithmetic of a round is in rounds.py.

Events must come in the order of replay.py, each after a ``tick`` to its instant, so that a breach
before it is known. A budget has one round, a cadence and a reply one after another.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla.model import (
    ClockState,
    ClockType,
    Cycle,
    Event,
    EventKind,
    Result,
    State,
    clock_type,
)
from bot.rules.sla.rounds import Round, Terms
from bot.rules.words import ClockKind, HoldReason

# A reopened case takes up its work again; these were answered once and are not measured again (R9).
NOT_REOPENED = frozenset(
    {
        ClockKind.ACKNOWLEDGE,
        ClockKind.FIRST_RESPONSE,
        ClockKind.HANDOFF,
        ClockKind.POSTMORTEM_HELD,
        ClockKind.EXECUTIVE_ACKNOWLEDGE,
        ClockKind.EXECUTIVE_CALL,
    }
)


class Clock:
    """Folds the events of a case, in order, into the state of one clock.

    ``reasons`` are those for which the case already waits when the clock starts. Raises ValueError
    for a start without target or calendar, KeyError for a calendar that is not in the mapping.
    """

    def __init__(
        self, name: str, calendars: Mapping[str, Calendar], start: Event, reasons: set[str]
    ) -> None:
        self.name = name
        self.type = clock_type(name)
        self._calendars = calendars
        self._reasons = set(reasons)
        self._cycles: list[Cycle] = []
        self._round: Round | None = None
        self._cancelled_at: datetime | None = None
        self._ended = False
        self._recorded = False
        self._begin_anew(start)

    def tick(self, at: datetime, *, inclusive: bool) -> None:
        """Breach what is due before an instant, or at it."""
        if self._round:
            self._round.tick(at, inclusive=inclusive)

    def handle(self, event: Event) -> None:
        """Move by one event; the due instants before it were ticked already.

        The event concerns this clock or all of the case. A start of a clock that runs is passed
        over. A cancelled clock takes nothing but a new start.
        """
        if event.kind is EventKind.START:
            if self._ended:
                self._record(fulfilled=self.type is not ClockType.CADENCE)
                self._begin_anew(event)
            return
        if self._cancelled_at is None:
            self._move(event)
        if self._fulfils(event) and self._running:
            self._stop(event)

    def _move(self, event: Event) -> None:
        """Let one event act on the clock, by its kind."""
        match event.kind:
            case EventKind.PAUSE:
                self._pause(event)
            case EventKind.RESUME:
                self._resume(event)
            case EventKind.CUSTOMER_MESSAGE:
                self._customer_message(event)
            case EventKind.AGENT_PUBLIC:
                self._agent_public(event)
            case EventKind.SEVERITY_CHANGE | EventKind.CALENDAR_CHANGE:
                self._change(event)
            case EventKind.MERGE_IN:
                self._merge_in(event)
            case EventKind.REOPEN:
                self._reopen(event)
            case EventKind.CANCEL:
                self._cancel(event)
            case EventKind.PROMISE:
                self._promise(event)
            case _:
                pass  # bots and internal notes are no answer to a customer

    def missed(self) -> list[tuple[datetime, datetime | None]]:
        """The stretches, from start to end, of the cycles that were breached.

        The end is None for a cycle that is still open.
        """
        over = [(c.started_at, c.fulfilled_at) for c in self._cycles if c.result is Result.MISSED]
        if self._round and self._round.breached_at:
            over.append((self._round.started_at, self._round.stopped_at))
        return over

    def state(self, now: datetime) -> ClockState:
        """The state at an instant not before the last event.

        A clock of replies before its first customer message answers a state without ``started_at``.
        """
        if self._round is None:
            return self._idle_state(now)
        current = self._round
        spent = current.spent(now)
        remaining = current.remaining(now)
        return ClockState(
            clock=self.name,
            kind=self.type,
            state=self._state_of(current),
            as_of=now,
            cycle=len(self._cycles) + (0 if self._recorded else 1),
            started_at=current.started_at,
            due=current.due if self._cancelled_at is None else None,
            budget=current.budget,
            remaining=remaining,
            consumed=spent,
            paused=current.paused,
            pause_reasons=self._active() if current.paused else (),
            stopped_at=current.stopped_at,
            elapsed=spent if current.stopped_at else None,
            breached_at=current.breached_at,
            breach_cause=current.cause,
            warn_at=current.warn_at,
            ladder=current.ladder,
            ladder_minutes=current.terms.ladder_minutes,
            cycles=tuple(self._cycles),
            promised=current.promised,
            target=current.terms.target,
            first_target=current.first_target,
            calendar=current.terms.calendar_name,
            segments=current.segments_at(now),
            paused_spans=tuple(current.waits),
        )

    @property
    def _running(self) -> bool:
        return self._round is not None and self._round.stopped_at is None

    def _begin_anew(self, start: Event) -> None:
        """Start with the target, the calendar and the warnings of this event.

        Raises ValueError for a start without target or calendar.
        """
        if start.target is None or start.calendar is None:
            raise ValueError(f"the start of {self.name} needs a target and a calendar")
        self._ended, self._cancelled_at = False, None
        self.stop_on = start.stop_on
        self._terms = Terms(
            type=self.type,
            target=start.target,
            calendar_name=start.calendar,
            calendar=self._calendars[start.calendar],
            pause_on=start.pause_on or (),
            warn_pct=start.warn_pct or (),
            ladder_minutes=start.ladder_minutes or (),
        )
        if self.type is not ClockType.REPLY:
            self._begin(start.effective_at)

    def _begin(self, at: datetime) -> None:
        self._round, self._recorded = Round(at, self._terms, self._active()), False

    def _record(self, *, fulfilled: bool = True) -> None:
        """Keep how the round ended, once; one that was cut short before it was due says nothing."""
        if self._round is None or self._recorded or self._cancelled_at:
            return
        if fulfilled or self._round.breached_at:
            self._cycles.append(self._round.cycle(fulfilled=fulfilled))
            self._recorded = True

    def _active(self) -> tuple[str, ...]:
        """The reasons in force that this clock waits for (R4)."""
        return tuple(sorted(self._reasons.intersection(self._terms.pause_on)))

    def _set_reasons(self, at: datetime, why: str) -> None:
        if self._round and self._running:
            self._round.set_reasons(at, self._active(), why)

    def _pause(self, event: Event) -> None:
        self._reasons.add(event.reason or "")
        self._set_reasons(event.at, "pause")

    def _resume(self, event: Event) -> None:
        self._reasons.discard(event.reason or "")
        self._set_reasons(event.at, "resume")

    def _customer_message(self, event: Event) -> None:
        """The customer's own word ends the wait for it (R5) and is owed an answer.

        A further word before the answer moves nothing: the oldest counts.
        """
        self._reasons.discard(HoldReason.WAITING_CUSTOMER)
        self._set_reasons(event.at, "customer_message")
        if self.type is ClockType.REPLY and not self._running:
            self._begin(event.at)

    def _agent_public(self, event: Event) -> None:
        """End a reply, or end one interval of a cadence and begin the next.

        Budgets are moved elsewhere: ``_fulfils`` says whether the message ends one. A promise in
        the message is taken after the new interval began.
        """
        if not self._running or self._round is None or self.type is ClockType.BUDGET:
            return
        if self.type is ClockType.REPLY:
            self._round.stop(event.at)
            self._record()
            return
        if event.at != self._round.started_at:  # else it is the very message that began the cycle
            self._round.stop(event.at)
            self._record()
            self._begin(event.at)
        self._promise(event)

    def _promise(self, event: Event) -> None:
        promised_at = event.promised_at
        if self.type is ClockType.CADENCE and self._running and self._round and promised_at:
            self._round.promise(event.at, promised_at, override=event.override_approved)

    def _change(self, event: Event) -> None:
        """Take over what the event names and keep the rest; a finished round is not rejudged."""
        old = self._terms
        name = event.calendar or old.calendar_name
        self._terms = replace(
            old,
            target=event.target or old.target,
            calendar_name=name,
            calendar=self._calendars[name],
            pause_on=old.pause_on if event.pause_on is None else event.pause_on,
            warn_pct=old.warn_pct if event.warn_pct is None else event.warn_pct,
            ladder_minutes=(
                old.ladder_minutes if event.ladder_minutes is None else event.ladder_minutes
            ),
        )
        if self._round and self._running:
            retarget = event.target is not None
            self._round.change(event.at, self._terms, event.kind.value, retarget=retarget)
            self._set_reasons(event.at, event.kind.value)

    def _merge_in(self, event: Event) -> None:
        """An older report counts from its receipt; a finished clock is not rejudged (R6)."""
        if self._round and self._running and self.type is not ClockType.CADENCE:
            if self.type is ClockType.REPLY and self._answered_since(event.received_at):
                return
            self._round.start_earlier(event.at, event.received_at or event.at)

    def _answered_since(self, received_at: datetime | None) -> bool:
        last = self._cycles[-1].fulfilled_at if self._cycles else None
        return bool(last and received_at and received_at < last)

    def _reopen(self, event: Event) -> None:
        """Go on with a budget that had ended, or begin a new round of another clock (R9).

        A reopening of the whole case leaves alone the kinds in ``NOT_REOPENED`` and budgets that a
        customer message fulfils; one that names the clock does not.
        """
        scoped = event.clock == self.name
        if self._running or self._round_is_final(scoped=scoped):
            return
        if self._round is None or self.type is not ClockType.BUDGET:
            self._ended = False
            self._begin(event.at)
        else:
            self._ended = False
            self._round.reopen(event.at, self._terms, self._active())

    def _round_is_final(self, *, scoped: bool) -> bool:
        if self.type is not ClockType.BUDGET or scoped:
            return False
        kind = self.name.partition(":")[0]
        return kind in NOT_REOPENED or self.stop_on != EventKind.STOP

    def _cancel(self, event: Event) -> None:
        """End it without judgement; a round that runs is stopped at that instant."""
        if self._running and self._round:
            self._round.stop(event.at)
        if not self._ended:
            self._cancelled_at, self._ended = event.at, True

    def _fulfils(self, event: Event) -> bool:
        """Whether a budget or a cadence ends here; a stop that names the clock always ends it."""
        if event.kind is EventKind.STOP and event.clock == self.name:
            return True
        if self.type is ClockType.BUDGET:
            return event.kind == self.stop_on
        return self.type is ClockType.CADENCE and event.kind is EventKind.STOP

    def _stop(self, event: Event) -> None:
        """End the round: a clock of replies waits for the next word, the others are over."""
        if self._round:
            self._round.stop(event.at)
            self._ended = self.type is not ClockType.REPLY
            if self.type is not ClockType.BUDGET:
                self._record(fulfilled=self.type is ClockType.REPLY)

    def _state_of(self, current: Round) -> State:
        if self._cancelled_at is not None:
            return State.CANCELLED
        if current.breached_at:
            return State.BREACHED
        if current.stopped_at:
            return State.MET
        return State.PAUSED if current.paused else State.RUNNING

    def _idle_state(self, now: datetime) -> ClockState:
        """Nothing is owed: no customer message awaits an answer."""
        nothing = timedelta()
        return ClockState(
            clock=self.name,
            kind=self.type,
            state=State.CANCELLED if self._cancelled_at else State.MET,
            as_of=now,
            cycle=len(self._cycles) + 1,
            started_at=None,
            due=None,
            budget=nothing,
            remaining=nothing,
            consumed=nothing,
            stopped_at=self._cancelled_at,
            cycles=tuple(self._cycles),
            target=self._terms.target,
            calendar=self._terms.calendar_name,
        )
