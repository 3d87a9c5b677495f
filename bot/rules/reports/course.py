"""How a case went, of what its record and its clocks tell: statuses, reopenings, pauses. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.rules.lifecycle import TABLE
from bot.rules.policy.suspicious_pauses import Pause
from bot.rules.reports.instants import known_instant, seconds, to_instant
from bot.rules.reports.records import CaseClocks, Stay
from bot.rules.words import Status

# The verbs whose entries in the record say in which status a case was then.
STEPPING = frozenset({verb for _, verb in TABLE}) | {
    "open_case", "update", "confirm", "answer_handover", "unmerge",
}  # fmt: skip
STATUS = "status"  # the key under which they do
_KNOWN = frozenset(status.value for status in Status)


@dataclass(frozen=True, slots=True)
class CaseCourse:
    """All of a case that is kept once it is closed.

    ``reopened`` are the instants of reopenings soon after a solution, the earliest first; the
    pauses those of all its clocks.
    """

    clocks: CaseClocks = field(default_factory=CaseClocks)
    reopened: tuple[datetime, ...] = ()
    stays: tuple[Stay, ...] = ()
    pauses: tuple[Pause, ...] = ()

    def to_spec(self) -> dict[str, Any]:
        """As it is stored: plain JSON, instants as seconds since 1970."""
        return self.clocks.to_spec() | {
            "reopened": [at.timestamp() for at in self.reopened],
            "stays": [[s.status.value, s.entered.timestamp(), seconds(s.left)] for s in self.stays],
            "pauses": [
                [p.clock, p.by, list(p.reasons), p.start.timestamp(), seconds(p.end),
                 seconds(p.due_before)]
                for p in self.pauses
            ],
        }  # fmt: skip

    @staticmethod
    def is_whole(spec: Mapping[str, Any]) -> bool:
        """Whether everything is kept; a replica of an earlier version kept less."""
        return "stays" in spec and "pauses" in spec

    @classmethod
    def from_spec(cls, spec: Mapping[str, Any], case: str) -> "CaseCourse":
        """The inverse of ``to_spec``; ``case`` is as pauses show it (``ESC-7``)."""
        return cls(
            CaseClocks.from_spec(dict(spec)),
            tuple(to_instant(at) for at in spec["reopened"]),
            tuple(
                Stay(Status(status), to_instant(entered), known_instant(left))
                for status, entered, left in spec["stays"]
            ),
            tuple(
                Pause(
                    case,
                    clock,
                    by,
                    tuple(why),
                    to_instant(start),
                    known_instant(end),
                    known_instant(due),
                )
                for clock, by, why, start, end, due in spec["pauses"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the record that says a status: after it, and before it where that is said.

    Attributes:
        at: When it was recorded, aware.
        before: The status by then, empty for the first entry of a case.
        after: The status from then on, the same as before where the entry is of no step.

    """

    at: datetime
    before: str
    after: str


def record_stays(entries: Sequence[Entry], resolved_at: datetime | None) -> tuple[Stay, ...]:
    """In which status a case was from when to when, as far as its record tells.

    Where a step left no entry of its own, only the next entry tells of it: then neither the end of
    the stretch before nor the beginning of the one after is known, and both are left out. The
    instant of the last solution is known by itself, ``resolved_at``.
    """
    found: list[Stay] = []
    status, entered = "", None
    for entry in _said(entries):
        if entry.before and entry.before != status:
            if entry.before == Status.RESOLVED and _between(entered, resolved_at, entry.at):
                found += _stay(status, entered, resolved_at)
                entered = resolved_at
            else:
                entered = None
            status = entry.before
        if entry.after != status:
            found += _stay(status, entered, entry.at)
            status, entered = entry.after, entry.at
    return tuple(found) + tuple(_stay(status, entered, None))


def _said(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that say a status of ours, as they were recorded."""
    return [each for each in entries if each.after in _KNOWN]


def _between(start: datetime | None, at: datetime | None, end: datetime) -> bool:
    """Whether an instant is known to lie between two."""
    return at is not None and start is not None and start <= at <= end


def _stay(status: str, entered: datetime | None, left: datetime | None) -> list[Stay]:
    """The stretch, where its beginning is known; one whose end is not known is open.

    An empty ``status`` is of a case of which no entry was seen yet.
    """
    return [Stay(Status(status), entered, left)] if status and entered is not None else []
