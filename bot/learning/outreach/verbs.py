"""The verbs about customers who may meet the same, each with its use case: rows of ``VERBS``."""

from bot.learning.outreach.answers import (
    ReopenTelling,
    SpareCustomer,
    ToldCustomer,
    reopen_telling,
    spare_customer,
    told_customer,
)
from bot.learning.outreach.tell import EndOutreach, TellCsms, end_outreach, tell_csms

OUTREACH_VERBS = (
    (TellCsms, tell_csms),
    (EndOutreach, end_outreach),
    (ToldCustomer, told_customer),
    (SpareCustomer, spare_customer),
    (ReopenTelling, reopen_telling),
)
