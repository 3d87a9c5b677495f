"""Run a file of SLA vectors through the engine: ``python -m tests.sla_vectors FILE.json``.

A vector is ``{id, description, calendar, events, expected, as_of?}``. Every mismatch is printed,
and last ``N passed, M failed``; the exit code is 0 when all passed, 1 when one did not, 2 when the
file cannot be read. An engine error fails its vector only.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.rules.calendars.calendar import Calendar
from bot.rules.sla import ClockState, Cycle, Event, EventKind, Target, replay

CASE_CALENDAR = "case"
EVENT_KEYS = frozenset(
    {
        "at", "type", "clock", "target_minutes", "target_business_days", "target_calendar_days",
        "pause_on", "stop_on", "received_at", "warn_pct", "ladder_minutes", "reason",
        "recorded_at", "next_update_promised_at", "promised_at", "override_approved", "calendar",
    }
)  # fmt: skip
INSTANTS = ("due", "next_due", "stopped_at", "breached_at", "started_at")
SECONDS = {
    "remaining_seconds": "remaining",
    "consumed_seconds": "consumed",
    "elapsed_seconds": "elapsed",
    "elapsed_seconds_as_of": "consumed",
}


class VectorError(ValueError):
    """A vector is not in the format; the message says what is wrong."""


@dataclass(frozen=True)
class Mismatch:
    """One expected field that the engine gave otherwise."""

    vector: str
    field: str
    expected: object
    actual: object

    def __str__(self) -> str:
        return f"{self.vector}: {self.field}: expected {self.expected!r}, got {self.actual!r}"


def instant(text: object) -> datetime:
    """An aware instant in UTC from ISO 8601 text."""
    try:
        parsed = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise VectorError(f"{text!r} is not an instant") from error
    if parsed.tzinfo is None:
        raise VectorError(f"{text!r} has no offset")
    return parsed.astimezone(UTC)


def read_event(raw: Mapping[str, Any], calendars: dict[str, Calendar]) -> Event:
    """One event; a calendar that it brings is added to the mapping under its key."""
    unknown = sorted(set(raw) - EVENT_KEYS)
    if unknown:
        raise VectorError(f"unknown event key {unknown[0]!r}")
    if raw.get("type") not in list(EventKind):
        raise VectorError(f"unknown event type {raw.get('type')!r}")
    kind = EventKind(raw["type"])
    name = CASE_CALENDAR if kind is EventKind.START else None
    if raw.get("calendar"):
        calendar = Calendar.from_spec(raw["calendar"])
        name = calendar.key
        calendars[name] = calendar
    promised_at = raw.get("next_update_promised_at") or raw.get("promised_at")
    optional = {
        "recorded_at": _optional_instant(raw.get("recorded_at")),
        "received_at": _optional_instant(raw.get("received_at")),
        "promised_at": _optional_instant(promised_at),
    }
    return Event(
        at=instant(raw.get("at")),
        kind=kind,
        clock=raw.get("clock"),
        target=_target(raw),
        calendar=name,
        reason=raw.get("reason"),
        override_approved=bool(raw.get("override_approved")),
        pause_on=_optional_tuple(raw.get("pause_on")),
        stop_on=raw.get("stop_on", "stop"),
        warn_pct=_optional_tuple(raw.get("warn_pct")),
        ladder_minutes=_optional_tuple(raw.get("ladder_minutes")),
        **optional,
    )


def _optional_instant(text: object) -> datetime | None:
    return None if text is None else instant(text)


def _optional_tuple(values: list[Any] | None) -> tuple[Any, ...] | None:
    return None if values is None else tuple(values)


def _target(raw: Mapping[str, Any]) -> Target | None:
    units = ("minutes", "business_days", "calendar_days")
    given = {unit: raw[f"target_{unit}"] for unit in units if raw.get(f"target_{unit}") is not None}
    return Target(**given) if given else None


def run_vector(vector: Mapping[str, Any]) -> list[Mismatch]:
    """Every field in which the engine differs from what the vector expects."""
    name = str(vector["id"])
    calendars = {CASE_CALENDAR: Calendar.from_spec(vector["calendar"])}
    events = [read_event(raw, calendars) for raw in vector["events"]]
    states = replay(events, calendars, _optional_instant(vector.get("as_of")))
    expected = vector["expected"]
    if isinstance(expected.get("clocks"), Mapping):  # several clocks, each with its own expectation
        return [
            mismatch
            for clock, fields in expected["clocks"].items()
            for mismatch in compare(f"{name} {clock}", fields, states.get(clock))
        ]
    wanted = expected.get("clock") or next((e.clock for e in events if e.clock), "")
    return compare(name, expected, states.get(wanted))


def compare(name: str, expected: Mapping[str, Any], state: ClockState | None) -> list[Mismatch]:
    """The expected fields that differ in a state."""
    if state is None:
        return [Mismatch(name, "clock", "a started clock", None)]
    found = []
    for key, value in expected.items():
        if key == "clock":
            continue
        want, got = _pair(key, value, state)
        if want != got:
            found.append(Mismatch(name, key, _shown(want), _shown(got)))
    return found


def _pair(key: str, value: Any, state: ClockState) -> tuple[object, object]:
    """What is wanted and what was given, in the same form."""
    if key in INSTANTS:
        return _optional_instant(value), getattr(state, "due" if key == "next_due" else key)
    if key in SECONDS:
        given: timedelta | None = getattr(state, SECONDS[key])
        return value, None if given is None else given.total_seconds()
    if key == "warn_at":
        return {int(pct): instant(at) for pct, at in value.items()}, dict(state.warn_at)
    if key == "ladder":
        return [instant(at) for at in value], list(state.ladder)
    if key == "cycles":
        return _cycles(value, state.cycles)
    if key == "pause_reasons":
        return sorted(value), list(state.pause_reasons)
    if key in ("state", "breach_cause", "paused", "breach_retracted", "cycle", "promised"):
        return value, getattr(state, key)
    raise VectorError(f"unknown expectation {key!r}")


def _cycles(value: list[dict[str, Any]], cycles: tuple[Cycle, ...]) -> tuple[object, object]:
    """Cycles are compared in the fields that the vector names."""
    want = [
        {k: v if k == "result" else _optional_instant(v) for k, v in cycle.items()}
        for cycle in value
    ]
    keys = [list(cycle) for cycle in value] + [["due", "fulfilled_at", "result"]] * len(cycles)
    got = [{k: getattr(c, k) for k in names} for c, names in zip(cycles, keys, strict=False)]
    return want, got


def _shown(value: object) -> object:
    """Instants as people read them."""
    match value:
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case dict():
            return {key: _shown(item) for key, item in value.items()}
        case list():
            return [_shown(item) for item in value]
        case _:
            return str(value) if isinstance(value, str) else value


def load(path: Path) -> list[dict[str, Any]]:
    """The vectors of a file.

    Raises:
        VectorError: It is no JSON list of vectors; says which part is wrong.

    """
    try:
        vectors = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise VectorError(f"{path}: {error}") from error
    if isinstance(vectors, dict) and "vectors" in vectors:
        vectors = vectors["vectors"]
    if not isinstance(vectors, list):
        raise VectorError(f"{path}: a list of vectors is expected")
    for number, vector in enumerate(vectors, 1):
        missing = {"id", "calendar", "events", "expected"} - set(
            vector if isinstance(vector, dict) else ()
        )
        if missing:
            raise VectorError(f"{path}: vector {number} lacks {', '.join(sorted(missing))}")
    return vectors


def main(arguments: list[str]) -> int:
    """Run the files named; print every mismatch and the count."""
    if not arguments:
        _say("usage: python -m tests.sla_vectors FILE.json …")
        return 2
    passed = failed = 0
    for name in arguments:
        try:
            vectors = load(Path(name))
        except VectorError as error:
            _say(f"cannot read the vectors: {error}")
            return 2
        for vector in vectors:
            problems = _problems(vector)
            for problem in problems:
                _say(problem)
            passed, failed = passed + (not problems), failed + bool(problems)
    _say(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def _problems(vector: Mapping[str, Any]) -> list[str]:
    try:
        return [str(mismatch) for mismatch in run_vector(vector)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return [f"{vector['id']}: {type(error).__name__}: {error}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
