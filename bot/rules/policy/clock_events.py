"""The clock events that a policy asks for: what a start carries, what a severity change changes.

Events name calendars by the key of their content, so that a later edit of the policy changes no
open clock by itself (R11). Used to replay cases under another policy; the events of live cases are
written by bot/sla/clocks.py, from the same terms.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.rules.policy.model import Policy
from bot.rules.sla import Event, EventKind, Target
from bot.rules.words import ClockKind, Severity


def kind_of(clock: str) -> ClockKind:
    """The kind of a clock by its name: ``handoff:3`` is a handoff.

    Raises ValueError for no kind.
    """
    return ClockKind(clock.partition(":")[0])


def start_event(
    policy: Policy,
    severity: Severity,
    clock: str,
    at: datetime,
    *,
    received_at: datetime | None = None,
    target: Target | None = None,
) -> Event | None:
    """The start of a clock at a severity; None where the policy runs no such clock.

    Args:
        policy: What holds now.
        severity: The case's severity.
        clock: The clock's name, its kind before the colon.
        at: When we take it in.
        received_at: When the customer's word reached us, if that was earlier.
        target: Instead of the policy's, such as an action item's own date. With it even a clock
            that the policy does not run is started: around the clock, without pauses and warnings.

    Raises ValueError for a name of no kind.

    """
    terms = policy.clock(severity, kind_of(clock))
    target = target or terms.target
    if target is None:
        return None
    return Event(
        at=at,
        kind=EventKind.START,
        clock=clock,
        received_at=received_at,
        target=target,
        calendar=_calendar_key(policy, terms.calendar),
        pause_on=terms.pause_on,
        stop_on=terms.stop_on,
        warn_pct=terms.warn_pct,
        ladder_minutes=policy.severity(severity).ladder_minutes,
    )


def severity_events(
    policy: Policy, severity: Severity, clocks: Iterable[str], at: datetime
) -> list[Event]:
    """One event for each open clock: its terms at the new severity, or its end if it has none.

    ``clocks`` are names; which are open is the caller's to know. In the order given. An event of a
    new severity carries target, calendar, pauses, warnings and ladder, but not ``stop_on``, which
    stays as the start said. Raises ValueError for a name of no kind.
    """
    return [_severity_event(policy, severity, clock, at) for clock in clocks]


def _severity_event(policy: Policy, severity: Severity, clock: str, at: datetime) -> Event:
    """The one event: CANCEL where the policy runs no such clock at this severity."""
    terms = policy.clock(severity, kind_of(clock))
    if terms.target is None:
        return Event(at=at, kind=EventKind.CANCEL, clock=clock)
    carried: dict[str, Any] = {"pause_on": terms.pause_on, "warn_pct": terms.warn_pct}
    return Event(
        at=at,
        kind=EventKind.SEVERITY_CHANGE,
        clock=clock,
        target=terms.target,
        calendar=_calendar_key(policy, terms.calendar),
        ladder_minutes=policy.severity(severity).ladder_minutes,
        **carried,
    )


def _calendar_key(policy: Policy, name: str) -> str:
    """The content key of a named calendar; one without a name is open around the clock.

    Raises KeyError where the policy has no calendar ``always`` either.
    """
    calendar = policy.calendars.get(name) or policy.calendars["always"]
    return calendar.key
