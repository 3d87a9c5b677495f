"""The process as a map: statuses and the steps between them, read from the lifecycle's own table.

Nothing is copied: a step that is added to the table is on every map. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.rules.learning.playbooks import Playbook
from bot.rules.lifecycle import TABLE
from bot.rules.words import ClockKind, Status


@dataclass(frozen=True, slots=True)
class Arrow:
    """The steps that lead from one status to another; ``verbs`` in the order of the table.

    Guards are not part of it: what must hold before a step is told by the button that takes it.
    """

    source: Status
    target: Status
    verbs: tuple[str, ...]


# The status that ends when a clock is met, as the lifecycle's guards and use cases have it. The
# others run beside the whole case.
WAITED_FOR: Mapping[ClockKind, Status] = {
    ClockKind.ACKNOWLEDGE: Status.NEW,
    ClockKind.FIRST_RESPONSE: Status.ACKNOWLEDGED,
    ClockKind.NEXT_UPDATE: Status.INVESTIGATING,
    ClockKind.WORKAROUND: Status.INVESTIGATING,
    ClockKind.RESOLUTION: Status.MITIGATED,
    ClockKind.CUSTOMER_CONFIRMATION: Status.RESOLVED,
    ClockKind.POSTMORTEM_HELD: Status.REVIEW,
}


def read_arrows() -> tuple[Arrow, ...]:
    """Every step of the lifecycle, those between the same two statuses as one arrow."""
    verbs: dict[tuple[Status, Status], list[str]] = {}
    for (source, verb), step in TABLE.items():
        verbs.setdefault((source, step.to), []).append(verb)
    return tuple(Arrow(*ends, tuple(names)) for ends, names in verbs.items())


def read_way() -> tuple[Status, ...]:
    """The statuses from which a step leads on, in their order: the way of a case, to its close."""
    sources = {source for source, _ in TABLE}
    return tuple(status for status in Status if status in sources)


def read_ends() -> tuple[Status, ...]:
    """The statuses from which no step leads."""
    way = read_way()
    return tuple(status for status in Status if status not in way)


def playbooks_by_status(playbooks: Iterable[Playbook]) -> dict[Status, tuple[Playbook, ...]]:
    """The playbooks of which a condition names a clock, at the status that waits for that clock.

    The others are begun in any status in which a case is worked on, so they stand at none.
    """
    found: dict[Status, list[Playbook]] = {}
    for each in playbooks:
        clocks = {clock for when in each.when for clock in (*when.late, *when.used)}
        for status in Status:
            if any(WAITED_FOR.get(clock) is status for clock in clocks):
                found.setdefault(status, []).append(each)
    return {status: tuple(each) for status, each in found.items()}
