"""The policy's table ``[courtesy]``: how the app looks after those who work on a case."""

from dataclasses import dataclass
from datetime import timedelta

from bot.rules.policy.reader import Table, whole_number, yes_or_no

KEYS = ("blame", "hand_over_after_hours")
HOURS = whole_number(1, 72)


@dataclass(frozen=True)
class Courtesy:
    """What is said to people for the sake of people.

    ``blame``: who blames a person or a team by a post in a case's channel is privately
    told so. ``hand_over_after``: so long a person leads or owns an open SEV1 until they are asked
    to hand it over.
    """

    blame: bool = True
    hand_over_after: timedelta = timedelta(hours=12)


USUAL_COURTESY = Courtesy()


def read_courtesy(top: Table) -> Courtesy:
    """The policy's table ``[courtesy]``; a policy from before there was one has the defaults.

    ``blame`` is true or false, ``hand_over_after_hours`` whole, 1 to 72.
    """
    table, usual = top.table("courtesy", KEYS), USUAL_COURTESY
    blame = table.value("blame", yes_or_no, usual.blame)
    hours = table.value("hand_over_after_hours", HOURS, 12)
    return Courtesy(blame, timedelta(hours=hours))
