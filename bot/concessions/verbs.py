"""The verbs of concessions, each with its intent and its use case: rows of ``VERBS``."""

from bot.concessions.answer import AnswerConcession, answer_concession
from bot.concessions.ending import (
    VoidConcession,
    WithdrawConcession,
    void_concession,
    withdraw_concession,
)
from bot.concessions.fulfil import (
    FulfilConcession,
    PromiseConcession,
    fulfil_concession,
    promise_concession,
)
from bot.concessions.request import RequestConcession, request_concession
from bot.concessions.undo import UnfulfilConcession, unfulfil_concession

CONCESSION_VERBS = (
    (RequestConcession, request_concession),
    (AnswerConcession, answer_concession),
    (WithdrawConcession, withdraw_concession),
    (PromiseConcession, promise_concession),
    (FulfilConcession, fulfil_concession),
    (UnfulfilConcession, unfulfil_concession),
    (VoidConcession, void_concession),
)
