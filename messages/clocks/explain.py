"""Say in plain words, with the numbers, how a clock's due instant came about.

The same state, events and calendars always give the same sentences, whenever they are asked for.
The words are the texts under ``explain.`` in ``clocks.toml``. Numbers such as R8 are those of the
rules in docs/clocks.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import (
    ClockState,
    ClockType,
    Event,
    EventKind,
    PausedSpan,
    Segment,
    State,
    Target,
)
from bot.rules.words import Language
from messages.clocks.formatter import Teller

# What may be learned late and still decides by when it happened (R8).
EVIDENCE = frozenset(
    {EventKind.STOP, EventKind.AGENT_PUBLIC, EventKind.CUSTOMER_MESSAGE, EventKind.RESUME}
)
TERMS = frozenset({EventKind.SEVERITY_CHANGE, EventKind.CALENDAR_CHANGE})  # by which it is judged


@dataclass(frozen=True)
class Explanation:
    """One sentence with the answer, and the facts behind it in the order of time.

    All of it is plain text: escape it for Slack.
    """

    headline: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Everything, a fact a line."""
        return "\n".join((self.headline, *self.lines))


def explain_clock(
    state: ClockState,
    events: Iterable[Event],
    calendars: Mapping[str, Calendar],
    policy_version: str,
    language: Language,
    zone: str,
) -> Explanation:
    """Explain how a clock came to be due, met or breached.

    Facts that were learned after ``state.as_of`` are left out, as they were for the judgement. In
    the headline every time has its year; below it, times in the year of ``as_of`` have none. Raises
    zoneinfo.ZoneInfoNotFoundError for a zone that does not exist.

    Args:
        state: The clock as ``replay`` gave it from these events.
        events: All events of the case, in any order; those of other clocks are passed over.
        calendars: The mapping that ``replay`` was given.
        policy_version: The version of the policy that set the target.
        language: Of the reader.
        zone: The reader's IANA zone; every time is told in it.
    """
    concerned = [e for e in events if e.clock in (None, state.clock) and e.known_at <= state.as_of]
    concerned.sort(key=lambda e: e.effective_at)
    headline = _Story(state, calendars, Teller(language, zone)).headline()
    year = state.as_of.astimezone(ZoneInfo(zone)).year
    story = _Story(state, calendars, Teller(language, zone, year))
    return Explanation(headline, tuple(story.lines(concerned, policy_version)))


class _Story:
    """The sentences of one clock; ``lines`` may be asked for once.

    Which hours are known is carried from event to event, so events must come in the order of
    ``effective_at``, and a second pass would start from the hours at the end of the first.
    """

    def __init__(
        self, state: ClockState, calendars: Mapping[str, Calendar], teller: Teller
    ) -> None:
        self.state, self.calendars, self.teller = state, calendars, teller
        self.say, self.when, self.amount = teller.say, teller.when, teller.amount
        self._hours_known: str | None = None
        self._target_known: Target | None = None
        self._hours_from: list[tuple[datetime, str]] = []  # which calendar counted from when

    def headline(self) -> str:
        """Return the one sentence that answers, by the clock's state.

        All facts are given to it, and each state's text uses its own: ``due``, ``remaining``,
        ``reasons``, ``stopped``, ``breached``, always with the reader's zone.
        """
        state = self.state
        return self.say(
            _head(state),
            clock=self.teller.clock(state.clock),
            due=self.when(state.due),
            zone=self.teller.zone_said(self.teller.zone),
            remaining=self.amount(self._left()),
            reasons=self.teller.reasons(state.pause_reasons),
            stopped=self.when(state.stopped_at),
            breached=self.when(state.breached_at),
        )

    def _left(self) -> timedelta:
        """Return what is left; a promise is kept by the wall clock, whatever the calendar says."""
        if self.state.promised and self.state.due is not None:
            return max(self.state.due - self.state.as_of, timedelta(0))
        return self.state.remaining

    def lines(self, events: list[Event], policy_version: str) -> list[str]:
        """List the policy and its hours, then what happened, then holidays, the sum and the end.

        At the same instant an event comes before the time that counted, and that before a pause. A
        clock that never started has no more than its policy and its hours.
        """
        told = [self._allowed(events, policy_version)]
        self._hours_from = [(e.effective_at, e.calendar) for e in events if e.calendar]
        calendar = self._calendar(self.state.calendar)
        names = [s.calendar for s in self.state.segments if s.why == "start"]
        first = self._calendar(names[0]) if names else calendar
        if first:
            told.append(self.say("hours", hours=self.teller.hours(first)))
        if self.state.started_at is None:
            return told
        dated = [
            *((e.effective_at, 0, line) for e in events for line in self._event(e)),
            *((s.start, 1, self._segment(s)) for s in self.state.segments),
            *((p.start, 2, self._pause(p)) for p in self.state.paused_spans),
        ]
        told += [line for _, _, line in sorted(dated, key=lambda entry: entry[:2])]
        return [*told, *self._holidays(calendar), *self._sum(), *self._end(calendar)]

    def _allowed(self, events: list[Event], policy_version: str) -> str:
        """Say what was allowed when the cycle began, and by which policy, where that is known."""
        first = self.teller.target(self.state.first_target or self.state.target)
        if not self._changed:
            return self.say("policy", version=policy_version, target=first)
        by_policy = [e for e in events if e.kind is EventKind.SEVERITY_CHANGE and e.reason]
        if by_policy:
            return self.say("policy.earlier", target=first)
        return self.say("policy.first", version=policy_version, target=first)

    @property
    def _changed(self) -> bool:
        """True where the target of now did not hold all along; then each stretch names its own."""
        held = {self.state.first_target, *(s.target for s in self.state.segments)}
        return bool(held - {None, self.state.target})

    def _calendar(self, name: str | None) -> Calendar | None:
        return self.calendars.get(name) if name else None

    def _event(self, event: Event) -> list[str]:
        """Say what an event of this cycle did, if it did something to this clock.

        Events before the cycle began belong to earlier cycles, except a merge. An event that was
        learned late is followed by when it was recorded, if it changed something or is evidence
        (R8).
        """
        told = [line for line in (self._change(event), self._new_hours(event)) if line]
        if event.kind is EventKind.START:
            return told
        begun = self.state.started_at
        if begun is None or (event.effective_at < begun and event.kind is not EventKind.MERGE_IN):
            return []
        if event.kind in TERMS and self.state.stopped_at and event.at > self.state.stopped_at:
            return []  # a clock that has ended is not judged again
        if event.known_at > event.effective_at and (told or event.kind in EVIDENCE):
            at, recorded = self.when(event.effective_at), self.when(event.known_at)
            told.append(self.say("late", at=at, recorded=recorded))
        return told

    def _new_hours(self, event: Event) -> str:
        """Say the hours that an event brought, if they are others than before."""
        before = self._hours_known
        self._hours_known = event.calendar or before
        calendar = self._calendar(event.calendar)
        if calendar is None or before in (None, event.calendar):
            return ""
        return self.say("hours.changed", at=self.when(event.at), hours=self.teller.hours(calendar))

    def _change(self, event: Event) -> str:
        """Say what an event changed; "" for one that changed nothing worth a line."""
        cadence = self.state.kind is ClockType.CADENCE
        at = self.when(event.at)
        before, self._target_known = self._target_known, event.target or self._target_known
        match event.kind:
            case EventKind.START if event.received_at and event.received_at < event.at:
                return self.say("received", received=self.when(event.received_at), at=at)
            case EventKind.START:
                return self.say("started", at=at)
            case EventKind.SEVERITY_CHANGE if event.target:
                return self._retarget(event) if before != event.target else ""
            case EventKind.MERGE_IN if not cadence and event.received_at == self.state.started_at:
                return self.say("merge", at=at, received=self.when(event.received_at))
            case EventKind.REOPEN if self._stood_still(event.at):
                return self.say("reopen", at=at)
            case EventKind.AGENT_PUBLIC | EventKind.PROMISE if cadence and event.promised_at:
                phrase = "promise.override" if event.override_approved else "promise"
                return self.say(phrase, at=at, promised=self.when(event.promised_at))
        return ""

    def _retarget(self, event: Event) -> str:
        """Say the target that holds from here on, and what brought it."""
        if self.state.kind is ClockType.CADENCE:
            phrase = "retarget.policy.cadence" if event.reason else "retarget.cadence"
        else:
            phrase = "retarget.policy" if event.reason else "retarget"
        target = self.teller.target(event.target)
        return self.say(phrase, at=self.when(event.at), target=target, version=event.reason)

    def _stood_still(self, at: datetime) -> bool:
        """True when a reopening found the clock stopped; to one that ran it is no news."""
        ran = any(s.start < at <= s.end for s in self.state.segments)
        waited = any(p.start < at <= (p.end or at) for p in self.state.paused_spans)
        return self.state.open and not ran and not waited

    def _segment(self, segment: Segment) -> str:
        """Say a stretch in which the clock ran, how much of it counted, and in which open hours.

        A target in calendar days counts all of the stretch; a stretch in closed hours counts
        nothing. Where the target changed, each stretch names the one that held in it.
        """
        facts = {"start": self.when(segment.start), "end": self.when(segment.end)}
        days = segment.target is not None and segment.target.calendar_days is not None
        counted = segment.end - segment.start if days else segment.consumed
        if not counted:
            return self.say("counted.closed", **facts)
        calendar = self._calendar(segment.calendar)
        windows = ""
        if calendar and not days and not calendar.never_closes:
            windows = f" ({self.teller.windows(calendar, segment.start, segment.end)})"
        said = {"amount": self.amount(counted), "windows": windows, **facts}
        if self._changed and segment.target is not None:
            return self.say("counted.of", target=self.teller.target(segment.target), **said)
        return self.say("counted", **said)

    def _pause(self, span: PausedSpan) -> str:
        """Say a pause with its reasons and the open time that it left out.

        An open pause has neither an end nor an amount. Without a calendar all of it was left out;
        where the hours changed meanwhile, each part is left out by its own.
        """
        reasons = self.teller.reasons(span.reasons)
        if span.end is None:
            return self.say("paused.open", start=self.when(span.start), reasons=reasons)
        pieces = self._pieces(span.start, span.end)
        lengths = (c.between(start, end) if c else end - start for c, start, end in pieces)
        missed = sum(lengths, timedelta(0))
        return self.say(
            "paused",
            start=self.when(span.start),
            end=self.when(span.end),
            reasons=reasons,
            amount=self.amount(missed),
        )

    def _holidays(self, calendar: Calendar | None) -> list[str]:
        """Name the holidays between the start and the end, by the hours that held at the time."""
        end = self.state.stopped_at or self.state.due or self._last_instant()
        if calendar is None or self.state.started_at is None or end is None:
            return []
        pieces = self._pieces(self.state.started_at, end)
        named = (self.teller.holidays(c, start, last) for c, start, last in pieces if c)
        days = list(dict.fromkeys(each for each in named if each))
        return [self.say("holiday", days=", ".join(days))] if days else []

    def _pieces(
        self, start: datetime, end: datetime
    ) -> list[tuple[Calendar | None, datetime, datetime]]:
        """Cut a stretch where other hours began to count."""
        inside = [(at, name) for at, name in self._hours_from if start < at < end]
        before = [name for at, name in self._hours_from if at <= start]
        marks = [(start, before[-1] if before else self.state.calendar), *inside, (end, None)]
        return [(self._calendar(name), at, until) for (at, name), (until, _) in pairwise(marks)]

    def _last_instant(self) -> datetime | None:
        """Return the end of the last stretch or the start of the last pause, if that is later.

        None before either.
        """
        ends = [s.end for s in self.state.segments] + [p.start for p in self.state.paused_spans]
        return max(ends, default=None)

    def _sum(self) -> list[str]:
        """Say what was used of the budget; a promise has none."""
        if self.state.promised:
            return []
        facts = {
            "consumed": self.amount(self.state.consumed),
            "budget": self.amount(self.state.budget),
            "remaining": self.amount(self.state.remaining),
        }
        return [self.say("over" if self.state.consumed > self.state.budget else "used", **facts)]

    def _end(self, calendar: Calendar | None) -> list[str]:
        """Say why the clock breached, or how a running one will come to be due.

        A breach that later facts proved wrong is taken back in a last line.
        """
        state = self.state
        told = []
        if state.breached_at and state.breach_cause:
            told.append(
                self.say(f"breach.{state.breach_cause.value}", at=self.when(state.breached_at))
            )
        elif state.state is State.RUNNING and state.due and calendar:
            told.append(self._path(state.due, calendar))
        if state.breach_retracted:
            told.append(self.say("retracted"))
        return told

    def _path(self, due: datetime, calendar: Calendar) -> str:
        """Say in which open hours what is left will be used up.

        A promise and a target in calendar days have only their due time to say.
        """
        if self.state.promised:
            return self.say("path.promise", due=self.when(due))
        target = self.state.target
        start = self._last_instant() or self.state.started_at
        if start is None or (target and target.calendar_days is not None):
            return self.say("path.days", due=self.when(due))
        return self.say(
            "path",
            start=self.when(start),
            remaining=self.amount(self.state.remaining),
            windows=self.teller.windows(calendar, start, due),
            due=self.when(due),
        )


def _head(state: ClockState) -> str:
    """Choose the text of the headline; a clock that never started is idle."""
    match state.state:
        case State.MET if state.started_at is None:
            return "head.idle"
        case State.MET:
            return "head.met_due" if state.due else "head.met"
        case State.BREACHED:
            return "head.breached" if state.stopped_at else "head.breached_open"
    return f"head.{state.state.value}"
