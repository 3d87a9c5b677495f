"""The verbs of executives, each with its intent and its use case: rows of ``VERBS``."""

from bot.executives.asks import AnswerAsk, AskExecutive, answer_ask, ask_executive
from bot.executives.commitments import Commit, commit_dates
from bot.executives.contact import LogContact, log_contact
from bot.executives.flagging import HaveFlag, have_flag

EXECUTIVE_VERBS = (
    (AskExecutive, ask_executive),
    (AnswerAsk, answer_ask),
    (HaveFlag, have_flag),
    (LogContact, log_contact),
    (Commit, commit_dates),
)
