"""What the source of a candidate can be told where it is no escalation: approved words only.

The words stand in the texts, ``telling.<value>``, in each language; ``{when}`` in them is the time
that was chosen. Nothing is typed, so nothing of it has to be judged or approved again.
"""

from enum import StrEnum


class Telling(StrEnum):
    """What is told; the values are stored in requests, and are keys of texts."""

    NOTHING = "nothing"
    SUPPORT = "support"  # our support has it and answers
    SUPPORT_BY = "support_by"  # the same, by a time that was chosen
    NOTED = "noted"  # it was read and passed on, and there is nothing to answer
