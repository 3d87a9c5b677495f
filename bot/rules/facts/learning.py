"""What is known of a postmortem while it is written."""

from dataclasses import dataclass
from datetime import datetime

from bot.rules.states import Prevention


@dataclass(frozen=True, slots=True)
class PostmortemFacts:
    """A postmortem as it was saved last; ``saved_at`` None: nothing was saved yet.

    ``came`` are user ids of those who were there, ``invited`` the user ids and names of those who
    are or were invited. ``actions`` counts the case's action items that were not dropped. ``yes``
    and ``no`` have answered that they will be at the meeting that is planned, or not.
    """

    root_cause: str = ""
    better: str = ""
    prevention: Prevention | None = None
    no_action: str = ""
    facilitator: str = ""
    came: tuple[str, ...] = ()
    saved_by: str = ""
    saved_at: datetime | None = None
    invited: tuple[tuple[str, str], ...] = ()
    actions: int = 0
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
