"""The verbs of drills, each with its intent and its use case: rows of ``VERBS``."""

from bot.drills.begin import StartDrill, start_drill
from bot.drills.end import CancelDrill, EndDrill, cancel_drill, end_drill

DRILL_VERBS = (
    (StartDrill, start_drill),
    (EndDrill, end_drill),
    (CancelDrill, cancel_drill),
)
