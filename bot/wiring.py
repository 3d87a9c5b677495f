"""Who reacts to what, in one table.

Every reaction runs in the transaction of what happened, in the order that stands here.
"""

from bot.cases import resolve
from bot.core.reactions import (
    BroadcastReplied,
    CaseDismissed,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseRestricted,
    CustomerAnswered,
    CustomerWrote,
    MessageDelivered,
    MessageFailed,
    MessageQueued,
    ResolutionDelivered,
    on,
)
from bot.engine.wiring import Reactions, Wiring
from bot.feedback import surveys
from bot.problems import receipts, redaction
from bot.tickets import link as ticket_link

REACTIONS: Reactions = dict(
    (
        on(CaseOpened, ticket_link.adopt_ticket),
        on(CaseRestricted, redaction.leave_problems),
        on(CaseResolved, surveys.plan_survey),
        on(CaseReopened, surveys.plan_nothing),
        on(CaseDismissed, surveys.plan_nothing),
        on(MessageQueued, surveys.ensure_status_page),
        on(CustomerAnswered, surveys.plan_pulse),
        on(CustomerWrote, receipts.record_case_reply),
        on(MessageDelivered, receipts.record_delivery),
        on(MessageFailed, receipts.record_failure),
        on(ResolutionDelivered, resolve.complete_resolution),
        on(BroadcastReplied, receipts.record_mail_reply),
    )
)

WIRING = Wiring(REACTIONS)
