"""The verbs of Legal, each with its intent and its use case: rows of ``VERBS``."""

from bot.legal.hold import EndLegalHold, end_legal_hold
from bot.legal.room import OpenLegalRoom, open_legal_room

LEGAL_VERBS = ((EndLegalHold, end_legal_hold), (OpenLegalRoom, open_legal_room))
