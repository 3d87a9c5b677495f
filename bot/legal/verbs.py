"""The verbs of Legal, each with its intent and its use case: rows of ``VERBS``."""

from bot.legal.hold import BeginLegalHold, EndLegalHold, begin_legal_hold, end_legal_hold
from bot.legal.room import OpenLegalRoom, open_legal_room

LEGAL_VERBS = (
    (BeginLegalHold, begin_legal_hold),
    (EndLegalHold, end_legal_hold),
    (OpenLegalRoom, open_legal_room),
)
