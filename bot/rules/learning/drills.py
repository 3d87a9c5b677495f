"""What a drill may do, and what is told of it when it is over.

A drill is a case that is only played. What it has stands in ``drills.toml``, as allow lists: a verb
or a kind of effect that comes later is refused in a drill until it is put there.
- ``VERBS`` are the rows of PERMISSIONS that are done in one, ``AFTER`` those once it is over.
- ``EFFECTS`` are the kinds of rows of the outbox that may come of one.
- ``TO_PLAYERS`` names those that are said to a person, with the part of the payload that says whom.
"""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from bot.rules.words import ClockKind, Status

LASTS = timedelta(hours=4)  # then it ends by itself; clocks of a SEV2 are over by then
PLAYERS_MAX = 3  # who begins it, and two colleagues

_HAS = tomllib.loads(Path(__file__).with_name("drills.toml").read_text(encoding="utf-8"))
VERBS, AFTER = frozenset[str](_HAS["verbs"]), frozenset[str](_HAS["after"])
EFFECTS = frozenset[str](_HAS["effects"])
TO_PLAYERS = {"dm": "user", "invite": "users"}


def refuse_verb(status: str, verb: str) -> str:
    """Why ``verb`` is not done in a drill at this status; empty where it may be.

    The reason is the key of a refusal.
    """
    if verb not in VERBS:
        return "not_in_a_drill"
    return "drill_is_over" if status == Status.DISMISSED and verb not in AFTER else ""


def may_leave(kind: str, payload: object, players: Collection[str]) -> bool:
    """Whether an effect of this kind may come of a drill that these play.

    ``payload`` is that of its row in the outbox. What is said to a person is said to players alone.
    """
    if kind not in EFFECTS:
        return False
    if (part := TO_PLAYERS.get(kind)) is None:
        return True
    said = payload.get(part, ()) if isinstance(payload, dict) else ()
    people = [said] if isinstance(said, str) else list(said)
    return bool(people) and set(people) <= set(players)


class Step(StrEnum):
    """What a review of a drill looks at, in the order in which it is to be done."""

    CLAIMED = "claimed"
    ANSWERED = "answered"
    UPDATED = "updated"
    HANDED_OVER = "handed_over"
    RESOLVED = "resolved"


class Went(StrEnum):
    """How a step went."""

    IN_TIME = "in_time"
    LATE = "late"
    MISSED = "missed"  # not done, and its time had come
    OPEN = "open"  # not done, and not due either
    DONE = "done"  # it has no time of its own
    LEFT_OUT = "left_out"  # not done; it has no time of its own


@dataclass(frozen=True, slots=True)
class Ran:
    """A cycle of a clock, as it stood when the drill ended.

    ``due`` is None for a clock without a target, ``stopped_at`` for one that was still open.
    """

    kind: ClockKind
    due: datetime | None
    stopped_at: datetime | None


# The clock that times a step; the others are known by what was done.
TIMED = {
    Step.CLAIMED: ClockKind.ACKNOWLEDGE,
    Step.ANSWERED: ClockKind.FIRST_RESPONSE,
    Step.UPDATED: ClockKind.NEXT_UPDATE,
    Step.RESOLVED: ClockKind.RESOLUTION,
}


def review_drill(
    ran: Iterable[Ran], verbs: Collection[str], ended_at: datetime
) -> Sequence[tuple[Step, Went]]:
    """How each step of a drill went, from its clocks and what is on its record.

    Of a clock with several cycles the worst counts: late or missed once is not in time.
    """
    cycles = list(ran)
    found: list[tuple[Step, Went]] = []
    for step in Step:
        if (kind := TIMED.get(step)) is None:
            found.append((step, Went.DONE if "hand_over" in verbs else Went.LEFT_OUT))
            continue
        went = [_judge(each, ended_at) for each in cycles if each.kind is kind]
        worst = [each for each in (Went.MISSED, Went.LATE) if each in went]
        best = Went.IN_TIME if Went.IN_TIME in went else Went.OPEN
        found.append((step, worst[0] if worst else best))
    return found


def _judge(ran: Ran, ended_at: datetime) -> Went:
    """How one cycle went.

    What stopped at its due instant was in time, as every clock judges it; what was due as the drill
    ended, and had not stopped, is missed. One without a due instant cannot be late.
    """
    if ran.stopped_at is not None:
        return Went.LATE if ran.due is not None and ran.stopped_at > ran.due else Went.IN_TIME
    return Went.MISSED if ran.due is not None and ran.due <= ended_at else Went.OPEN
