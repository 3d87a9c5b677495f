"""When people go off duty, and who is on duty then: what a handover at a shift's end goes by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.duty.rota import AHEAD, Rota


@dataclass(frozen=True, slots=True)
class DutyEnd:
    """That a person goes off duty at ``at``; ``heirs`` are on duty then, or as soon as anyone is.

    ``heirs`` never has the person, and is empty where the rota names no other afterwards.
    """

    user: str
    at: datetime
    heirs: tuple[str, ...] = ()


def find_ends(rota: Rota, begins: datetime, ends: datetime) -> list[DutyEnd]:
    """Who goes off duty in that time, in order; an absence that begins ends a duty too.

    A person whose next shift follows at once goes on. So does one who is the next to be on duty
    after a time in which no one is: there is no one else to hand over to.
    """
    cut = rota.cut_time(begins, ends + AHEAD)  # who is next may come long after the end
    stretches = [(start, rota.watch_at(start).people) for start, _ in cut]
    return [end for end in _leavers(stretches) if end.at <= ends]


def _leavers(stretches: Sequence[tuple[datetime, tuple[str, ...]]]) -> Iterator[DutyEnd]:
    """Yield who is on duty in one stretch and not in the next, in the order of time.

    A stretch is when it begins and who is on duty from then on. The heirs are the people of the
    next stretch that has any; a person among those goes on after a gap, and is left out.
    """
    for place, (at, people) in enumerate(stretches):
        before = stretches[place - 1][1] if place else ()
        gone = [user for user in before if user not in people]
        following = next((each for _, each in stretches[place:] if each), ()) if gone else ()
        for user in gone:
            if user not in following:
                yield DutyEnd(user, at, following)
